"""One module a frozen network, which `embed@<name>` runs over the features of every clip. An entry of `embeddings` in
params.yaml names it as `model`.

Every module has

- `TAKES`: {shape of the features: settings}, as in sourcewise/models/classifiers; settings have `weights`, a
  `pretrained.Weights`,
- `GIVES`: the shape of an embedding, as a classifier's TAKES names it,
- `PACKAGES`: the distributions that compute it, of which some are installed,
- `load(path, p, features)`: the function from one clip's features to its embedding, float16, of weights at `path`;
  features: their section of params.yaml. It is called from several threads at once. Raises Stop for any other file,

and may have

- `describe(path, embeddings)`: what the network itself recognises in each clip, for JSON, from the embeddings of all,
- `finish(path, folder, p)`: writes to the folder of embeddings further files that a classifier needs.
"""
