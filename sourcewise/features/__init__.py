"""One module a representation, which `extract@<name>` makes of every clip; `features` in params.yaml has a section for
each.

Every module has

- `Params`: its settings,
- `GIVES`: the shape of one clip's features, as a classifier's TAKES names it: vector, frames, image or wave,
- `DTYPE`: of what is stored,
- `extract(y, *, sr, p)`: the features of one clip, an array. y: float32 (n_samples,) in [-1, 1] at sr Hz; p: the
  settings. The same for the same clip, whatever came before; called from several threads and processes at once.

Where GIVES is vector it has `columns(p)`, the names of the numbers, the first being the clip's length in samples, which
raises NotRun where a package is missing, and may have `PACKAGES`, the names of such packages; else it has `width(p)`:
the shape of what is stored of one clip, less its first axis. A representation depends on nothing but the
clip: what is fitted, such as a scaler, is fitted by the classifier, on train. An image, which is stored as colour
numbers, has, too,

- `describe(folder, p)`, which writes the colours, and
- `in_colour(image, folder)`: an image as classifiers take it, by these.
"""
