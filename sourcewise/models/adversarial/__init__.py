"""Generative adversarial networks: what they imitate, how they are trained, asked, stored and judged."""
