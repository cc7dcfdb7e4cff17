"""Figures of the corpus and of a few train clips of each class, for the report to draw.

<name>.json is a figure as plotly.js takes it, {"data": [...], "layout": {...}}; figures.json lists them in their order,
with what is to be seen in words. What cannot be made of a corpus that is no sound is left out.
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
    """`explore`: how many clips of each class are shown, of how many classes (those with the most clips), and how much
    of each clip; how many clips are points in 3D, drawn by seed."""

    clips: NonNegativeInt
    classes: PositiveInt
    seconds: float = Field(ge=0.1, le=120)
    points: int = Field(ge=1, le=20_000)
    seed: NonNegativeInt


def explore(split, task, p, folder):
    """Write the figures of the corpus and of each clip to a folder. split: data/split.csv; p: ExploreParams."""
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
    """What the manifest and the feature table tell."""
    seconds = split["duration_s"].to_numpy()
    if seconds.any():
        yield _some(corpus.durations(seconds, groups), groups, task)
    with suppress(NotRun):
        table = read_features("table").iloc[: len(split)]  # behind them are the augmented copies
        denoiser = read_json(FEATURES / "table" / "config.json").get("denoiser")
        said = f" Of what the denoiser {denoiser['name']} left of each clip." if denoiser else ""
        for figure in _of_table(table, split, groups, task, p):
            yield figure._replace(text=figure.text + said)


def _of_table(table, split, groups, task, p):
    with suppress(NotRun):  # a table that came with the corpus may lack these columns
        rms, _, rate, _ = loudness_and_crossings(table).T
        yield _some(corpus.levels(rms, groups), groups, task)
        yield _some(corpus.crossings(rate, groups, sr=int(split["sr"][0])), groups, task)
    train = np.flatnonzero(split["split"] == "train")
    if len(train) > 1:
        numbers, components = table.drop(columns=["filename", "label"]), corpus.Components(columns(table), train)
        yield corpus.correlation(numbers.to_numpy(np.float64), list(numbers))
        yield components.cumulative()
        if components.enough:
            yield _some(components.scatter(groups, points=p.points, seed=p.seed), groups, task)


def _some(figure, groups, task):
    """The figure, which says so where it does not show all classes."""
    if len(groups) == len(task.classes):
        return figure
    said = f" Shown are the {len(groups)} of {len(task.classes)} classes with the most clips."
    return figure._replace(text=figure.text + said)


def _of_clips(split, groups, p):
    """The figures of typical train clips, as (class, clip_id, figure)."""
    train = (split["split"] == "train").to_numpy()
    chosen = choice.typical(groups, split["duration_s"].to_numpy(), train, p.clips)
    kinds = {"sound": _OfSound, "mel": _of_mel, "pictures": _of_pictures}
    if not chosen or clips.modality() not in kinds:
        return
    figures_of = kinds[clips.modality()](split, [row for _, row in chosen], p)
    for name, row in progress(chosen, total=len(chosen), what="explore", unit="clip"):
        for figure in figures_of(row):
            yield name, split["clip_id"][row], figure


def _of_mel(split, chosen, p):
    """A function that gives the figures of a clip of log-mel frames, by its row."""
    waves = clips.waves(split)
    low, high = min(waves[row].min() for row in chosen), max(waves[row].max() for row in chosen)
    return lambda row: [not_sound.frames(waves[row], split["duration_s"][row], low=low, high=high)]


def _of_pictures(split, chosen, p):
    """The same of a picture."""
    files = clips.waves(split)
    return lambda row: [not_sound.picture(pixels(files[row]))]


class _OfSound:
    """The figures of a clip of sound, by its row; those of its copies for the first clip that has any."""

    def __init__(self, split, chosen, p):
        table, how = read_features("table").iloc[: len(split)], read_json(FEATURES / "table" / "config.json")["params"]
        self._split, self._sr = split, int(split["sr"][0])
        self._most, self._waves = round(p.seconds * self._sr), clips.waves(split)
        self._how = {"sr": self._sr, "n_fft": how["n_fft"], "hop_length": how["hop_length"]}
        train = (split["split"] == "train").to_numpy()
        n_frames = 1 + split["n_samples"].to_numpy()[train] // how["hop_length"]
        self._mean, self._sd = corpus.cepstral_scale(table[train], n_frames, N_MFCC)
        self._high_db = max(clip.loudest(self._of(self._waves[row]), **self._how) for row in chosen)
        copies = manifest.read(COPIES)
        with_copies = [row for row in chosen if (copies["origin"] == split["clip_id"][row]).any()]
        self._varied, self._copies = (with_copies or [None])[0], copies

    def __call__(self, row):
        y, sr, how = self._of(self._waves[row]), self._sr, self._how
        figures = [
            clip.waveform(y, sr=sr),
            clip.spectrum(y, sr=sr),
            clip.spectrograms(y, high_db=self._high_db, **how),
            clip.parts(y, **how),
            clip.tempo(y, sr=sr, n_fft=how["n_fft"]),
            clip.crossings(y, sr=sr),
            clip.cepstra(y, mean=self._mean, sd=self._sd, **how),
        ]
        if row == self._varied:
            figures.append(self._with_copies(row, y))
        if not y.any():
            figures = [figure._replace(text="It is silent.") for figure in figures]
        if len(y) == len(self._waves[row]):
            return figures
        said = f"Of the clip's {self._split['duration_s'][row]:.1f} s the first {self._most / sr:.1f}. "
        return [figure._replace(text=said + figure.text) for figure in figures]

    def _with_copies(self, row, y):
        clip_id = self._split["clip_id"][row]
        copies = self._copies[self._copies["origin"] == clip_id][:SHOWN_COPIES]
        names = [name.removeprefix(f"{clip_id}-").replace("-", " ") for name in copies["clip_id"]]
        return clip.copies([y, *map(self._of, clips.waves(copies))], names, high_db=self._high_db, **self._how)

    def _of(self, samples):
        return to_float(samples[: self._most])
