import librosa
import numpy as np
import pytest

from sourcewise.audio import beats, spectral
from tests.audio.signals import SR, music

FRAMES = {"n_fft": 1024, "hop_length": SR // 100}


def _signals():
    rng = np.random.default_rng(0)
    yield music(4)
    yield rng.normal(0, 0.1, 3 * SR)
    yield np.sin(2 * np.pi * 440 * np.arange(SR) / SR)
    for bpm in (60, 90, 141, 200):
        y = rng.normal(0, 0.001, 5 * SR)
        for start in range(0, len(y) - 200, 60 * SR // bpm):
            y[start : start + 200] += rng.normal(0, 0.3, 200)
        yield y
    for _ in range(10):  # clicks anywhere
        y = rng.normal(0, 0.001, int(rng.uniform(0.3, 6) * SR))
        for start in rng.integers(0, len(y) - 200, 12):
            y[start : start + 200] += rng.normal(0, rng.uniform(0.05, 0.3), 200)
        yield y


@pytest.mark.parametrize("y", list(_signals()))
def test_onsets_tempo_and_beats_are_librosas(y):
    options = {"sr": SR, "hop_length": FRAMES["hop_length"]}
    mel_db = spectral.limited(spectral.log_mel(y.astype(np.float32), sr=SR, n_mels=128, **FRAMES), 80)
    expected = librosa.onset.onset_strength(S=mel_db.T, sr=SR, **FRAMES)
    onsets = beats.onsets(mel_db, **FRAMES)
    assert onsets.tolist() == expected.tolist()
    bpm, expected_beats = librosa.beat.beat_track(onset_envelope=expected, **options)
    assert beats.tempo(onsets, **options) == pytest.approx(bpm.item(), rel=1e-9)
    assert beats.beats(onsets, bpm.item(), **options).tolist() == expected_beats.tolist()
