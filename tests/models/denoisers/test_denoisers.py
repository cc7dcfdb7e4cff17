"""Denoisers on sounds whose answer is known: tones, of other pitches in each part, in white noise."""

import warnings

import numpy as np
import pytest

from sourcewise.audio.samples import to_float
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.evaluation.denoising import si_sdr
from sourcewise.models import entries
from sourcewise.models.denoising import network
from sourcewise.models.denoising.sounds import Sounds, noisy
from sourcewise.storage.files import Ragged
from tests.conftest import REPOSITORY, kill_in_call, tone
from tests.models.classifiers.known import merged

SR = 8000
SMALL = {
    **{"n_fft": 256, "hop_length": 128, "frames": 16, "layers": {"filters": [8, 4]}},
    "training": {"epochs": 4, "batch": 4},
}
NAMES = tuple(params.read_yaml(REPOSITORY / "params.yaml")["denoisers"])
NETWORKS = ["autoencoder", "autoencoder_deep", "mask"]


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    """Checkpoints belong to one test."""
    monkeypatch.chdir(tmp_path)


def section(name, **changed):
    """(module, settings) of a denoiser of params.yaml, made small."""
    content = params.read_yaml(REPOSITORY / "params.yaml")
    entry = merged(content["denoisers"][name], SMALL if name in NETWORKS else {}, changed)
    return entries.denoiser(name, content | {"denoisers": {name: entry}})


def tones(first, n, noises=None):
    """n clips of half a second to a second, a pair of tones each, gated on and off."""
    clips = []
    for k in range(n):
        rng = np.random.default_rng([first, k])
        y = sum(tone(hz, seconds=rng.uniform(0.5, 1), sr=SR, peak=0.3)[:4000] for hz in rng.uniform(200, 3000, 2))
        gate = np.sin(2 * np.pi * 4 * np.arange(len(y)) / SR) > -0.5
        clips.append(np.round(y * gate * 32767).astype(np.int16))
    return Sounds(clips, [f"{first}-{k}" for k in range(n)], noises)


def gain(model, sounds, snr_db):
    """The mean gain in SI-SDR, dB."""
    gains = []
    for k, clip in enumerate(sounds.waves):
        y = to_float(clip)
        x = noisy(y, sounds.noise("white", len(y), rng=np.random.default_rng([7, k])), snr_db=snr_db)
        gains.append(si_sdr(y.astype(float), model.clean(x, SR).astype(float)) - si_sdr(y, x))
    return np.mean(gains)


