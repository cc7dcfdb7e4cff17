"""Datasets that are not sound, through the stages."""
