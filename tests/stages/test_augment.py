from functools import partial

import numpy as np
import pandas as pd
import pytest

from sourcewise.core.errors import Stop
from sourcewise.core.paths import AUGMENTED, COPIES
from sourcewise.datasets import clips, manifest
from sourcewise.datasets.folds import Split
from stages import augment, duplicates, ingest, split
from tests.conftest import change_params, tone, write_wav

NOISE = {"effect": "noise", "probability": 1, "snr_db": [10, 10]}


def _recipe(*effects, copies=1):
    return {"test": {"copies": copies, "effects": list(effects)}}


def _copies():
    """The rows of the copies, with their samples, and the clips that they were made of."""
    rows = manifest.read(COPIES)
    originals = Split.read().clips.set_index("clip_id", drop=False)
    return rows, clips.waves(rows), clips.waves(originals.loc[rows["origin"]])


def test_copies_are_of_train_clips_only(small):
    small(augment__recipes=_recipe(NOISE, copies=2))
    augment.main()
    parts = Split.read().of_fold(0)
    train = parts[parts["split"] == "train"]
    rows, waves, _ = _copies()
    assert rows.columns.tolist() == manifest.COLUMNS
    assert sorted(rows["origin"]) == sorted([*train["clip_id"], *train["clip_id"]])
    assert set(rows["clip_id"]) == {f"{clip_id}-test-{k}" for clip_id in train["clip_id"] for k in (1, 2)}
    merged = rows.merge(parts, left_on="origin", right_on="clip_id", suffixes=("", "_of_origin"))
    for column in ("labels", "source", "parent", "path"):
        assert merged[column].tolist() == merged[f"{column}_of_origin"].tolist()
    assert [clips.content_hash(wave) for wave in waves] == rows["hash"].tolist()
    table = Split.with_copies().of_fold(0)
    assert table["clip_id"].tolist() == clips.table()["clip_id"].tolist() == [*parts["clip_id"], *rows["clip_id"]]
    assert table["split"].tolist() == [*parts["split"], *["train"] * len(rows)]
    assert len(clips.waves(table)) == len(table)


def test_clips_that_train_in_some_fold_have_copies_which_train_where_they_do(small):
    small(augment__recipes=_recipe(NOISE), split__folds=3)
    originals = Split.read()
    assert (originals.parts == "train").sum(axis=1).tolist() == [1] * 24  # one fold tests a clip, one validates it
    augment.main()
    made = Split.with_copies()
    assert made.clips["clip_id"].tolist() == clips.table()["clip_id"].tolist()
    copies = made.clips.iloc[24:]
    assert sorted(copies["origin"]) == sorted(originals.clips["clip_id"])
    part_of = {clip_id: list(parts) for clip_id, parts in zip(originals.clips["clip_id"], originals.parts, strict=True)}
    for origin, parts in zip(copies["origin"], made.parts[24:], strict=True):
        assert [part or "none" for part in parts] == [{"train": "train"}.get(part, "none") for part in part_of[origin]]
    for fold in range(3):
        rows = made.clips.iloc[made.rows(fold, "train")]
        scored = made.clips.iloc[[*made.rows(fold, "validation"), *made.rows(fold, "test")]]
        assert len(rows) == 16 and (scored["origin"] == "").all() and len(scored) == 16
        assert not set(rows["source"]) & set(scored["source"])

    # with given parts, some clips never train: these have no copies
    never = np.where(np.arange(24)[:, None] < 4, "test", originals.parts)
    Split(originals.clips, never).write()
    augment.main()
    assert set(manifest.read(COPIES)["origin"]) == set(originals.clips["clip_id"][4:])


def test_noise_arrives_at_its_ratio_and_in_16_bits(small):
    small(augment__recipes=_recipe(NOISE))
    augment.main()
    for copy, original in zip(*_copies()[1:], strict=True):
        assert copy.dtype == np.int16
        y, noise = original.astype(float), copy.astype(float) - original
        assert 10 * np.log10(np.mean(y**2) / np.mean(noise**2)) == pytest.approx(10, abs=0.1)


def test_a_copy_is_the_same_whatever_else_is_in_the_corpus(small):
    folder = small(compute__cache_gb=0)
    augment.main()
    before = {row.clip_id: row.hash for row in manifest.read(COPIES).itertuples()}
    for path in (folder / "data/raw/small").rglob("[ab]1.wav"):
        path.unlink()
    write_wav(folder / "data/raw/small/high/z0.wav", tone(900, seconds=0.7, sr=8000), 8000)
    ingest.main()
    duplicates.main()
    split.main()
    augment.main()
    after = {row.clip_id: row.hash for row in manifest.read(COPIES).itertuples()}
    both = set(before) & set(after)
    assert len(both) >= 4 and set(after) - both
    assert {clip_id: before[clip_id] for clip_id in both} == {clip_id: after[clip_id] for clip_id in both}


