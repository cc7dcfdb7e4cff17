"""Figures of the dataset and of a few train clips of each class, for the report.

<name>.json is a figure for plotly.js, {"data": [...], "layout": {...}}; figures.json lists the figures in order, each
with a description. Figures that need sound are left out where the dataset is not sound.
"""

import json
from contextlib import suppress

import numpy as np
from pydantic import Field, NonNegativeInt, PositiveInt

from sourcewise.audio.samples import to_float
from sourcewise.audio.tabular import N_MFCC
from sourcewise.compute.progress import progress
from sourcewise.core.errors import NotRun
from sourcewise.core.params import Section
from sourcewise.core.paths import COPIES, FEATURES
from sourcewise.datasets import clips, manifest
from sourcewise.datasets.images import pixels
from sourcewise.eda import choice, clip, corpus, not_sound
from sourcewise.models.examples import columns, loudness_and_crossings, read_features
from sourcewise.storage.files import read_json, write_json, write_text

SHOWN_COPIES = 4  # of the one clip whose copies are shown


class ExploreParams(Section):
    """`explore`: how many clips of each class are shown, of how many classes (those with the most clips), and how many
    seconds of each clip; how many clips are in the 3D scatter plot, sampled with seed."""

    clips: NonNegativeInt
    classes: PositiveInt
    seconds: float = Field(ge=0.1, le=120)
    points: int = Field(ge=1, le=20_000)
    seed: NonNegativeInt


def explore(split, task, p, folder):
    """Write the figures of the dataset and of each clip to a folder. split: clips with their part in the first fold; p:
    ExploreParams."""
    groups = choice.classes(task.targets(split["labels"]), task.classes, p.classes)
    listed = [_written(folder, figure, "corpus", "") for figure in _of_corpus(split, groups, task, p)]
    for name, clip_id, figure in _of_clips(split, groups, p):
        listed.append(_written(folder, figure, "clips", f"{name}: {clip_id}", clip_id=clip_id))
    write_json(folder / "figures.json", listed)


def _written(folder, figure, section, group, **clip):
    """The figure's entry in figures.json."""
    name = "-".join([*clip.values(), figure.name]) + ".json"
    content = {"data": figure.data, "layout": figure.layout}
    write_text(folder / name, json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n")
    return {"file": name, "section": section, "group": group, "title": figure.title, "text": figure.text} | clip


def _of_corpus(split, groups, task, p):
    """The figures of the manifest and the feature table."""
    seconds = split["duration_s"].to_numpy()
    if seconds.any():
        yield _some(corpus.durations(seconds, groups), groups, task)
    with suppress(NotRun):
        table = read_features("table").iloc[: len(split)]  # the augmented copies follow them
        denoiser = read_json(FEATURES / "table" / "config.json").get("denoiser")
        note = f" Computed after the denoiser {denoiser['name']}." if denoiser else ""
        for figure in _of_table(table, split, groups, task, p):
            yield figure._replace(text=figure.text + note)


def _of_table(table, split, groups, task, p):
    with suppress(NotRun):  # a dataset's own table may lack these columns
        rms, _, rate, _ = loudness_and_crossings(table).T
        yield _some(corpus.levels(rms, groups), groups, task)
        yield _some(corpus.crossings(rate, groups, sr=int(split["sr"][0])), groups, task)
    train = np.flatnonzero(split["split"] == "train")
    if len(train) > 1:
        numbers, components = table.drop(columns=["filename", "label"]), corpus.Components(columns(table), train)
        yield corpus.correlation(numbers.to_numpy(np.float64), list(numbers))
        yield components.cumulative()
        if components.has_three:
            yield _some(components.scatter(groups, points=p.points, seed=p.seed), groups, task)


def _some(figure, groups, task):
    """The figure, with a note where it does not show all classes."""
    if len(groups) == len(task.classes):
        return figure
    note = f" Shown are the {len(groups)} of {len(task.classes)} classes with the most clips."
    return figure._replace(text=figure.text + note)


def _of_clips(split, groups, p):
    """The figures of typical train clips, as (class, clip_id, figure)."""
    train = (split["split"] == "train").to_numpy()
    chosen = choice.typical(groups, split["duration_s"].to_numpy(), train, p.clips)
    by_modality = {"sound": _OfSound, "mel": _of_mel, "pictures": _of_pictures}
    if not chosen or clips.modality() not in by_modality:
        return
    figures_of = by_modality[clips.modality()](split, [row for _, row in chosen], p)
    for name, row in progress(chosen, total=len(chosen), title="explore", unit="clip"):
        for figure in figures_of(row):
            yield name, split["clip_id"][row], figure


def _of_mel(split, chosen, p):
    """A function from the row of a clip of log-mel frames to its figures."""
    waves = clips.waves(split)
    low, high = min(waves[row].min() for row in chosen), max(waves[row].max() for row in chosen)
    return lambda row: [not_sound.frames(waves[row], split["duration_s"][row], low=low, high=high)]


def _of_pictures(split, chosen, p):
    """The same for a picture."""
    files = clips.waves(split)
    return lambda row: [not_sound.picture(pixels(files[row]))]


class _OfSound:
    """A function from the row of a clip of sound to its figures; for the first clip with copies, also one of these."""

    def __init__(self, split, chosen, p):
        table = read_features("table").iloc[: len(split)]
        params = read_json(FEATURES / "table" / "config.json")["params"]
        self._split, self._sr = split, int(split["sr"][0])
        self._n_shown, self._waves = round(p.seconds * self._sr), clips.waves(split)
        self._frames = {"sr": self._sr, "n_fft": params["n_fft"], "hop_length": params["hop_length"]}
        train = (split["split"] == "train").to_numpy()
        n_frames = 1 + split["n_samples"].to_numpy()[train] // params["hop_length"]
        self._mean, self._sd = corpus.cepstral_scale(table[train], n_frames, N_MFCC)
        self._high_db = max(clip.loudest(self._of(self._waves[row]), **self._frames) for row in chosen)
        copies = manifest.read(COPIES)
        with_copies = [row for row in chosen if (copies["origin"] == split["clip_id"][row]).any()]
        self._shown_with_copies, self._copies = (with_copies or [None])[0], copies

    def __call__(self, row):
        y, sr, frames = self._of(self._waves[row]), self._sr, self._frames
        figures = [
            clip.waveform(y, sr=sr),
            clip.spectrum(y, sr=sr),
            clip.spectrograms(y, high_db=self._high_db, **frames),
            clip.parts(y, **frames),
            clip.tempo(y, sr=sr, n_fft=frames["n_fft"]),
            clip.crossings(y, sr=sr),
            clip.cepstra(y, mean=self._mean, sd=self._sd, **frames),
        ]
        if row == self._shown_with_copies:
            figures.append(self._with_copies(row, y))
        if not y.any():
            figures = [figure._replace(text="The clip is silent.") for figure in figures]
        if len(y) == len(self._waves[row]):
            return figures
        note = f"The first {self._n_shown / sr:.1f} of {self._split['duration_s'][row]:.1f} s. "
        return [figure._replace(text=note + figure.text) for figure in figures]

    def _with_copies(self, row, y):
        clip_id = self._split["clip_id"][row]
        copies = self._copies[self._copies["origin"] == clip_id][:SHOWN_COPIES]
        names = [name.removeprefix(f"{clip_id}-").replace("-", " ") for name in copies["clip_id"]]
        return clip.copies([y, *map(self._of, clips.waves(copies))], names, high_db=self._high_db, **self._frames)

    def _of(self, samples):
        return to_float(samples[: self._n_shown])
