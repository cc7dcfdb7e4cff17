"""Recordings behind the audit's findings, with what can be listened to and looked at."""

from sourcewise.audits.shortcuts import is_shortcut
from sourcewise.core import params
from sourcewise.core.paths import AUDIT_TABLES, DUPLICATES, EACH
from sourcewise.datasets import manifest
from sourcewise.report import audioset
from sourcewise.storage.files import read_json


def duplicates(page, recordings, split, most):
    """The number of pairs, and the first `most` of them with both clips."""
    pairs = manifest.read(DUPLICATES)
    parent = split.set_index("clip_id")["parent"]
    listed = []
    for line, pair in enumerate(pairs.head(most).to_dict("records"), start=2):
        image = DUPLICATES.parent / f"{line:05d}.png"
        pair["image"] = page.copy(image, f"duplicates-{line}.png") if image.is_file() else None
        pair["both"] = [(clip, recordings.media(parent[clip])) for clip in (pair["clip_id"], pair["other"])]
        listed.append(pair)
    return {"n": len(pairs), "listed": listed}


def mislabels(recordings, most):
    """The number of suspected label errors, and the first `most` of them."""
    table = manifest.read(AUDIT_TABLES / "mislabels.csv")
    listed = [row | recordings.media(row["clip_id"]) for row in table.head(most).to_dict("records")]
    return {"n": len(table), "listed": listed}


def shortcuts(audit, recordings, split, most):
    """{cue: the first `most` clips of metrics/audit/shortcuts.csv} of each shortcut."""
    table, parent = manifest.read(AUDIT_TABLES / "shortcuts.csv"), split.set_index("clip_id")["parent"]
    clips = {}
    for cue in (cue for cue, result in audit["shortcuts"].items() if is_shortcut(result)):
        rows = table[table["cue"] == cue].head(most).to_dict("records")
        clips[cue] = [row | recordings.media(parent[row["clip_id"]]) for row in rows]
    return clips


def recognised(task, recordings, split, most):
    """[{"name", "classes", "clips"}] of each embedding whose network names AudioSet's classes: these for each class of
    the dataset, and the `most` clips that resemble their class least."""
    y, sources, made = task.targets(split["labels"]), split["source"].to_numpy(), []
    for name in params.load(dict[str, dict], "embeddings"):
        file = EACH / "embeddings" / f"{name}.json"
        lines = read_json(file).get("audioset") if file.is_file() else None
        if lines is None:
            continue
        table = audioset.scores(lines[: len(split)])
        rows, values = audioset.standing_out(table, y, sources, most)
        clips = [
            {"label": clip["labels"], "recognised": audioset.named(table[row]), "similarity": f"{value:.2f}"}
            | {"path": clip["path"]}
            | recordings.media(clip["parent"])
            for row, value, clip in zip(rows, values, split.iloc[rows].to_dict("records"), strict=True)
        ]
        made.append({"name": name, "classes": audioset.by_class(table, y, task.classes), "clips": clips})
    return made
