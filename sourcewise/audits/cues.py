"""Cues: single numbers of a clip that are unrelated to its content, such as duration, level and bandwidth."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sourcewise.audio.samples import FULL_SCALE
from sourcewise.compute.progress import progress
from sourcewise.datasets import clips

FRAME_S = 0.02
BLOCK = 1 << 20  # samples of a long clip that are processed at a time
LEAST = 1e-12  # power of silence, -120 dB; one bit of 16 has -90 dB
SILENT_DB = 40  # below the loudest frame of a clip, where leading or trailing frames are silent
LEAST_OFFSET = 1e-4  # of full scale, -80 dB: a smaller mean is what rounding and low frequencies leave
CLIPPED = 0.999 * FULL_SCALE  # magnitude from which on a sample counts as clipped
EMPTY_DB = 60  # below the strongest frequency of a clip, where its band ends


class Cue(NamedTuple):
    """The name of a cue in sentences, the format of its values, and when it legitimately predicts the label; cues with
    the same answer have one cause."""

    name: str
    value: str
    legitimate: str


_LENGTH = "That is legitimate if the classes themselves differ in length"
_LEVEL = "That is legitimate if the classes themselves differ in loudness, but not if gain, distance or room did"
_BAND = "That is legitimate if the classes themselves differ in brightness, but not if device or codec did"
_FILE = "It reflects how the file was made, not what was recorded"
_CUT = "It reflects how the clip was cut, not what was recorded"
#: Levels are those of the decoded clip, in dB re full scale; the rate and the format those of the original file.
CUES = {
    "duration_s": Cue("the duration", "{:.2f} s", _LENGTH),
    "rms_db": Cue("the loudness (RMS)", "{:.1f} dB", _LEVEL),
    "peak_db": Cue("the peak level", "{:.1f} dB", _LEVEL),
    "floor_db": Cue("the noise floor", "{:.1f} dB", _LEVEL),
    "bandwidth_hz": Cue("the bandwidth", "{:,.0f} Hz", _BAND),
    "sr_original": Cue("the original sample rate", "{:,.0f} Hz", _FILE),
    "bits": Cue("the number of bits in use", "{:.0f} bits", _FILE),
    "dc_offset": Cue("the DC offset", "{:.5f}", _FILE),
    "leading_s": Cue("the leading silence", "{:.2f} s", _CUT),
    "trailing_s": Cue("the trailing silence", "{:.2f} s", _CUT),
    "clipped": Cue("the share of clipped samples", "{:.2%}", _LEVEL),
    "format": Cue("the file format", "{}", _FILE),
}


def table(rows):
    """The CUES of clips (rows of data/split.csv), which are read one by one: one column per cue, one row per clip."""
    waves, sr = clips.waves(rows), rows["sr"].to_numpy()
    numbers = progress(range(len(rows)), total=len(rows), title="audit", unit="clip")
    values = pd.DataFrame([measure(waves[i], sr=int(sr[i])) for i in numbers]).round(6)
    values["duration_s"], values["sr_original"] = rows["duration_s"].to_numpy(), rows["sr_original"].to_numpy()
    values["format"] = [path.rsplit(".", 1)[-1].lower() for path in rows["path"]]
    return values[list(CUES)]


def measure(y, *, sr):
    """Those of CUES that depend on the samples of a clip y, (n_samples,) int16, as a dict.

    All but dc_offset (the mean of full scale, 0 below LEAST_OFFSET), peak_db, clipped and bits are of the clip less its
    mean. floor_db: the 10th percentile of the levels of frames of 20 ms. bandwidth_hz: the highest frequency
    whose mean power is within 60 dB of the strongest. clipped: the share of samples at full scale. bits: 16, less the
    lowest ones that are 0 in all samples. leading_s, trailing_s: the time before the first and after the last frame
    within 40 dB of the loudest.
    """
    frame = min(max(round(FRAME_S * sr), 2), len(y))
    mean = y.mean(dtype=np.float64)
    offset = mean / FULL_SCALE
    step = max(BLOCK // frame, 1) * frame
    blocks = [_frames(y[i : i + step], mean, frame) for i in range(0, len(y) - frame + 1, step)]
    power = np.concatenate([power for power, _ in blocks])
    spectrum = np.sum([spectrum for _, spectrum in blocks], axis=0)
    level = _db(power)
    loud = np.flatnonzero(level >= level.max() - SILENT_DB)
    strong = np.flatnonzero(spectrum > max(spectrum.max() * 10 ** (-EMPTY_DB / 10), LEAST * len(power)))
    return {
        "rms_db": _db(power.mean()),
        "peak_db": _db((max(int(y.max()), -int(y.min())) / FULL_SCALE) ** 2),
        "floor_db": np.percentile(level, 10),
        "bandwidth_hz": strong[-1] * sr / frame if len(strong) else 0.0,
        "clipped": np.mean((y >= CLIPPED) | (y <= -CLIPPED)),
        "bits": _bits(int(np.bitwise_or.reduce(y))),
        "dc_offset": offset if abs(offset) >= LEAST_OFFSET else 0.0,
        "leading_s": loud[0] * frame / sr,
        "trailing_s": (len(power) - 1 - loud[-1]) * frame / sr,
    }


def _frames(y, mean, frame):
    """The power of each whole frame, and the sum of their power spectra: (n_frames,), (frame // 2 + 1,)."""
    frames = y[: len(y) // frame * frame].reshape(-1, frame).astype(np.float32)
    frames = (frames - np.float32(mean)) / np.float32(FULL_SCALE)
    window = np.hanning(frame + 2)[1:-1].astype(np.float32)
    spectra = np.fft.rfft(frames * window, axis=1) / window.sum()
    return np.mean(frames**2, axis=1, dtype=np.float64), np.sum(np.abs(spectra) ** 2, axis=0, dtype=np.float64)


def _db(power):
    return 10 * np.log10(np.maximum(power, LEAST))


def _bits(used):
    """The number of bits in use. used: the bitwise or of all samples of a clip."""
    lowest = (used & -used).bit_length()  # from 1; 0 where no bit is used
    return 17 - lowest if lowest else 0
