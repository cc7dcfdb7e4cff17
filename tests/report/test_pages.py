import shutil
import subprocess

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile

from sourcewise.datasets import manifest
from sourcewise.datasets.task import Task
from sourcewise.evaluation.predictions import Predictions
from sourcewise.report import figures, findings, provenance, sounds
from sourcewise.report.classifier import misclassified
from sourcewise.storage import cache, files
from tests.conftest import REPOSITORY


def test_a_confusion_matrix_shows_counts_coloured_by_share_and_names_literally():
    rows = [("<b>", "<b>", 3), ("<b>", "x", 1), ("x", "<b>", 0), ("x", "x", 0)]
    trace = figures.confusion(rows, ["<b>", "x"])["data"][0]
    assert trace["x"] == ["&lt;b&gt;", "x"] and trace["text"] == [[3, 1], [0, 0]]
    assert trace["z"] == [[0.75, 0.25], [0, 0]]


def test_curves_of_a_classifier_that_ranks_one_pair_wrongly():
    y_true = np.array([[True, False], [True, False], [False, True], [False, True]])
    p = np.array([0.1, 0.6, 0.4, 0.8])  # of the second class; the second clip ranks above the third
    drawn = figures.roc(y_true, np.stack([1 - p, p], axis=1), ["a", "b"])["data"]
    assert [line["name"] for line in drawn] == ["chance", "all classes", "a", "b"]
    assert (drawn[3]["x"], drawn[3]["y"]) == ([0, 0, 0.5, 0.5, 1], [0, 0.5, 0.5, 1, 1])
    second = figures.precision_recall(y_true, np.stack([1 - p, p], axis=1), ["a", "b"])["data"][2]
    assert (second["x"], second["y"]) == ([1, 1, 0.5, 0.5, 0], [0.5, 0.6667, 0.5, 1, 1])


def test_of_many_classes_only_the_micro_average_is_visible():
    y_true = np.eye(20, dtype=bool)
    drawn = figures.roc(y_true, np.eye(20), [str(k) for k in range(20)])["data"]
    assert "visible" not in drawn[1] and {line["visible"] for line in drawn[2:]} == {"legendonly"}


def test_calibration_of_one_bin():
    dots = figures.calibration([[10, 0.8, 0.5]])["data"][1]
    assert (dots["x"], dots["y"], dots["text"]) == ([0.8], [0.5], [10])


def test_the_most_confident_mistake_comes_first():
    task = Task("multiclass", ("a", "b", "c"))
    y_true = np.eye(3, dtype=bool)[[0, 0, 1]]
    p = np.array([[0.3, 0.4, 0.3], [0.0, 0.9, 0.1], [0.1, 0.8, 0.1]])
    rows = pd.DataFrame({"parent": list("xyz"), "path": list("xyz"), "source": "s"})
    thresholds = np.zeros((3, 3))
    test = Predictions(y_true, task.decide(p), p, thresholds, rows["source"].to_numpy(), np.zeros(3, int), rows)
    wrong = misclassified(task, test)
    assert wrong[["recording", "actual", "predicted", "probability"]].to_numpy().tolist() == [
        ["y", "a", "b", 0.9],
        ["x", "a", "b", 0.4],
    ]


def test_confidence_is_the_distance_from_the_threshold_of_the_own_fold():
    task = Task("binary", ("a", "b"))
    p = np.array([[0.3, 0.7], [0.2, 0.8]])
    thresholds = np.array([[0.9, 0.1], [0.4, 0.6]])
    rows = pd.DataFrame({"parent": list("xy"), "path": list("xy"), "source": "s"})
    y_true = np.array([[True, False]] * 2)
    test = Predictions(y_true, ~y_true, p, thresholds, rows["source"].to_numpy(), np.array([0, 1]), rows)
    assert misclassified(task, test)["recording"].tolist() == ["x", "y"]  # 0.6 beyond the threshold, and 0.2


@pytest.fixture
def recordings(in_tmp):
    """A function of longest_s: Recordings of one of 10 s at 1 kHz, cut into two overlapping segments."""
    wave = np.arange(10_000, dtype=np.int16)
    with files.writer("data/clips", np.int16) as append:
        append(wave)
    row = {"parent": "r", "n_samples": 6000, "sr": 1000, "origin": ""}
    split = pd.DataFrame([row | {"clip_id": "r-0", "start": 0}, row | {"clip_id": "r-1", "start": 4000}])
    return lambda longest_s, **how: sounds.Recordings(split, in_tmp / "page", longest_s, **how)


