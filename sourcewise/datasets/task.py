"""The task: binary, multiclass or multi-label. No other module asks whether a clip has several labels."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sourcewise.core.errors import Stop, count
from sourcewise.core.paths import LABELS
from sourcewise.storage.files import read_json, write_json

SEPARATOR = "|"


@dataclass(frozen=True)
class Task:
    """Class names in a fixed order, and the type: a clip has one of two, one of many, or any number of them."""

    type: Literal["binary", "multiclass", "multilabel"]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, labels, fewest=2):
        """The task of these label strings ("dog", or "dog|rain" for several); Stop below `fewest` classes."""
        parts = [_split(label) for label in labels]
        classes = tuple(sorted({name for names in parts for name in names}))
        if len(classes) < fewest:
            n = count(len(classes), "class", "classes")
            raise Stop(f"labels: {n} found ({', '.join(classes)}), at least {fewest} are needed")
        several = any(len(names) != 1 for names in parts)
        return cls("multilabel" if several else "binary" if len(classes) == 2 else "multiclass", classes)

    @classmethod
    def read(cls, path=LABELS):
        """The task that `write` stored."""
        content = read_json(path)
        return cls(content["type"], tuple(content["classes"]))

    def write(self, path=LABELS):
        """Store as JSON."""
        write_json(path, {"type": self.type, "classes": self.classes})

    @property
    def one_label(self):
        """Whether every clip has exactly one class."""
        return self.type != "multilabel"

    def targets(self, labels):
        """Label strings as a boolean array (n_clips, n_classes)."""
        column = {name: k for k, name in enumerate(self.classes)}
        y = np.zeros((len(labels), len(self.classes)), dtype=bool)
        for row, label in enumerate(labels):
            y[row, [column[name] for name in _split(label)]] = True
        return y

    def codes(self, targets):
        """Targets as scikit-learn expects them: class numbers (n_clips,), or with several labels 0 and 1 for each."""
        return targets.argmax(axis=1) if self.one_label else targets.astype(int)

    def thresholds(self, value=0.5):
        """One threshold for each class, for `decide`: (n_classes,). Binary: the second class is predicted from `value`
        on. Multiclass: all 0, so that the most probable class is predicted. Multi-label: `value` for each."""
        return np.array({"binary": [1 - value, value]}.get(self.type, [0.0 if self.one_label else value] * self._n))

    def decide(self, probabilities, thresholds=None):
        """The classes predicted from probabilities (n_clips, n_classes), boolean of the same shape.

        One label a clip: the class furthest above its threshold, in a tie the first. Several: each class that reaches
        its threshold. thresholds: (n_classes,); None: `thresholds()`.
        """
        above = probabilities - (self.thresholds() if thresholds is None else thresholds)
        return np.arange(self._n) == above.argmax(axis=1)[:, None] if self.one_label else above >= 0

    @property
    def _n(self):
        return len(self.classes)

    def confusion(self, y_true, y_pred):
        """The confusion matrix as rows (actual, predicted, n_clips), of boolean arrays (n_clips, n_classes).

        With several labels a clip each class has its own two-by-two matrix, "dog" against "not dog".
        """
        if self.one_label:
            counts = y_true.T.astype(int) @ y_pred.astype(int)
            return [(a, p, int(counts[i, j])) for i, a in enumerate(self.classes) for j, p in enumerate(self.classes)]
        rows = []
        for k, name in enumerate(self.classes):
            for actual, a in ((name, True), (f"not {name}", False)):
                for predicted, p in ((name, True), (f"not {name}", False)):
                    rows.append((actual, predicted, int(np.sum((y_true[:, k] == a) & (y_pred[:, k] == p)))))
        return rows


def _split(label):
    return [name for name in label.split(SEPARATOR) if name]
