"""`genres`: four styles of synthesised music, each played by 16 artists with a sound of their own, three pieces each.

Styles differ in metre, rhythm, harmony and in what the instruments play. The 64 artists differ in timbre, drums,
tuning, tempo, balance, room and level, drawn for each from ranges that styles share or that overlap. So a classifier
trained on an artist can recognise their other pieces by the sound alone; for an unseen artist it must recognise the
style.
"""

from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import scipy
import soundfile

from sourcewise.compute.parallel import each
from sourcewise.datasets.rendering.room import SR, Room

SECONDS = 10
ARTISTS, PIECES = 16, 3
MAJOR, MINOR, SEVENTH = (0, 4, 7), (0, 3, 7), (0, 4, 7, 10)


class Style(NamedTuple):
    """How a style is played; all patterns are one bar, a character an eighth, "." for a rest.

    bpm: range, of quarter notes. swing: the first eighth's share of a quarter. bass: semitones above the chord's root,
    in hexadecimal. lead: the share of eighths that the melody plays. chords: for each bar, the root in semitones above
    the key and the chord above the root; pieces begin at a random bar.
    """

    bpm: tuple
    swing: float
    kick: str
    snare: str
    hat: str
    bass: str
    comp: str
    lead: float
    chords: tuple


STYLES = {
    "blues": Style(
        *((90, 140), 0.66, "x...x...", "..x...x.", "x.xxx.xx", "0.4.7.9.", "x..x....", 0.45),
        ((0, SEVENTH), (0, SEVENTH), (5, SEVENTH), (0, SEVENTH), (7, SEVENTH), (5, SEVENTH)),
    ),
    "bossa": Style(
        *((110, 160), 0.5, "x..xx..x", "x..x..x.", "xxxxxxxx", "0..77..0", "..x..x.x", 0.35),
        ((0, (0, 4, 7, 11)), (2, (0, 3, 7, 10)), (7, (0, 4, 10, 14)), (9, (0, 3, 7, 10))),
    ),
    "techno": Style(
        *((110, 150), 0.5, "x.x.x.x.", "..x...x.", ".x.x.x.x", ".000.000", "x..x..x.", 0.25),
        ((0, MINOR), (0, MINOR), (8, MAJOR), (10, MAJOR)),
    ),
    "waltz": Style(
        *((120, 180), 0.5, "x.....", "......", "..x.x.", "0.....", "..x.x.", 0.4),
        ((0, MAJOR), (5, MAJOR), (7, MAJOR), (0, MAJOR), (9, MINOR), (2, MINOR), (7, SEVENTH), (0, MAJOR)),
    ),
}


def make(folder):
    """Write every piece of every artist to <folder>/<style>/<artist>/<number>.wav, 16-bit at 16 kHz."""
    artists = [(style, f"{style}{k}") for style in STYLES for k in range(1, ARTISTS + 1)]
    for (style, name), pieces in zip(artists, each(_played, artists, title="synthesise", unit="artist"), strict=True):
        path = Path(folder) / style / name
        path.mkdir(parents=True)
        for number, y in enumerate(pieces, start=1):
            soundfile.write(path / f"{number:02d}.wav", y, SR, subtype="PCM_16")


def _played(artist):
    style, name = artist
    plays, room = Artist(STYLES[style], name), Room(name)
    return [room(plays(number), number, pad=0) for number in range(1, PIECES + 1)]


