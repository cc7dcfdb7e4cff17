"""The whole graph in a clone, on a tiny corpus that lies outside of it, as users and reviewers drive it."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sourcewise import dependencies
from sourcewise.core.params import read_yaml
from tests.clones import (
    CLASSIFIERS,
    DATASET_FILE,
    DENOISERS,
    FORMATS,
    GANS,
    clone,
    commit,
    dvc,
    environment,
    git,
    ran,
    tiny_corpus,
)
from tests.conftest import REPOSITORY, change_params, write_wav

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs links")

#: DVC's run cache leaves out stages that keep their files: these run again where others come from there, and change
#: nothing.
EXTRACTS = {f"extract@{kind}" for kind in ("table", "mfcc", "mel", "stft", "wave", "png")}
ALL = {
    *("check", "fetch", "ingest", "duplicates", "split", "augment", "images", "audit", "train_in_parallel"),
    *("explore", "evaluate", "gate"),
    *EXTRACTS,
    *("embed@mobilenet_v2", "embed@yamnet"),
    *(f"generate@{name}" for name in GANS),
    *(f"denoise@{name}" for name in DENOISERS),
    *(f"train@{name}" for name in CLASSIFIERS),
}


TRAINED = {"train": CLASSIFIERS, "generate": GANS, "denoise": DENOISERS}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A folder of recordings; each clone lies in a folder beside it."""
    root = tmp_path_factory.mktemp("clones") / "tiny"
    tiny_corpus(root)
    return root


#: Python runs this at its start; at the end of a process it notes which of our modules the process had imported.
NOTES = """
import atexit, json, os, sys

def note():
    files = sorted({getattr(m, "__file__", None) or "" for n, m in sys.modules.items() if n.split(".")[0] in OURS})
    argv = [*sys.argv, ""]
    with open(os.path.join(os.path.dirname(__file__), f"{os.getpid()}.json"), "w") as file:
        json.dump({"script": argv[0], "argument": argv[1], "files": files}, file)

OURS = {"sourcewise", "stages"}
atexit.register(note)
"""


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    """A folder for them."""
    folder = tmp_path_factory.mktemp("notes")
    (folder / "sitecustomize.py").write_text(NOTES)
    return folder


@pytest.fixture(scope="module")
def repository(corpus, notes):
    """A clone in which `dvc repro` has run, and what it printed."""
    folder = clone(corpus.parent / "a clone", DATASET_FILE.format("tiny"))
    command = [sys.executable, "-m", "dvc", "repro"]
    environ = environment(PYTHONPATH=str(notes))
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=True)
    (folder / "printed.txt").write_text(done.stdout + done.stderr)
    (folder / ".git/info/exclude").write_text("printed.txt\n")
    commit(folder, "first run")
    return folder


def test_repro_runs_every_stage_once_and_prints_the_comparison(repository):
    printed = (repository / "printed.txt").read_text()
    assert ran(printed) == ALL
    assert "The leakage gap: accuracy in 5-fold cross-validation" in printed
    assert "| svm " in printed and "| cnn " in printed
    assert ran(dvc(repository, "repro")) == set()
    assert "up to date" in dvc(repository, "status")
    assert git("status", "--porcelain", cwd=repository) == ""


def test_what_a_stage_imports_is_among_the_code_that_it_depends_on(repository, notes):
    library = REPOSITORY / "sourcewise"
    # where compiled code lies; the shapes that features have, for entries that read them
    no_result = dependencies.reached(library / "compute/numba_cache.py", *(library / "features").glob("*.py"))
    no_result = {repository / path.relative_to(REPOSITORY) for path in no_result}
    content, seen = read_yaml(repository / "params.yaml"), set()
    for file in notes.glob("*.json"):
        note = json.loads(file.read_text())
        script, loaded = Path(note["script"]), {Path(file) for file in note["files"] if file}
        if script.parent != repository / "stages" or script.stem in dependencies.ON_ALL:
            continue
        name, argument = script.stem, note["argument"]
        if name in dependencies.CHOSEN:
            entry = content[dependencies.CHOSEN[name][0]][argument]
            name = f"{name}/{entry.get('model', argument)}"
        lines = (repository / f"data/checked/code/{name}.txt").read_text().splitlines()
        listed = {repository / line.split("  ")[1] for line in lines}
        assert {path for path in loaded if path.name != "__init__.py"} <= listed | no_result, name
        seen.add(name)
    assert {"train_in_parallel", "train/svm", "extract/png", "generate/cgan_cnn", "denoise/mask", "gate"} <= seen


