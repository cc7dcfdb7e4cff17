"""Recordings whose label is contradicted, with confidence, by classifiers that were fitted without them.

The folds are by recording, not by source. For a score that would be a leak; here it is the point: whoever knows a
speaker's other clips sees at once which of them is wrong. With 5 % of FSDD's labels flipped, all of them lie in the
first tenth of the ranking by recording, three fifths by source, where classifiers are wrong about a third of the
clips (python -m benchmarks.mislabels). What such folds cannot find is a source whose every clip is labelled wrongly.
"""

import numpy as np

from sourcewise.audits import Finding
from sourcewise.datasets.task import SEPARATOR

COLUMNS = ["rank", "clip_id", "path", "label", "predicted", "score"]


def mislabels(recordings, targets, probabilities, task):
    """A table of what is suspected, the most certain first: COLUMNS.

    recordings: a table with clip_id and path, a row a recording; targets and out-of-fold probabilities: (n_recordings,
    n_classes). Which are suspected: confident learning (Northcutt, Jiang, Chuang 2021), as cleanlab has it. score: as
    in `ranking`.
    """
    score, suspected = _judged(targets, probabilities, task), _suspected(targets, probabilities, task)
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
    """Row numbers, the lowest score first. It goes from 0 to 1 and lies above 0.5 where the label is more probable than
    any other class; of several labels a clip it is cleanlab's mean over the classes."""
    return np.lexsort((clip_ids, _judged(targets, probabilities, task)))


def findings(found, n, accuracy, *, share):
    """One Finding where more than `share` of n recordings are suspected; accuracy: of the classifiers, by recording."""
    if len(found) <= share * n:
        return []
    first = found.iloc[0]
    return [
        Finding(
            "mislabels",
            f"{len(found)} of {n} recordings ({len(found) / n:.1%}) look mislabelled to classifiers that are right on "
            f"{accuracy:.1%}: listen to those in metrics/audit/mislabels.csv, from the top (`{first['path']}`: "
            f"labelled `{first['label']}`, sounds like `{first['predicted']}`).",
        )
    ]


def _judged(targets, probabilities, task):
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
    """Rows that sum to 1, each class above 0."""
    p = np.clip(probabilities, 1e-9, None)
    return p / p.sum(axis=1, keepdims=True)


def _names(row, task):
    return SEPARATOR.join(np.array(task.classes)[row])