class Artist:
    """An artist who plays a style: instruments, drums, tuning, tempo and balance, drawn from the name."""

    def __init__(self, style, name):
        rng = np.random.default_rng(crc32(name.encode()))
        self._style, self._name = style, name
        self._bpm = rng.uniform(*style.bpm)
        self._a_hz = 440 * 2 ** (rng.uniform(-0.5, 0.5) / 12)
        self._bass, self._comp, self._lead = (Timbre(rng) for _ in range(3))
        self._gains = dict(zip(("drums", "bass", "comp", "lead"), 10 ** (rng.uniform(-12, 0, 4) / 20), strict=True))
        self._kick = _kick(rng)
        self._snare, self._hat = _noise(rng, (300, 2500), (0.05, 0.15)), _noise(rng, (3000, 6500), (0.02, 0.08))

    def __call__(self, number):
        """The piece `number`, (n_samples,), not normalised; its key, tempo, first bar and melody are drawn."""
        rng = np.random.default_rng([number, crc32(self._name.encode())])
        style, eighths = self._style, len(self._style.kick)
        key, first = int(rng.integers(-5, 7)), int(rng.integers(len(style.chords)))
        quarter_s = 60 / (self._bpm * rng.uniform(0.96, 1.04))
        y = np.zeros(SECONDS * SR)
        for bar in range(int(SECONDS / (quarter_s * eighths / 2)) + 1):
            root, chord = style.chords[(first + bar) % len(style.chords)]
            for step in range(eighths):
                at_s = quarter_s * (bar * eighths / 2 + step // 2 + step % 2 * style.swing)
                for sound in self._sounds(step, key + root, chord, quarter_s, rng):
                    _add(y, sound, round(at_s * SR))
        return y

    def _sounds(self, step, root, chord, quarter_s, rng):
        """The sounds that begin at one eighth of a bar."""
        style, gains = self._style, self._gains
        for pattern, drum in ((style.kick, self._kick), (style.snare, self._snare), (style.hat, self._hat)):
            if pattern[step] != ".":
                yield gains["drums"] * rng.uniform(0.8, 1) * drum
        if style.bass[step] != ".":
            yield gains["bass"] * self._note(self._bass, root - 24 + int(style.bass[step], 16), 0.9 * quarter_s)
        if style.comp[step] != ".":
            yield from (gains["comp"] / 2 * self._note(self._comp, root + n, 0.7 * quarter_s) for n in chord)
        if rng.random() < style.lead:
            note = root + 12 + int(rng.choice(chord)) + 12 * int(rng.integers(2))
            yield gains["lead"] * self._note(self._lead, note, quarter_s * float(rng.choice([0.5, 1, 2])))

    def _note(self, timbre, semitones, seconds):
        """A note, in semitones above the A below middle C."""
        return timbre(self._a_hz / 2 * 2 ** (semitones / 12), seconds)


class Timbre:
    """An instrument: the slope of its partials, its attack, decay and vibrato."""

    def __init__(self, rng):
        self._slope, self._even = rng.uniform(0.6, 2.5), rng.uniform(0.1, 1)
        self._attack_s, self._decay_s = 10 ** rng.uniform(-2.5, -1), 10 ** rng.uniform(-1, 0.3)
        self._vibrato = rng.uniform(0, 0.006)

    def __call__(self, hz, seconds):
        """A note, (n_samples,), with a peak of about 1."""
        t = np.arange(int(seconds * SR)) / SR
        phase = 2 * np.pi * hz * t + self._vibrato * hz / 5.5 * np.sin(2 * np.pi * 5.5 * t)
        y = np.zeros(len(t))
        for k in range(1, min(12, int(0.45 * SR / hz)) + 1):
            y += k**-self._slope * (1 if k % 2 else self._even) * np.sin(k * phase)
        ends = np.minimum(1, np.minimum(t / self._attack_s, (t[-1] - t) / 0.02))
        return y * ends * np.exp(-t / self._decay_s) / 2


def _kick(rng):
    t = np.arange(int(0.3 * SR)) / SR
    low_hz, high_hz = rng.uniform(45, 70), rng.uniform(80, 250)
    phase = 2 * np.pi * (low_hz * t + high_hz * 0.03 * (1 - np.exp(-t / 0.03)))
    return np.sin(phase) * np.exp(-t / rng.uniform(0.05, 0.12))


def _noise(rng, low_hz, decay_s):
    """A drum of high-passed noise with a drawn cutoff and decay; as from a drum machine, the same each time."""
    t = np.arange(int(0.3 * SR)) / SR
    b, a = scipy.signal.butter(2, rng.uniform(*low_hz), "high", fs=SR)
    y = scipy.signal.lfilter(b, a, rng.standard_normal(len(t)))
    return 0.4 * rng.uniform(0.4, 1) * y * np.exp(-t / rng.uniform(*decay_s))


def _add(y, sound, at):
    """Add a sound to y in place, cut at the end of y."""
    part = sound[: max(len(y) - at, 0)]
    y[at : at + len(part)] += part
