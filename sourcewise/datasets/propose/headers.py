"""The headers of sound files, without decoding them."""

from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from sourcewise.audio import containers
from sourcewise.audio.decode import Unreadable, decode
from sourcewise.compute.parallel import each
from sourcewise.core.formats import FFMPEG
from sourcewise.datasets import resolver

MOST = 5000  # files that are read
DECODED = 5  # of them as a whole


class Headers(NamedTuple):
    """n: how many files were read; rates: {number of the file: Hz}; durations_s: where known, sorted; bad: [(its
    number, why it cannot be read)]."""

    n: int
    rates: dict[int, int]
    durations_s: np.ndarray
    bad: list[tuple[int, str]]


def read(root, paths, *, sr):
    """The headers of the files at these paths below `root`, or of MOST of them, drawn with a fixed seed; the first, the
    last and some in between are decoded, too, at `sr` Hz, as ingest will."""
    rows = range(len(paths))
    if len(paths) > MOST:
        rows = sorted(np.random.default_rng(0).choice(len(paths), MOST, replace=False).tolist())
    decoded = {rows[k] for k in np.linspace(0, len(rows) - 1, DECODED).astype(int)} if len(rows) else set()
    work = partial(_header, root=root, sr=sr)
    headers = list(each(work, [(paths[row], row in decoded) for row in rows], title="headers", unit="file"))
    bad = [(row, reason) for row, reason in zip(rows, headers, strict=True) if isinstance(reason, str)]
    good = {row: header for row, header in zip(rows, headers, strict=True) if not isinstance(header, str)}
    durations = np.sort([seconds for _, seconds in good.values() if seconds is not None])
    return Headers(len(rows), {row: rate for row, (rate, _) in good.items()}, durations, bad)


def _header(item, *, root, sr):
    """(rate in Hz, seconds or None), or why it cannot be read."""
    path, is_decoded = item
    fault = resolver.fault(root, path)
    if fault is not None:
        return fault
    file = Path(root) / path
    try:
        if is_decoded:
            decode(file, sr=sr)
        if file.suffix.lower() in FFMPEG:
            return _of_ffmpeg(file)
        with containers.opened(file) as (stream, _):
            info = soundfile.info(stream)
        return (info.samplerate, info.duration) if info.frames else "is empty"
    except Unreadable as reason:
        return str(reason)
    except (soundfile.LibsndfileError, OSError) as error:
        return containers.fault(file, error)


def _of_ffmpeg(path):
    import av  # imported only for such files

    try:
        with av.open(str(path), metadata_errors="replace") as file:
            if not file.streams.audio:
                return "has no audio stream"
            sound = file.streams.audio[0]
            seconds = float(sound.duration * sound.time_base) if sound.duration else None
            return sound.rate, seconds
    except av.FFmpegError as error:
        return containers.fault(path, error)
