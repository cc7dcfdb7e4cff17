"""Generative adversarial networks: their training data, training, sampling, storage and scores."""
