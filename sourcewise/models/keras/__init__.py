"""Keras networks: their input, training, prediction and storage."""
