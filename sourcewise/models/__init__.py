"""What is trained: classifiers, denoisers, generators, and the frozen networks that give embeddings.

A family of classifiers (keras, sklearn, micrograd) is a package with a module `training`: how its models are fitted,
asked and stored. What a module of each plugin folder must have stands in that folder's docstring.
"""
