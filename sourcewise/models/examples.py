"""The input of classifiers: features, and for training their targets."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from sourcewise.core.errors import NotRun
from sourcewise.core.paths import FEATURES, FOLD
from sourcewise.storage.files import Ragged, read_array, read_arrays, read_json


class Examples(NamedTuple):
    """x: a Ragged of frames, of samples or of images, a DataFrame with a row a clip, or an array with one; y: boolean
    (n_clips, n_classes); sources: names (n_clips,), which grouped folds keep together; events: the times of labels,
    as `event_times.read` gives them."""

    x: object
    y: np.ndarray
    sources: np.ndarray
    events: list | None = None

    def take(self, rows):
        """Only the clips `rows`."""
        events = self.events and [self.events[row] for row in rows]
        return Examples(self.x_of(rows), self.y[rows], self.sources[rows], events)

    def x_of(self, rows):
        """The features of these clips alone, the input of `predict`."""
        if isinstance(self.x, Ragged):
            return self.x.take(rows)
        return self.x[rows] if isinstance(self.x, np.ndarray) else self.x.iloc[rows]


class Images(Ragged):
    """A Ragged of colour numbers that gives images, uint8 (height, width, 3)."""

    def __init__(self, values, starts, stops, colours):
        super().__init__(values, starts, stops)
        self._colours = colours

    @classmethod
    def open(cls, folder):
        """Memory-map what the stage `extract@png` wrote to a folder."""
        numbers = Ragged.open(folder)
        return cls(numbers._values, numbers._starts, numbers._stops, read_array(Path(folder) / "colours.npy"))

    def __getitem__(self, i):
        return self._colours[super().__getitem__(i)]

    def take(self, rows):
        """Only the clips `rows`."""
        return Images(self._values, self._starts[rows], self._stops[rows], self._colours)


class Embedded(Ragged):
    """A Ragged of embeddings, with the pretrained weights of the layers that follow: `layers`, {layer: [arrays]}."""

    def __init__(self, values, starts, stops, layers):
        super().__init__(values, starts, stops)
        self.layers = layers

    @classmethod
    def open(cls, folder):
        """Memory-map what the stage `embed` wrote to a folder."""
        embeddings, layers = Ragged.open(folder), {}
        for name, array in read_arrays(Path(folder) / "layers.npz").items():  # `<layer>.<number>`, in order
            layers.setdefault(name.rsplit(".", 1)[0], []).append(array)
        return cls(embeddings._values, embeddings._starts, embeddings._stops, layers)

    def take(self, rows):
        """Only the clips `rows`."""
        return Embedded(self._values, self._starts[rows], self._stops[rows], self.layers)


class WithGenerated(Ragged):
    """A Ragged of the features of real clips, with those of generated clips for training only: `made`, a Ragged, and
    their `labels`, as in the manifest."""

    def __init__(self, values, starts, stops, made, labels):
        super().__init__(values, starts, stops)
        self.made, self.labels = made, labels

    @classmethod
    def open(cls, folder, fold):
        """Memory-map what the stage `generate` wrote to a folder for a fold, and the features of real clips that it
        names."""
        import pandas as pd

        real = Ragged.open(FEATURES / read_json(folder / "real.json")["features"])
        folder = folder / FOLD.format(fold)
        labels = pd.read_csv(folder / "labels.csv", dtype=str, keep_default_na=False, lineterminator="\n")
        return cls(real._values, real._starts, real._stops, Ragged.open(folder), labels["labels"].tolist())

    def take(self, rows):
        """Only the real clips `rows`."""
        return WithGenerated(self._values, self._starts[rows], self._stops[rows], self.made, self.labels)


def with_generated(train, task):
    """The examples of train, followed by the generated clips that their features include, if any."""
    if not isinstance(train.x, WithGenerated):
        return train
    y, sources = task.targets(train.x.labels), np.repeat("generated", len(train.x.made))
    joined = Ragged.of([*train.x, *train.x.made])
    events = train.events and train.events + [None] * len(y)
    return Examples(joined, np.concatenate([train.y, y]), np.concatenate([train.sources, sources]), events)


def read_features(name, fold=0):
    """The features of every clip, in the order of `clips.table`: a memory-mapped Ragged, or a table. fold: that trains
    on them, where they come with generated clips.

    Raises NotRun with the reason if there are none.
    """
    folder = FEATURES / name
    if (folder / "not_run.json").is_file():
        raise NotRun(read_json(folder / "not_run.json")["reason"])
    if (folder / "layers.npz").is_file():
        return Embedded.open(folder)
    if (folder / "real.json").is_file():
        return WithGenerated.open(folder, fold)
    if (folder / "table.csv").is_file():
        import pandas as pd

        return pd.read_csv(folder / "table.csv", lineterminator="\n")
    return (Images if (folder / "colours.npy").is_file() else Ragged).open(folder)


def columns(table):
    """The numbers of a table, (n_clips, n_columns): all columns of a dataset's own table; of `features.table` the
    published ones, without `length`, the duration of the recording; of openSMILE's functionals likewise."""
    others = {"filename", "label", "opensmile_length"}
    if "rms_sd" in table:
        others |= {"length", "rms_sd", "zero_crossing_rate_sd"}
    return table[[name for name in table if name not in others]].to_numpy(np.float64)


def loudness_and_crossings(table):
    """Mean and standard deviation of RMS and of the zero-crossing rate ([R2]), (n_clips, 4), float64.

    A published table has variances instead of deviations. Raises NotRun if a table has neither.
    """
    names = ["rms_mean", "rms_sd", "zero_crossing_rate_mean", "zero_crossing_rate_sd"]
    if "rms_sd" not in table:
        published = [name.replace("_sd", "_var") for name in names]
        missing = [name for name in published if name not in table]
        if missing:
            raise NotRun(f"the table has no column {', '.join(missing)}")
        roots = {name: np.sqrt(table[column]) for name, column in zip(names, published, strict=True) if "sd" in name}
        table = table.assign(**roots)
    return table[names].to_numpy(np.float64)


def resized(image, *, height, width):
    """An image uint8 (h, w, 3) as float32 (height, width, 3) from 0 to 1, resized by area."""
    import cv2

    if image.shape[:2] != (height, width):
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return image.astype(np.float32) / 255


#: What a clip's frames become, (n_columns,) each: by the name of `pool`.
POOLS = {"mean": ("mean",), "max": ("max",), "mean_max": ("mean", "max"), "mean_sd": ("mean", "std")}


def pooled(clips, n, pool):
    """The frames of each clip summed up, of its first n columns, None: of all: float64 (n_clips, n), or twice as many
    columns where `pool`, a key of POOLS, names two numbers."""
    return np.stack([pool_frames(clip[:, :n], pool) for clip in clips])


def pool_frames(frames, pool):
    """Of one clip."""
    frames = np.asarray(frames, np.float64)
    return np.concatenate([getattr(frames, name)(axis=0) for name in POOLS[pool]])
