"""generate, on a corpus of two tones; what they write, and their messages if they cannot run."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sourcewise.configuration import read_generators
from sourcewise.core import params, registry
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.paths import PER_FOLD
from sourcewise.datasets.folds import Split
from sourcewise.extraction.generated import extract_generated
from sourcewise.models import entries, training
from sourcewise.models.adversarial import generate as generating
from sourcewise.models.adversarial.inputs import read_rate
from sourcewise.models.examples import WithGenerated, read_features
from sourcewise.storage.files import Ragged, read_json, write_digest, write_json
from stages import augment, extract, generate, train
from tests.conftest import change_params

QUICK = {
    "train__generators__steps": 4,
    "generators__cgan_fcn__clips": 20,
    "generators__cgan_fcn__training__epochs": 2,
    "generators__cgan_fcn__sr": 2000,
}
QUICK |= {
    "generators__cgan_fcn__samples": 1000,
    "generators__dcgan__clips": 20,
    "generators__dcgan__training__epochs": 1,
}


@pytest.fixture
def made(small):
    """A function of values of params.yaml that makes six sources of two tones, with features, no copies."""

    def make(**values):
        folder = small(augment__recipes={}, features__wave__sr=4000, features__png__width=64, **QUICK, **values)
        augment.main()
        read_rate.cache_clear()
        for features in ("wave", "png", "mfcc"):
            extract.main(features)
        _list_per_fold()
        return folder

    yield make
    read_rate.cache_clear()


@pytest.fixture
def corpus(made):
    """With a hold-out split."""
    return made()


def _list_per_fold():
    """As `check` does, which refuses wavenet at another sample rate than its own."""
    write_json(PER_FOLD, read_generators())


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_waves_are_written_as_clips_wav_files_and_scores(corpus):
    generate.main("cgan_fcn")
    made = pd.read_csv("data/samples/generators/cgan_fcn/fold-0/clips.csv")
    assert list(made["labels"]) == ["low", "high"] * 10  # rows of labels in order: (0, 1), (1, 0)
    assert set(made["origin"]) == {"cgan_fcn"} and made["clip_id"].is_unique
    result = Ragged.open("data/samples/generators/cgan_fcn/fold-0/clips")
    assert len(result) == 20 and result[0].dtype == np.int16
    assert {len(clip) for clip in result} == {4000}  # half a second at audio.sr, 8 kHz
    names = sorted(path.name for path in (corpus / "data/samples/generators/cgan_fcn/fold-0/wav").iterdir())
    assert names == [f"{k}_{label}_{n}.wav" for k, label in (("00", "high"), ("01", "low")) for n in (1, 2, 3)]
    y, sr = soundfile.read(corpus / "data/samples/generators/cgan_fcn/fold-0/wav/01_low_1.wav", dtype="int16")
    assert sr == 8000 and np.array_equal(y, result[0])
    scores = read_json("metrics/each/generators/cgan_fcn.json")
    assert scores["recognised"]["held_out"] == 1 and scores["recognised"]["chance"] == 0.5
    assert scores["frechet"]["noise"] > 10 * scores["frechet"]["held_out"]
    assert (
        list(pd.read_csv("metrics/losses/cgan_fcn.csv")["network"])
        == ["discriminator"] * 2 + ["generator"] * 2 + ["distance"] * 2
    )


def test_a_second_run_writes_the_same_bytes(corpus):
    result = []
    for _ in range(2):
        generate.main("dcgan")
        result.append(files(corpus / "data/samples/generators/dcgan") | files(corpus / "models/generators/dcgan"))
        result[-1] |= files(corpus / "metrics")
    assert result[0] == result[1]
    shown = ("epochs/0001.png", "samples.png", "training.png", "real_and_generated.png", "wav/1.wav", "wav/3.wav")
    assert {f"fold-0/{name}" for name in shown} < set(result[0])


def test_copies_and_held_out_clips_are_not_imitated(corpus):
    louder = {"copies": 1, "effects": [{"effect": "gain", "probability": 1, "db": [3, 6]}]}
    change_params(corpus, {"augment.recipes": {"louder": louder}})
    augment.main()
    table = Split.with_copies().of_fold(0)
    assert len(table) > 24
    result = _corpus("cgan_fcn")
    assert set(table["split"].iloc[result.train]) == {"train"}
    assert set(table["split"].iloc[result.validation]) == {"validation"}
    assert set(table["split"].iloc[result.held]) == {"test"}
    parts = [set(table["source"].iloc[rows]) for rows in (result.train, result.validation, result.held)]
    assert len(set.union(*parts)) == sum(map(len, parts))
    assert len(result.train) + len(result.validation) + len(result.held) == 24


def test_one_class_is_enough_and_an_unknown_one_is_refused(corpus):
    change_params(corpus, {"generators.cgan_fcn.classes": ["low"]})
    generate.main("cgan_fcn")
    assert set(pd.read_csv("data/samples/generators/cgan_fcn/fold-0/clips.csv")["labels"]) == {"low"}
    assert "recognised" not in read_json(
        "metrics/each/generators/cgan_fcn.json"
    )  # a classifier of one class always predicts it
    change_params(corpus, {"generators.cgan_fcn.classes": ["low", "middle"]})
    with pytest.raises(Stop, match="classes: 'middle' is none of high, low"):
        generate.main("cgan_fcn")


def test_generated_clips_join_train_alone(corpus):
    generate.main("cgan_fcn")
    x, real = read_features("mfcc_cgan_fcn"), read_features("mfcc")
    assert isinstance(x, WithGenerated) and len(x) == len(real) == 24 and len(x.made) == len(x.labels) == 20
    assert all(np.array_equal(a, b) for a, b in zip(x, real, strict=True))
    module = registry.module("features", "mfcc")
    p = params.load(module.Params, "features.mfcc")
    clip = Ragged.open("data/samples/generators/cgan_fcn/fold-0/clips")[7].astype(np.float32) / 32768
    assert np.array_equal(x.made[7], module.extract(clip, sr=8000, p=p))
    change_params(corpus, {"classifiers.lstm_gan_fcn.training.epochs": 1})
    train.main("lstm_gan_fcn")
    held = pd.read_csv("data/predictions/lstm_gan_fcn/probabilities.csv")
    split = Split.read().of_fold(0)
    assert list(held["clip_id"]) == [
        *split.query("split == 'validation'")["clip_id"],
        *split.query("split == 'test'")["clip_id"],
    ]


def test_each_file_of_the_real_features_counts(corpus):
    generate.main("cgan_fcn")
    real = Path("data/features/mfcc")
    files = sorted(path for path in real.rglob("*") if path.is_file() and path.name != "digest.txt")
    assert {path.parent.name for path in files} == {"mfcc", "shards"}
    result = []
    for path in (None, *files):
        if path:
            path.write_bytes(path.read_bytes() + b" ")
            write_digest(real)
        extract_generated("cgan_fcn")
        result.append(read_json("data/features/mfcc_cgan_fcn/real.json")["sha256"])
    assert len(set(result)) == 1 + len(files)


def test_a_classifier_says_that_its_generator_did_not_run(corpus):
    write_json("data/samples/generators/cgan_fcn/not_run.json", {"reason": "1 train clip, too few for a generator"})
    extract_generated("cgan_fcn")
    with pytest.raises(NotRun, match="cgan_fcn did not run: 1 train clip, too few"):
        read_features("mfcc_cgan_fcn")
    train.main("lstm_gan_fcn")
    assert "cgan_fcn did not run" in read_json("models/classifiers/lstm_gan_fcn/not_run.json")["reason"]


def _corpus(name):
    """The clips that a generator of params.yaml imitates."""
    return generating._corpus(entries.generator(name)[1], fold=0)


def _with_both(corpus, path, name):
    """Some clips of a part carry both tones now."""
    split = pd.read_csv(corpus / "data/split.csv", dtype=str, keep_default_na=False)
    split.loc[split["fold_0"].eq("train") & split["path"].str.startswith(path), "labels"] = "high|low"
    split.to_csv(corpus / "data/split.csv", index=False, lineterminator="\n")
    write_json("data/labels.json", {"type": "multilabel", "classes": ["high", "low"]})
    return _corpus(name)


def test_a_class_is_learned_from_clips_that_carry_it_alone(corpus):
    train = Split.read().rows(0, "train")
    first = Split.read().clips["path"].iloc[train[0]]
    result, before = _with_both(corpus, first, "cgan_fcn"), len(train)
    assert len(result.train) == before - 1
    assert (result.targets[result.train].sum(axis=1) == 1).all()
    assert len(_corpus("dcgan").train) == before


def test_a_class_that_is_never_alone_is_named(corpus):
    with pytest.raises(NotRun, match="no train clip carries 'low' alone"):
        _with_both(corpus, "low", "cgan_fcn")
    generate.main("cgan_fcn")
    assert "'low' alone" in read_json("metrics/each/generators/cgan_fcn.json")["not_run"]


@pytest.fixture
def imitated(monkeypatch):
    """The clips that each training of a generator gets, as bytes."""
    calls, fit = [], generating.training.fit

    def recorded(module, train, *arguments):
        calls.append([np.asarray(clip).tobytes() for clip in train])
        return fit(module, train, *arguments)

    monkeypatch.setattr(generating.training, "fit", recorded)
    return calls


def _folds(folder):
    return sorted(path.name for path in folder.glob("fold-*"))


def test_a_classifier_and_its_generator_are_trained_on_train_of_each_fold(made, imitated, monkeypatch):
    folder = made(split__folds=3)
    generate.main("cgan_fcn")
    split, waves = Split.read(), read_features("wave")
    assert imitated == [[waves[row].tobytes() for row in split.rows(fold, "train")] for fold in range(3)]
    assert [len(clips) for clips in imitated] == [8, 8, 8]
    assert _folds(folder / "models/generators/cgan_fcn") == ["fold-0", "fold-1", "fold-2"]
    samples = folder / "data/samples/generators/cgan_fcn"
    assert _folds(samples) == ["fold-0", "fold-1", "fold-2"]
    assert len({(samples / f"fold-{fold}/wav/00_high_1.wav").read_bytes() for fold in range(3)}) == 3
    trained_on = []

    def recorded(module, train, *_):
        trained_on.append((train.x, train.sources))
        raise NotRun("only recorded")

    monkeypatch.setattr(training, "fit", recorded)
    train.main("lstm_gan_fcn")
    real, module = read_features("mfcc"), registry.module("features", "mfcc")
    p = params.load(module.Params, "features.mfcc")
    assert len(trained_on) == 3
    for fold, (x, sources) in enumerate(trained_on):
        rows = split.rows(fold, "train")
        assert len(x) == 8 and all(np.array_equal(x[k], real[row]) for k, row in enumerate(rows))
        assert set(sources) == set(split.clips["source"].iloc[rows])
        assert x.labels == pd.read_csv(samples / f"fold-{fold}/clips.csv")["labels"].tolist()
        clips = Ragged.open(samples / f"fold-{fold}/clips")
        assert len(x.made) == len(clips) == 20
        clip = clips[7].astype(np.float32) / 32768
        assert np.array_equal(x.made[7], module.extract(clip, sr=8000, p=p))


@pytest.mark.parametrize("name", ["dcgan", "cgan_fcn"])
def test_a_generator_whose_clips_no_classifier_reads_is_trained_once(made, imitated, name):
    folder = made(split__folds=3)
    classifiers = params.load(dict[str, dict], "classifiers")
    others = {key: entry for key, entry in classifiers.items() if entry["features"] != "mfcc_cgan_fcn"}
    assert set(classifiers) - set(others) == {"lstm_gan_fcn"}
    change_params(folder, {"classifiers": others})
    _list_per_fold()
    generate.main(name)
    split, features = Split.read(), read_features({"dcgan": "png", "cgan_fcn": "wave"}[name])
    assert imitated == [[np.asarray(features[row]).tobytes() for row in split.rows(0, "train")]]
    assert _folds(folder / f"models/generators/{name}") == ["fold-0"]
    assert _folds(folder / f"data/samples/generators/{name}") == ["fold-0"]
