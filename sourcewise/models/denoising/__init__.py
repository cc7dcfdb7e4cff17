"""Fitting, application, storage and scoring of the denoisers in models/denoisers."""