def stored(model, folder):
    """What it wrote, {file: bytes}."""
    folder.mkdir()
    model.save(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_cleans_as_what_was_fitted_and_any_length(name, tmp_path):
    module, p = section(name, **({"training": {"epochs": 1}} if name in NETWORKS else {}))
    model = module.fit(tones(1, 5), tones(2, 3), p)
    assert "params.json" in stored(model, tmp_path / "model")
    again = module.load(tmp_path / "model")
    for n in (1, 100, 4000, 20_000):
        y = np.random.default_rng(0).normal(0, 0.1, n).astype(np.float32)
        result = model.clean(y, SR)
        assert result.dtype == np.float32 and result.shape == (n,) and np.isfinite(result).all()
        assert np.array_equal(result, again.clean(y, SR))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not model.clean(np.zeros(3000, np.float32), SR).any()


def test_none_changes_nothing():
    module, p = section("none")
    y = np.random.default_rng(0).normal(0, 0.1, 999).astype(np.float32)
    assert np.array_equal(module.fit(None, None, p).clean(y, SR), y)


def test_spectral_gating_takes_noise_from_a_tone_that_comes_and_goes():
    module, p = section("spectral_gating")
    y = tone(1000, seconds=2, sr=SR) * (np.arange(2 * SR) % SR < SR / 8)  # what is there most of the time is noise
    sounds = Sounds([np.round(y * 32767).astype(np.int16)], ["burst"], None)
    assert gain(module.fit(None, None, p), sounds, 0) > 3


@pytest.mark.parametrize("name", ["autoencoder", "mask"])
def test_a_network_takes_noise_from_tones_it_has_not_heard(name):
    module, p = section(name, training={"epochs": 25, "learning_rate": 0.01})
    model = module.fit(tones(1, 40), tones(2, 8), p)
    assert gain(model, tones(3, 8), 0) > 4
    assert model.history["validation_loss"].iloc[-1] < 0.5 * model.history["validation_loss"].iloc[0]


def test_loudness_does_not_matter():
    module, p = section("mask")
    model = module.fit(tones(1, 8), tones(2, 4), p)
    y = to_float(tones(3, 1).waves[0])
    loud, soft = model.clean(y, SR), model.clean(y / 64, SR)
    assert np.abs(loud).max() > 0.05
    assert soft * 64 == pytest.approx(loud, abs=1e-5)


def as_it_is(p):
    """A network that leaves all magnitudes as they are."""
    import keras
    from keras import layers

    inputs = keras.Input((p.frames, p.n_fft // 2))
    return keras.Model(inputs, layers.Activation("linear")(inputs))


@pytest.mark.parametrize("n", [300, 2049, 9000])
def test_a_network_that_leaves_all_magnitudes_gives_the_wave_back(n):
    import keras

    _, p = section("mask")
    y = np.random.default_rng(0).normal(0, 0.1, n).astype(np.float32)
    result = network.Model(network.compiled(keras, as_it_is, 1, p), p).clean(y, SR)
    assert result == pytest.approx(y, abs=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(name, monkeypatch, tmp_path):
    module, p = section(name)
    train, validation = tones(1, 9), tones(2, 5)
    whole = stored(module.fit(train, validation, p), tmp_path / "whole")
    done = kill_in_call(monkeypatch, network, "one_epoch", 3)
    with pytest.raises(KeyboardInterrupt):
        module.fit(train, validation, p)
    assert stored(module.fit(train, validation, p), tmp_path / "resumed") == whole
    assert len(done) == 3 + 2  # of four epochs


def test_training_stops_on_validation_and_keeps_the_best():
    module, p = section("mask", training={"epochs": 30, "patience": 2, "learning_rate": 0.5})
    losses = module.fit(tones(1, 6), tones(2, 4), p).history["validation_loss"]
    assert len(losses) == losses.argmin() + 3 < 30


def test_noise_is_drawn_anew_in_each_epoch_and_is_the_same_from_the_same_seed():
    _, p = section("mask")
    sounds = tones(1, 3)
    windows = {when: network._window(sounds, 0, 0.01, p, when)[0] for when in (0, 1, "validation")}
    assert len({window.tobytes() for window in windows.values()}) == 3
    assert np.array_equal(network._window(sounds, 0, 0.01, p, 1)[0], windows[1])
    fewer = sounds._replace(waves=sounds.waves[:1], ids=sounds.ids[:1])
    assert np.array_equal(network._window(fewer, 0, 0.01, p, 1)[0], windows[1])  # no other clip has a say


def test_recorded_noise_is_used_where_there_is_any():
    recording = np.arange(1, 101, dtype=np.int16)
    sounds = tones(1, 1, noises=Ragged.of([recording]))
    assert sounds.kinds == ("white", "recorded") and tones(1, 1).kinds == ("white",)
    result = sounds.noise("recorded", 250, rng=np.random.default_rng(0))
    assert np.array_equal(result * 32768, np.resize(recording, 250))
    silent = tones(1, 1, noises=Ragged.of([np.zeros(100, np.int16)]))
    assert silent.noise("recorded", 250, rng=np.random.default_rng(0)).std() == pytest.approx(1, abs=0.2)


def test_the_signal_to_noise_ratio_is_what_was_asked_for():
    y, noise = tone(440, peak=0.5).astype(np.float32), np.random.default_rng(0).normal(0, 3, 8000).astype(np.float32)
    for snr_db in (-5, 10):
        added = noisy(y, noise, snr_db=snr_db) - y
        assert 10 * np.log10(np.mean(y**2) / np.mean(added**2)) == pytest.approx(snr_db, abs=1e-3)
    added = noisy(y[:100], noise[:100], snr_db=10, power=0.125) - y[:100]  # of the whole tone: 0.5 ** 2 / 2
    assert np.mean(added**2) == pytest.approx(0.0125, rel=1e-4)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"frames": 30}, "frames is 30, must be a multiple of 4, to be pooled"),
        ({"n_fft": 1000}, "n_fft is 1000, must be a power of two"),
        ({"hop_length": 200}, r"hop_length is 200, must not be above n_fft / 2 \(128\)"),
    ],
)
def test_what_does_not_fit_is_refused(changed, sentence):
    with pytest.raises(Stop, match=sentence):
        section("mask", **changed)
