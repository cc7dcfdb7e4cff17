"""The changes of a branch, in Markdown, for its review: python -m sourcewise review main, or make review BASE=main

The score of the procedure and of the chosen classifier, that on external datasets, the leakage gaps and the worst
source, before and now; the findings of the audit; the scores and the parameters that differ from those of another
commit. Where both were tested on as many recordings of the same sources, each change of a score has a p,
paired by source.
"""

import io
import json
import subprocess
import sys
import textwrap

from sourcewise.audits import SHOWN
from sourcewise.core import messages
from sourcewise.core.errors import Stop, count
from sourcewise.core.markdown import between, markdown
from sourcewise.core.paths import AUDIT, SOURCES
from sourcewise.datasets import manifest
from sourcewise.evaluation import significance
from sourcewise.evaluation.verdict import PROCEDURE
from sourcewise.storage.files import read_json

SUMMARY, SCORES = "metrics/summary.json", "metrics/scores.json"
SCREEN = 35  # rows; longer tables are folded
MOST = 250  # rows of a table: a comment on GitHub holds 65,536 characters


def main(base):
    """Print the review. base: a commit, by any name that git knows."""
    known = ["git", "rev-parse", "--quiet", "--verify", "--end-of-options", f"{base}^{{commit}}"]
    if subprocess.run(known, stdout=subprocess.DEVNULL).returncode:
        raise Stop(f"git knows no commit {base!r}: fetch it, or name another: make review BASE=origin/main")
    if not AUDIT.is_file():
        raise Stop(f"{AUDIT} does not exist: run make repro, which writes it")
    if not subprocess.run(["git", "diff", "--quiet", f"{base}^{{commit}}", "--"]).returncode:
        messages.warn(f"{base!r} is what is checked out: git switch to the branch, and dvc checkout, first")
    differing = _diff("metrics", base, "--all", "--targets", SUMMARY, SCORES)
    p = _p_of_changes(base)
    summary, scores = _nested(differing.get(SUMMARY, {})), _scores(_nested(differing.get(SCORES, {})), p)
    parameters = [
        (key if file == "params.yaml" else f"{file}: {key}", *(_cell(pair.get(side)) for side in ("old", "new")))
        for file, pairs in sorted(_diff("params", base).items())
        for key, pair in sorted(pairs.items())
    ]
    print(f"## Compared with `{base}`", _summary(summary, p), _findings(), sep="\n\n", end="\n\n")
    header = ["classifier", "validation log loss", "test score", "95 % CI", "change", "p"]
    print(_table("score", header, scores, _about(p)), end="\n\n")
    print(_table("parameter", ["parameter", "base", "branch"], parameters))


def _p_of_changes(base):
    """{row of metrics/sources.csv that changed: p of the change}: of the procedure, by sign flips paired by source; of
    classifiers, after the step-down correction for all of them. None where it cannot be told: without that table in
    both commits, or if other recordings were tested."""
    shown = subprocess.run(["git", "show", f"{base}:{SOURCES.as_posix()}"], capture_output=True)
    if shown.returncode or not SOURCES.is_file():
        return None
    tables = (manifest.read(table).set_index("source").sort_index() for table in (io.BytesIO(shown.stdout), SOURCES))
    before, now = (table.astype(float) for table in tables)
    n = now.pop("recordings")
    if not n.equals(before.get("recordings")):
        return None
    parts = {name: n * (now[name] - before[name]) for name in now if name in before}
    parts = {name: each.to_numpy() for name, each in parts.items() if each.any()}
    p = {name: significance.sign_flips_of_parts(parts.pop(name)) for name in (PROCEDURE,) if name in parts}
    return p | dict(zip(parts, significance.step_down(list(parts.values())), strict=True))


def _about(p):
    if p is None:
        return "; without p, as only one commit has their table or other recordings were tested"
    return "; p is paired by source and corrected for their number" if p else ""


def _summary(of, p):
    """What metrics/summary.json holds, in both commits, as a block of code."""
    rows = []
    for metric, score in of.get("procedure", {}).items():
        rows.append(("score to report", "", metric, score, (p or {}).get(PROCEDURE)))
    for key, title, named in (
        ("chosen", "chosen classifier", "classifier"),
        ("worst_source", "worst source", "source"),
    ):
        content = dict(of.get(key, {}))
        name = content.pop(named, None)
        rows += [(title, f"{_both(name, str)}, " if name else "", metric, score) for metric, score in content.items()]
    for name, scores in of.get("external", {}).items():
        rows += [(f"on {name}", "chosen, ", metric, score) for metric, score in scores.items()]
    rows += [(f"leakage gap of {name}", "", "", score) for name, score in of.get("gap", {}).items()]
    rows = [row for row in rows if "value" in row[3]]  # a base from before this layout has a number alone
    if not rows:
        return f"No {SUMMARY} in either commit."
    return "\n".join(f"    {_cell(_line(*row))}" for row in rows)


