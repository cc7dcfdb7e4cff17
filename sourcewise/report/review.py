"""What a branch changes, in Markdown, for whoever reviews it: make review BASE=main

What the audit found; the metrics and the parameters that differ from those of another commit.
"""

import json
import subprocess
import sys
import textwrap

from sourcewise.core.errors import Stop
from sourcewise.core.markdown import markdown
from sourcewise.core.paths import AUDIT
from sourcewise.storage.files import read_json

SUMMARY = "metrics/summary.json"
SCREEN = 35  # rows; longer tables are shown on demand
MOST = 250  # rows of a table: a comment on GitHub holds 65,536 characters


def main(base):
    """Print it. base: a commit, by any name that git knows."""
    known = ["git", "rev-parse", "--quiet", "--verify", "--end-of-options", f"{base}^{{commit}}"]
    if subprocess.run(known, stdout=subprocess.DEVNULL).returncode:
        raise Stop(f"git knows no commit {base!r}: fetch it, or name another: make review BASE=origin/main")
    if not AUDIT.is_file():
        raise Stop(f"{AUDIT} does not exist: make repro writes it")
    scores = _scores(_diff("metrics", base, "--all", "--targets", SUMMARY).get(SUMMARY, {}))
    parameters = [
        (key if file == "params.yaml" else f"{file}: {key}", *(_cell(pair.get(side)) for side in ("old", "new")))
        for file, pairs in sorted(_diff("params", base).items())
        for key, pair in sorted(pairs.items())
    ]
    print(f"## Beside `{base}`", _findings(), sep="\n\n", end="\n\n")
    print(_table("score", ["on test", "validation", "score", "95 %", "change"], scores), end="\n\n")
    print(_table("parameter", ["parameter", "there", "here"], parameters))


def _findings():
    """As a block of code, in which no name from the data can be markup, a link or a mention."""
    found = read_json(AUDIT)["findings"]
    if not found:
        return "The audit found nothing."
    lines = [f"{finding['category']}: {finding['text']}" for finding in found]
    block = [textwrap.fill(line, 100, initial_indent="    ", subsequent_indent="      ") for line in lines]
    return "\n".join(["The audit found:", "", *block])


def _diff(what, base, *how):
    """What `dvc metrics diff` or `dvc params diff` finds: {file: {key: {old, new}}}."""
    command = [sys.executable, "-m", "dvc", what, "diff", "--json", *how, "--", base]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"dvc {what} diff {base}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def _scores(pairs):
    """A row for each classifier and leakage gap of which a number differs."""
    rows = {}
    for key, pair in pairs.items():
        rows.setdefault(key if key.startswith("gap.") else key.rpartition(".")[0], {})[key.rpartition(".")[2]] = pair
    differ = {of: row for of, row in rows.items() if any(pair.get("old") != pair.get("new") for pair in row.values())}
    return [_row(of, row) for of, row in sorted(differ.items())]


def _row(of, row):
    """The headline score there and here, its interval here, by how much it changed."""
    score = row.get("micro_f1") or row.get("accuracy") or next(iter(row.values()))  # of a gap its only number
    old, new = score.get("old"), score.get("new")
    interval = [row.get(end, {}).get("new") for end in ("low", "high")]
    return (
        of.replace("gap.", "gap of "),
        _both(row.get("validation", {})),
        _both(score),
        "-" if None in interval or "micro_f1" in row else f"{interval[0]:.3f} to {interval[1]:.3f}",
        "-" if None in (old, new) else f"{new - old:+.3f}",
    )


def _cell(value):
    return "-" if value is None else " ".join(str(value).split()).replace("|", "\\|")


def _both(pair):
    old, new = ("-" if pair.get(side) is None else f"{pair[side]:.3f}" for side in ("old", "new"))
    return new if old == new else f"{old} → {new}"


def _table(what, header, rows):
    if not rows:
        return f"No {what} differs."
    said = f"{len(rows)} {what}{'s' * (len(rows) > 1)} {'differ' if len(rows) > 1 else 'differs'}"
    table = markdown(header, rows[:MOST])
    more = f"\n\nand {len(rows) - MOST:,} more" * (len(rows) > MOST)
    if len(rows) <= SCREEN:
        return f"{said}:\n\n{table}"
    return f"<details><summary>{said}</summary>\n\n{table}{more}\n\n</details>"


def arguments(parser):
    """Of the command line."""
    parser.add_argument("base", nargs="?", default="main", help="the commit to compare with; main where none is given")
