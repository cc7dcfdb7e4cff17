"""The changes of a branch, in Markdown, for its review: make review BASE=main

The findings of the audit; the metrics and the parameters that differ from those of another commit.
"""

import json
import subprocess
import sys
import textwrap

from sourcewise.audits import SHOWN
from sourcewise.core.errors import Stop, count
from sourcewise.core.markdown import markdown
from sourcewise.core.paths import AUDIT
from sourcewise.storage.files import read_json

SUMMARY = "metrics/summary.json"
SCREEN = 35  # rows; longer tables are folded
MOST = 250  # rows of a table: a comment on GitHub holds 65,536 characters


def main(base):
    """Print the review. base: a commit, by any name that git knows."""
    known = ["git", "rev-parse", "--quiet", "--verify", "--end-of-options", f"{base}^{{commit}}"]
    if subprocess.run(known, stdout=subprocess.DEVNULL).returncode:
        raise Stop(f"git knows no commit {base!r}: fetch it, or name another: make review BASE=origin/main")
    if not AUDIT.is_file():
        raise Stop(f"{AUDIT} does not exist: run make repro, which writes it")
    scores = _scores(_diff("metrics", base, "--all", "--targets", SUMMARY).get(SUMMARY, {}))
    parameters = [
        (key if file == "params.yaml" else f"{file}: {key}", *(_cell(pair.get(side)) for side in ("old", "new")))
        for file, pairs in sorted(_diff("params", base).items())
        for key, pair in sorted(pairs.items())
    ]
    print(f"## Compared with `{base}`", _findings(), sep="\n\n", end="\n\n")
    print(_table("score", ["model", "validation", "test", "95 % CI", "change"], scores), end="\n\n")
    print(_table("parameter", ["parameter", "base", "branch"], parameters))


def _findings():
    """The findings as a block of code, in which no name from the data can be markup, a link or a mention."""
    findings = read_json(AUDIT)["findings"]
    if not findings:
        return "No findings of the audit."
    lines = [f"{finding['category']}: {finding['text']}" for finding in findings[:SHOWN]]
    lines += [f"{count(len(findings) - SHOWN, 'finding')} worth less: see {AUDIT}"] if len(findings) > SHOWN else []
    block = [textwrap.fill(line, 100, initial_indent="    ", subsequent_indent="      ") for line in lines]
    return "\n".join(["Findings of the audit:", "", *block])


def _diff(command, base, *options):
    """The result of `dvc metrics diff` or `dvc params diff`: {file: {key: {old, new}}}."""
    arguments = [sys.executable, "-m", "dvc", command, "diff", "--json", *options, "--", base]
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"dvc {command} diff {base}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def _scores(pairs):
    """One row per classifier and leakage gap with a changed number."""
    rows = {}
    for key, pair in pairs.items():
        rows.setdefault(key if key.startswith("gap.") else key.rpartition(".")[0], {})[key.rpartition(".")[2]] = pair
    changed = {
        name: row for name, row in rows.items() if any(pair.get("old") != pair.get("new") for pair in row.values())
    }
    return [_row(name, row) for name, row in sorted(changed.items())]


def _row(name, row):
    """The headline score in both commits, its interval on the branch, and its change."""
    score = row.get("micro_f1") or row.get("accuracy") or next(iter(row.values()))  # a gap has one number only
    old, new = score.get("old"), score.get("new")
    interval = [row.get(end, {}).get("new") for end in ("low", "high")]
    return (
        name.replace("gap.", "gap of "),
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


def _table(noun, header, rows):
    if not rows:
        return f"No changed {noun}."
    title = count(len(rows), f"changed {noun}")
    table = markdown(header, rows[:MOST])
    more = f"\n\nand {len(rows) - MOST:,} more" * (len(rows) > MOST)
    if len(rows) <= SCREEN:
        return f"{title}:\n\n{table}"
    return f"<details><summary>{title}</summary>\n\n{table}{more}\n\n</details>"


def arguments(parser):
    """Of the command line."""
    parser.add_argument("base", nargs="?", default="main", help="the commit to compare with; main where none is given")
