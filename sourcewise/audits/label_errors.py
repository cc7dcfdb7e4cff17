"""Label errors: recordings whose label is confidently contradicted by classifiers that were fitted without them.

The folds are grouped by recording, not by source. For a score that would be leakage; here it helps, as other clips of
the speaker show which label is wrong. With 5 % of FSDD's labels flipped, all of them are in the first tenth of the
ranking with folds by recording, three fifths with folds by source, where classifiers misclassify a third of the clips
(python -m benchmarks.mislabels). Such folds cannot detect a source whose clips are all labelled wrongly. Labels are
judged only by classifiers that are well above chance, see `judge`.
"""

import numpy as np

from sourcewise.audits import Finding
from sourcewise.core.errors import count
from sourcewise.datasets.task import SEPARATOR
from sourcewise.evaluation.metrics import score

COLUMNS = ["rank", "clip_id", "path", "label", "predicted", "score"]


def mislabels(recordings, targets, probabilities, task):
    """A table of suspected label errors, the most certain first: COLUMNS.

    recordings: a table with clip_id and path, one row per recording; targets and out-of-fold probabilities:
    (n_recordings, n_classes). Suspected by confident learning (Northcutt, Jiang, Chuang 2021) as in cleanlab. score: as
    in `ranking`.
    """
    score, suspected = _quality(targets, probabilities, task), _suspected(targets, probabilities, task)
    order = ranking(recordings["clip_id"], targets, probabilities, task)
    rows = order[suspected[order]]
    y_pred = task.decide(probabilities)
    table = recordings.iloc[rows][["clip_id", "path"]].reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(rows) + 1))
    table["label"] = [_names(targets[row], task) for row in rows]
    table["predicted"] = [_names(y_pred[row], task) for row in rows]
    table["score"] = score[rows]
    return table


def ranking(clip_ids, targets, probabilities, task):
    """Row numbers, the lowest score of label quality first. It ranges from 0 to 1 and is above 0.5 where the label is
    more probable than any other class; for several labels it is cleanlab's mean over the classes."""
    return np.lexsort((clip_ids, _quality(targets, probabilities, task)))


def judge(targets, probabilities, task):
    """(balanced accuracy as {value, low, high}, why labels cannot be judged or None), of out-of-fold probabilities.

    Where classifiers are wrong about many recordings, most of those that they accuse are right. So the lower end of
    the interval over recordings must lie half-way from chance to a perfect score, or above.
    """
    y_pred, rows = task.decide(probabilities), np.arange(len(targets))
    if not task.one_label:
        targets, y_pred = (np.hstack([~carried, carried]) for carried in (targets, y_pred))
    balanced = score(targets, y_pred, rows)["balanced_accuracy"]
    chance = 1 / targets.shape[1] if task.one_label else 0.5
    needed = (1 + chance) / 2
    if balanced["low"] is not None and balanced["low"] >= needed:
        return balanced, None
    reached = "no interval" if balanced["low"] is None else f"95 % CI {balanced['low']:.2f} to {balanced['high']:.2f}"
    return balanced, (
        f"cannot be judged: the references have a balanced accuracy of {balanced['value']:.2f} ({reached}; chance "
        f"{chance:.2f}) on recordings held out, and {needed:.2f} or more throughout the interval is needed"
    )


def findings(suspected, n, accuracy, *, share):
    """One Finding where more than `share` of n recordings are suspected; accuracy: that of the classifiers."""
    if len(suspected) <= share * n:
        return []
    first = suspected.iloc[0]
    return [
        Finding(
            "mislabels",
            f"{len(suspected)} of {count(n, 'recording')} ({len(suspected) / n:.1%}) look mislabelled to classifiers "
            f"with an accuracy of {accuracy:.1%}: check those in metrics/audit/mislabels.csv, from the top "
            f"(`{first['path']}`: labelled `{first['label']}`, predicted `{first['predicted']}`).",
            len(suspected) / n,
        )
    ]


def _quality(targets, probabilities, task):
    from cleanlab import multilabel_classification
    from cleanlab.rank import get_label_quality_scores

    if task.one_label:
        labels, p = targets.argmax(axis=1), _distributions(probabilities)
        return np.round(get_label_quality_scores(labels, p, method="normalized_margin"), 4)
    return np.round(multilabel_classification.get_label_quality_scores(_lists(targets), probabilities), 4)


def _suspected(targets, probabilities, task):
    from cleanlab import multilabel_classification
    from cleanlab.filter import find_label_issues

    if task.one_label:
        return find_label_issues(targets.argmax(axis=1), _distributions(probabilities), n_jobs=1)
    return multilabel_classification.filter.find_label_issues(_lists(targets), probabilities, n_jobs=1)


def _lists(targets):
    """The class numbers of each clip."""
    return [row.nonzero()[0].tolist() for row in targets]


def _distributions(probabilities):
    """Rows that sum to 1, with each class above 0."""
    p = np.clip(probabilities, 1e-9, None)
    return p / p.sum(axis=1, keepdims=True)


def _names(row, task):
    return SEPARATOR.join(np.array(task.classes)[row])
