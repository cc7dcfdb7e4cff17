"""One module a generator. An entry of `generators` in params.yaml names it as `model`.

Every module has

- `TAKES`: {shape of the features: settings}; settings are a pydantic class that `adversarial.inputs.Images` or `Waves`
  is the base of, which says how a clip becomes the array to imitate,
- `generator(n_in, p)`: the Keras network from noise and labels, (n_in,), to an example,
- `discriminator(shape, n_labels, p)`: the Keras network from an example of `shape`, and its labels (n_labels,) where
  there are any, to one logit, that of its being real.
"""