@pytest.fixture
def set_params(repository):
    """A function that sets values in params.yaml; afterwards all is as it was committed before."""
    before = git("rev-parse", "HEAD", cwd=repository).strip()
    yield partial(change_params, repository)
    outputs = "dvc.lock" in git("diff", "--name-only", before, cwd=repository)
    git("reset", "--quiet", "--hard", before, cwd=repository)
    if outputs:
        dvc(repository, "checkout")


def test_what_lies_there_afterwards(repository):
    for name in ("fold-0/model.skops", "fold-0/params.json", "labels.json", "thresholds.json", "config.json"):
        assert (repository / "models/classifiers/svm" / name).is_file()
    table = (repository / "data/features/table/table.csv").read_text().splitlines()
    assert table[0].startswith("filename,length,chroma_stft_mean")
    assert table[0].endswith("mfcc20_var,rms_sd,zero_crossing_rate_sd,label")
    copies = len((repository / "data/augmented/copies.csv").read_text().splitlines()) - 1
    assert copies >= 12
    assert len(table) == 1 + 48 + copies
    assert len(list((repository / "data/images").rglob("*.png"))) == 48 + copies
    formats = pd.read_csv(repository / "data/manifest.csv")["path"].str.rsplit(".", n=1).str[1]
    assert set(formats) == {suffix for suffix, *_ in FORMATS}
    assert (repository / "data/rejected.csv").read_text() == "path,reason\n"
    tracked = git("ls-files", cwd=repository).split()
    assert {"metrics/summary.json", "metrics/confusion.csv", "dvc.lock"} <= set(tracked)
    assert str(repository.parent) not in (repository / "dvc.lock").read_text()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_predictions_of_the_recordings_are_those_that_train_wrote_to_the_bit(repository, name):
    command = [sys.executable, "-m", "sourcewise", "predict", name, "data/raw/tiny", "--csv"]
    printed = subprocess.run(command, cwd=repository, env=environment(), check=True, capture_output=True, text=True)
    found = pd.read_csv(io.StringIO(printed.stdout)).set_index("path")
    stored = pd.read_csv(repository / f"data/predictions/{name}/probabilities.csv").set_index("clip_id")
    paths = pd.read_csv(repository / "data/manifest.csv").set_index("clip_id")["path"]
    assert len(found) == 48 and len(stored) >= 16
    for column in stored.columns[2:]:  # behind fold and split
        expected = {f"data/raw/tiny/{paths[clip_id]}": p for clip_id, p in stored[column].items()}
        assert found[column].loc[list(expected)].to_dict() == expected


def _lying(folder):
    """What tells each file of features from another one that is written in its place."""
    found = {path: path.stat() for path in sorted(folder.glob("data/features/*/shards/*"))}
    assert found
    return {path: (file.st_ino, file.st_mtime_ns) for path, file in found.items()}


def test_a_lock_that_was_cut_short_can_be_removed(repository):
    # DVC writes it in place: what a run leaves that is killed meanwhile, nothing or up to the middle of a key
    lock = repository / "dvc.lock"
    whole = lock.read_bytes()
    for at in (0, 0.5):
        lock.write_bytes(whole[: at and whole.index(b"md5:", int(at * len(whole))) + 2])
        assert "dvc.lock' " in dvc(repository, "repro", status=255)
    lock.unlink()
    features = _lying(repository)
    # the link of fetch and the verdict, which git keeps, are no files of DVC's cache
    assert ran(dvc(repository, "repro")) == {"fetch", "evaluate"} | EXTRACTS
    assert _lying(repository) == features
    assert lock.read_bytes() == whole


def test_a_list_of_locks_that_was_cut_short_can_be_removed(repository):
    locks = repository / ".dvc/tmp/rwlock"
    locks.write_text("")
    assert "Unable to read RWLock-file '.dvc/tmp/rwlock'" in dvc(repository, "repro", status=255)
    locks.unlink()
    assert ran(dvc(repository, "repro")) == set()


