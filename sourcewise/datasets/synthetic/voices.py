"""`voices`: 24 synthetic voices, half of them female, each saying the same twelve sentences in a room of its own.

Small and quick, but as difficult as real data: pitches of the two groups overlap, and every voice has its accent, its
rate, its room's colour and echo and its noise, which identify the voice and not the gender. So a classifier trained on
a voice can recognise it; for an unseen voice it must recognise the gender.
"""

from pathlib import Path

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

#: name: (gender, eSpeak voice, words per minute, pitch 0 to 99, pitch range 0 to 99)
VOICES = {
    "ada": ("female", "en-us+f1", 165, 30, 50),
    "bea": ("female", "en-gb-x-rp+f2", 180, 24, 55),
    "cleo": ("female", "en-us+f3", 150, 22, 45),
    "dora": ("female", "en-gb-scotland+f4", 190, 38, 50),
    "edith": ("female", "en-029+f5", 170, 20, 40),
    "fay": ("female", "en-us+Annie", 160, 12, 50),
    "greta": ("female", "en-gb-x-gbclan+f2", 200, 35, 35),
    "hope": ("female", "en+linda", 175, 18, 60),
    "iris": ("female", "en-us-nyc+f4", 155, 30, 50),
    "june": ("female", "en+steph", 185, 42, 45),
    "kate": ("female", "en-gb-x-gbcwmd+f1", 195, 40, 50),
    "lena": ("female", "en-029+belinda", 160, 16, 40),
    "abel": ("male", "en-us+m1", 165, 88, 50),
    "boris": ("male", "en-gb-x-rp+m2", 180, 80, 45),
    "carl": ("male", "en-us+m3", 150, 70, 50),
    "dan": ("male", "en-gb-scotland+m4", 190, 84, 55),
    "emil": ("male", "en-029+m5", 170, 90, 50),
    "finn": ("male", "en-us+m6", 160, 76, 40),
    "gus": ("male", "en-gb-x-gbclan+m7", 200, 82, 35),
    "hugh": ("male", "en+m8", 175, 92, 60),
    "ivan": ("male", "en-us-nyc+adam", 155, 78, 50),
    "jack": ("male", "en+david", 185, 94, 45),
    "kurt": ("male", "en-gb-x-gbcwmd+john", 195, 86, 50),
    "luke": ("male", "en-029+robert", 160, 72, 40),
}


def make(folder):
    """Write every sentence of every voice to <folder>/<gender>/<voice>/<number>.wav, 16-bit at 16 kHz."""
    spoken = each(_speak, list(VOICES.values()), title="synthesise", unit="voice")
    for (name, (gender, *_)), sentences in zip(VOICES.items(), spoken, strict=True):
        room = Room(name)
        path = Path(folder) / gender / name
        path.mkdir(parents=True)
        for number, y in enumerate(sentences, start=1):
            y = soxr.resample(np.trim_zeros(y), ENGINE_SR, SR)
            soundfile.write(path / f"{number:02d}.wav", room(y, number), SR, subtype="PCM_16")


def _speak(of_voice):
    _, voice, rate, pitch, pitch_range = of_voice
    return say(SENTENCES, voice=voice, rate=rate, pitch=pitch, pitch_range=pitch_range)
