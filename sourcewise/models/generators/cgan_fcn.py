"""Conditional GAN of fully connected layers on whole clips (R5), its label joined to the noise and to the wave."""

from sourcewise.models.adversarial.dense import Dense, discriminator, generator

Params = Dense

__all__ = ["Params", "discriminator", "generator"]
