"""`events`: soundscapes of 3 s from 64 places, each with one to four kinds of short sounds out of ten, at random times.

A place has its own background, its own microphone, its own variant of every sound (this bell, this door) and its own
probabilities of the sounds. So a classifier trained on a place can rely on its variants and probabilities; in an unseen
place it must recognise a bell as such.
"""

from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import scipy
import soundfile

from sourcewise.compute.parallel import each
from sourcewise.datasets.manifest import write
from sourcewise.datasets.rendering.room import SR

SECONDS = 3
PLACES, SOUNDSCAPES = 64, 6
SNR_DB = (14, 26)  # of a sound over the background, during the sound
TABLE = "events.csv"
COLUMNS = ["filename", "onset", "offset", "event_label", "source"]


def make(folder):
    """Write <folder>/<place>/<number>.wav, 16-bit at 16 kHz, and events.csv: a row for each sound, times in seconds."""
    rows, names = [], [f"place{k:02d}" for k in range(1, PLACES + 1)]
    for name, soundscapes in zip(names, each(_recorded, names, title="synthesise", unit="place"), strict=True):
        (Path(folder) / name).mkdir(parents=True)
        for number, (y, events) in enumerate(soundscapes, start=1):
            path = f"{name}/{number:02d}.wav"
            soundfile.write(Path(folder) / path, y, SR, subtype="PCM_16")
            rows += [(path, *event, name) for event in events]
    write(pd.DataFrame(rows, columns=COLUMNS), Path(folder) / TABLE)


def _recorded(name):
    place = Place(name)
    return [place(number) for number in range(1, SOUNDSCAPES + 1)]


class Place:
    """Where soundscapes are recorded: its background, its microphone, its sounds; drawn from its name."""

    def __init__(self, name):
        rng = np.random.default_rng(crc32(name.encode()))
        self._name = name
        self._background = _filter(rng, (-30, 0))
        self._microphone = _filter(rng, (-9, 9))
        self._level_db = rng.uniform(-55, -45)  # of the background
        self._variants = rng.uniform(0, 1, (len(SOUNDS), 3))
        self._shares = rng.permutation(np.geomspace(1, 10, len(SOUNDS)))
        self._shares /= self._shares.sum()

    def __call__(self, number):
        """The soundscape `number`, (n_samples,) in [-1, 1], and its events: (onset, offset, label), by onset."""
        rng = np.random.default_rng([number, crc32(self._name.encode())])
        y = scipy.signal.lfilter(self._background, 1, rng.standard_normal(SECONDS * SR))
        y *= 10 ** (self._level_db / 20) / _rms(y)
        level, events = _rms(y), []
        for k in rng.choice(len(SOUNDS), rng.integers(1, 5), replace=False, p=self._shares):
            label, variant = list(SOUNDS)[k], self._variants[k] + rng.normal(0, 0.01, 3)
            sound = SOUNDS[label](*variant, rng)
            sound -= sound.mean()  # or the DC offset would reveal the label
            sound *= level * 10 ** (rng.uniform(*SNR_DB) / 20) / _rms(sound)
            start = int(rng.integers(len(y) - len(sound)))
            y[start : start + len(sound)] += sound
            events.append((round(start / SR, 3), round((start + len(sound)) / SR, 3), label))
        return np.clip(scipy.signal.lfilter(self._microphone, 1, y), -1, 1), sorted(events)


def _filter(rng, db):
    """A linear-phase filter whose gains at six frequencies are drawn."""
    return scipy.signal.firwin2(129, np.linspace(0, 1, 6), 10 ** (rng.uniform(*db, 6) / 20))


def _rms(y):
    return np.sqrt(np.mean(y**2))


# Each sound: (n_samples,), from three numbers between about 0 and 1, which set its variant, and rng.


def _time(seconds):
    return np.arange(int(seconds * SR)) / SR


def _swept(hz):
    """A sine of changing frequency, hz: (n_samples,)."""
    return np.sin(2 * np.pi * np.cumsum(hz) / SR)


