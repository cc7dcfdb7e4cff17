"""One module a layout of datasets. A dataset file names it as `reader`.

Every module has

- `DatasetFile`: the keys of such a dataset file, a subclass of `dataset_file.DatasetFile`; `gives_split` and `modality`
  are properties that it may override,
- `read(root, keys)`: every recording below the folder `root`, as a list of `dataset_file.Recording`; keys: the
  `DatasetFile`. Raises Stop, with one sentence, where a file or a rule does not fit,

and may have

- `download(root, keys)`: fetches the recordings into the folder `root`,
- `rows(root, keys)`: for the modality table, its columns as text, a DataFrame by path,
- `frames(path, keys)`: for the modality mel, the array of one recording in dB, float32 (n_frames, n_mels).
"""