def test_a_second_run_computes_nothing_and_gives_the_same_bytes(small, monkeypatch):
    small()
    augment.main()
    first = COPIES.read_bytes(), (AUGMENTED / "values.npy").read_bytes()

    def never(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr("sourcewise.datasets.augment._augmented", never)
    augment.main()
    assert first == (COPIES.read_bytes(), (AUGMENTED / "values.npy").read_bytes())


def test_an_effect_that_moves_to_another_recipe_is_not_taken_from_the_cache(small):
    gain, shift = {"effect": "gain", "probability": 1, "db": [-6, -6]}, {"effect": "shift", "probability": 1}
    shift |= {"seconds": [0.1, 0.2]}
    folder = small(augment__recipes={})
    change = partial(change_params, folder)
    change({"augment.recipes": {"a": {"copies": 1, "effects": [gain]}, "b": {"copies": 1, "effects": [shift, gain]}}})
    augment.main()
    change({"augment.recipes": {"a": {"copies": 1, "effects": [gain, shift]}, "b": {"copies": 1, "effects": [gain]}}})
    augment.main()
    cached = (AUGMENTED / "values.npy").read_bytes()
    change({"compute.cache_gb": 0})
    augment.main()
    assert cached == (AUGMENTED / "values.npy").read_bytes()


def test_recipes_whose_names_end_in_digits_stay_apart(small):
    gain = {"effect": "gain", "probability": 1}
    eleven, one = gain | {"db": [6, 6]}, gain | {"db": [-6, -6]}
    small(augment__recipes={"a": {"copies": 11, "effects": [eleven]}, "a1": {"copies": 1, "effects": [one]}})
    augment.main()
    rows, waves, originals = _copies()
    assert rows["clip_id"].is_unique
    for name, copy, y in zip(rows["clip_id"], waves, originals, strict=True):
        assert (np.abs(copy).max() < np.abs(y).max()) == name.endswith("-a1-1")


def test_without_the_cache_the_bytes_are_the_same(small):
    folder = small()
    augment.main()
    first = (AUGMENTED / "values.npy").read_bytes()
    change_params(folder, {"compute.cache_gb": 0, "compute.workers": 1})
    augment.main()
    assert first == (AUGMENTED / "values.npy").read_bytes()


def test_another_seed_gives_other_copies(small):
    folder = small()
    augment.main()
    first = manifest.read(COPIES)["hash"]
    change_params(folder, {"augment.seed": 1})
    augment.main()
    assert not set(first) & set(manifest.read(COPIES)["hash"])


def test_each_effect_comes_in_its_share_of_the_copies(small):
    small(augment__recipes=_recipe({"effect": "gain", "probability": 0.5, "db": [-20, -20]}, copies=10))
    augment.main()
    _, waves, originals = _copies()
    softer = np.mean([np.abs(copy).max() < 0.5 * np.abs(y).max() for copy, y in zip(waves, originals, strict=True)])
    assert softer == pytest.approx(0.5, abs=0.2)  # of about 100: two standard deviations and more


def test_a_copy_that_would_exceed_full_scale_is_scaled_down(small):
    small(augment__recipes=_recipe({"effect": "gain", "probability": 1, "db": [20, 20]}))
    augment.main()
    for copy, y in zip(*_copies()[1:], strict=True):
        assert np.abs(copy).max() == 32767
        assert np.corrcoef(copy, y)[0, 1] > 0.99999  # clipping would bend it


@pytest.mark.parametrize(("rate", "n_samples"), [(0.5, 9600), (2.0, 2400)])
def test_stretched_copies_of_whole_recordings_have_the_length_of_their_rate(small, rate, n_samples):
    small(augment__recipes=_recipe({"effect": "stretch", "probability": 1, "rate": [rate, rate]}))
    augment.main()
    assert set(manifest.read(COPIES)["n_samples"]) == {n_samples}


@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_copies_of_segments_are_as_long_as_segments(small, rate):
    stretch = {"effect": "stretch", "probability": 1, "rate": [rate, rate]}
    small(augment__recipes=_recipe(stretch), audio__segment_s=0.25)
    augment.main()
    assert set(manifest.read(COPIES)["n_samples"]) == {2000}


def test_backgrounds_come_from_the_folder_at_their_ratio(small):
    background = {"effect": "background", "probability": 1, "snr_db": [6, 6]}
    folder = small(augment__recipes=_recipe(background))
    write_wav(folder / "data/noise/street/hum.flac", tone(50, seconds=3, sr=16_000))
    augment.main()
    for copy, original in zip(*_copies()[1:], strict=True):
        y, noise = original.astype(float), copy.astype(float) - original
        assert 10 * np.log10(np.mean(y**2) / np.mean(noise**2)) == pytest.approx(6, abs=0.1)
        hz = np.fft.rfftfreq(len(noise), 1 / 8000)[np.abs(np.fft.rfft(noise)).argmax()]
        assert hz == pytest.approx(50, abs=2)


def test_backgrounds_need_a_folder_with_recordings(small):
    background = {"effect": "background", "probability": 1, "snr_db": [6, 6]}
    folder = small(augment__recipes=_recipe(background))
    with pytest.raises(Stop, match=r"background needs recordings in data/noise, or a folder in augment.background"):
        augment.main()
    (folder / "data/noise").mkdir()
    (folder / "data/noise/bad.wav").write_text("text")
    with pytest.raises(Stop, match=r"the noise data/noise/bad.wav cannot be decoded: .*: remove it from the folder"):
        augment.main()


def test_no_recipes_make_no_copies(small):
    small(augment__recipes={})
    augment.main()
    assert len(manifest.read(COPIES)) == 0
    assert pd.read_csv(COPIES).columns.tolist() == manifest.COLUMNS


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [
        (
            {"effect": "echo"},
            "No augmentation 'echo'. Available: background, gain, noise, pitch, shift, stretch",
        ),
        ({"probability": 1}, "No augmentation is named. Available: background"),
        (
            {**NOISE, "snr_db": [20, 10]},
            r"effect noise.snr_db is \[20, 10\]: must be two numbers, the smaller",
        ),
        ({**NOISE, "probability": 0}, "effect noise.probability is 0: must be greater than 0"),
        ({**NOISE, "colour": "pink"}, "effect noise.colour is not a known key"),
        ("noise", r"effect noise is 'noise': must be keys and values"),
    ],
)
def test_a_wrong_effect_is_named(small, effect, sentence):
    small(augment__recipes=_recipe(effect))
    with pytest.raises(Stop, match=sentence):
        augment.main()
