"""The trainer of all generators, on small networks and sounds whose answer is known."""

import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from ruamel.yaml import YAML

from sourcewise.audio.mel_image import colours, image, indexed
from sourcewise.core import params
from sourcewise.core.errors import NotRun, Stop
from sourcewise.models import entries
from sourcewise.models.adversarial import grids, training
from sourcewise.storage.files import Ragged, write_json
from tests.conftest import REPOSITORY
from tests.models.classifiers.known import merged

SMALL = {
    "dcgan": {"layers": {"filters": [8, 8, 8, 8]}},
    "cgan_cnn": {"sr": 2000, "samples": 512, "layers": {"filters": [8, 8], "judge": [8]}},
    "cgan_fcn": {"sr": 2000, "samples": 500, "layers": {"hidden": [16, 32]}},
    "cgan_fcn_4s": {"sr": 1000, "samples": 4000, "layers": {"hidden": [16, 32]}},
    "cgan_mel": {"sr": 2000, "samples": 1024, "layers": {"filters": [8, 8, 8], "judge": [8, 8]}},
}
#: What a sample of one that makes no waves is.
SHAPES = {"dcgan": (64, 64, 3), "cgan_mel": (64, 64, 1)}


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    """Checkpoints and the rate of data/features/wave belong to one test."""
    monkeypatch.chdir(tmp_path)
    write_json("data/features/wave/config.json", {"params": {"sr": 2000}})
    from sourcewise.models.adversarial.inputs import read_rate

    read_rate.cache_clear()
    yield
    read_rate.cache_clear()


def of_the_page():
    """The entry that docs/generators.md adds."""
    page = (REPOSITORY / "docs/generators.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\ngenerators:\n  (cgan_mel:\n.*?)```", page, re.DOTALL)
    return YAML(typ="safe", pure=True).load(text)


def entry(name, *changes, **training):
    """(module, settings) of a generator of params.yaml, made small, with other values."""
    content = params.read_yaml(REPOSITORY / "params.yaml")
    listed = content["generators"] | of_the_page()
    quick = {"latent": 8, "training": {"epochs": 3, "steps": 2, "batch": 4} | training}
    own = merged(listed[name], SMALL[name], quick, *changes)
    return entries.generator(name, content | {"generators": listed | {name: own}})


def clips(p, n=10):
    """Tones of 100 or 400 Hz, or images whose upper or lower half is bright; and their labels."""
    rng, y = np.random.default_rng(0), np.eye(2, dtype=bool)[np.arange(n) % 2]
    if p.features == "png":
        images = rng.integers(0, 50, (n, 64, 64, 3), dtype=np.uint8)
        for image, k in zip(images, y[:, 1], strict=True):
            image[32 * k : 32 * k + 32] += 150
        return Ragged.of(list(images)), y[:, :0]
    t = np.arange(1500) / 2000
    waves = [8000 * np.sin(2 * np.pi * (400 if k else 100) * t + rng.uniform(0, 0.5)) for k in y[:, 1]]
    return Ragged.of([wave.astype(np.int16) for wave in waves]), y


def trained(name, folder=None, **changed):
    module, p = entry(name, **changed)
    model, losses, shots = training.fit(module, *clips(p), ["a", "b"], p)
    if folder is not None:
        folder.mkdir()
        model.save(folder)
    return model, losses, shots, p


@pytest.mark.parametrize("name", SMALL)
def test_a_generator_is_trained_stored_and_read_back(name, tmp_path):
    model, losses, shots, p = trained(name, tmp_path / "model")
    assert shots.shape == (3, 50, 64, 64, 3) and shots.dtype == np.uint8
    assert losses.columns.tolist() == ["epoch", "discriminator", "generator", "distance"] and len(losses) == 3
    assert (losses["discriminator"] > 0).all()
    labels = np.eye(2, dtype=np.float32)[[0, 1, 1]][:, : 0 if p.features == "png" else 2]
    again = training.load(type(p), tmp_path / "model")
    made = [network.make(labels, np.random.default_rng(5)) for network in (model, again)]
    assert np.array_equal(*made)
    assert made[0].shape == (3, *SHAPES.get(name, (p.features == "wave" and p.samples,)))
    assert not list((tmp_path / ".checkpoints").iterdir())


