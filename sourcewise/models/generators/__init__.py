"""A registry: sourcewise/models/generators/dcgan.py is the generator `dcgan`."""
