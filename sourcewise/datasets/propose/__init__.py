"""Proposes a dataset file for files without a description."""
