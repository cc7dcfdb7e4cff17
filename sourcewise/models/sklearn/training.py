"""The family `sklearn`: fitting, prediction and storage of its estimators, stored without any code.

A module of the family has `TAKES` and `estimator(p)`, which returns an unfitted scikit-learn estimator;
see sourcewise/models/classifiers/__init__.py.
"""

import io
import json
import warnings
import zipfile
from pathlib import Path

from sourcewise.core.errors import Stop
from sourcewise.datasets.task import Task
from sourcewise.models import entries
from sourcewise.models.sklearn import search
from sourcewise.models.sklearn.estimators import fitted, probabilities
from sourcewise.storage.files import write_json, write_zip

#: Types beyond skops' own list that estimators contain; all are plain containers of numbers.
TRUSTED = [
    *("sklearn.multiclass._ConstantPredictor", "sklearn.tree._tree.Tree"),
    *("xgboost.core.Booster", "xgboost.sklearn.XGBClassifier"),
]


class Model:
    """A fitted estimator, its task and its settings; searched: the search, as `search.chosen` returns it, or None."""

    def __init__(self, estimator, task, p, searched=None):
        self._estimator, self._task, self._p, self.searched = estimator, task, p, searched

    def predict(self, x):
        """Probabilities (n_clips, n_classes); see `estimators.probabilities`."""
        return probabilities(self._estimator, self._p.rows(x), self._task)

    def save(self, folder):
        """Write the estimator by skops, as bytes that depend only on its content; the task; the settings; the search,
        for people to read."""
        import skops.io

        write_zip(Path(folder) / "model.skops", _canonical(skops.io.dumps(self._estimator)))
        self._task.write(Path(folder) / "labels.json")
        entries.store(folder, self._p)
        if self.searched is not None:
            write_json(Path(folder) / "search.json", self.searched)


def fit(module, train, validation, task, p):
    """Fit on train; settings that are lists are searched by folds of train's sources. Validation is not used."""
    rows = train._replace(x=p.rows(train.x))
    settings, searched = search.chosen(module, rows, task, p)
    with warnings.catch_warnings():
        if getattr(module, "ENDS_EARLY", False):
            warnings.filterwarnings("ignore", ".*failed to converge")
        return Model(fitted(module.estimator(settings), rows, task), task, p, searched)


def load(folder):
    """The Model that `save` wrote; a file with anything but known estimators and arrays is refused."""
    import skops.io

    folder = Path(folder)
    _, p = entries.stored(folder)
    file = folder / "model.skops"
    try:
        estimator = skops.io.load(file, trusted=TRUSTED)
    except (ValueError, TypeError, KeyError, AttributeError, ImportError, OSError, zipfile.BadZipFile) as error:
        raise Stop(f"{file} is damaged, or holds more than numbers ({error}): remove it, then `dvc repro`") from None
    return Model(estimator, Task.read(folder / "labels.json"), p)


def _canonical(archive):
    """The members of a skops archive, with its memory addresses replaced by numbers in order of appearance."""
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