def test_dag_metrics_and_plots_are_shown(repository):
    dag = dvc(repository, "dag", "--mermaid")
    assert "ingest" in dag and "train@svm" in dag
    shown = dvc(repository, "metrics", "show")
    assert "svm.accuracy" in shown and "gap.svm" in shown
    dvc(repository, "plots", "show", "--out", "plots")
    page = (repository / "plots/index.html").read_text()
    assert "Confusion on test clips" in page and '"model": "cnn"' in page
    assert "Loss on validation after each epoch" in page
    assert "critical_difference.svg" in page and "ROC on test" in page and "Calibration on test" in page
    shutil.rmtree(repository / "plots")


@pytest.fixture(scope="module")
def second(corpus, tmp_path_factory):
    """Another clone, elsewhere, in which `dvc repro` has run three folds in a strange environment; and before it each
    stage that trains alone, so that `train_in_parallel` finds nothing to do."""
    place = tmp_path_factory.mktemp("elsewhere") / "other place"
    shutil.copytree(corpus, place / "tiny")  # copied: OGG has a number that is drawn at writing
    folder = clone(place / "two", DATASET_FILE.format("tiny"))
    change_params(folder, {"split.folds": 3}, keep_comments=True)  # `check` depends on the file
    strange = {"LC_ALL": "C", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "42", "OMP_NUM_THREADS": "2"}
    trained = [f"{stage}@{name}" for stage, names in TRAINED.items() for name in names]
    for targets in (trained, []):
        command = [sys.executable, "-m", "dvc", "repro", *targets]
        done = subprocess.run(
            command, cwd=folder, env=environment(**strange), check=True, capture_output=True, text=True
        )
        assert ("train_in_parallel" in ran(done.stdout)) == (not targets)
        assert set(trained) <= ran(done.stdout) if targets else not set(trained) & ran(done.stdout)
    return folder


