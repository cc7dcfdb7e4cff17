import csv
import json
import subprocess
import sys

import pytest

from sourcewise.compute import live_curves
from sourcewise.compute.live_curves import Curves, named


@pytest.fixture
def at_once(in_tmp, monkeypatch):
    """Curves from the first epoch on."""
    monkeypatch.setattr(live_curves, "AFTER_S", 0)
    return in_tmp


def opened(name):
    with named(name):
        return Curves("train_loss", "validation_loss")


def shown(name, column):
    with open(f"dvclive/{name}/plots/metrics/{column}.tsv", newline="") as file:
        return [(int(row["step"]), float(row[column])) for row in csv.DictReader(file, delimiter="\t")]


def test_two_trainings_side_by_side_each_have_their_curves_until_they_end(at_once):
    with opened("train/cnn") as cnn, opened("gan/dcgan") as dcgan:
        cnn.update([(0, 0.75, 0.5, 0.9)])
        dcgan.update([(0, 1.5, 2.5)])
        cnn.update([(0, 0.75, 0.5, 0.9), (1, 0.25, 0.125, 1.0)])
        assert shown("train/cnn", "train_loss") == [(0, 0.75), (1, 0.25)]
        assert shown("train/cnn", "validation_loss") == [(0, 0.5), (1, 0.125)]
        assert shown("gan/dcgan", "validation_loss") == [(0, 2.5)]
        written = sorted(str(path) for path in at_once.rglob("*") if path.is_file() and "dcgan" not in str(path))
        assert [path.removeprefix(f"{at_once}/") for path in written] == [
            "dvclive/train/cnn/plots/metrics/train_loss.tsv",
            "dvclive/train/cnn/plots/metrics/validation_loss.tsv",
        ]
    assert not [path for path in at_once.rglob("*") if path.is_file()]


def test_one_that_was_killed_shows_each_epoch_once(at_once):
    rows = [(0.0, 3.0, 3.5), (1.0, 2.0, 2.5), (2.0, 1.0, 1.5)]
    killed = opened("train/cnn")
    for n in (1, 2):
        killed.update(rows[:n])  # of which the second is not in the checkpoint
    with opened("train/cnn") as resumed:
        resumed.update(rows[:2])
        resumed.update(rows)
        assert shown("train/cnn", "train_loss") == [(0, 3.0), (1, 2.0), (2, 1.0)]


def test_a_short_training_and_one_without_a_name_write_nothing(in_tmp):
    with opened("train/cnn") as short, Curves("train_loss") as nameless:
        short.update([(0, 0.75, 0.5)])
        live_curves.AFTER_S, after = 0, live_curves.AFTER_S
        nameless.update([(0, 0.75)])
        live_curves.AFTER_S = after
        assert not (in_tmp / "dvclive").exists()


def test_dvc_draws_each_loss_over_the_epochs(at_once):
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run([*dvc, "init", "-q", "--no-scm"], check=True)
    show = [*dvc, "plots", "show", "dvclive", "--json"]
    with opened("train/cnn") as curves:
        curves.update([(0, 0.75, 0.5), (1, 0.25, 0.125)])
        out = subprocess.run(show, check=True, capture_output=True, text=True).stdout
    drawn = {name: plot[0]["content"] for name, plot in json.loads(out)["data"].items()}
    folder = "dvclive/train/cnn/plots/metrics"
    assert set(drawn) == {f"{folder}/train_loss.tsv", f"{folder}/validation_loss.tsv"}
    points = drawn[f"{folder}/validation_loss.tsv"]["data"]["values"]
    assert [(point["step"], point["validation_loss"]) for point in points] == [(0, "0.5"), (1, "0.125")]
