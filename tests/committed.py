"""The README's figures of the committed run, between its marks, from metrics/: python -m tests.committed

Run it after `dvc repro`, before metrics/ is committed. It reads metrics/verdict.json, summary.json and scores.json, all
tracked by git, and nothing else; `tests/test_readme.py` asserts that the README has what this writes.
"""

from benchmarks.measure import command
from sourcewise.core.markdown import between, markdown
from sourcewise.core.paths import METRICS, VERDICT
from sourcewise.evaluation.choice import MAJORITY
from sourcewise.evaluation.metrics import HEADLINE
from sourcewise.storage.files import read_json, write_text
from tests.conftest import REPOSITORY

README = REPOSITORY / "README.md"
MARKS = "<!-- comparison -->", "<!-- /comparison -->"
ROWS = 10


def main():
    """Write the block into README.md."""
    before, _, after = parts(README.read_text(encoding="utf-8"))
    write_text(README, f"{before}\n{block()}\n{after}")


def parts(text):
    """The text of a README up to the first mark, between the marks, and from the second on."""
    start, end = text.index(MARKS[0]) + len(MARKS[0]), text.index(MARKS[1])
    return text[:start], text[start:end].strip("\n"), text[end:]


def block():
    """The verdict, the leakage gaps, and the first rows of the classifiers' table, in Markdown."""
    verdict, summary, scores = (read_json(REPOSITORY / path) for path in (VERDICT, *_tables()))
    return "\n\n".join(
        [
            "\n".join(f"- {sentence}" for sentence in verdict["sentences"]),
            "The leakage gap is the accuracy that a random split adds to that of a grouped split (by source):",
            markdown(["reference", "leakage gap", "95 % CI"], _gaps(summary["gap"])),
            *_classifiers(scores, summary["chosen"]["classifier"]),
        ]
    )


def _tables():
    return METRICS / "summary.json", METRICS / "scores.json"


def _gaps(gaps):
    return [(name, f"{gap['value']:+.3f}", between(gap, "+")) for name, gap in gaps.items()]


def _classifiers(scores, chosen):
    """A sentence, and the table: the chosen classifier, then by validation log loss, the baseline last."""
    names = sorted(scores.keys() - {MAJORITY}, key=lambda name: (name != chosen, scores[name]["log_loss"], name))
    keys = [key for key in HEADLINE if key in scores[chosen]]
    header = ["classifier", "validation log loss", HEADLINE[keys[0]], "95 % CI", *(HEADLINE[key] for key in keys[1:])]
    rows = [_row(name, scores[name], keys) for name in [*names[:ROWS], MAJORITY]]
    rows[0][0], rows[-1][0] = f"{chosen} (chosen)", "majority-class baseline"
    return [
        f"The {len(rows) - 1} classifiers with the lowest validation log loss of {len(names)}, on test sources; "
        "`metrics/comparison.md` has all of them, and the denoisers and generators:",
        markdown(header, rows),
    ]


def _row(name, of, keys):
    first, *others = (f"{of[key]:.3f}" for key in keys)
    return [name, f"{of['log_loss']:.3f}", first, between(of), *others]


if __name__ == "__main__":
    command(main)
