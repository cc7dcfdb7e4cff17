"""denoise: fitted on train, scored on test, and put before extraction."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
import soundfile

from sourcewise.audio import mel_image
from sourcewise.core.errors import Stop
from sourcewise.core.paths import FEATURES
from sourcewise.datasets import clips, manifest
from sourcewise.datasets.folds import Split
from sourcewise.extraction import extract as extraction
from sourcewise.inference import predict
from sourcewise.models.denoising import scoring
from sourcewise.models.denoising.applied import applied
from sourcewise.storage.files import Ragged, read_json
from stages import augment, check, denoise, extract, train
from tests.conftest import REPOSITORY, change_params, write_wav

QUICK = {"n_fft": 256, "hop_length": 128, "frames": 16, "layers.filters": [4, 4], "training.epochs": 2}
DENOISERS = {f"denoisers__mask__{key.replace('.', '__')}": value for key, value in QUICK.items()}
SCORE = {"denoise__score__clips": 1, "denoise__score__snr_db": [0, 10], "denoise__score__listen": 1}


@pytest.fixture
def corpus(small):
    """The small corpus, and quick denoisers."""
    return small(**DENOISERS, **SCORE, augment__recipes={})


def written(folder, *paths):
    """{file: bytes} of some folders and files."""
    files = [path for name in paths for path in sorted((folder / name).rglob("*")) if path.is_file()]
    return {str(path): path.read_bytes() for path in files}


@pytest.fixture
def cases(monkeypatch):
    """All scored test clips: a list of (case, noisy wave)."""
    scored, mixed = [], scoring._mixed

    def recorded(test, seed, case):
        clean, noisy = mixed(test, seed, case)
        scored.append((case, noisy))
        return clean, noisy

    monkeypatch.setattr(scoring, "_mixed", recorded)
    return scored


def test_none_gains_nothing_on_as_many_clips_as_were_asked_for(corpus):
    denoise.main("none")
    result = read_json("metrics/each/denoisers/none.json")
    split = Split.read()
    n_sources = split.clips["source"].iloc[split.rows(0, "test")].nunique()
    assert (result["clips"], result["sources"]) == (n_sources, n_sources)
    assert list(result["kinds"]) == ["white"] and list(result["kinds"]["white"]) == ["0", "10", "all"]
    for ratio in ("0", "10"):
        gain = result["kinds"]["white"][ratio]["si_sdr_gain"]
        assert (gain["value"], gain["low"], gain["high"]) == (0, 0, 0)


def test_only_test_clips_are_scored_at_the_ratios_and_in_the_same_noise_for_all(corpus, cases):
    denoise.main("none")
    first = sorted(cases, key=lambda pair: str(pair[0][1:]))
    cases.clear()
    denoise.main("spectral_gating")
    again = sorted(cases, key=lambda pair: str(pair[0][1:]))
    split = Split.read().of_fold(0).set_index("clip_id")["split"]
    assert {split[case.clip_id] for case, _ in first} == {"test"}
    for (case, mixed), (_, other) in zip(first, again, strict=True):
        assert np.array_equal(mixed, other)
        y = case.wave / 32768
        assert 10 * np.log10(np.mean(y**2) / np.mean((mixed - y) ** 2)) == pytest.approx(case.snr_db, abs=1e-3)
    assert len({mixed.tobytes() for _, mixed in first}) >= 2 * len({case.clip_id for case, _ in first})


def test_recordings_of_noise_are_kept_apart(corpus, cases, monkeypatch):
    for k in range(7):
        write_wav(corpus / f"data/noise/{k}.wav", np.tile([1, -1], 4500) * (k + 1) / 20, 8000)  # each of its own level
    levels = {}

    def fit(fitted, validation, p):
        levels["train"] = {abs(int(noise[0])) for noise in fitted.noises}
        levels["validation"] = {abs(int(noise[0])) for noise in validation.noises}
        return module_fit(fitted, validation, p)

    from sourcewise.models.denoisers import none

    module_fit = none.fit
    monkeypatch.setattr(none, "fit", fit)
    sounds = []
    parts = scoring._parts
    monkeypatch.setattr(scoring, "_parts", lambda *arguments: sounds.append(parts(*arguments)) or sounds[0])
    denoise.main("none")
    assert {case.kind for case, _ in cases} == {"white", "recorded"}
    assert set(read_json("metrics/each/denoisers/none.json")["kinds"]) == {"white", "recorded"}
    assert len(levels["train"]) == 5 and levels["validation"] == levels["train"]
    test = {abs(int(noise[0])) for noise in sounds[0][0]["test"].noises}
    assert len(test) == 2 and not test & levels["train"]


def test_two_runs_write_the_same_bytes_whatever_the_number_of_threads(corpus):
    folders = ("models/denoisers", "metrics/each/denoisers", "data/samples/denoisers")
    denoise.main("mask")
    first = written(corpus, *folders)
    names = {path.rsplit("/", 1)[1] for path in first}
    assert {"network.json", "network.weights.h5", "params.json", "history.csv", "mask.json"} <= names
    change_params(corpus, {"compute.workers": 1})
    denoise.main("mask")
    assert written(corpus, *folders) == first
    assert len(read_json("metrics/each/denoisers/mask.json")["history"]["validation_loss"]) == 2


def test_what_is_fitted_does_not_depend_on_test_clips(corpus):
    denoise.main("mask")
    first = written(corpus, "models/denoisers")
    clips, parts = Split.read()
    stays = (parts[:, 0] != "test") | (np.arange(len(parts)) % 2 == 0)
    Split(clips[stays], parts[stays]).write()
    denoise.main("mask")
    assert written(corpus, "models/denoisers") == first


def test_before_and_after_are_written_as_sound_and_image(corpus):
    denoise.main("none")
    files = {path.suffix: path for path in (corpus / "data/samples/denoisers/none").iterdir()}
    waves = {
        name: soundfile.read(path)[0]
        for name in ("clean", "noisy", "denoised")
        for path in (corpus / "data/samples/denoisers/none").glob(f"*-{name}.wav")
    }
    added = waves["noisy"] - waves["clean"]
    assert 10 * np.log10(np.mean(waves["clean"] ** 2) / np.mean(added**2)) == pytest.approx(5, abs=0.01)
    assert np.array_equal(waves["noisy"], waves["denoised"])
    drawing = cv2.imdecode(np.frombuffer(files[".png"].read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert drawing.shape == (3 * mel_image.HEIGHT + 2 * 8, mel_image.WIDTH, 3)
    clean, *others = (drawing[top : top + mel_image.HEIGHT] for top in range(0, len(drawing), mel_image.HEIGHT + 8))
    assert np.array_equal(*others) and clean.mean() < 0.8 * others[0].mean()


def test_a_silent_clip_is_left_out(corpus):
    split = Split.read()
    values = np.load(corpus / "data/clips/values.npy", mmap_mode="r+")
    row = split.clips.iloc[split.rows(0, "test")[0]]
    values[row["start"] : row["start"] + row["n_samples"]] = 0
    values.flush()
    denoise.main("none")
    assert row["clip_id"] not in scoring._parts(corpus / "noise", 8000)[0]["test"].ids


def test_none_before_extraction_imports_no_tensorflow(corpus):
    denoise.main("none")
    augment.main()
    code = "import sys, stages.extract as e; e.main('mfcc'); print({'keras', 'tensorflow'} & set(sys.modules))"
    printed = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=corpus,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": ""},
    ).stdout
    assert printed.strip() == "set()"


def test_features_are_those_of_clips_without_their_noise(corpus):
    change_params(corpus, {"features.wave.sr": 8000})
    augment.main()
    extract.main("wave")
    plain = [wave.copy() for wave in Ragged.open(FEATURES / "wave")]
    assert read_json(FEATURES / "wave/config.json")["denoiser"] is None
    denoise.main("spectral_gating")
    change_params(corpus, {"denoise.apply": "spectral_gating"})
    extract.main("wave")
    denoiser, table = applied("spectral_gating"), clips.table()
    for before, after, wave in zip(plain, Ragged.open(FEATURES / "wave"), clips.waves(table), strict=True):
        assert np.array_equal(before, wave)
        expected = np.clip(np.rint(denoiser(wave.astype(np.float32) / 32768, 8000) * 32768), -32768, 32767)
        assert np.array_equal(after, expected) and not np.array_equal(after, before)
    change_params(corpus, {"denoisers.spectral_gating.reduction": 0.5})
    denoise.main("spectral_gating")
    extract.main("wave")
    assert any(not np.array_equal(one, other) for one, other in zip(plain, Ragged.open(FEATURES / "wave"), strict=True))
    assert applied("spectral_gating").content != denoiser.content


def test_the_cache_knows_one_denoiser_from_another(corpus, monkeypatch):
    augment.main()
    calls, work = [], extraction._features
    monkeypatch.setattr(extraction, "_features", lambda *arguments: calls.append(1) or work(*arguments))
    change_params(corpus, {"denoise.apply": "spectral_gating"})
    for reduction, times in ((0.9, 24), (0.5, 24), (0.9, 0)):
        change_params(corpus, {"denoisers.spectral_gating.reduction": reduction})
        denoise.main("spectral_gating")
        calls.clear()
        extract.main("mfcc")
        assert len(calls) == times


def test_predictions_behind_a_network_are_those_that_train_wrote_to_the_bit(corpus, capsys):
    denoise.main("mask")
    change_params(corpus, {"denoise.apply": "mask"})
    augment.main()
    extract.main("mfcc")
    train.main("svm")
    change_params(corpus, {"denoise.apply": "none"})  # predict goes by the model
    capsys.readouterr()
    assert predict.main("svm", ["data/raw/small"], "json", out_of_fold=False) == 0
    result = {row["path"]: list(row["probabilities"].values()) for row in json.loads(capsys.readouterr().out)}
    stored = (corpus / "data/predictions/svm/probabilities.csv").read_text().splitlines()[1:]
    paths = manifest.read().set_index("clip_id")["path"]
    assert len(stored) >= 8
    for clip_id, _, _, *p in (line.split(",") for line in stored):
        assert result[f"data/raw/small/{paths[clip_id]}"] == [float(value) for value in p]
    change_params(corpus, {"denoisers.mask.training.epochs": 1})
    denoise.main("mask")
    with pytest.raises(Stop, match="svm was trained with another mask: `dvc repro train@svm` retrains both"):
        predict.main("svm", ["data/raw/small"], "json", out_of_fold=False)


def test_a_denoiser_that_is_not_there_is_named(corpus):
    with pytest.raises(Stop, match="models/denoisers/mask does not exist: `dvc repro denoise@mask` makes it"):
        applied("mask")
    change_params(corpus, {"denoise.apply": "loud"})
    with pytest.raises(Stop, match="denoise.apply: No denoiser 'loud'. Available: none, spectral_gating, "):
        check.main()


def test_a_wrong_parameter_is_named(corpus):
    change_params(corpus, {"denoise.score.clips": 0})
    with pytest.raises(Stop, match="denoise.score.clips is 0: must be greater than 0"):
        denoise.main("none")
