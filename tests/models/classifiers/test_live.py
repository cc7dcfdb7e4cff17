"""Showing a training while it runs changes no bit of it."""

import csv

import numpy as np
import pytest

from sourcewise.compute import live_curves
from sourcewise.models.keras import training
from tests.models.classifiers import test_trainer as t

somewhere = t.somewhere


def test_a_training_that_is_shown_and_killed_and_shown_again_ends_with_the_same_bytes(monkeypatch, tmp_path):
    train, validation = (t.clips(48, 0.5, seed=seed) for seed in (1, 2))
    p, shown_steps, step = t.section(mask=[0.3, 0.3]), [], training._train

    def watched(*arguments):
        """Kills the fourth epoch, the first time; notes what is shown before each."""
        path = tmp_path / "dvclive/train/small/plots/metrics/validation_loss.tsv"
        shown_steps.append(
            [row["step"] for row in csv.DictReader(path.open(), delimiter="\t")] if path.exists() else None
        )
        if len(shown_steps) == 4:
            raise MemoryError
        return step(*arguments)

    plain = training.fit(t.TwoLayers(), train, validation, t.BINARY, p)
    monkeypatch.setattr(live_curves, "AFTER_S", 0)
    monkeypatch.setattr(training, "_train", watched)
    with live_curves.named("train/small"):
        with pytest.raises(MemoryError):
            training.fit(t.TwoLayers(), train, validation, t.BINARY, p)
        shown = training.fit(t.TwoLayers(), train, validation, t.BINARY, p)
    assert shown_steps == [
        None,
        ["0"],
        ["0", "1"],
        ["0", "1", "2"],
        None,
        ["0", "1", "2", "3"],
        ["0", "1", "2", "3", "4"],
    ]
    assert shown.history.equals(plain.history)
    for one, other in zip(shown._network.get_weights(), plain._network.get_weights(), strict=True):
        assert np.array_equal(one, other)
    assert not [path for path in (tmp_path / "dvclive").rglob("*") if path.is_file()]
