"""Scalar autograd networks by the package micrograd, and drawings of their computation graphs."""
