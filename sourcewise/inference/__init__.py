"""Predictions of trained classifiers for new recordings."""
