"""Samples as sound: all of a generator of sounds as clips, the first ones as WAV files; and mel spectrogram images
through a vocoder."""

import re

import cv2
import numpy as np
import pandas as pd
import soundfile

from sourcewise.audio.samples import to_int16
from sourcewise.audio.vocoder import vocoded
from sourcewise.core.paths import FEATURES
from sourcewise.datasets import manifest
from sourcewise.datasets.task import SEPARATOR
from sourcewise.features.png import COLOURS
from sourcewise.models.adversarial.inputs import at_rate
from sourcewise.storage.files import fresh, read_array, read_json, writer

WAV_FILES = 3  # samples of each class as WAV files
SILENCE_DB = -100  # of the first colour, which is of that level and of all below


def write_clips(name, made, wanted, classes, p, sr, folder):
    """All samples at audio.sr in the format of data/clips, with a table; the first ones of each class as WAV files."""
    rows, waves_of, start = [], {}, 0
    with writer(folder / "clips", np.int16) as append:
        for k, (example, label) in enumerate(zip(made, wanted, strict=True)):
            y = to_int16(at_rate(np.clip(p.wave(example), -1, 1), p.sr, sr))
            append(y)
            labels = SEPARATOR.join(name for name, present in zip(classes, label, strict=True) if present)
            rows.append((f"{name}-{k:05d}", labels, start, len(y), round(len(y) / sr, 6), sr, name))
            start += len(y)
            waves_of.setdefault(labels, []).append(y)
    columns = ["clip_id", "labels", "start", "n_samples", "duration_s", "sr", "origin"]
    manifest.write(pd.DataFrame(rows, columns=columns), folder / "clips.csv")
    for number, (labels, waves) in enumerate(sorted(waves_of.items())):
        readable = re.sub("[^A-Za-z0-9]+", "_", labels)[:40]
        for k, y in enumerate(waves[:WAV_FILES], start=1):
            soundfile.write(fresh(folder / "wav" / f"{number:02d}_{readable}_{k}.wav"), y, sr, subtype="PCM_16")


def write_images(made, p, seconds, folder):
    """The first images, each as a WAV file of so many seconds; none where they are not of sound."""
    features = FEATURES / p.features
    if not (features / COLOURS).is_file():
        return
    colours, config = read_array(features / COLOURS), read_json(features / "config.json")
    sr, of = config["audio"]["sr"], config["params"]
    framing = {"n_fft": of["n_fft"], "hop_length": of["hop_length"], "length": round(seconds * sr)}
    for k, example in enumerate(made[:WAV_FILES], start=1):
        mel_db = decibels(p.shown(example), colours, of["range_db"])
        shape = of["height"], 1 + framing["length"] // framing["hop_length"]
        y = vocoded(cv2.resize(mel_db, shape, interpolation=cv2.INTER_LINEAR), sr=sr, **framing)
        soundfile.write(fresh(folder / "wav" / f"{k}.wav"), to_int16(y.clip(-1, 1)), sr, subtype="PCM_16")


def decibels(pixels, colours, range_db):
    """A mel spectrogram image, uint8 (height, width, 3), by the nearest of its 256 colours as log-mel frames in dB re
    full scale, float32 (width, height)."""
    apart = np.abs(pixels.reshape(-1, 1, 3).astype(np.int16) - colours.astype(np.int16)).sum(axis=2)
    numbers = apart.argmin(axis=1).reshape(pixels.shape[:2])
    low, high = range_db
    mel_db = np.where(numbers > 0, low + (high - low) * numbers / 255, SILENCE_DB).astype(np.float32)
    return cv2.rotate(mel_db, cv2.ROTATE_90_CLOCKWISE)
