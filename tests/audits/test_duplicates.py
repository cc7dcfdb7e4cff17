import hashlib
import io

import numpy as np
import pandas as pd
import pytest
import soundfile

from sourcewise.audits.duplicates import COLUMNS, find, findings, summary
from sourcewise.datasets.folds import Split

SR = 16_000


def _tune(seed, seconds=2.5):
    """Notes of random pitch, each with its harmonics and a breath of noise; 16-bit."""
    rng, notes = np.random.default_rng(seed), []
    while sum(map(len, notes)) < seconds * SR:
        t = np.arange(rng.integers(SR // 12, SR // 5)) / SR
        pitch = rng.uniform(90, 400)
        note = sum(rng.uniform(0.2, 1) * np.sin(2 * np.pi * k * pitch * t + rng.uniform(0, 6)) for k in range(1, 12))
        notes.append(note * np.exp(-8 * t) + 0.05 * rng.standard_normal(len(t)))
    y = np.concatenate(notes)[: int(seconds * SR)]
    return np.round(y / np.abs(y).max() * 20_000).astype(np.int16)


def _coded(y, container, codec):
    file = io.BytesIO()
    soundfile.write(file, y, SR, format=container, subtype=codec)
    file.seek(0)
    return soundfile.read(file, dtype="int16")[0]


def _noisy(y, snr_db=20):
    power = np.mean(y.astype(float) ** 2) / 10 ** (snr_db / 10)
    return np.round(y + np.random.default_rng(0).normal(0, np.sqrt(power), len(y))).astype(np.int16)


CHANGES = {
    "MP3": (lambda y: _coded(y, "MP3", "MPEG_LAYER_III"), 0),
    "OGG": (lambda y: _coded(y, "OGG", "VORBIS"), 0),
    "softer": (lambda y: (y / 4).astype(np.int16), 0),
    "louder, clipped": (lambda y: np.clip(y * 4.0, -32768, 32767).astype(np.int16), 0),
    "inverted": (lambda y: -y, 0),
    "cut at the start": (lambda y: y[SR // 4 :], 0.25),
    "cut at the end": (lambda y: y[: -SR // 4], 0),
    "later": (lambda y: np.concatenate([np.zeros(SR // 3 + 7, np.int16), y]), -(SR // 3 + 7) / SR),
    "noisy": (_noisy, 0),
    "its middle second": (lambda y: y[SR : 2 * SR], 1),
}
ORIGINALS = {f"tune{k}": _tune(k) for k in range(20)}


def _table(waves, parents=None):
    rows = [(name, hashlib.sha256(y.tobytes()).hexdigest(), SR) for name, y in waves.items()]
    return pd.DataFrame(rows, columns=["clip_id", "hash", "sr"]).assign(parent=parents or list(waves))


def _pairs(waves, parents=None):
    return find(_table(waves, parents), list(waves.values()), similarity=0.6)


def test_different_recordings_are_no_pair():
    assert _pairs(ORIGINALS).empty
    assert _pairs(ORIGINALS).columns.tolist() == COLUMNS


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_detected_with_its_offset(change):
    make, offset_s = CHANGES[change]
    copies = {f"{name}x": make(y) for name, y in list(ORIGINALS.items())[:5]}
    pairs = _pairs(ORIGINALS | copies)
    assert pairs["clip_id"].tolist() == list(ORIGINALS)[:5]
    assert pairs["other"].tolist() == list(copies)
    assert (pairs["kind"] == "near").all()
    assert pairs["similarity"].between(0.5, 1).all()
    assert pairs["offset_s"].to_numpy() == pytest.approx(offset_s, abs=0.002)


def test_equal_samples_are_exact_each_with_the_first():
    waves = {"a": ORIGINALS["tune0"], "b": ORIGINALS["tune1"], "c": ORIGINALS["tune0"], "d": ORIGINALS["tune0"]}
    assert _pairs(waves).to_numpy().tolist() == [["a", "c", "exact", 1, 0], ["a", "d", "exact", 1, 0]]


def test_silent_clips_are_no_pair():
    waves = {
        "a": np.zeros(SR, np.int16),
        "b": np.zeros(SR, np.int16),
        "c": ORIGINALS["tune0"],
        "d": np.zeros(SR, np.int16),
    }
    assert _pairs(waves).empty


def test_a_copy_of_a_copy_is_paired_through_the_first():
    waves = ORIGINALS | {"x": _noisy(ORIGINALS["tune3"]), "y": _noisy(ORIGINALS["tune3"])}
    pairs = _pairs(waves)
    assert pairs["clip_id"].tolist() == ["tune3", "x"]
    assert pairs["kind"].tolist() == ["near", "exact"]


def test_segments_of_one_recording_are_not_compared():
    y = ORIGINALS["tune0"]
    segments = {"a": y[: 2 * SR], "b": y[SR // 2 :], "c": _noisy(y)}
    assert _pairs(segments, parents=["one", "one", "two"])[["clip_id", "other"]].to_numpy().tolist() == [
        ["a", "c"],
        ["b", "c"],
    ]


def test_one_clip_has_no_other():
    assert _pairs({"a": ORIGINALS["tune0"]}).empty


def test_clips_too_short_for_landmarks_are_no_pair():
    assert _pairs({"a": np.ones(20, np.int16), "b": np.arange(20, dtype=np.int16)}).empty


CLIPS = pd.DataFrame({"clip_id": list("abcd"), "source": list("xxyz"), "labels": ["dog", "dog", "dog", "cat"]})


def _summary(pairs, *folds, left_out=0):
    """folds: the parts of the clips in each."""
    table = pd.DataFrame([(*pair, kind) for pair, kind in pairs], columns=["clip_id", "other", "kind"])
    rows = [2, 0, 3, 1]  # clips are found by their ids, not by their order
    split = Split(CLIPS.assign(source="merged").iloc[rows], np.array(folds).T[rows])
    return summary(table, CLIPS, split) | {"left_out": left_out}


def test_duplicates_within_a_source_are_counted_and_no_finding():
    of_one_source = _summary([("ab", "exact")], ["train"] * 4)
    counts = {"exact": 1, "near": 0, "of_two_sources": 0, "in_two_parts": 0, "of_two_labels": 0}
    assert of_one_source == counts | {"tested": 0, "left_out": 0}
    assert findings(of_one_source) == []


def test_the_findings_say_what_duplicates_mean():
    merged, apart = (
        _summary([("ab", "exact"), ("ac", "near"), ("ad", "near")], p) for p in (["train"] * 4, list("tvtw"))
    )
    assert [merged[key] for key in ("of_two_sources", "in_two_parts", "of_two_labels")] == [2, 0, 1]
    assert [finding.text[:58] for finding in findings(merged)] == [
        "Pairs of duplicate clips from two sources: 2 of 3; both cl",
        "Pairs of duplicate clips with different labels: 1 of 3: se",
    ]
    assert "clips are in one part of the split, as such sources were merged: see data/dup" in findings(merged)[0].text
    assert apart["in_two_parts"] == 2
    assert findings(_summary([("ab", "exact")], ["test", "train", "test", "test"]))[0].worth == pytest.approx(1 / 3)
    assert "Pairs of duplicate clips in two parts of the split: 2 of 3; scores are opt" in findings(apart)[0].text


def test_a_pair_that_one_of_several_folds_separates_is_in_two_parts():
    pairs = [("ab", "exact"), ("ac", "near"), ("bc", "near")]
    counts = _summary(pairs, list("tttt"), list("tvtt"), list("tvtt"), list("vvvt"))
    assert (counts["exact"], counts["near"], counts["in_two_parts"]) == (1, 2, 2)
    assert _summary(pairs, list("tttt"), list("vvvt"))["in_two_parts"] == 0


@pytest.mark.parametrize(("n", "start"), [(1, "1 recording"), (3, "3 recordings")])
def test_recordings_left_out_as_copies_are_a_finding(n, start):
    (finding,) = findings(_summary([], ["train"] * 4, left_out=n))
    assert finding.category == "duplicates"
    assert finding.text == (
        f"{start} left out as exact copies of others with the same labels and source: see data/copies.csv; "
        "ingest.keep_copies keeps them."
    )
