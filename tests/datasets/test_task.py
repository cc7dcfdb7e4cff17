import numpy as np
import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets.task import Task

THREE = ("bird", "dog", "rain")


@pytest.mark.parametrize(
    ("labels", "task_type"),
    [(["dog", "bird"], "binary"), (["dog", "bird", "rain"], "multiclass"), (["dog|rain", "bird"], "multilabel")],
)
def test_the_type_follows_from_the_labels(labels, task_type):
    task = Task.of(labels)
    assert task.type == task_type
    assert task.classes == tuple(sorted({name for label in labels for name in label.split("|")}))


def test_one_class_is_refused():
    with pytest.raises(Stop, match=r"1 class found \(dog\), at least 2 are needed"):
        Task.of(["dog", "dog"])


def test_targets_and_codes():
    task = Task("multilabel", THREE)
    targets = task.targets(["dog|rain", "bird", ""])
    assert targets.tolist() == [[False, True, True], [True, False, False], [False, False, False]]
    assert task.codes(targets).tolist() == [[0, 1, 1], [1, 0, 0], [0, 0, 0]]
    assert Task("multiclass", THREE).codes(targets[:2]).tolist() == [1, 0]


def test_decisions():
    p = np.array([[0.2, 0.6, 0.5], [0.4, 0.4, 0.2]])
    assert Task("multiclass", THREE).decide(p).astype(int).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert Task("multilabel", THREE).decide(p).astype(int).tolist() == [[0, 1, 1], [0, 0, 0]]


def test_confusion_of_one_label():
    task = Task("binary", ("a", "b"))
    y_true, y_pred = task.targets(["a", "a", "b"]), task.targets(["a", "b", "b"])
    assert task.confusion(y_true, y_pred) == [("a", "a", 1), ("a", "b", 1), ("b", "a", 0), ("b", "b", 1)]


def test_confusion_of_several_labels_is_a_table_a_class():
    task = Task("multilabel", ("a", "b"))
    rows = task.confusion(task.targets(["a|b", "a"]), task.targets(["a", ""]))
    assert ("a", "a", 1) in rows and ("a", "not a", 1) in rows and ("b", "not b", 1) in rows
    assert sum(clips for *_, clips in rows) == 4


def test_it_is_stored_and_read_back(tmp_path):
    task = Task("binary", ("ja", "<script>"))
    task.write(tmp_path / "labels.json")
    assert Task.read(tmp_path / "labels.json") == task
