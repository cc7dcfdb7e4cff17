"""One module a representation, which `extract@<name>` makes of every clip; `features` in params.yaml has a section for
each.

Every module has

- `Params`: its settings; `reads` is the table of clips that it needs, `manifest` or, where something is fitted on
  train, `split`,
- `GIVES`: the shape of one clip's features, as a classifier's TAKES names it: vector, frames, image or wave,
- `DTYPE`: of what is stored,
- `extract(y, *, sr, p)`: the features of one clip, an array. y: float32 (n_samples,) in [-1, 1] at sr Hz; p: the
  settings. The same for the same clip, whatever came before; called from several threads and processes at once.

Where GIVES is vector it has `COLUMNS`, the names of the numbers, the first being the clip's length in samples; else
`width(p)`: the shape of what is stored of one clip, less its first axis. An image has, too, what all images share:

- `extremes(image)` and `fit(extremes, p)`: numbers of each image of train, and what is fitted on them, a dict,
- `finish(image, **fitted)`: an image as it is stored, and `describe(folder, fitted, p)`, which writes what was
  fitted,
- `in_colour(image, folder)`: an image as classifiers take it, by what `describe` wrote.
"""
