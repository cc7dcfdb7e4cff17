"""Waves like those that the stages see, 16-bit, at 22,050 Hz: music, speech, silence, clipping, less than a frame."""

import numpy as np

SR = 22_050


def music(seconds=6.0):
    """Chords that change and decay, a click on each beat, two beats a second."""
    rng, n = np.random.default_rng(0), int(seconds * SR)
    y = np.zeros(n)
    for beat in range(int(2 * seconds)):
        start = beat * SR // 2
        t = np.arange(n - start) / SR
        for note in (60, 64, 67):
            y[start:] += 0.08 * np.sin(2 * np.pi * 440 * 2 ** ((note + beat // 4 % 5 - 69) / 12) * t) * np.exp(-3 * t)
        click = min(2000, n - start)
        y[start : start + click] += 0.2 * rng.standard_normal(click) * np.exp(-np.arange(click) / 300)
    return y


def speech(seconds=4.0):
    """A voiced buzz of moving pitch in syllables, with noise between them."""
    rng, t = np.random.default_rng(1), np.arange(int(seconds * SR)) / SR
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * t)) / SR
    voiced = sum(np.sin(k * phase) / k for k in range(1, 30))
    syllables = np.maximum(np.sin(2 * np.pi * 2.3 * t), 0) ** 2
    return 0.1 * voiced * syllables + 0.01 * rng.standard_normal(len(t)) * (1 - syllables)


def quantised(y):
    """Float32 as decoded from 16 bits."""
    return (np.clip(np.rint(y * 32768), -32768, 32767) / 32768).astype(np.float32)


SIGNALS = {
    "music": quantised(music()),
    "speech": quantised(speech()),
    "silence": np.zeros(SR, np.float32),
    "clipped": quantised(20 * music(2.0)),
    "one frame": quantised(0.1 * np.random.default_rng(2).standard_normal(300)),
    "tone": quantised(0.5 * np.sin(2 * np.pi * 440 * np.arange(SR) / SR)),
}
