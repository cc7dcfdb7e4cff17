"""What the report tells of the audit's findings, with what can be heard and seen of each."""

from sourcewise.audits import shortcuts
from sourcewise.core.paths import AUDIT_TABLES, DUPLICATES
from sourcewise.datasets import manifest


def duplicates(page, recordings, split, most):
    """The number of pairs, and the first of them with both clips."""
    pairs = manifest.read(DUPLICATES)
    parent = split.set_index("clip_id")["parent"]
    found = []
    for line, pair in enumerate(pairs.head(most).to_dict("records"), start=2):
        drawn = DUPLICATES.parent / f"{line:05d}.png"
        pair["picture"] = page.copy(drawn, f"duplicates-{line}.png") if drawn.is_file() else None
        pair["both"] = [(clip, recordings.media(parent[clip])) for clip in (pair["clip_id"], pair["other"])]
        found.append(pair)
    return {"n": len(pairs), "shown": found}


def mislabels(recordings, most):
    """The number of recordings whose label looks wrong, and the first of them."""
    table = manifest.read(AUDIT_TABLES / "mislabels.csv")
    shown = [row | recordings.media(row["clip_id"]) for row in table.head(most).to_dict("records")]
    return {"n": len(table), "shown": shown}


def carriers(audit, recordings, split, most):
    """Of each shortcut, the clips that metrics/audit/shortcuts.csv names."""
    table, parent = manifest.read(AUDIT_TABLES / "shortcuts.csv"), split.set_index("clip_id")["parent"]
    found = {}
    for cue in (cue for cue, told in audit["shortcuts"].items() if shortcuts.is_shortcut(told)):
        rows = table[table["cue"] == cue].head(most).to_dict("records")
        found[cue] = [row | recordings.media(parent[row["clip_id"]]) for row in rows]
    return found