def _beep(a, b, c, rng):
    """Two to four short tones of one pitch, with pauses."""
    t = _time(0.08 + 0.06 * b)
    tone = np.tanh((1 + 2 * c) * np.sin(2 * np.pi * 800 * 2 ** (1.3 * a) * t)) * np.minimum(1, (t[-1] - t) / 0.005)
    return np.concatenate([np.append(tone, np.zeros(len(t) // 2))] * int(rng.integers(2, 5)))


def _bell(a, b, c, rng):
    """Inharmonic partials that die away slowly."""
    t, hz = _time(1), 500 * 2 ** (1.2 * a)
    partials = ((1, 1, 3), (2.76, 0.6, 5), (5.4 + 0.3 * c, 0.4, 8))
    return sum(g * np.sin(2 * np.pi * r * hz * t) * np.exp(-d * (0.7 + 0.6 * b) * t) for r, g, d in partials)


def _buzz(a, b, c, rng):
    """A rough low tone, rich in harmonics."""
    t, hz = _time(0.5 + 0.3 * b), 80 * 2**a
    return (
        np.tanh(6 * np.sin(2 * np.pi * hz * t)) * (1 - 0.5 * c * np.sin(2 * np.pi * 25 * t)) * np.minimum(1, t / 0.02)
    )


def _chirp(a, b, c, rng):
    """A bird: two to four quick rises."""
    t = _time(0.1 + 0.05 * b)
    rise = _swept(2200 * 2 ** (0.8 * a) * (1 + (0.4 + 0.5 * c) * t / t[-1])) * np.sin(np.pi * t / t[-1])
    return np.concatenate([np.append(rise, np.zeros(len(t) // 2))] * int(rng.integers(2, 5)))


def _click(a, b, c, rng):
    """Two short bursts of noise in a high band."""
    t = _time(0.06)
    noise = rng.standard_normal(len(t)) * np.exp(-t / (0.003 + 0.004 * b))
    click = scipy.signal.lfilter(*_resonance(2000 * 2 ** (1.2 * a), 0.9), noise)
    return np.concatenate([click, np.zeros(int(0.05 * (1 + c) * SR)), click])


def _drip(a, b, c, rng):
    """A drop: a short tone that rises and dies away."""
    t = _time(0.25)
    return _swept(600 * 2**a * (1 + (2 + 2 * c) * t / t[-1])) * np.exp(-t / (0.03 + 0.03 * b))


def _hiss(a, b, c, rng):
    """Steam: steady noise in a wide high band."""
    t = _time(0.6 + 0.3 * b)
    noise = scipy.signal.lfilter(*_resonance(2500 * 2 ** (0.9 * a), 0.4), rng.standard_normal(len(t)))
    return noise * np.minimum(1, np.minimum(t, t[-1] - t) / (0.03 + 0.1 * c))


def _knock(a, b, c, rng):
    """Two to four dull blows."""
    t = _time(0.15 + 0.1 * b)
    blow = np.sin(2 * np.pi * 120 * 2 ** (1.2 * a) * t) + 0.3 * c * rng.standard_normal(len(t))
    return np.concatenate([blow * np.exp(-t / 0.02)] * int(rng.integers(2, 5)))


def _siren(a, b, c, rng):
    """A tone that goes up and down slowly."""
    t = _time(1)
    wave = np.sin(2 * np.pi * (2 + 2 * b) * t)
    return _swept(500 * 2**a * (1 + (0.2 + 0.2 * c) * wave)) * np.minimum(1, np.minimum(t, t[-1] - t) / 0.05)


def _whistle(a, b, c, rng):
    """A steady tone with a little vibrato and breath."""
    t = _time(0.5 + 0.4 * b)
    tone = _swept(1100 * 2**a * (1 + 0.01 * np.sin(2 * np.pi * (4 + 3 * c) * t)))
    return (tone + 0.05 * rng.standard_normal(len(t))) * np.minimum(1, np.minimum(t, t[-1] - t) / 0.05)


def _resonance(hz, sharpness):
    """A two-pole band-pass; sharpness: the radius of its poles, 0 to 1."""
    return [1, 0, -1], [1, -2 * sharpness * np.cos(2 * np.pi * hz / SR), sharpness**2]


SOUNDS = {
    "beep": _beep,
    "bell": _bell,
    "buzz": _buzz,
    "chirp": _chirp,
    "click": _click,
    "drip": _drip,
    "hiss": _hiss,
    "knock": _knock,
    "siren": _siren,
    "whistle": _whistle,
}
