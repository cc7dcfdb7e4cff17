"""Soundscapes mixed from the recordings of a corpus that has one label each.

Both voices of a mixture come from one source, or from sources that are made one beforehand: a mixture of two sources
could be put on neither side of a split without taking both there.
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
from sourcewise.core.errors import Stop
from sourcewise.datasets import manifest
from sourcewise.datasets.task import SEPARATOR

TABLE = "events.csv"
COLUMNS = ["filename", "onset", "offset", "event_label", "source"]


def make(folder, root, recordings, p):
    """Write <folder>/<source>/<number>.wav, 16-bit, and events.csv: a row a recording in it, times in seconds.

    recordings: card.Recordings, whose paths are relative to `root`; p: the section `mix` of a card.
    """
    several = [recording.path for recording in recordings if SEPARATOR in recording.labels]
    if several:
        raise Stop(
            f"dataset file: mix: {p.of!r} has recordings of several labels ({several[0]!r}): only of one can be mixed"
        )
    groups, rows = _grouped(recordings, p), []
    for source, found in groups.items():
        if len(found) < p.at_once[1]:
            raise Stop(
                f"dataset file: mix: at_once is {p.at_once}, but source {source!r} of {p.of!r} has {len(found)} class"
                f"{'es' * (len(found) > 1)} ({', '.join(found)}): lower it, or raise merge (now {p.merge})"
            )
    mixed = each(partial(_mixed, Path(root), p=p), list(groups.items()), what="mix", unit="source")
    for source, soundscapes in zip(groups, mixed, strict=True):
        place = manifest.clip_id(f"{source}.")
        (Path(folder) / place).mkdir()
        for number, (y, events) in enumerate(soundscapes, start=1):
            path = f"{place}/{number:05d}.wav"
            soundfile.write(Path(folder) / path, y, p.sr, subtype="PCM_16")
            rows += [(path, *event, source) for event in events]
    manifest.write(pd.DataFrame(rows, columns=COLUMNS), Path(folder) / TABLE)


def _grouped(recordings, p):
    """{source: {class: paths}}, p.merge sources made one, all in a fixed order."""
    found = defaultdict(lambda: defaultdict(list))
    for recording in sorted(recordings):
        found[recording.source][recording.labels].append(recording.path)
    groups = {}
    sources = iter(_in_turns(found, p.seed))
    while members := sorted(islice(sources, p.merge)):
        classes = sorted({name for source in members for name in found[source]})
        groups["+".join(members)] = {
            name: [path for source in members for path in found[source].get(name, [])] for name in classes
        }
    return dict(sorted(groups.items()))


def _in_turns(found, seed):
    """Sources in a drawn order, those of different commonest classes by turns, so that neighbours differ in class."""
    of_class = defaultdict(list)
    for source in np.random.default_rng(seed).permutation(sorted(found)):
        of_class[max(sorted(found[source]), key=lambda name: len(found[source][name]))].append(str(source))
    return [source for turn in zip_longest(*(of_class[name] for name in sorted(of_class))) for source in turn if source]


def _mixed(root, group, *, p):
    """The soundscapes of a source: [((n_samples,) in [-1, 1], [(onset, offset, class)])]."""
    source, paths_of = group
    return [
        _soundscape(root, paths_of, np.random.default_rng([p.seed, crc32(source.encode()), k]), p)
        for k in range(p.soundscapes)
    ]


def _soundscape(root, paths_of, rng, p):
    """One of them: brought down as a whole where the sum goes beyond full scale; what is too long is cut off."""
    y, events = np.zeros(round(p.seconds * p.sr)), []
    for k in rng.choice(len(paths_of), rng.integers(p.at_once[0], p.at_once[1] + 1), replace=False):
        name = list(paths_of)[k]
        path = root / paths_of[name][rng.integers(len(paths_of[name]))]
        try:
            sound = decode(path, sr=p.sr)[0][: len(y)] / 32768
        except Unreadable as error:
            raise Stop(f"dataset file: mix: {path} {error}: take it out of {p.of!r}") from None
        start = int(rng.integers(len(y) - len(sound) + 1))
        y[start : start + len(sound)] += sound
        events.append((round(start / p.sr, 6), round((start + len(sound)) / p.sr, 6), name))
    return y / max(1, np.abs(y).max()), sorted(events)