@pytest.mark.parametrize(("longest_s", "seconds", "truncated"), [(30, 10, False), (3, 3, True)])
def test_a_recording_is_written_whole_or_from_its_start(recordings, in_tmp, longest_s, seconds, truncated):
    media = recordings(longest_s).media("r")
    wave, sr = soundfile.read(in_tmp / "page" / media["sound"], dtype="int16")
    assert sr == 1000 and wave.tolist() == list(range(1000 * seconds)) and media["truncated"] is truncated
    assert cv2.imread(str(in_tmp / "page" / media["image"])).shape == (96, 256, 3)


def test_an_image_is_drawn_once(recordings, in_tmp, monkeypatch):
    def image():
        with sounds.cached_images() as mel_image:
            return (in_tmp / "page" / recordings(30, mel_image=mel_image).media("r")["image"]).read_bytes()

    shutil.copy(REPOSITORY / "params.yaml", in_tmp)
    monkeypatch.setattr(cache, "repository", lambda: in_tmp)
    drawn = image()
    monkeypatch.setattr(sounds, "mel_image", lambda wave, sr: b"drawn again")
    assert image() == drawn
    (values,) = in_tmp.glob(".cache/report-*.values")
    values.write_bytes(b"?" * values.stat().st_size)
    assert image() == b"drawn again"


def test_a_cache_that_cannot_be_written_is_told_once(recordings, in_tmp, monkeypatch, capsys):
    shutil.copy(REPOSITORY / "params.yaml", in_tmp)
    monkeypatch.setattr(cache, "repository", lambda: in_tmp)
    (in_tmp / ".cache").write_text("no folder")
    with sounds.cached_images() as mel_image:
        made = [mel_image(np.arange(n, dtype=np.int16), 1000) for n in (2000, 3000)]
    assert made == [sounds.mel_image(np.arange(n, dtype=np.int16), 1000) for n in (2000, 3000)]
    assert capsys.readouterr().err.count("this run continues without it") == 1


def test_contents_have_gits_ids_whether_committed_or_not(in_tmp):
    def git(*arguments):
        who = ["-c", "user.name=t", "-c", "user.email=t"]
        return subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    assert provenance.contents(["params.yaml"]) == {}  # no repository
    git("init", "--quiet")
    (in_tmp / "stages").mkdir()
    (in_tmp / "stages/a.py").write_text("1\n")
    (in_tmp / "params.yaml").write_text("a: 1\n")
    (in_tmp / ".gitignore").write_text(".cache\n")
    before = provenance.contents(["stages", "params.yaml"])
    assert git("status", "--porcelain") == "?? .gitignore\n?? params.yaml\n?? stages/"  # nothing was added to it
    git("add", ".")
    git("commit", "--quiet", "-m", "all")
    assert before == {"stages": git("rev-parse", "HEAD:stages"), "params.yaml": git("rev-parse", "HEAD:params.yaml")}
    assert before == provenance.contents(["stages", "params.yaml"])
    assert "all" in git("log", "-t", "--oneline", f"--find-object={before['stages']}")
    (in_tmp / "stages/a.py").write_text("2\n")
    assert provenance.contents(["stages"]) != {"stages": before["stages"]}


class _Media:
    """Recordings without media."""

    def media(self, parent):
        return {}


def test_a_shortcut_to_one_class_alone_has_its_clips_listed(in_tmp):
    rows = pd.DataFrame({"cue": ["bits", "format"], "clip_id": ["a", "b"], "path": "p", "label": "x", "value": "16"})
    findings.AUDIT_TABLES.mkdir(parents=True)
    manifest.write(rows, findings.AUDIT_TABLES / "shortcuts.csv")
    split = pd.DataFrame({"clip_id": ["a", "b"], "parent": ["a", "b"]})
    results = {"bits": (True, {}), "format": (False, {"x": {"value": 0.9}}), "duration_s": (False, {})}
    results = {cue: {"significant": significant, "classes": of} for cue, (significant, of) in results.items()}
    clips = findings.shortcuts({"shortcuts": results}, _Media(), split, most=5)
    assert {cue: [row["clip_id"] for row in rows] for cue, rows in clips.items()} == {"bits": ["a"], "format": ["b"]}
