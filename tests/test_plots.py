"""`dvc plots diff` of the tables that `evaluate` writes, with the repository's templates."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from sourcewise.core.params import read_yaml
from sourcewise.storage.files import read_json, write_json, write_text
from stages import evaluate
from tests.conftest import REPOSITORY
from tests.stages import test_compare

repository = test_compare.repository
DVC = [sys.executable, "-m", "dvc"]
LOSSES = {"metrics/losses/dcgan.csv": {"template": "losses_by_network"}}


@pytest.fixture
def plots(repository):
    """{table: Vega-Lite} of `dvc plots diff` between a commit and a workspace in which svm has another ROC."""
    git = ["git", "-c", "user.name=n", "-c", "user.email=e"]
    for command in ([*git, "init", "-q"], [*DVC, "init", "-q"]):
        subprocess.run(command, check=True)
    shutil.copytree(REPOSITORY / ".dvc/plots", ".dvc/plots")
    plots = read_yaml(REPOSITORY / "dvc.yaml")["stages"]["evaluate"]["plots"]
    tables = [(path, options) for plot in plots for path, options in plot.items() if "template" in options]
    tables = [{path: {"template": options["template"]}} for path, options in tables]
    write_json("dvc.yaml", {"plots": [*tables, LOSSES]})
    write_text("metrics/losses/dcgan.csv", "epoch,network,loss\n0,generator,1.5\n0,discriminator,0.5\n")
    for name in ("svm", "cnn"):
        history = {"history": [{"epoch": [0, 1], "validation_loss": [0.5, 0.25]}]}
        write_json(f"metrics/classifiers/{name}.json", read_json(f"metrics/classifiers/{name}.json") | history)
    evaluate.write_comparison()
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "m"], check=True)
    write_json(
        "metrics/classifiers/svm.json",
        read_json("metrics/classifiers/svm.json") | {"roc": [[0.0, 0.75], [1.0, 1.0]]},
    )
    evaluate.write_comparison()
    done = subprocess.run([*DVC, "plots", "diff", "--json", "HEAD"], check=True, capture_output=True, text=True)
    return {name: drawings[0]["content"] for name, drawings in json.loads(done.stdout)["data"].items()}


def _values(content, key):
    """All text values of a key, at any depth."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from [value] if name == key and isinstance(value, str) else _values(value, key)
    elif isinstance(content, list):
        for value in content:
            yield from _values(value, key)


def test_each_template_draws_existing_columns_by_revision(plots):
    assert len(plots) == 5
    for name, content in plots.items():
        points = content["data"]["values"]
        template = {key: value for key, value in content.items() if key != "data"}
        assert {point["rev"] for point in points} == {"HEAD", "workspace"}, name
        used = set(_values(template, "field")) | set(re.findall(r"datum\.(\w+)", json.dumps(template)))
        assert used - set(_values(template, "as")) <= set(points[0]), name
        assert "rev" in used and "<DVC" not in json.dumps(template), name
    points = plots["metrics/roc.csv"]["data"]["values"]
    starts = {(point["rev"], point["model"]): point["true_positive_rate"] for point in reversed(points)}
    assert starts == {
        ("HEAD", "svm"): "0.5",
        ("HEAD", "cnn"): "0.5",
        ("workspace", "svm"): "0.75",
        ("workspace", "cnn"): "0.5",
    }
