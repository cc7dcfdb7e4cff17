"""The kind of labels. Nothing else in the repository asks whether a task has several labels a clip."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sourcewise.core.errors import Stop
from sourcewise.core.paths import LABELS
from sourcewise.storage.files import read_json, write_json

SEPARATOR = "|"


@dataclass(frozen=True)
class Task:
    """Class names in a fixed order, and how a clip carries them: one of two, one of many, or any number."""

    type: Literal["binary", "multiclass", "multilabel"]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, labels, fewest=2):
        """The task that these label strings ("dog", or "dog|rain" for several) make up; Stop below `fewest` classes."""
        parts = [_split(label) for label in labels]
        classes = tuple(sorted({name for names in parts for name in names}))
        if len(classes) < fewest:
            raise Stop(f"labels: {len(classes)} class found ({', '.join(classes)}), at least {fewest} are needed")
        several = any(len(names) != 1 for names in parts)
        return cls("multilabel" if several else "binary" if len(classes) == 2 else "multiclass", classes)

    @classmethod
    def read(cls, path=LABELS):
        """The task as `write` stored it."""
        content = read_json(path)
        return cls(content["type"], tuple(content["classes"]))

    def write(self, path=LABELS):
        """Store as JSON."""
        write_json(path, {"type": self.type, "classes": self.classes})

    @property
    def one_label(self):
        """Whether every clip carries exactly one class."""
        return self.type != "multilabel"

    def targets(self, labels):
        """Label strings as a boolean array (n_clips, n_classes)."""
        column = {name: k for k, name in enumerate(self.classes)}
        y = np.zeros((len(labels), len(self.classes)), dtype=bool)
        for row, label in enumerate(labels):
            y[row, [column[name] for name in _split(label)]] = True
        return y

    def codes(self, targets):
        """Targets as scikit-learn takes them: class numbers (n_clips,), or with several labels 0 and 1 for each."""
        return targets.argmax(axis=1) if self.one_label else targets.astype(int)

    def thresholds(self, value=0.5):
        """The same for each class, as `decide` takes them: (n_classes,). Of two classes the second is there from
        `value` on; where one of many is, the most probable one is taken, and there are none."""
        return np.array({"binary": [1 - value, value]}.get(self.type, [0.0 if self.one_label else value] * self._n))

    def decide(self, probabilities, thresholds=None):
        """Probabilities (n_clips, n_classes) as decisions, boolean of the same shape.

        One label a clip: what is furthest above its threshold, the first one where two tie. Several: each from its
        threshold on. thresholds: (n_classes,); None: `thresholds()`.
        """
        above = probabilities - (self.thresholds() if thresholds is None else thresholds)
        return np.arange(self._n) == above.argmax(axis=1)[:, None] if self.one_label else above >= 0

    @property
    def _n(self):
        return len(self.classes)

    def confusion(self, y_true, y_pred):
        """Counts as rows (actual, predicted, clips), boolean arrays (n_clips, n_classes) given.

        With several labels a clip each class has its own two-by-two table, "dog" against "not dog".
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
