"""`telephone`: 24 synthetic callers, half of them female, each saying two of six sentences over a telephone line.

A second dataset for `voices`: what its classifiers are worth on other recordings. The callers are other voices: other
names, pitches, rates, lengths of the vocal tract, accents, sentences and rooms. The timbres of the male callers do not
occur in `voices`; those of the female ones do, but for two, as the synthesiser has no more. The line passes 300 to
3,400 Hz and codes as G.711 does: 8,000 samples a second of 8 bits, by the mu-law.
"""

from zlib import crc32

import numpy as np
import scipy
import soxr

from sourcewise.datasets.rendering.room import SR
from sourcewise.datasets.synthetic.voices import recorded, voices, write

SENTENCES = (
    "Hello, I am calling about the room to let.",
    "Could you put me through to the workshop?",
    "The parcel came, but the box was empty.",
    "I will be home before the shop closes.",
    "Please tell her that the meeting is on Monday.",
    "Nobody picked up, so I called again.",
)
TURNS = 3  # a caller says every third sentence
#: As in `voices`: {gender: {voice of eSpeak: pitches}}, medians of 145 to 190 Hz, and 115 to 160 Hz.
TIMBRES = {
    "female": {
        **{"steph2": (30,), "steph3": (48,), "f1": (50,), "f2": (34,), "f3": (12,), "f4": (34,), "f5": (30,)},
        **{"Alicia": (12,), "Andrea": (2,), "Annie": (2,), "anika": (6,), "belinda": (22,)},
    },
    "male": {
        **{"Andy": (82,), "Denis": (94,), "Diogo": (70,), "Lee": (88,), "Mario": (66,), "Michael": (92,)},
        **{"Mike": (96,), "Nguyen": (44,), "Pablo": (80,), "Robert": (72,), "Hugo": (60,), "Marco": (50,)},
    },
}
LINE_SR = 8000
BAND_HZ = (300, 3400)
NOISE_DB = (-55, -40)  # of a line, re full scale


def callers():
    """Every Voice."""
    return voices(TIMBRES, "caller", SENTENCES, TURNS)


def make(folder):
    """Write the sentences of every caller to <folder>/<gender>/<caller>/<number>.wav, mu-law at 8 kHz."""
    write(folder, callers(), _called, sr=LINE_SR, subtype="ULAW")


def _called(caller):
    rng = np.random.default_rng(crc32(caller.name.encode()))
    noise_db = rng.uniform(*NOISE_DB)
    return [_line(y, noise_db, rng) for y in recorded(caller, SENTENCES)]


def _line(y, noise_db, rng):
    """What arrives of y, (n_samples,) at SR: (n_samples,) at LINE_SR; mu-law is what it is then stored as."""
    band = scipy.signal.butter(4, BAND_HZ, "bandpass", fs=SR, output="sos")
    y = soxr.resample(scipy.signal.sosfilt(band, y), SR, LINE_SR)
    return np.clip(y + 10 ** (noise_db / 20) * rng.standard_normal(len(y)), -1, 1)
