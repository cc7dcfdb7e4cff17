"""Denoisers: one module each, all with the same interface.

`Params`, a section of `denoisers` in params.yaml; `fit(train, validation, p)`, which takes two `Sounds` and gives a
model; `load(folder)`, the model that `model.save(folder)` wrote. `model.clean(y, sr)` takes a wave, float32
(n_samples,) in [-1, 1], and gives one of the same shape. `sr` is in Hz.
"""
