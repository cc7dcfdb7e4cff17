"""One module a classifier. An entry of `classifiers` in params.yaml names it as `model`, and its family as `family`.

Every module has

- `TAKES`: {shape of the features: settings}. The shape is what one clip is: `vector` (a row of a table), `frames`
  (n_frames, n_columns), `image` (height, width, 3) uint8, `wave` (n_samples,) int16, `activations` (any axes). Settings
  are a pydantic class: of the family keras one of sourcewise/models/keras/inputs.py, of sklearn what
  sourcewise/models/sklearn/settings.py `takes` makes of a Section. Where settings have `sr`, in Hz, the features must
  have that rate.

A module of the family keras has

- `build(x, task, p)`: the Keras network, not compiled, from `p.shape(x)` to probabilities (n_classes,), ending in
  `keras.training.head(task)`. x: the features of train, a sequence of clips; p: the settings. Raises NotRun where x
  does not suit it. Keras is imported in the function: it takes seconds.

A module of the family sklearn has

- `estimator(p)`: an estimator of scikit-learn's kind, not fitted, with `predict_proba` or `decision_function`,

and may have

- `SEARCHED`: names of settings that may be lists, of which one value is chosen by folds of train's sources,
- `why_not(p, task)`: why such settings are incompatible, as a sentence, or an empty text,
- `ENDS_EARLY`: True where a number of iterations is a choice, and no convergence warning is wanted.

The family micrograd has one module, which consists of its settings.

Every model that is fitted can be stored, `save(folder)`, as numbers and the names of known layers, never as code; and
has `predict(x)`, probabilities float64 (n_clips, n_classes), one clip's independent of the others.
"""
