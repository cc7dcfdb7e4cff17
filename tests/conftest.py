"""What tests share: waves whose answer is known, and real recordings where they lie beside the repository."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

REPOSITORY = Path(__file__).resolve().parent.parent
FSDD = REPOSITORY.parent / "shared" / "data" / "fsdd"


@pytest.fixture
def fsdd():
    """The folder of the Free Spoken Digit Dataset."""
    if not FSDD.is_dir():
        pytest.skip(f"real recordings are absent: no folder {FSDD}")
    return FSDD


@pytest.fixture
def in_tmp(tmp_path, monkeypatch):
    """An empty repository to work in: stages read and write relative to the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "cards").mkdir(parents=True)
    return tmp_path


def tone(hz, *, seconds=0.5, sr=16_000, peak=0.5):
    """A sine as (n_samples,) float64."""
    return peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * sr)) / sr)


def write_wav(path, y, sr=16_000, subtype="PCM_16"):
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, y, sr, subtype=subtype)
