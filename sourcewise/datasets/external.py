"""External datasets: other recordings, on which all trained classifiers are tested and nothing is fitted or chosen.
Where they lie, and which of their labels are classes of this dataset."""

import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sourcewise.core.errors import Stop, available, named
from sourcewise.core.paths import CHECKED, METRICS
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.files import read_json

#: What `check` writes: the dataset files that `external` names.
FILES = CHECKED / "external.json"
#: Their names, and of each a folder: its clips and their manifest, those that are scored, and predictions of them.
EXTERNAL = Path("data/external")
NAMES = EXTERNAL / "datasets.json"
SCORED, SAME, FACTS, PREDICTED = "scored.csv", "in_dataset.csv", "facts.json", "predictions"
#: The scores of all classifiers on them.
SCORES = METRICS / "external.json"


class Matched(NamedTuple):
    """rows: a table of those that are scored, with the labels of this dataset; facts: {common, absent, unknown,
    recordings, left_out, labels, labels_left_out}.

    common: the classes that both have, absent: those that the external dataset lacks; unknown: {label: the number of
    recordings} of labels that are no class here. Where a recording has one label, those with another one, with none or
    with several are left out; with several, labels that are no class are ignored.
    """

    rows: object
    facts: dict


def names():
    """Of the external datasets that were predicted."""
    return read_json(NAMES) if NAMES.is_file() else []


def keep_only(chosen):
    """Remove the list of names, and what was predicted on datasets that are not among the chosen names."""
    NAMES.unlink(missing_ok=True)
    for path in EXTERNAL.glob("*"):
        if path.name not in chosen:
            shutil.rmtree(path)


def check_labels(labels, classes, rename, where):
    """Stop where `rename` names a label that is in none of the label texts, or a class that is not in `classes`; or
    where they have no class in common."""
    known = sorted({name for text in labels for name in _split(text)})
    for theirs, ours in rename.items():
        if theirs not in known:
            raise Stop(f"{where}: rename: no recording has the label {theirs!r}{available(theirs, known)}")
        if ours not in classes:
            raise Stop(f"{where}: rename: {ours!r} is no class of this dataset{available(ours, classes)}")
    if not {rename.get(name, name) for name in known} & set(classes):
        raise Stop(
            f"{where} has none of the classes {named(classes)}: its labels are {named(known)}; set rename in external"
        )


def matched(table, task, rename):
    """The Matched of a manifest. rename: {label there: class here}."""
    of_clips = [{rename.get(name, name) for name in _split(text)} for text in table["labels"]]
    of_recordings = {}
    for parent, own in zip(table["parent"], of_clips, strict=True):
        of_recordings.setdefault(parent, set()).update(own)
    classes = set(task.classes)
    counted = Counter(name for own in of_recordings.values() for name in own)
    common = [name for name in task.classes if counted[name]]
    kept = {parent for parent, own in of_recordings.items() if not task.one_label or (len(own) == 1 and own <= classes)}
    rows = table.assign(labels=[SEPARATOR.join(sorted(own & classes)) for own in of_clips])
    n_labels, n_known = sum(counted.values()), sum(counted[name] for name in common)
    facts = {
        "common": common,
        "absent": [name for name in task.classes if not counted[name]],
        "unknown": {name: n for name, n in sorted(counted.items()) if name not in classes},
        "recordings": len(of_recordings),
        "left_out": len(of_recordings) - len(kept),
        "labels": n_labels,
        "labels_left_out": n_labels - n_known,
    }
    return Matched(rows[rows["parent"].isin(kept)].reset_index(drop=True), facts)


def _split(text):
    return [name for name in text.split(SEPARATOR) if name]
