"""Coverage of the procedure's interval, and the bias of the chosen classifier's: python -m benchmarks.choice 150

Simulates 200 datasets per setting (or the number given): two classes, 8 recordings of each source, half of each class,
5 folds as the pipeline makes them, and 30 classifiers whose true accuracies over all possible sources are known: all
0.8, or evenly from 0.6 to 0.85. What is hard for one is half as hard for all, by source and by recording; a fifth of
the variance lies between sources. In each dataset a classifier is chosen by the lowest validation log
loss after temperature scaling (sourcewise/evaluation/choice.py). Prints how often the 95 % CI of the procedure,
whose pooled test predictions are by the classifier that each fold chose, covers the mean of their true accuracies; and
for the classifier chosen on the validation of all folds, whose own pooled test score is of the same sources, how far it
lies above its true accuracy on average, and how often its interval covers that. With 200 datasets the standard error of
a coverage is about 1.5.
"""

import itertools

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.measure import command
from sourcewise.core.markdown import markdown
from sourcewise.datasets.task import Task
from sourcewise.evaluation import choice
from sourcewise.evaluation.metrics import score
from sourcewise.evaluation.predictions import Predictions

TASK = Task("binary", ("a", "b"))
CLASSIFIERS, FOLDS, RECORDINGS = 30, 5, 8
WITHIN = 0.2  # of the variance of margins, between sources
ACCURACIES = {"all 0.8": np.full(CLASSIFIERS, 0.8), "0.6 to 0.85": np.linspace(0.6, 0.85, CLASSIFIERS)}


def main(datasets=200, seed=0):
    """Print the table: one row per setting."""
    print(__doc__.split("\n\n")[1])
    rows = []
    for title, n_sources in itertools.product(ACCURACIES, (10, 20, 40)):
        rng = np.random.default_rng([seed, n_sources])
        each = [_one(rng, ACCURACIES[title], n_sources) for _ in range(datasets)]
        covered, bias, covered_chosen, chosen_true = np.mean(each, axis=0)
        cells = (f"{100 * covered:.1f}", f"{bias:+.3f}", f"{100 * covered_chosen:.1f}", f"{chosen_true:.3f}")
        rows.append([title, f"{n_sources}", *cells])
    header = [
        "true accuracies",
        "sources",
        "procedure: coverage",
        "chosen: bias",
        "coverage",
        "its true accuracy",
    ]
    print(markdown(header, rows))


def _one(rng, accuracies, n_sources):
    """Whether the procedure's interval covers; the chosen one's bias, whether its interval covers, its accuracy."""
    y_true, sources, p = _dataset(rng, accuracies, n_sources)
    fold_of = rng.permutation(n_sources)[sources] % FOLDS
    candidates = {str(k): _candidate(y_true, sources, of, fold_of) for k, of in enumerate(p)}
    chosen = choice.choose_among(candidates)
    true = np.mean([accuracies[int(name)] for name in chosen.of_folds])
    own = candidates[chosen.name].test
    of_procedure, of_chosen = (score(t.y_true, t.y_pred, t.sources)["accuracy"] for t in (chosen.test, own))
    true_own = accuracies[int(chosen.name)]
    return (
        of_procedure["low"] <= true <= of_procedure["high"],
        of_chosen["value"] - true_own,
        of_chosen["low"] <= true_own <= of_chosen["high"],
        true_own,
    )


def _dataset(rng, accuracies, n_sources):
    """y_true (n, 2), sources (n,), and the probabilities of each classifier (n_classifiers, n, 2)."""
    n, k = n_sources * RECORDINGS, len(accuracies)
    sources = np.arange(n) // RECORDINGS
    of_sources = _half_shared(rng, k, n_sources)[:, sources]
    margins = (
        norm.ppf(accuracies)[:, None] + np.sqrt(WITHIN) * of_sources + np.sqrt(1 - WITHIN) * _half_shared(rng, k, n)
    )
    of_true = 1 / (1 + np.exp(-2 * margins))  # a margin above 0 is right
    y_true = np.eye(2, dtype=bool)[np.arange(n) % 2]
    return y_true, sources, np.where(y_true, of_true[..., None], 1 - of_true[..., None])


def _half_shared(rng, k, n):
    """Normal numbers (k, n) of variance 1, which correlate by one half over the first axis."""
    return np.sqrt(0.5) * (rng.normal(size=n) + rng.normal(size=(k, n)))


def _candidate(y_true, sources, p, fold_of):
    parts = []
    for shift in (1, 0):  # fold k tests its sources, those of fold k + 1 validate
        folds = [
            _predictions(y_true, sources, p, np.flatnonzero(fold_of == (k + shift) % FOLDS), k) for k in range(FOLDS)
        ]
        parts.append(choice.joined(folds))
    return choice.candidate(*parts, TASK)


def _predictions(y_true, sources, p, rows, fold):
    y_pred, n = TASK.decide(p[rows]), len(rows)
    return Predictions(
        y_true[rows], y_pred, p[rows], np.full((n, 2), 0.5), sources[rows], np.full(n, fold), pd.DataFrame(index=rows)
    )


if __name__ == "__main__":
    command(main)