def _line(title, name, metric, score, p=None):
    low, high = (score.get(end, {}).get("new") for end in ("low", "high"))
    interval = "no CI" if low is None or high is None else f"95 % CI {low:.3f} to {high:.3f}"
    metric = f"{metric.replace('_', ' ')} " if metric else ""
    chance = "" if p is None else f" ({_p(p)})"
    return f"{title}: {name}{metric}{_both(score['value'])} ({interval}){_change(score['value'])}{chance}"


def _change(pair):
    old, new = pair.get("old"), pair.get("new")
    return "" if None in (old, new) or old == new else f", {new - old:+.3f}"


def _nested(pairs):
    """{"a.b": pair} as {"a": {"b": pair}}; keys of classifiers hold no dots."""
    tree = {}
    for key, pair in pairs.items():
        *path, last = key.split(".")
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
        branch[last] = pair
    return tree


def _findings():
    """The findings as a block of code, in which no name from the data can be markup, a link or a mention."""
    audit = read_json(AUDIT)
    findings = audit["findings"]
    if findings:
        lines = [f"{finding['category']}: {finding['text']}" for finding in findings[:SHOWN]]
        more = len(findings) - SHOWN
        lines += [f"{count(more, 'finding')} worth less: see {AUDIT}"] if more > 0 else []
    else:
        gaps = [f"{name} {of['gap']['value']:+.3f} ({_ends(of['gap'])})" for name, of in audit["leakage"].items()]
        lines = [
            f"none beside the leakage gap: {', '.join(gaps)}" if gaps else "none, and the leakage gap was not measured"
        ]
    block = [textwrap.fill(line, 100, initial_indent="    ", subsequent_indent="      ") for line in lines]
    return "\n".join(["Findings of the audit:", "", *block])


def _ends(score):
    return f"no CI: {score['why']}" if score["low"] is None else f"95 % CI {between(score, '+')}"


def _diff(command, base, *options):
    """The result of `dvc metrics diff` or `dvc params diff`: {file: {key: {old, new}}}."""
    arguments = [sys.executable, "-m", "dvc", command, "diff", "--json", *options, "--", base]
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"dvc {command} diff {base}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def _p(p):
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _scores(of, p):
    """One row per classifier with a changed number, and one for each external dataset on which its score changed."""
    rows, p = [], p or {}
    for name, row in sorted(of.items()):
        others = row.pop("external", {})
        rows += [_row(name, row, p.get(name))] if _differ(row) else []
        rows += [
            _row(f"{name} on {other}", scores, None) for other, scores in sorted(others.items()) if _differ(scores)
        ]
    return rows


def _differ(row):
    return any(pair.get("old") != pair.get("new") for pair in row.values())


def _row(name, row, p):
    """The headline score in both commits, its interval on the branch, its change, and p of that."""
    score = row.get("micro_f1") or row["accuracy"]
    low, high = (row.get(end, {}).get("new") for end in ("low", "high"))
    interval = "-" if None in (low, high) else f"{low:.3f} to {high:.3f}"
    change = _change(score).removeprefix(", ") or "-"
    chance = "-" if p is None else _p(p).removeprefix("p ").removeprefix("= ")
    return name, _both(row.get("log_loss", {})), _both(score), interval, change, chance


def _cell(value):
    return "-" if value is None else " ".join(str(value).split()).replace("|", "\\|")


def _both(pair, form="{:.3f}".format):
    old, new = ("-" if pair.get(side) is None else form(pair[side]) for side in ("old", "new"))
    return new if old == new else f"{old} → {new}"


def _table(noun, header, rows, about=""):
    if not rows:
        return f"No changed {noun}."
    title = f"{count(len(rows), f'changed {noun}')}{about}"
    table = markdown(header, rows[:MOST])
    more = f"\n\nand {len(rows) - MOST:,} more" * (len(rows) > MOST)
    if len(rows) <= SCREEN:
        return f"{title}:\n\n{table}"
    return f"<details><summary>{title}</summary>\n\n{table}{more}\n\n</details>"


def arguments(parser):
    """Of the command line."""
    parser.add_argument("base", nargs="?", default="main", help="the commit or branch to compare with; default: main")
