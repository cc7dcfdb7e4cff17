"""Shortcuts: how well a single cue that is unrelated to the content predicts the label of unseen sources."""

import numpy as np
import pandas as pd
import scipy

from sourcewise.audits import Finding, listed
from sourcewise.audits.cues import CUES
from sourcewise.core.errors import count
from sourcewise.datasets.assign import assign
from sourcewise.evaluation.aggregation import by_source
from sourcewise.evaluation.metrics import score

ERROR = 0.05  # family-wise error rate: the share of datasets without any shortcut in which one is reported
SPREAD = 1.25  # standard error of scores over folds, relative to as many independent predictions: measured on datasets
# of one clip per source with random labels, 24 to 400 sources, 2 and 6 classes (1.21 to 1.28; below 1 with more clips)


def shortcuts(table, sources, targets, task, *, folds, margin, seed):
    """(results, correct): {cue: {balanced_accuracy, chance, significant, classes}}, and {cue: boolean (n_clips,
    n_classes), the classes of each clip that it predicts correctly}.

    table: of `cues.table`; constant cues are left out. For each cue a shallow decision tree with balanced class weights
    is cross-validated with folds of sources. balanced_accuracy: {value, low, high} for the label; `classes`: the same
    for "carries this class or not" (chance 0.5), of the classes for which it is significant.

    Significant: the interval lies above chance by `margin`, and a one-sided z-test with Bonferroni's correction for all
    cues, the label and all classes rejects chance at ERROR, conservatively assuming that the clips of a source are all
    right or all wrong.
    """
    varied = [cue for cue in CUES if table[cue].nunique() > 1]
    n_tests = len(varied) * (len(task.classes) + 1 if len(task.classes) > 2 else len(task.classes) - task.one_label)
    options = {"z": scipy.stats.norm.isf(ERROR / max(n_tests, 1)), "margin": margin}
    fold_of = assign(sources, targets, fractions=[1 / folds] * folds, seed=seed)
    results, correct = {}, {}
    for cue in varied:
        values = table[cue] if cue != "format" else table[cue].astype("category").cat.codes
        p = _out_of_fold(values.to_numpy(float)[:, None], fold_of, targets, task)
        results[cue], correct[cue] = _scored(p, sources, targets, task, **options)
    return results, correct


def findings(results, table, targets, task):
    """One Finding per cue that significantly predicts the label or a class."""
    return [
        Finding("shortcut", _sentence(cue, result, table[cue], targets, task))
        for cue, result in results.items()
        if is_shortcut(result)
    ]


def examples(results, correct, table, clips, targets, task, *, most):
    """A table cue, clip_id, path, label, value: up to `most` correctly predicted clips a shortcut, classes in turn."""
    rows = []
    for cue, result in results.items():
        if not is_shortcut(result):
            continue
        classes = [k for k, name in enumerate(task.classes) if result["significant"] or name in result["classes"]]
        turn = np.cumsum(correct[cue], axis=0)[:, classes] * correct[cue][:, classes]  # from 1 within each class
        taken = np.flatnonzero(turn.any(axis=1))
        for i in sorted(taken[np.argsort(turn.max(axis=1)[taken], kind="stable")][:most]):
            value = CUES[cue].value.format(table[cue].iloc[i])
            rows.append((cue, *clips[["clip_id", "path", "labels"]].iloc[i], value))
    return pd.DataFrame(rows, columns=["cue", "clip_id", "path", "label", "value"])


def is_shortcut(result):
    """Whether a cue significantly predicts the label or a class, by its result from `shortcuts`."""
    return result["significant"] or bool(result["classes"])


