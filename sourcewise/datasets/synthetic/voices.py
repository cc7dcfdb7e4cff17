"""`voices`: 72 synthetic voices, half of them female, each saying four of twelve sentences in a room of its own.

Under them lie 27 distinct voices of the synthesiser, 14 of them female, each used two or three times: with another
accent, rate, pitch and length of the vocal tract, but with one voice's timbre. So they are fewer than 72 independent
speakers, and a timbre of train may recur in test.

Small and quick, but as difficult as real data: pitches of the two groups overlap, and every voice has its accent, its
rate, its room's colour and echo and its noise, which identify the voice and not the gender. So a classifier trained on
a voice can recognise it; for an unseen voice it must recognise the gender.
"""

from functools import partial
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import soundfile
import soxr

from sourcewise.compute.parallel import each
from sourcewise.datasets.rendering.espeak import SR as ENGINE_SR
from sourcewise.datasets.rendering.espeak import say
from sourcewise.datasets.rendering.room import SR, Room

SENTENCES = (
    "The harbour lights went out one by one.",
    "Seven geese crossed the road behind the mill.",
    "She kept the letters in a blue tin box.",
    "It rained all night, and the river rose.",
    "Please bring two cups and a little honey.",
    "The old clock strikes ten minutes late.",
    "He counted the stairs in the dark.",
    "Warm bread is best with salted butter.",
    "A fox slept under the apple tree.",
    "We met the last train at the bridge.",
    "The wind turned north before the snow.",
    "Who left the garden gate open again?",
)
TURNS = 3  # a voice says every third sentence, the next voice those after these

#: {gender: {voice of eSpeak: the pitches, 0 to 99, at which it is used}}: medians of 135 to 200 Hz, and 110 to 165 Hz.
TIMBRES = {
    "female": {
        **{"f1": (39, 36, 44), "f2": (27, 21, 29), "f3": (25, 22, 5), "f4": (26, 32, 38), "f5": (11, 21, 12)},
        **{"Alicia": (0, 4, 8), "Andrea": (10, 15, 6), "Annie": (0, 4, 8), "anika": (2, 0), "aunty": (42, 41)},
        **{"belinda": (14, 18), "grandma": (0, 9), "linda": (15, 20), "steph": (40, 41)},
    },
    "male": {
        **{"m1": (77, 82, 90), "m2": (86, 65, 86), "m3": (85, 81, 76), "m4": (83, 99, 96), "m5": (90, 86, 78)},
        **{"m6": (66, 76, 81), "m7": (63, 78, 78), "m8": (99, 83, 88), "adam": (73, 67), "david": (99, 96)},
        **{"john": (78, 73, 82), "Alex": (80, 78, 72), "Gene": (86, 68)},
    },
}
ACCENTS = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-029", "en-gb-x-gbclan", "en", "en-us-nyc", "en-gb-x-gbcwmd")
RATES = (150, 200)  # words per minute
PITCH_RANGES = (35, 60)  # 0 to 99
TRACTS = (0.95, 1.05)  # length of the vocal tract, relative to the synthesiser's


class Voice(NamedTuple):
    """A voice and its sentences: gender and name; voice, rate, pitch and pitch range as in `espeak.say`; the length of
    its vocal tract; the numbers of its sentences, from 0."""

    gender: str
    name: str
    voice: str
    rate: int
    pitch: int
    pitch_range: int
    tract: float
    sentences: range


def voices(timbres=TIMBRES, kind="", texts=SENTENCES, turns=TURNS):
    """Every Voice; accents in turn, rate, pitch range and vocal tract drawn from the name, <gender><kind><number>."""
    made = []
    for gender, of_gender in timbres.items():
        uses = [(timbre, pitch) for timbre, pitches in of_gender.items() for pitch in pitches]
        for k, (timbre, pitch) in enumerate(uses):
            name = f"{gender}{kind}{k + 1:02d}"
            rng = np.random.default_rng(crc32(name.encode()))
            spoken = f"{ACCENTS[k % len(ACCENTS)]}+{timbre}", int(rng.integers(*RATES)), pitch
            drawn = int(rng.integers(*PITCH_RANGES)), float(rng.uniform(*TRACTS))
            made.append(Voice(gender, name, *spoken, *drawn, range(k % turns, len(texts), turns)))
    return made


def make(folder):
    """Write the sentences of every voice to <folder>/<gender>/<voice>/<number>.wav, 16-bit at 16 kHz."""
    write(folder, voices(), partial(recorded, texts=SENTENCES), sr=SR, subtype="PCM_16")


def write(folder, of_all, work, *, sr, subtype):
    """Write the sentences of voices, that `work` gives for each voice, at a rate in Hz and as a subtype of WAV."""
    for voice, sentences in zip(of_all, each(work, of_all, title="synthesise", unit="voice"), strict=True):
        path = Path(folder) / voice.gender / voice.name
        path.mkdir(parents=True)
        for k, y in zip(voice.sentences, sentences, strict=True):
            soundfile.write(path / f"{k + 1:02d}.wav", y, sr, subtype=subtype)


def recorded(voice, texts):
    """The sentences of a Voice, of these texts, in a room of its own: a list of (n_samples,) in [-1, 1] at SR."""
    options = {"voice": voice.voice, "rate": voice.rate, "pitch": voice.pitch, "pitch_range": voice.pitch_range}
    spoken, room = say([texts[k] for k in voice.sentences], **options), Room(voice.name)
    # read faster or slower, a sound has shorter or longer waves, as from another vocal tract
    resampled = (soxr.resample(np.trim_zeros(y), ENGINE_SR / voice.tract, SR) for y in spoken)
    return [room(y, k + 1) for k, y in zip(voice.sentences, resampled, strict=True)]
