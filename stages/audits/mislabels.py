"""Recordings whose label is contradicted, with confidence, by classifiers that were fitted without them.

The folds are by recording, not by source. For a score that would be a leak; here it is the point: whoever knows a
speaker's other clips sees at once which of them is wrong. With 5 % of FSDD's labels flipped, all of them lie in the
first tenth of the ranking by recording, three quarters by source, where classifiers are wrong about a third of the
clips (python -m tests.bench.mislabels). What such folds cannot find is a source whose every clip is labelled wrongly.
"""

import numpy as np
from cleanlab import multilabel_classification
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

from stages.audits import Finding
from stages.core.task import SEPARATOR


def mislabels(recordings, targets, probabilities, task):
    """A table of what is suspected, the most certain first: rank, clip_id, path, label, predicted, score.

    recordings: a table with clip_id and path, a row a recording; targets and out-of-fold probabilities: (n_recordings,
    n_classes). Which are suspected: confident learning (Northcutt, Jiang, Chuang 2021), as cleanlab has it. score, from
    0 to 1, the lower the worse: how much more probable the label is than the best other class; of several labels a
    clip, cleanlab's mean over the classes.
    """
    score, suspected = (_of_one if task.one_label else _of_several)(targets, probabilities)
    order = np.lexsort((recordings["clip_id"], np.round(score, 6)))
    rows = order[suspected[order]]
    decided = task.decide(probabilities)
    table = recordings.iloc[rows][["clip_id", "path"]].reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(rows) + 1))
    table["label"] = [_names(targets[row], task) for row in rows]
    table["predicted"] = [_names(decided[row], task) for row in rows]
    table["score"] = np.round(score[rows], 4)
    return table


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


def _of_one(targets, probabilities):
    labels, probabilities = targets.argmax(axis=1), _distributions(probabilities)
    score = get_label_quality_scores(labels, probabilities, method="normalized_margin")
    return score, find_label_issues(labels, probabilities, n_jobs=1)


def _of_several(targets, probabilities):
    labels = [row.nonzero()[0].tolist() for row in targets]
    score = multilabel_classification.get_label_quality_scores(labels, probabilities)
    return score, multilabel_classification.filter.find_label_issues(labels, probabilities, n_jobs=1)


def _distributions(probabilities):
    """Rows that sum to 1, each class above 0."""
    p = np.clip(probabilities, 1e-9, None)
    return p / p.sum(axis=1, keepdims=True)


def _names(row, task):
    return SEPARATOR.join(np.array(task.classes)[row])
