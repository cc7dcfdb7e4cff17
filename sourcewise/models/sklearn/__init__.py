"""Classifiers of scikit-learn: how features become rows, how they are fitted, asked and stored."""
