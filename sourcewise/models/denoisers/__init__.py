"""One module a denoiser. An entry of `denoisers` in params.yaml names it as `model`.

Every module has

- `Params`: its settings, a pydantic class that `denoising.fixed.Fixed` or `denoising.network.Network` is the base of,
- `fit(train, validation, p)`: a model, fitted on two `denoising.sounds.Sounds`; a denoiser that learns nothing
  ignores them,
- `load(folder)`: the model that `model.save(folder)` stored, from numbers and names alone.

A model has `clean(y, sr)`: the wave, float32 (n_samples,) in [-1, 1], without its noise, in the same shape; sr in Hz;
called from several threads at once. And `history`: its learning curve, a DataFrame, or None. A network's module has
`build(p)`, the Keras network from noisy to clean magnitudes, each (frames, n_fft / 2), and takes `fit` and `load` from
`denoising.network`.
"""
