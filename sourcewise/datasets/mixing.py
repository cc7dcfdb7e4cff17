"""Soundscapes mixed from the recordings of a dataset with one label each.

All recordings of a mixture come from one source, or from sources that are merged beforehand: a mixture of two sources
would tie them to the same part of the split.
"""

from collections import defaultdict
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import soundfile

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.compute.parallel import each
from sourcewise.core.errors import Stop, count
from sourcewise.datasets import manifest
from sourcewise.datasets.task import SEPARATOR

TABLE = "events.csv"
COLUMNS = ["filename", "onset", "offset", "event_label", "source"]


def make(folder, root, recordings, p):
    """Write <folder>/<source>/<number>.wav, 16-bit, and events.csv: a row for each recording in it, times in seconds.

    recordings: dataset_file.Recordings, whose paths are relative to `root`; p: dataset_file.Mix.
    """
    several = [recording.path for recording in recordings if SEPARATOR in recording.labels]
    if several:
        raise Stop(
            f"dataset file: mix: {p.of!r} has recordings with several labels ({several[0]!r}), which cannot be mixed"
        )
    groups, rows = _grouped(recordings, p), []
    for source, by_class in groups.items():
        if len(by_class) < p.at_once[1]:
            raise Stop(
                f"dataset file: mix: at_once is {p.at_once}, but source {source!r} of {p.of!r} has "
                f"{count(len(by_class), 'class', 'classes')} ({', '.join(by_class)}): lower it, or raise merge "
                f"(now {p.merge})"
            )
    mixed = each(partial(_mixed, Path(root), p=p), list(groups.items()), title="mix", unit="source")
    for source, soundscapes in zip(groups, mixed, strict=True):
        name = manifest.clip_id(f"{source}.")
        (Path(folder) / name).mkdir()
        for number, (y, events) in enumerate(soundscapes, start=1):
            path = f"{name}/{number:05d}.wav"
            soundfile.write(Path(folder) / path, y, p.sr, subtype="PCM_16")
            rows += [(path, *event, source) for event in events]
    manifest.write(pd.DataFrame(rows, columns=COLUMNS), Path(folder) / TABLE)


def _grouped(recordings, p):
    """{source: {class: paths}}, every p.merge sources merged, all in a fixed order."""
    by_source = defaultdict(lambda: defaultdict(list))
    for recording in sorted(recordings):
        by_source[recording.source][recording.labels].append(recording.path)
    groups = {}
    sources = iter(_interleaved(by_source, p.seed))
    while members := sorted(islice(sources, p.merge)):
        classes = sorted({name for source in members for name in by_source[source]})
        groups["+".join(members)] = {
            name: [path for source in members for path in by_source[source].get(name, [])] for name in classes
        }
    return dict(sorted(groups.items()))


def _interleaved(by_source, seed):
    """Sources in random order, but alternating between majority classes, so that neighbours differ in class."""
    of_class = defaultdict(list)
    for source in np.random.default_rng(seed).permutation(sorted(by_source)):
        of_class[max(sorted(by_source[source]), key=lambda name: len(by_source[source][name]))].append(str(source))
    return [source for turn in zip_longest(*(of_class[name] for name in sorted(of_class))) for source in turn if source]


def _mixed(root, group, *, p):
    """The soundscapes of a source: [((n_samples,) in [-1, 1], [(onset, offset, class)])]."""
    source, paths_of = group
    return [
        _soundscape(root, paths_of, np.random.default_rng([p.seed, crc32(source.encode()), k]), p)
        for k in range(p.soundscapes)
    ]


def _soundscape(root, paths_of, rng, p):
    """One of them, scaled down as a whole where the sum exceeds full scale; recordings longer than it are cut."""
    y, events = np.zeros(round(p.seconds * p.sr)), []
    for k in rng.choice(len(paths_of), rng.integers(p.at_once[0], p.at_once[1] + 1), replace=False):
        name = list(paths_of)[k]
        path = root / paths_of[name][rng.integers(len(paths_of[name]))]
        try:
            sound = decode(path, sr=p.sr)[0][: len(y)] / 32768
        except Unreadable as error:
            raise Stop(f"dataset file: mix: {path} {error}: remove it from {p.of!r}") from None
        start = int(rng.integers(len(y) - len(sound) + 1))
        y[start : start + len(sound)] += sound
        events.append((round(start / p.sr, 6), round((start + len(sound)) / p.sr, 6), name))
    return y / max(1, np.abs(y).max()), sorted(events)
