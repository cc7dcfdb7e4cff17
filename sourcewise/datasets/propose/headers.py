"""What the headers of sound files say, without decoding them."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from sourcewise.audio.decode import FFMPEG
from sourcewise.compute.parallel import each

MOST = 5000  # files that are looked into


class Look(NamedTuple):
    """n: how many files were looked into; rates: {Hz: files}; durations_s: of those that say it, sorted; bad: [(number
    of the file, why it cannot be read)]."""

    n: int
    rates: Counter
    durations_s: np.ndarray
    bad: list[tuple[int, str]]


def look(paths):
    """A Look into the files, or into MOST of them, drawn with a fixed seed."""
    rows = range(len(paths))
    if len(paths) > MOST:
        rows = sorted(np.random.default_rng(0).choice(len(paths), MOST, replace=False).tolist())
    found = list(each(_header, [paths[row] for row in rows], what="look", unit="file"))
    bad = [(row, said) for row, said in zip(rows, found, strict=True) if isinstance(said, str)]
    good = [said for said in found if not isinstance(said, str)]
    durations = np.sort([seconds for _, seconds in good if seconds is not None])
    return Look(len(rows), Counter(rate for rate, _ in good), durations, bad)


def _header(path):
    """(rate in Hz, seconds or None), or why it cannot be read."""
    if not Path(path).is_file():
        return "is not there"
    try:
        if Path(path).suffix.lower() in FFMPEG:
            return _of_ffmpeg(path)
        found = soundfile.info(str(path))
        return (found.samplerate, found.duration) if found.frames else "is empty"
    except (soundfile.LibsndfileError, OSError) as error:
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        return f"cannot be decoded: {reason.strip().rstrip('.')}"


def _of_ffmpeg(path):
    import av  # only where such a file is met

    try:
        with av.open(str(path), metadata_errors="replace") as file:
            if not file.streams.audio:
                return "has no audio stream"
            sound = file.streams.audio[0]
            seconds = float(sound.duration * sound.time_base) if sound.duration else None
            return sound.rate, seconds
    except av.FFmpegError as error:
        return f"cannot be decoded: {error.strerror}"
