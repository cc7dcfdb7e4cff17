import numpy as np
import pytest

from sourcewise.datasets.assign import assign
from sourcewise.datasets.task import Task


def _corpus(clips_of):
    """{source: {class: clips}} as arrays of sources and targets."""
    sources = [s for s, classes in clips_of.items() for name, n in classes.items() for _ in range(n)]
    labels = [name for classes in clips_of.values() for name, n in classes.items() for _ in range(n)]
    return np.array(sources), Task.of(labels).targets(labels)


SPEAKERS = {f"speaker{k}": {str(digit): 5 for digit in range(10)} for k in range(6)}
SONGS = {f"{genre}{k}": {genre: 3 + k % 7} for genre in ("blues", "jazz", "rock") for k in range(20)}


@pytest.mark.parametrize("corpus", [SPEAKERS, SONGS], ids=["all classes a source", "one class a source"])
@pytest.mark.parametrize("seed", range(5))
def test_no_source_is_in_two_parts(corpus, seed):
    sources, targets = _corpus(corpus)
    part = assign(sources, targets, fractions=[0.5, 0.25, 0.25], seed=seed)
    assert all(len(set(part[sources == name])) == 1 for name in corpus)


@pytest.mark.parametrize("seed", range(5))
def test_parts_get_their_share_of_every_class(seed):
    sources, targets = _corpus(SONGS)
    part = assign(sources, targets, fractions=[0.6, 0.2, 0.2], seed=seed)
    for k, share in enumerate([0.6, 0.2, 0.2]):
        assert targets[part == k].sum(axis=0) / targets.sum(axis=0) == pytest.approx([share] * 3, abs=0.04)


def test_six_folds_of_six_speakers_are_one_each():
    sources, targets = _corpus(SPEAKERS)
    part = assign(sources, targets, fractions=[1 / 6] * 6, seed=0)
    assert [len(set(sources[part == k])) for k in range(6)] == [1] * 6


def test_the_order_of_clips_changes_nothing():
    sources, targets = _corpus(SONGS)
    part = assign(sources, targets, fractions=[0.5, 0.25, 0.25], seed=0)
    shuffled = np.random.default_rng(0).permutation(len(sources))
    assert np.array_equal(
        assign(sources[shuffled], targets[shuffled], fractions=[0.5, 0.25, 0.25], seed=0), part[shuffled]
    )


def test_the_seed_changes_who_goes_where():
    sources, targets = _corpus(SONGS)
    drawn = {tuple(assign(sources, targets, fractions=[0.5, 0.25, 0.25], seed=seed)) for seed in range(5)}
    assert len(drawn) == 5


def test_several_labels_a_clip():
    rng = np.random.default_rng(0)
    sources = np.array([f"s{k // 10}" for k in range(1000)])
    targets = rng.random((1000, 5)) < [0.5, 0.3, 0.2, 0.1, 0.05]
    part = assign(sources, targets, fractions=[0.5, 0.25, 0.25], seed=0)
    for k, share in enumerate([0.5, 0.25, 0.25]):
        assert targets[part == k].sum(axis=0) / targets.sum(axis=0) == pytest.approx([share] * 5, abs=0.05)


def test_a_source_that_outweighs_the_rest_goes_to_train():
    sources, targets = _corpus({"big": {"a": 50, "b": 50}, **{f"s{k}": {"a": 5, "b": 5} for k in range(10)}})
    part = assign(sources, targets, fractions=[0.5, 0.25, 0.25], seed=0)
    assert set(part[sources == "big"]) == {0}
    assert [np.mean(part == k) for k in range(3)] == pytest.approx([0.5, 0.25, 0.25], abs=0.01)


def test_real_speakers_are_kept_apart(fsdd):
    names = sorted(path.name.split("_") for path in fsdd.glob("*.wav"))
    sources = np.array([speaker for _, speaker, _ in names])
    targets = Task.of([digit for digit, *_ in names]).targets([digit for digit, *_ in names])
    part = assign(sources, targets, fractions=[0.5, 0.25, 0.25], seed=0)
    assert sorted(len(set(sources[part == k])) for k in range(3)) == [1, 2, 3]
    assert sorted({(s, k) for s, k in zip(sources, part, strict=True)}) == sorted(
        dict(zip(sources, part, strict=True)).items()
    )
