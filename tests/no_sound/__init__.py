"""Corpora that are no sound, through the stages."""
