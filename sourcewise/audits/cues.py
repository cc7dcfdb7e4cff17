"""Single numbers of a clip that have nothing to do with what is heard: how long, how loud, made by which device."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sourcewise.audio.samples import FULL_SCALE
from sourcewise.compute.progress import progress
from sourcewise.datasets import clips

FRAME_S = 0.02
BLOCK = 1 << 20  # samples of a long clip that are looked at at a time
LEAST = 1e-12  # power of what holds nothing, -120 dB; one bit of 16 has -90 dB
SILENT_DB = 40  # below its loudest frame a clip has not begun, or has ended
EMPTY_DB = 60  # below its strongest frequency a clip's spectrum holds nothing


class Cue(NamedTuple):
    """How a sentence names a cue and gives its values; why the label may rightly be told from it, where it may."""

    name: str
    value: str
    legitimate: str


_LENGTH = "It is legitimate where what is to be told differs in length"
_LEVEL = "It is legitimate where what is to be told differs in loudness, not where gain, distance or room did"
_BAND = "It is legitimate where what is to be told differs in brightness, not where the device or the codec did"
_FILE = "It says how the file was made, not what is heard"
_CUT = "It says how the clip was cut, not what is heard"
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
    "format": Cue("the file format", "{}", _FILE),
}


def table(rows):
    """The CUES of clips (rows of data/split.csv), which are read one by one: a column a cue, a row a clip."""
    waves, sr = clips.waves(rows), rows["sr"].to_numpy()
    numbers = progress(range(len(rows)), total=len(rows), what="audit", unit="clip")
    found = pd.DataFrame([measure(waves[i], sr=int(sr[i])) for i in numbers]).round(6)
    found["duration_s"], found["sr_original"] = rows["duration_s"].to_numpy(), rows["sr_original"].to_numpy()
    found["format"] = [path.rsplit(".", 1)[-1].lower() for path in rows["path"]]
    return found[list(CUES)]


def measure(y, *, sr):
    """What the samples of a clip y, (n_samples,) int16, tell of CUES, as a dict.

    All but dc_offset (the mean, of full scale), peak_db and bits are of the clip less its mean. floor_db: the level
    below which a tenth of the frames of 20 ms lie. bandwidth_hz: the highest frequency whose mean power lies within
    60 dB of the strongest. bits: 16, less those at the lower end that are 0 in all samples. leading_s, trailing_s: what
    lies before the first and behind the last frame within 40 dB of the loudest.
    """
    frame = min(max(round(FRAME_S * sr), 2), len(y))
    mean = y.mean(dtype=np.float64)
    step = max(BLOCK // frame, 1) * frame
    blocks = [_frames(y[i : i + step], mean, frame) for i in range(0, len(y) - frame + 1, step)]
    power = np.concatenate([power for power, _ in blocks])
    spectrum = np.sum([spectrum for _, spectrum in blocks], axis=0)
    level = _db(power)
    heard = np.flatnonzero(level >= level.max() - SILENT_DB)
    strong = np.flatnonzero(spectrum > max(spectrum.max() * 10 ** (-EMPTY_DB / 10), LEAST * len(power)))
    return {
        "rms_db": _db(power.mean()),
        "peak_db": _db((max(int(y.max()), -int(y.min())) / FULL_SCALE) ** 2),
        "floor_db": np.percentile(level, 10),
        "bandwidth_hz": strong[-1] * sr / frame if len(strong) else 0.0,
        "bits": _bits(int(np.bitwise_or.reduce(y))),
        "dc_offset": mean / FULL_SCALE,
        "leading_s": heard[0] * frame / sr,
        "trailing_s": (len(power) - 1 - heard[-1]) * frame / sr,
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
    """used: all samples of a clip, bit by bit or."""
    lowest = (used & -used).bit_length()  # from 1; 0 where there is none
    return 17 - lowest if lowest else 0
