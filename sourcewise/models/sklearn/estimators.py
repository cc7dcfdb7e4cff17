"""What scikit-learn's classifiers share: one shape of probabilities for all tasks, and storage that cannot run code."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import scipy

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.task import Task
from sourcewise.models.examples import columns, loudness_and_crossings, resized
from sourcewise.storage.files import read_json, write_json, write_zip

AT_ONCE = 25_000_000  # pairs of classes, of all rows together: SVC compares every two for each row
#: Types beyond skops' own list that the zoo's estimators are made of; all are plain containers of numbers.
TRUSTED = [
    *("sklearn.multiclass._ConstantPredictor", "sklearn.tree._tree.Tree"),
    *("xgboost.core.Booster", "xgboost.sklearn.XGBClassifier"),
]


class Model:
    """A fitted estimator. `prepare(x, p)` turns features into its rows; classes that training lacked get probability
    0. search: what it was chosen among, as `search.best` found it; None where there was no choice."""

    def __init__(self, estimator, prepare, task, p, search=None):
        self._estimator, self._prepare, self._task, self._p, self._search = estimator, prepare, task, p, search

    def predict(self, x):
        """Probabilities (n_clips, n_classes). Estimators that give only distances have them squashed: they rank and
        decide as the estimator does, but are not calibrated."""
        rows = self._prepare(x, self._p)
        n = max(1, AT_ONCE // len(self._task.classes) ** 2)
        found = np.concatenate([self._asked(rows[k : k + n]) for k in range(0, len(rows), n)])
        probabilities = np.zeros((len(rows), len(self._task.classes)))
        probabilities[:, self._estimator.classes_] = found
        return probabilities

    def _asked(self, rows):
        from sklearn.multiclass import OneVsRestClassifier

        if hasattr(self._estimator, "predict_proba"):
            return self._estimator.predict_proba(rows)
        return _squashed(self._estimator.decision_function(rows), isinstance(self._estimator, OneVsRestClassifier))

    def save(self, folder):
        """Write the estimator by skops, as bytes that depend on its content alone, the task, the parameters, and the
        search, for people to read."""
        import skops.io

        write_zip(Path(folder) / "model.skops", _canonical(skops.io.dumps(self._estimator)))
        self._task.write(Path(folder) / "labels.json")
        write_json(Path(folder) / "params.json", self._p.model_dump())
        if self._search is not None:
            write_json(Path(folder) / "search.json", self._search)


def table(x, p):
    """The `prepare` of estimators that take the table's published columns."""
    return columns(x)


def four_columns(x, p):
    """The `prepare` of estimators that take loudness and zero crossings alone."""
    return loudness_and_crossings(x)


def pictures(x, p):
    """The `prepare` of estimators that take pictures of p.height x p.width, flattened: from 0 to 1."""
    rows = (resized(x[i], height=p.height, width=p.width).ravel() for i in range(len(x)))
    return np.stack([row.astype(np.float64) for row in rows])  # float32 sums change with the number of clips asked


def fit(estimator, prepare, train, task, p, search=None):
    """Fit on training examples; with several labels a clip, one copy of the estimator a class."""
    from sklearn.multiclass import OneVsRestClassifier

    target = task.codes(train.y)
    estimator = estimator if target.ndim == 1 else OneVsRestClassifier(estimator)
    return Model(estimator.fit(prepare(train.x, p), target), prepare, task, p, search)


def load(model, prepare, folder):
    """The Model that `save` wrote, `model` being the class of its section; anything but known estimators and arrays
    in the file is refused."""
    import skops.io

    folder = Path(folder)
    p = params.check(model, read_json(folder / "params.json"), f"{folder}/params.json")
    file = folder / "model.skops"
    try:
        estimator = skops.io.load(file, trusted=TRUSTED)
    except (ValueError, TypeError, KeyError, AttributeError, ImportError, OSError, zipfile.BadZipFile) as error:
        raise Stop(f"{file} is damaged, or holds more than numbers ({error}): remove it, then `dvc repro`") from None
    return Model(estimator, prepare, Task.read(folder / "labels.json"), p)


def _squashed(distances, several_labels):
    if several_labels:
        return scipy.special.expit(distances)
    if distances.ndim == 1:
        p = scipy.special.expit(distances)
        return np.column_stack([1 - p, p])
    return scipy.special.softmax(distances, axis=1)


def _canonical(archive):
    """The members of a skops archive, with numbers in order of appearance for the memory addresses that skops uses."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    schema = json.loads(members.pop("schema.json"))
    numbers = {}

    def renamed(node):
        if isinstance(node, list):
            return [renamed(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = {key: renamed(value) for key, value in node.items()}
        if "__id__" in node:
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
        if "file" in node and node["file"] in members:
            stem, suffix = node["file"].rsplit(".", 1)
            node["file"] = f"{numbers.setdefault(stem, len(numbers))}.{suffix}"
        return node

    schema = json.dumps(renamed(schema)).encode()
    files = {f"{numbers[name.rsplit('.', 1)[0]]}.{name.rsplit('.', 1)[1]}": data for name, data in members.items()}
    return {"schema.json": schema, **files}
