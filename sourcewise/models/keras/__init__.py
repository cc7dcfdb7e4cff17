"""Keras networks: what they are given (`inputs`, `windows`, `layers`), the training loop with early stopping and
checkpoints (`loop`), fitting and prediction of classifiers (`training`), and storage (`networks`)."""
