"""Conditional GAN of fully connected layers on whole clips (R5), its label joined to the noise and to the wave."""

from stages.gans._adversarial.dense import Dense, discriminator, generator

Params = Dense

__all__ = ["Params", "discriminator", "generator"]
