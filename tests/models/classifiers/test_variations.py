"""The layers that vary batches in training."""

import numpy as np
import pytest

from sourcewise.models.keras.devices import import_keras


def varied(layer, x, y):
    result = layer(x, y)
    return [np.asarray(values) for values in result]


def test_spec_augment_hides_at_most_its_share_and_changes_nothing_else():
    import_keras()
    from sourcewise.models.keras.layers import SpecAugment

    x = np.random.default_rng(0).normal(5, 1, (32, 40, 20)).astype("float32")
    y = np.eye(32, dtype=np.float32)
    result, same = varied(SpecAugment([0.2, 0.1], seed=0), x, y)
    assert np.array_equal(same, y)
    hidden = result != x
    whole_frames, whole_columns = hidden.all(axis=2), hidden.all(axis=1)
    assert np.array_equal(hidden, whole_frames[:, :, None] | whole_columns[:, None, :])
    # two stretches along each axis: of at most 0.2 * 40 = 8 frames and 0.1 * 20 = 2 columns
    assert whole_frames.sum(axis=1).max() <= 16 and whole_columns.sum(axis=1).max() <= 4
    assert whole_frames.sum(axis=1).mean() > 4 and whole_columns.sum() > 0
    for before, after, mask in zip(x, result, hidden, strict=True):
        assert after[mask] == pytest.approx(before.mean(), abs=1e-5)
    assert len({row.tobytes() for row in whole_frames}) > 25  # other places in each example


def test_spec_augment_hides_along_one_axis_only_where_the_other_share_is_zero():
    import_keras()
    from sourcewise.models.keras.layers import SpecAugment

    x = np.random.default_rng(0).random((16, 10, 8, 3)).astype("float32")  # pictures: all colours at once
    result, _ = varied(SpecAugment([0.0, 0.5], seed=0), x, np.zeros((16, 2), np.float32))
    hidden = (result != x).any(axis=3)
    assert hidden.any() and np.array_equal(hidden.any(axis=1), hidden.all(axis=1))


def test_mixup_mixes_targets_by_the_share_of_their_examples():
    import_keras()
    from sourcewise.models.keras.layers import Mixup

    n = 64
    x = np.zeros((n, 3, n), np.float32) + np.eye(n, dtype=np.float32)[:, None, :]  # row i: who is in it
    y = np.eye(n, dtype=np.float32)
    mixed, targets = varied(Mixup(0.4, seed=0), x, y)
    assert mixed == pytest.approx(np.broadcast_to(targets[:, None, :], mixed.shape), abs=1e-6)
    assert targets.sum(axis=1) == pytest.approx(np.ones(n), abs=1e-5)
    assert (targets >= 0).all() and ((targets > 0).sum(axis=1) <= 2).all()
    own = np.diag(targets)
    assert (own >= 0.5 - 1e-6).all() and len(np.unique(own)) > n / 2  # each has a share of its own
    others = targets - np.diag(own)
    assert sorted(np.flatnonzero(others.sum(axis=1) > 0.01).tolist()) and (others.sum(axis=0) <= 0.5 + 1e-6).all()


def test_what_varies_batches_draws_anew_in_each_and_the_same_from_the_same_seed():
    import_keras()
    from sourcewise.models.keras.layers import Mixup, SpecAugment

    x = np.random.default_rng(0).random((8, 20, 10)).astype("float32")
    y = np.eye(8, dtype=np.float32)
    for make in (lambda seed: Mixup(0.4, seed=seed), lambda seed: SpecAugment([0.3, 0.3], seed=seed)):
        first, again, other = make(0), make(0), make(1)
        one, two = varied(first, x, y)[0], varied(first, x, y)[0]
        assert not np.array_equal(one, two)
        assert np.array_equal(varied(again, x, y)[0], one) and not np.array_equal(varied(other, x, y)[0], one)
