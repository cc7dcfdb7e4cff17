"""Scores, confidence intervals and significance tests of predictions."""
