"""Recordings that are not read as they are, such as those with a silent channel: how many, and of which classes."""

from sourcewise.audits import Finding, listed
from sourcewise.core.errors import count
from sourcewise.core.paths import REMARKS
from sourcewise.datasets.task import SEPARATOR


def summary(remarks, clips):
    """{remark: {recordings, classes: {class: [recordings with the remark, all its recordings]}}}.

    remarks: the table of data/remarks.csv; clips: a table with path and labels.
    """
    labels = clips.drop_duplicates("path").set_index("path")["labels"].str.split(SEPARATOR).explode()
    sizes = labels.value_counts().sort_index()
    result = {}
    for remark, paths in remarks.groupby("remark")["path"]:
        n = labels[labels.index.isin(paths)].value_counts()
        classes = {name: [int(n.get(name, 0)), int(size)] for name, size in sizes.items()}
        result[remark] = {"recordings": len(paths), "classes": classes}
    return result


def findings(summary):
    """One Finding per remark."""
    return [
        Finding("sound", f"{count(result['recordings'], 'recording')} with {remark} ({REMARKS}). {_of(**result)}")
        for remark, result in summary.items()
    ]


def _of(recordings, classes):
    """The classes with the largest and the smallest share."""
    ranked = sorted(classes, key=lambda name: (-classes[name][0] / classes[name][1], name))
    most, least = ranked[0], ranked[-1]
    (n, of), (fewest, of_least) = classes[most], classes[least]
    if n / of == fewest / of_least:
        return "All classes have the same share of them."
    return (
        f"These are {n:,} of the {of:,} of {listed([most])}, and {fewest:,} of the {of_least:,} of {listed([least])}: "
        "if the shares differ, a classifier may learn the fault instead of the class."
    )