def test_labels_and_noise_both_change_a_sample():
    model, *_ = trained("cgan_fcn")
    same, other = np.float32([[1, 0]] * 2), np.float32([[0, 1]] * 2)
    first, second = model.make(same, np.random.default_rng(0))
    assert np.abs(first - second).max() > 1e-4
    assert np.abs(first - model.make(other, np.random.default_rng(0))[0]).max() > 1e-4


KILLED = """
import os, sys
from tests.models.generators import test_adversarial as t
from sourcewise.models.keras.networks import Checkpoint
write = Checkpoint.write
def stop(self, rows, shots):
    write(self, rows, shots)
    if len(rows) == 2:
        os._exit(9)
Checkpoint.write = stop
t.trained(sys.argv[1])
"""


@pytest.mark.parametrize("name", ["dcgan", "cgan_cnn"])
def test_a_training_that_is_killed_in_another_process_goes_on_to_the_same_bytes(name, tmp_path, capsys):
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    assert subprocess.run([sys.executable, "-c", KILLED, name], env=env, capture_output=True).returncode == 9
    _, _, resumed, _ = trained(name, tmp_path / "resumed")
    assert "resumes after epoch 2" in capsys.readouterr().out
    _, _, whole, _ = trained(name, tmp_path / "whole")
    assert "resumes" not in capsys.readouterr().out
    for file in ("network.json", "network.weights.h5", "params.json", "made.json"):
        assert (tmp_path / "resumed" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes(), file
    assert np.array_equal(resumed, whole)


def test_a_conditional_generator_learns_which_label_is_which():
    """Pure tones of 100 and 400 Hz: one label has several times the other's share of energy below 250 Hz."""
    wider = {"layers": {"hidden": [32, 64]}}
    module, p = entry("cgan_fcn", wider, epochs=3, steps=100, batch=8)
    examples, y = clips(p, 40)
    model, _, _ = training.fit(module, examples, y, ["low", "high"], p)
    wanted = training.cycled(y, 40)
    power = np.abs(np.fft.rfft(model.make(wanted, np.random.default_rng(0)))) ** 2
    below = power[:, np.fft.rfftfreq(p.samples, 1 / p.sr) < 250].sum(axis=1) / power.sum(axis=1)
    assert below[wanted[:, 0] > 0].min() > 0.6  # measured: 0.75
    assert below[wanted[:, 1] > 0].max() < 0.3  # measured: 0.09


def test_the_epoch_that_is_nearest_to_validation_is_kept():
    import tensorflow

    module, p = entry("cgan_fcn", epochs=4)
    apart, made, unordered = iter([9.0, 3.0, 1.0, 2.0, 1.5]), [], []  # the first before training

    def distance(generator):
        unordered.append(bool(tensorflow.config.optimizer.get_experimental_options().get("disable_meta_optimizer")))
        made.append(generator.make(np.eye(2, dtype=np.float32), np.random.default_rng(0)))
        return next(apart)

    model, losses, _ = training.fit(module, *clips(p), ["a", "b"], p, distance)
    assert losses["distance"].tolist() == [3.0, 1.0, 2.0, 1.5]
    assert unordered == [False, True, True, True, True]  # the optimizer of graphs is off in training, and on again
    assert not tensorflow.config.optimizer.get_experimental_options().get("disable_meta_optimizer")
    kept = model.make(np.eye(2, dtype=np.float32), np.random.default_rng(0))
    assert np.array_equal(kept, made[2]) and not np.array_equal(kept, made[4])


def test_a_spectrogram_of_a_tone_shows_and_sounds_like_it():
    _, p = entry("cgan_mel")
    t = np.arange(1024) / 2000
    quiet, loud = (np.int16(peak * np.sin(2 * np.pi * 400 * t)) for peak in (1000, 10_000))
    examples = [p.example(y, np.random.default_rng(0)) for y in (quiet, loud)]
    assert examples[0].shape == (64, 64, 1) and examples[0].dtype == np.float32
    band = examples[1][32, :, 0].argmax()
    assert band == examples[0][32, :, 0].argmax() == pytest.approx(64 * 26.7 / 66.7, abs=1)  # Slaney's mel of 400 Hz
    assert (examples[1] - examples[0])[32, band, 0] == pytest.approx(20 / 90, abs=0.01)  # 20 dB of 90
    y = p.wave(examples[1])
    assert y.shape == (1024,)
    assert np.fft.rfftfreq(1024, 1 / 2000)[np.abs(np.fft.rfft(y)).argmax()] == pytest.approx(400, abs=32)
    assert p.frames(examples[1]).shape == (64, 32)
    assert p.frames(examples[1]).max() == pytest.approx(p.frames(examples[0]).max() + 20, abs=1)


def test_an_image_sounds_like_what_it_was_made_of(tmp_path):
    from sourcewise.models.adversarial.sound import decibels

    map_of, mel_db = colours("magma"), np.linspace(-70, 10, 64 * 64, dtype=np.float32).reshape(64, 64)
    pixels = map_of[indexed(image(mel_db, width=64), low_db=-70, high_db=10)]
    back = decibels(pixels, map_of, [-70, 10])
    assert back.shape == (64, 64)
    assert np.abs(back - mel_db)[mel_db > -69].max() < 2  # dB: neighbouring colours differ little
    assert back[0, 0] == -100


def test_labels_are_given_out_in_turn():
    y = np.bool_([[0, 1], [1, 0], [1, 1], [1, 0]])
    assert training.cycled(y, 4).tolist() == [[0, 1], [1, 0], [1, 1], [0, 1]]
    assert training.cycled(y[:, :0], 3).shape == (3, 0)


def test_a_graph_takes_the_same_step_as_operation_by_operation():
    from sourcewise.models.adversarial.step import compiled
    from sourcewise.models.keras.tensorflow import import_keras

    module, p = entry("cgan_fcn")
    keras, rng, losses = import_keras(), np.random.default_rng(0), []
    batch = [np.float32(rng.normal(size=shape)) for shape in ((4, 500), (4, 2), (4, 8))]
    batch.append(rng.random((3, 4, 3), dtype=np.float32))
    for eagerly in (False, True):
        keras.backend.clear_session()
        keras.utils.set_random_seed(0)
        networks = module.generator(10, p), module.discriminator((500,), 2, p)
        step = compiled(networks, p.training, p.seen(), eagerly=eagerly).step
        losses.append([float(value) for k in range(2) for value in step(*batch, penalised=k == 0)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_a_loss_that_is_no_number_and_too_few_clips_are_reported():
    module, p = entry("cgan_fcn")
    examples, y = clips(p)
    with pytest.raises(NotRun, match="1 train clip, too few"):
        training.fit(module, examples.take([0]), y[:1], [], p)
    with pytest.raises(Stop, match="lower learning_rate"):
        trained("cgan_fcn", learning_rate=4e9)


@pytest.mark.parametrize(
    ("name", "changed", "sentence"),
    [
        ("cgan_cnn", {"samples": 500}, "samples is 500, must be a multiple of 16, 4 a layer of filters"),
        ("cgan_fcn_4s", {"samples": 0}, "generators.cgan_fcn_4s.samples is 0: must be greater than 0"),
        ("dcgan", {"layers": {"filters": [8]}}, "at least 4 items"),
        ("cgan_fcn", {"classes": []}, "at least 1 item"),
        ("cgan_mel", {"samples": 1000}, "samples is 1000, must be a multiple of 64, at least 1024"),
        ("dcgan", {"features": "wave"}, r"features is 'wave' \(wave\), but dcgan takes image"),
    ],
)
def test_wrong_parameters_get_a_sentence(name, changed, sentence):
    with pytest.raises(Stop, match=sentence):
        entry(name, changed)


def test_grids_stand_row_by_row_and_move(tmp_path):
    images = np.stack([np.full((4, 6, 3), 10 * k, np.uint8) for k in range(5)])
    whole = grids.grid(images, columns=3)
    assert whole.shape == (10, 22, 3)
    assert whole[0, 8].tolist() == [10] * 3 and whole[6, 0].tolist() == [30] * 3
    assert whole[4, 0].tolist() == whole[6, 16].tolist() == [255] * 3
    for name in ("a.png", "b.png"):
        grids.animate([whole, 255 - whole], tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    ok, animation = cv2.imreadanimation(str(tmp_path / "a.png"))
    assert ok and len(animation.frames) == 2
    assert np.array_equal(animation.frames[1][:, :, :3], 255 - whole)
