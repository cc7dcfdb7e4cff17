"""A registry: stages/gans/dcgan.py is the generator `dcgan`."""
