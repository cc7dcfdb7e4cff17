"""Models: classifiers, denoisers, generators, and the frozen networks that give embeddings.

A family of classifiers (keras, sklearn, micrograd) is a package with a module `training`, which fits and stores its
models and predicts with them. The docstring of each plugin folder says what its modules must have.
"""
