"""Shortcuts: how well a single cue that is unrelated to the content predicts the label of unseen sources."""

from typing import NamedTuple

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
ALIKE = 0.5  # absolute rank correlation of two cues from which they have one cause


class Reference(NamedTuple):
    """What a classifier scores on a grouped split, to compare a cue with: its name, its balanced accuracy of the label,
    and of "carries this class or not" for each class. It is the best of the audit's references, as the classifier that
    the run chooses is known only after training."""

    name: str
    balanced_accuracy: float
    classes: dict


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
    options = {"z": _z(len(varied), task), "margin": margin}
    fold_of = assign(sources, targets, fractions=[1 / folds] * folds, seed=seed)
    results, correct = {}, {}
    for cue in varied:
        values = table[cue] if cue != "format" else table[cue].astype("category").cat.codes
        p = _out_of_fold(values.to_numpy(float)[:, None], fold_of, targets, task)
        results[cue], correct[cue] = _scored(p, sources, targets, task, **options)
    return results, correct


def unjudged(results, sources, targets, task):
    """Why shortcuts cannot be judged: with so few sources even a cue that predicts every clip is not significant; None
    where they can."""
    decisions = (targets, targets) if task.one_label else (_pairs(targets), _pairs(targets))
    chance, z = 1 / targets.shape[1] if task.one_label else 0.5, _z(len(results), task)
    if not results or _rejects(*decisions, sources, chance, z):
        return None
    of_class = (z * SPREAD) ** 2 * chance / ((1 - chance) * decisions[0].shape[1])
    return (
        f"cannot be judged with {count(sources.nunique(), 'source')}: even a number that predicts every clip would not "
        f"be significant; {int(of_class) + 1} sources of each class would suffice"
    )


def reference(probabilities, sources, targets, task):
    """The best Reference, None of no classifier; probabilities: {classifier: out of fold, (n_clips, n_classes)}."""
    scores = []
    for name, p in probabilities.items():
        y_pred = task.decide(p)
        whole = (targets, y_pred) if task.one_label else (_pairs(targets), _pairs(y_pred))
        of_classes = {
            label: score(_pairs(targets[:, [k]]), _pairs(y_pred[:, [k]]), sources)["balanced_accuracy"]["value"]
            for k, label in enumerate(task.classes)
        }
        scores.append(Reference(name, score(*whole, sources)["balanced_accuracy"]["value"], of_classes))
    return max(scores, key=lambda of: of.balanced_accuracy, default=None)


def findings(results, table, targets, task, best=None):
    """One Finding per cause of cues that significantly predict the label or a class. best: a Reference.

    The cue that is worth most stands for its cause, with those of the same answer in CUES or whose values rank the
    clips much as its own do.
    """
    worth = {cue: _worth(result, len(task.classes)) for cue, result in results.items() if is_shortcut(result)}
    left = sorted(worth, key=lambda cue: -worth[cue])
    found = []
    while left:
        cue, *others = left
        alike = [other for other in others if _have_one_cause(cue, other, table)]
        text = _sentence(cue, results[cue], table[cue], targets, task, best)
        if alike:
            text += f" Of the same cause: {', '.join(_scored_as_text(other, results[other]) for other in alike)}."
        found.append(Finding("shortcut", text, worth[cue]))
        left = [other for other in others if other not in alike]
    return found


def _scored_as_text(cue, result):
    of = "" if result["significant"] else f" for {listed(result['classes'])}"
    return f"{CUES[cue].name} ({_best(result)['value']:.2f}{of})"


def _have_one_cause(cue, other, table):
    if CUES[cue].legitimate == CUES[other].legitimate:
        return True
    if "format" in (cue, other):
        return False
    return bool(abs(np.corrcoef(table[cue].rank(), table[other].rank())[0, 1]) >= ALIKE)


def _worth(result, n_classes):
    """Balanced accuracy above chance, of the label or of single classes, whichever is more."""
    label = result["balanced_accuracy"]["value"] - result["chance"] if result["significant"] else 0
    classes = sum(2 * of["value"] - 1 for of in result["classes"].values()) / n_classes
    return round(float(max(label, classes)), 4)


def _best(result):
    """The balanced accuracy of the label, or of the class that is predicted best."""
    if result["significant"]:
        return result["balanced_accuracy"]
    return max(result["classes"].values(), key=lambda of: of["value"])


def _z(n_cues, task):
    """Standard errors above chance, by Bonferroni's correction for all cues, the label and all classes."""
    n_classes = len(task.classes)
    n_tests = n_cues * (n_classes + 1 if n_classes > 2 else n_classes - task.one_label)
    return scipy.stats.norm.isf(ERROR / max(n_tests, 1))


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


def _sentence(cue, result, values, targets, task, best):
    """What is predicted, how well, from which values, beside the classifier `best`, and when it is legitimate."""
    name, form, legitimate = CUES[cue]
    if result["significant"]:
        subject, chance, compared = "The label", result["chance"], best and best.balanced_accuracy
    else:
        label = max(result["classes"], key=lambda label: result["classes"][label]["value"])
        subject, chance, compared = listed(result["classes"]), 0.5, best and best.classes[label]
    beside = f", {best.name} {compared:.2f}" if best else ""
    partly = " in part" if best and _best(result)["value"] - chance < (compared - chance) / 2 else ""
    ranks = values.rank().to_numpy()
    apart = [abs(ranks[carried].mean() - ranks[~carried].mean()) if carried.any() else 0 for carried in targets.T]
    k = max((task.classes.index(label) for label in result["classes"] or task.classes), key=lambda k: apart[k])
    own, other = (_typical(values[rows], form) for rows in (targets[:, k], ~targets[:, k]))
    return (
        f"{subject} can be predicted{partly} from {name} alone: balanced accuracy {_best(result)['value']:.2f} on "
        f"unseen sources, chance {chance:.2f}{beside}. `{task.classes[k]}`: {own}; all others: {other}. {legitimate}."
    )


def _typical(values, form):
    """The most frequent value with its count, or the median where most values differ."""
    common, n = values.value_counts().index[0], values.value_counts().iloc[0]
    if 2 * n >= len(values):
        return f"{form.format(common)} in {n:,} of {count(len(values), 'clip')}"
    if pd.api.types.is_numeric_dtype(values):
        return f"{form.format(values.median())} in the median"
    return f"mostly {common}"
