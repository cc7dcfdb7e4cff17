"""One module a frozen network: what `embed@<name>` makes of the features of each clip.

Each has `Params` with `input` and `weights`, and `load(path, p)`, which gives the function from one clip's features to
its embedding, an array that is stored as float16. `refuse(features)`, where there is one, raises NotRun for features
that the network cannot take; `finish(path, folder, p)` stores what a head needs beside the embeddings.
"""
