"""What a branch changes, in Markdown, for whoever reviews it: make review BASE=main

What the audit found; the metrics and the parameters that differ from those of another commit.
"""

import argparse
import subprocess
import sys
import textwrap
from pathlib import Path

from stages.core.stop import Stop
from stages.core.storage import read_json

AUDIT = Path("metrics/audit.json")
FOLDED = 20  # rows above which a table is shown on demand
MOST = 250  # rows of a table: a comment on GitHub holds 65,536 characters


def main(base):
    """Print it. base: a commit, by any name that git knows."""
    known = ["git", "rev-parse", "--quiet", "--verify", "--end-of-options", f"{base}^{{commit}}"]
    if subprocess.run(known, stdout=subprocess.DEVNULL).returncode:
        raise Stop(f"review: git knows no commit {base!r}: fetch it, or name another: make review BASE=origin/main")
    if not AUDIT.is_file():
        raise Stop(f"review: {AUDIT} does not exist: make repro writes it")
    metrics = _diff("metrics", base, "--precision", "3", "--targets", "metrics/summary.json")
    parts = [f"## Beside `{base}`", _findings(), _table("metric", metrics), _table("parameter", _diff("params", base))]
    print("\n\n".join(parts))


def _findings():
    """As a block of code, in which no name from the data can be markup, a link or a mention."""
    found = read_json(AUDIT)["findings"]
    if not found:
        return "The audit found nothing."
    lines = [f"{finding['kind']}: {finding['text']}" for finding in found]
    block = [textwrap.fill(line, 100, initial_indent="    ", subsequent_indent="      ") for line in lines]
    return "\n".join(["The audit found:", "", *block])


def _diff(what, base, *how):
    """The rows of `dvc metrics diff` or `dvc params diff`, the two lines of the header first."""
    command = [sys.executable, "-m", "dvc", what, "diff", "--quiet", "--md", "--no-path", *how, "--", base]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"review: dvc {what} diff {base}: {done.stderr.strip()}")
    return done.stdout.strip().splitlines()


def _table(name, lines):
    header, rows = lines[:2], lines[2:]
    if not rows:
        return f"No {name} differs."
    said = f"{len(rows)} {name}{'s' * (len(rows) > 1)} {'differ' if len(rows) > 1 else 'differs'}"
    more = [f"\nand {len(rows) - MOST:,} more"] * (len(rows) > MOST)
    table = "\n".join([*header, *rows[:MOST], *more])
    if len(rows) <= FOLDED:
        return f"{said}:\n\n{table}"
    return f"<details><summary>{said}</summary>\n\n{table}\n\n</details>"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m stages.review", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", nargs="?", default="main", help="the commit to compare with; main where none is given")
    main(parser.parse_args().base)
