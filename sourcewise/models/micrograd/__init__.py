"""Networks of single numbers that know their gradients, by the package micrograd, and pictures of what they compute."""