def _same(one, other):
    first, second = (read_yaml(folder / "dvc.lock") for folder in (one, other))
    assert first == second  # whatever the order in which stages ran for the first time
    for name in ("metrics/summary.json", "metrics/confusion.csv", "metrics/comparison.md"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_a_cross_validation_decodes_nothing_again_and_gives_the_same_bytes_in_another_clone(
    repository, second, set_params
):
    printed = dvc(repository, "exp", "run", "--set-param", "split.folds=3")
    assert "3 classifiers on 3 folds: about 9 fits" in printed and "11 fits on 3 folds" in printed
    assert ran(printed) == ALL - {"fetch", "ingest", "duplicates"}
    assert "48 test clips of 12 sources in 3 folds" in (repository / "metrics/comparison.md").read_text()
    _same(repository, second)


def test_an_experiment_runs_only_what_its_parameter_touches(repository, set_params):
    ran_now = ran(dvc(repository, "exp", "run", "--set-param", "classifiers.svm.C=0.001", "--name", "weak"))
    assert ran_now == {"check", "train_in_parallel", "train@svm", "evaluate"}
    diff = dvc(repository, "params", "diff")
    assert "classifiers.svm.C" in diff and "0.001" in diff
    commit(repository, "weaker svm")
    changed = dvc(repository, "metrics", "diff", "HEAD~1")
    assert "svm.accuracy" in changed or "gap.svm" in changed
    assert "cnn" not in changed and len(changed.splitlines()) < 12
    assert "classifiers.svm.C" in dvc(repository, "params", "diff", "HEAD~1")


def test_another_number_of_coefficients_leaves_the_pictures_alone(repository, set_params):
    ran_now = ran(dvc(repository, "exp", "run", "--set-param", "features.mfcc.n_mfcc=13"))
    of_mfcc = {"extract@mfcc", "generate@cgan_cnn", "train@svm", "audit"}
    assert ran_now == of_mfcc | {"check", "train_in_parallel", "evaluate", "gate"}


def test_where_work_is_done_reruns_nothing_but_the_check(repository, set_params):
    assert ran(dvc(repository, "exp", "run", "--set-param", "compute.workers=1")) == {"check"}


def test_another_dataset_and_back(repository, corpus):
    # fewer of the same sounds, elsewhere: the way there computes, the way back does not
    shutil.copytree(corpus, corpus.parent / "second", ignore=shutil.ignore_patterns("*-3.*"))
    (repository / "data/datasets/second.yaml").write_text(DATASET_FILE.format("second"))
    commit(repository, "a second dataset file")
    upstream = {"check", "fetch", "ingest", "duplicates", "split", "augment", "denoise@none", "audit"}
    upstream |= {"extract@mfcc", "extract@table"}
    to_audit = partial(dvc, repository, "exp", "run", "audit", "--set-param")
    assert ran(to_audit("dataset=second")) == upstream
    commit(repository, "second")
    back = {
        "check",
        "fetch",
        "extract@mfcc",
        "extract@table",
    }  # a dataset file more is looked at, and a link made again
    assert ran(to_audit("dataset=tiny")) == back
    commit(repository, "back")


def test_data_that_changes_outside_is_noticed(repository, corpus):
    assert "up to date" in dvc(repository, "status")
    write_wav(corpus / "high/annh-9.wav", np.random.default_rng(0).normal(0, 0.1, 8000))
    status = dvc(repository, "status")
    assert re.search(r"ingest:\s+changed deps:\s+modified:\s+data/raw/tiny", status)
    upstream = {"fetch", "ingest", "duplicates", "split", "augment", "denoise@none", "extract@mel"}
    assert ran(dvc(repository, "repro", "extract@mel")) == upstream
    assert "annh-9.wav" in (repository / "data/manifest.csv").read_text()
    (corpus / "high/annh-9.wav").unlink()
    assert ran(dvc(repository, "repro")) <= {"fetch", "ingest", "evaluate", "gate"} | EXTRACTS


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("classifiers.svm.C", -1, "params.yaml: classifiers.svm.C is -1: must be greater than 0"),
        ("split.seed", "abc", "params.yaml: split.seed is 'abc': must be a whole number"),
        (
            "classifiers.svm.features",
            "mffc",
            "classifiers.svm.features is 'mffc', which nothing makes. Did you mean mfcc? Available: ",
        ),
        ("features", {}, "params.yaml: features.png is missing, which dvc.yaml reads in images"),
        (
            "datset",
            "voices",
            "params.yaml: 'datset' is not a known section. Did you mean dataset? Available: dataset, audio",
        ),
        ("ingest.colour", "red", "params.yaml: ingest.colour is not a known key"),
        ("denoise.score.colour", "red", "params.yaml: denoise.score.colour is not a known key"),
        ("classifiers.cnn.training.colour", "red", "params.yaml: classifiers.cnn.training.colour is not a known key"),
        (
            "dataset",
            "nothing",
            "params.yaml: dataset is 'nothing', which has no dataset file. Available: anime_faces, ",
        ),
    ],
)
def test_a_wrong_parameter_stops_before_any_work(repository, set_params, key, value, sentence):
    set_params({key: value})
    printed = dvc(repository, "repro", status=255)
    assert sentence in printed
    assert ran(printed) == {"check"}
    assert "Traceback" not in printed


def test_a_section_that_is_unknown_stops_an_experiment(repository, set_params):
    printed = dvc(repository, "exp", "run", "--set-param", "+datset=voices", status=255)
    assert "params.yaml: 'datset' is not a known section. Did you mean dataset? Available: dataset, audio" in printed
    assert ran(printed) == {"check"}


def test_a_run_that_is_killed_goes_on(repository, set_params):
    longer = {"classifiers.cnn.training.epochs": 60, "classifiers.cnn.training.patience": 60}
    set_params(longer)
    after = {"train@cnn", "evaluate"}
    assert ran(dvc(repository, "repro")) == {"check", "train_in_parallel"} | after
    undisturbed = (repository / "dvc.lock").read_bytes()
    git("checkout", "--quiet", "HEAD", "--", ".", cwd=repository)
    dvc(repository, "checkout")
    set_params(longer)
    command = [sys.executable, "-m", "dvc", "repro", "--no-run-cache"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run = subprocess.Popen(command, cwd=repository, env=environment(), start_new_session=True, **quiet)
    until = time.monotonic() + 120
    while not list(repository.glob(".checkpoints/*.npz")) and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    printed = dvc(repository, "repro", "--no-run-cache")
    assert ran(printed) == after
    assert re.search(r"resumes after epoch [1-9]\d* of an earlier run that did not end", printed)
    assert (repository / "dvc.lock").read_bytes() == undisturbed
