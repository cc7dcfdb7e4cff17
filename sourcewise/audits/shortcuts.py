"""Shortcuts: how well one number that has nothing to do with what is heard tells the label, on sources held out."""

import numpy as np
import pandas as pd
import scipy

from sourcewise.audits import Finding, listed
from sourcewise.audits.cues import CUES
from sourcewise.datasets.assign import assign
from sourcewise.evaluation.aggregation import by_source
from sourcewise.evaluation.metrics import score

ERROR = 0.05  # the share of corpora without any shortcut in which one is named all the same
SPREAD = 1.25  # the error of scores over folds, of that of as many independent answers: measured on corpora of one clip
# a source whose labels were drawn, 24 to 400 sources, 2 and 6 classes (1.21 to 1.28; with more clips a source below 1)


def shortcuts(table, sources, targets, task, *, folds, margin, seed):
    """(results, told): {cue: {balanced_accuracy, chance, surely, classes}}, and {cue: boolean (n_clips, n_classes), the
    classes of each clip that it tells rightly}.

    table: of `cues.table`; a cue that is the same for all clips is left out. For each cue a shallow tree, in which
    classes weigh the same, is fitted on all folds of sources but one. balanced_accuracy: {value, low, high} of the
    label, and in `classes` of "carries this class or not" (chance 0.5) where that is sure.

    Sure is what lies above chance by `margin` with its interval, and that no more than one in twenty corpora without
    any shortcut would show in any cue, for the label or any class (Bonferroni), judged as if the clips of each source
    were right or wrong together, which is the worst case.
    """
    varied = [cue for cue in CUES if table[cue].nunique() > 1]
    asked = len(varied) * (len(task.classes) + 1 if len(task.classes) > 2 else len(task.classes) - task.one_label)
    how = {"z": scipy.stats.norm.isf(ERROR / max(asked, 1)), "margin": margin}
    fold_of = assign(sources, targets, fractions=[1 / folds] * folds, seed=seed)
    results, told = {}, {}
    for cue in varied:
        values = table[cue] if cue != "format" else table[cue].astype("category").cat.codes
        p = _out_of_fold(values.to_numpy(float)[:, None], fold_of, targets, task)
        results[cue], told[cue] = _judged(p, sources, targets, task, **how)
    return results, told


def findings(results, table, targets, task):
    """A Finding a cue by which the label or a class is surely told."""
    return [
        Finding("shortcut", _sentence(cue, found, table[cue], targets, task))
        for cue, found in results.items()
        if _tells(found)
    ]


def carriers(results, told, table, clips, targets, task, *, most):
    """A table cue, clip_id, path, label, value: up to `most` clips a cue that tells, told rightly, classes in turn."""
    rows = []
    for cue in [cue for cue, found in results.items() if _tells(found)]:
        found = results[cue]
        classes = [k for k, name in enumerate(task.classes) if found["surely"] or name in found["classes"]]
        turn = np.cumsum(told[cue], axis=0)[:, classes] * told[cue][:, classes]  # from 1 within each class
        taken = np.flatnonzero(turn.any(axis=1))
        for i in sorted(taken[np.argsort(turn.max(axis=1)[taken], kind="stable")][:most]):
            value = CUES[cue].value.format(table[cue].iloc[i])
            rows.append((cue, *clips[["clip_id", "path", "labels"]].iloc[i], value))
    return pd.DataFrame(rows, columns=["cue", "clip_id", "path", "label", "value"])


def _tells(found):
    return found["surely"] or bool(found["classes"])


def _out_of_fold(x, fold_of, targets, task):
    """Probabilities (n_clips, n_classes) by trees whose leaves hold a quarter of a class at least."""
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.tree import DecisionTreeClassifier

    codes, p = task.codes(targets), np.zeros(targets.shape)
    least = 0.25 / (targets.shape[1] if task.one_label else 2)
    for fold in range(fold_of.max() + 1):
        kept, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        tree = DecisionTreeClassifier(min_weight_fraction_leaf=least, class_weight="balanced", random_state=0)
        model = (tree if task.one_label else OneVsRestClassifier(tree)).fit(x[kept], codes[kept])
        p[np.ix_(held, model.classes_)] = model.predict_proba(x[held])
    return p


def _judged(p, sources, targets, task, *, z, margin):
    """What `shortcuts` says of one cue, and which clips it tells rightly."""
    chance = 1 / targets.shape[1] if task.one_label else 0.5
    there = p > chance + 1e-9  # more probable than before the cue was known
    answers = (targets, task.decide(p)) if task.one_label else (_pairs(targets), _pairs(there))
    whole = score(*answers, sources)["balanced_accuracy"]
    found = {"balanced_accuracy": whole, "chance": round(chance, 4)}
    found["surely"] = _above(whole, chance + margin) and _far(*answers, sources, chance, z)
    found["classes"] = {}
    for k, name in enumerate(task.classes if len(task.classes) > 2 or not task.one_label else ()):
        of_class = _pairs(targets[:, [k]]), _pairs(there[:, [k]])
        if _far(*of_class, sources, 0.5, z):
            own = score(*of_class, sources)["balanced_accuracy"]
            found["classes"] |= {name: own} if _above(own, 0.5 + margin) else {}
    return found, targets & there


def _pairs(carried):
    """Columns (n_clips, n) as twice as many, so that recall of both is balanced accuracy: not there, there."""
    return np.hstack([~carried, carried])


def _above(found, bound):
    return bool(found["low"] is not None and found["low"] > bound)


def _far(y_true, said, sources, chance, z):
    """Whether the mean recall of the columns lies z standard errors above `chance`, as large as they would be were the
    clips of each source right or wrong together."""
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    carried = by_source(y_true, source_of, len(names))  # (n_sources, n)
    n = carried.sum(axis=0)
    recall = (y_true & said).sum(axis=0)[n > 0] / n[n > 0]
    independent = n[n > 0] ** 2 / (carried**2).sum(axis=0)[n > 0]  # sources, fewer where some are much larger (Kish)
    error = np.sqrt(np.sum(chance * (1 - chance) / independent)) / len(recall)
    return bool(recall.mean() > chance + z * SPREAD * error)


def _sentence(cue, found, values, targets, task):
    """In plain words: what is told, how well, from which values, and what to do."""
    name, form, legitimate = CUES[cue]
    if found["surely"]:
        what, scored, chance = "The label is told", found["balanced_accuracy"], found["chance"]
    else:
        best = max(found["classes"], key=lambda label: found["classes"][label]["value"])
        what, scored, chance = f"{listed([*found['classes']])} can be told from the others", found["classes"][best], 0.5
    ranks = values.rank().to_numpy()
    apart = [abs(ranks[carried].mean() - ranks[~carried].mean()) if carried.any() else 0 for carried in targets.T]
    k = max((task.classes.index(label) for label in found["classes"] or task.classes), key=lambda k: apart[k])
    own, other = (_typical(values[rows], form) for rows in (targets[:, k], ~targets[:, k]))
    return (
        f"{what} by {name} alone: {scored['value']:.2f} balanced accuracy on sources held out, chance {chance:.2f}. "
        f"`{task.classes[k]}`: {own}; all others: {other}. {legitimate}: compare with the best score."
    )


def _typical(values, form):
    """The commonest value and how many have it, or, where nearly all differ, the median."""
    common, n = values.value_counts().index[0], values.value_counts().iloc[0]
    if 2 * n >= len(values):
        return f"{form.format(common)} in {n} of {len(values)} clips"
    if pd.api.types.is_numeric_dtype(values):
        return f"{form.format(values.median())} in the median"
    return f"mostly {common}"