def _out_of_fold(x, fold_of, targets, task):
    """Probabilities (n_clips, n_classes) of trees whose leaves hold at least a quarter of a class."""
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.tree import DecisionTreeClassifier

    codes, p = task.codes(targets), np.zeros(targets.shape)
    min_weight = 0.25 / (targets.shape[1] if task.one_label else 2)
    for fold in range(fold_of.max() + 1):
        kept, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        tree = DecisionTreeClassifier(min_weight_fraction_leaf=min_weight, class_weight="balanced", random_state=0)
        model = (tree if task.one_label else OneVsRestClassifier(tree)).fit(x[kept], codes[kept])
        p[np.ix_(held, model.classes_)] = model.predict_proba(x[held])
    return p


def _scored(p, sources, targets, task, *, z, margin):
    """The result of one cue for `shortcuts`, and which classes of which clips it predicts correctly."""
    chance = 1 / targets.shape[1] if task.one_label else 0.5
    y_pred = p > chance + 1e-9  # more probable than without the cue
    decisions = (targets, task.decide(p)) if task.one_label else (_pairs(targets), _pairs(y_pred))
    whole = score(*decisions, sources)["balanced_accuracy"]
    result = {"balanced_accuracy": whole, "chance": round(chance, 4)}
    result["significant"] = _above(whole, chance + margin) and _rejects(*decisions, sources, chance, z)
    result["classes"] = {}
    for k, name in enumerate(task.classes if len(task.classes) > 2 or not task.one_label else ()):
        of_class = _pairs(targets[:, [k]]), _pairs(y_pred[:, [k]])
        if _rejects(*of_class, sources, 0.5, z):
            own = score(*of_class, sources)["balanced_accuracy"]
            result["classes"] |= {name: own} if _above(own, 0.5 + margin) else {}
    return result, targets & y_pred


def _pairs(carried):
    """Columns (n_clips, n) as twice as many, absent and present, so that their mean recall is the balanced accuracy."""
    return np.hstack([~carried, carried])


def _above(interval, bound):
    return bool(interval["low"] is not None and interval["low"] > bound)


def _rejects(y_true, y_pred, sources, chance, z):
    """Whether the mean recall of the columns lies more than z standard errors above `chance`; the standard error is
    that of clips which are all right or all wrong within a source."""
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    carried = by_source(y_true, source_of, len(names))  # (n_sources, n)
    n = carried.sum(axis=0)
    recall = (y_true & y_pred).sum(axis=0)[n > 0] / n[n > 0]
    independent = n[n > 0] ** 2 / (carried**2).sum(axis=0)[n > 0]  # effective number of sources (Kish)
    error = np.sqrt(np.sum(chance * (1 - chance) / independent)) / len(recall)
    return bool(recall.mean() > chance + z * SPREAD * error)


def _sentence(cue, result, values, targets, task):
    """What is predicted, how well, from which values, and what to do."""
    name, form, legitimate = CUES[cue]
    if result["significant"]:
        subject, scored, chance = "The label", result["balanced_accuracy"], result["chance"]
    else:
        best = max(result["classes"], key=lambda label: result["classes"][label]["value"])
        subject, scored, chance = listed(result["classes"]), result["classes"][best], 0.5
    ranks = values.rank().to_numpy()
    apart = [abs(ranks[carried].mean() - ranks[~carried].mean()) if carried.any() else 0 for carried in targets.T]
    k = max((task.classes.index(label) for label in result["classes"] or task.classes), key=lambda k: apart[k])
    own, other = (_typical(values[rows], form) for rows in (targets[:, k], ~targets[:, k]))
    return (
        f"{subject} can be predicted from {name} alone: balanced accuracy {scored['value']:.2f} on unseen sources, "
        f"chance {chance:.2f}. `{task.classes[k]}`: {own}; all others: {other}. {legitimate}: compare with the best "
        "classifier."
    )


def _typical(values, form):
    """The most frequent value with its count, or the median where most values differ."""
    common, n = values.value_counts().index[0], values.value_counts().iloc[0]
    if 2 * n >= len(values):
        return f"{form.format(common)} in {n:,} of {count(len(values), 'clip')}"
    if pd.api.types.is_numeric_dtype(values):
        return f"{form.format(values.median())} in the median"
    return f"mostly {common}"
