"""Classifiers of scikit-learn: their input rows, fitting, prediction and storage."""
