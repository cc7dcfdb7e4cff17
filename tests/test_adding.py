"""All that docs/adding.md adds, added in a clone, and run."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from sourcewise.core.params import read_yaml
from tests.clones import DATASET_FILE, clone, commit, dvc, environment, git, ran, tiny_corpus
from tests.conftest import REPOSITORY, change_params, tone, write_wav

PAGE = (REPOSITORY / "docs/adding.md").read_text(encoding="utf-8")
NEW = ("svm_table", "nearest", "mean_frame", "svm_rms")


def add(folder):
    """Do what the page says: write the files that it shows, and insert the lines that begin with a plus."""
    path = None
    for named, language, text in re.findall(r"^`([\w./]+)`:$|^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        path = folder / named if named else path
        if language in ("python", "yaml"):
            path.write_text(text)
        elif language == "diff":
            path.write_text(inserted(path.read_text(), text.splitlines()))


def inserted(content, lines):
    """The content of a file with the lines that begin with "+" behind those that begin with a space."""
    before = "".join(f"{line[1:]}\n" for line in lines if line.startswith(" "))
    new = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
    assert content.count(before) == 1, before
    return content.replace(before, before + new)


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A clone with all of it."""
    folder = tmp_path_factory.mktemp("adding")
    tiny_corpus(folder / "tiny")
    repository = clone(folder / "sourcewise", DATASET_FILE.format("tiny"))
    add(repository)
    commit(repository, "added")
    return repository


def test_classifiers_representation_metric_and_stage_run(extended):
    content = read_yaml(extended / "params.yaml")
    few = {"generators": {}, "embeddings": {}, "denoisers": {"none": {"model": "none"}}}
    change_params(extended, few | {"classifiers": {name: content["classifiers"][name] for name in NEW}})
    printed = dvc(extended, "repro", "evaluate", "durations")
    git("checkout", "params.yaml", cwd=extended)
    assert {f"train@{name}" for name in NEW} | {"extract@rms", "durations", "evaluate"} <= ran(printed)
    text = (extended / "metrics/comparison.md").read_text()
    (header,) = (line for line in text.splitlines() if line.startswith("| classifier") and "log loss" in line)
    assert "precision" in header
    for name in NEW:
        assert re.search(rf"^\| {name} ", text, re.MULTILINE), name
        scores = json.loads((extended / f"metrics/classifiers/{name}.json").read_text())
        assert 0 <= scores["test"]["precision"]["low"] <= scores["test"]["precision"]["value"] <= 1
    seconds = json.loads((extended / "metrics/durations.json").read_text())
    assert len(seconds) == 2 and all(value > 10 for value in seconds.values())


def test_the_reader_reads(extended):
    for label, hz in (("high", 900), ("low", 300)):
        for source in "abcdef":
            for k in range(2):
                y = tone(hz + 10 * k + ord(source), seconds=0.6)
                y += np.random.default_rng([k, ord(source), hz]).normal(0, 0.1, len(y))
                write_wav(extended / f"data/raw/dashes/{label}-{source}-{k}.wav", y)
    for command in ("ingest", "duplicates", "split"):
        env = environment()
        run = [sys.executable, "-c", f"from stages import {command}; {command}.main()"]
        changed = (extended / "params.yaml").read_text().replace("dataset: tiny", "dataset: dashes")
        (extended / "params.yaml").write_text(changed)
        done = subprocess.run(run, cwd=extended, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    rows = (extended / "data/split.csv").read_text().splitlines()
    assert len(rows) == 25 and "high-a-0.wav,high,a," in rows[1]


def test_the_tests_of_the_graph_and_of_the_metric_pass(extended):
    tests = ["tests/test_graph.py", "tests/evaluation/test_precision.py", "tests/evaluation/test_metrics.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests, "-k", "not heavy"]
    done = subprocess.run(command, cwd=extended, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
