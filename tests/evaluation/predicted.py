"""Predictions whose qualities are known, for tests of the choice, the comparisons and the verdict."""

import numpy as np
import pandas as pd

from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation import choice
from sourcewise.evaluation.predictions import Predictions


def task_of(n_classes, several=False):
    """The Task of classes a, b, c, ..."""
    kind = "multilabel" if several else "binary" if n_classes == 2 else "multiclass"
    return Task(kind, tuple("abcdefghij"[:n_classes]))


class Corpus:
    """n_sources of 6 recordings each, those of one source of all classes in turn, or as `shares` draws them; n_folds
    folds, in which every source is tested once and validates in the fold before; or a hold-out split: 40 % of the
    sources are tested, 20 % validate. Recordings and clips are the same."""

    def __init__(self, task, n_sources, n_folds=None, *, shares=None, seed=0):
        self.task, self._rng = task, np.random.default_rng(seed)
        n = n_sources * 6
        self.sources = np.array([f"s{k // 6:02d}" for k in range(n)])
        if not task.one_label:
            self.y_true = self._rng.random((n, len(task.classes))) < (shares or 0.3)
        elif shares:
            self.y_true = self._rng.multinomial(1, shares, n).astype(bool)
        else:
            self.y_true = np.eye(len(task.classes), dtype=bool)[np.arange(n) % len(task.classes)]
        names = ["|".join(np.array(task.classes)[row]) for row in self.y_true]
        self.clips = pd.DataFrame({"clip_id": [f"{k:04d}" for k in range(n)], "labels": names, "source": self.sources})
        self.clips["parent"] = self.clips["path"] = self.clips["clip_id"]
        self.split = Split(self.clips, self._parts(np.arange(n) // 6, n_sources, n_folds))

    @staticmethod
    def _parts(source, n_sources, n_folds):
        if n_folds is None:
            rank = (source * 7919) % n_sources / n_sources
            return np.where(rank < 0.4, "test", np.where(rank < 0.6, "validation", "train"))[:, None]
        parts = [
            np.where(
                source % n_folds == k, "test", np.where(source % n_folds == (k + 1) % n_folds, "validation", "train")
            )
            for k in range(n_folds)
        ]
        return np.stack(parts, axis=1)

    def scores(self, skill, within=0.1):
        """Probabilities that know the truth with a skill from 0 to 1, on average; `within`: of its variation over
        sources. Errors are as sure as what is right."""
        of_sources = np.clip(self._rng.normal(skill, within, len(set(self.sources))), 0, 1)
        knows = self._rng.random(len(self.sources)) < of_sources[np.unique(self.sources, return_inverse=True)[1]]
        guess = self._rng.permutation(self.y_true)
        said = np.where(knows[:, None], self.y_true, guess)
        p = np.where(said, 0.8, 0.1) + self._rng.uniform(0, 0.1, said.shape)
        return p / p.sum(axis=1, keepdims=True) if self.task.one_label else p

    def predictions(self, p, part):
        """The Predictions of a part, of probabilities of all recordings."""
        folds = []
        for fold in self.split.folds:
            rows = self.split.rows(fold, part)
            thresholds = np.tile(self.task.thresholds(), (len(rows), 1))
            y_pred = self.task.decide(p[rows], self.task.thresholds())
            table = self.clips.iloc[rows].set_index("clip_id")
            of = self.y_true[rows], y_pred, p[rows], thresholds, self.sources[rows], np.full(len(rows), fold), table
            folds.append(Predictions(*of))
        return choice.joined(folds)

    def candidate(self, p):
        """The Candidate with these probabilities of all recordings."""
        return choice.candidate(self.predictions(p, "validation"), self.predictions(p, "test"), self.task)

    def candidates(self, **skills):
        """{name: Candidate} of these skills."""
        return {name: self.candidate(self.scores(skill)) for name, skill in skills.items()}
