"""One thing has one name, that of the field. Other names do not come back in what people read: the README, docs/, the
comments of params.yaml, dvc.yaml and dataset files, templates, messages, and what --help shows."""

import ast
import re

import pytest

from sourcewise.__main__ import COMMANDS
from tests.conftest import REPOSITORY

#: What is not said, as a pattern, and what is said instead.
INSTEAD = {
    r"hears?|heard": "predicts; seen or unseen in training",
    r"told apart|tell apart|can be told": "separated",
    r"stands? up|stood up|surely": "statistically significant",
    r"(?<!clip )by clip": "random split",
    r"always answering|commonest class": "majority-class baseline",
    r"(?<!expected )calibration error": "expected calibration error",
    r"95 %(?! CI| confidence)": "95 % CI",
    r"embedded (?:corpus|corpora|dataset)": "bundled, or synthetic, dataset",
    r"dataset cards?|data/cards": "dataset file",
    r"mel pictures?": "mel spectrogram image",
    r"falls no more|lowest point": "early stopping on validation loss, best weights restored",
    r"what each part holds": "split sizes",
    r"variance held": "cumulative explained variance",
    r"memo|memos|zoo|enlarge": "cached map; classifiers; generate",
}
SHOWN_BY_HELP = [path for folder in ("stages", "benchmarks") for path in sorted((REPOSITORY / folder).glob("*.py"))]
SHOWN_BY_HELP += [REPOSITORY / f"{module.replace('.', '/')}.py" for module in COMMANDS.values()]
PAGES = ["*.md", "docs/*.md", "params.yaml", "dvc.yaml", "Makefile", "data/datasets/*.yaml"]
PAGES += ["sourcewise/**/*.html", "sourcewise/**/*.js"]


def messages(code):
    """The texts in a module that are not docstrings."""
    tree = ast.parse(code)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return " | ".join(node.value for node in texts if id(node) not in docstrings)


@pytest.fixture(scope="module")
def read():
    """{file: what people read of it}, blanks and line ends as one blank."""
    files = [path for pattern in PAGES for path in sorted(REPOSITORY.glob(pattern))]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    for path in SHOWN_BY_HELP:
        texts[path.with_suffix(".help")] = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    for folder in ("sourcewise", "stages"):
        texts |= {path: messages(path.read_text("utf-8")) for path in sorted((REPOSITORY / folder).rglob("*.py"))}
    return {path.relative_to(REPOSITORY).as_posix(): re.sub(r"[\s#]+", " ", text) for path, text in texts.items()}


def test_the_texts_are_found(read):
    assert "sources unseen in training" in read["sourcewise/report/verdict.py"]
    assert {"README.md", "docs/audit.md", "params.yaml", "sourcewise/report/report.html"} <= read.keys()


@pytest.mark.parametrize(("pattern", "instead"), INSTEAD.items(), ids=list(INSTEAD.values()))
def test_a_word_that_is_not_the_fields_does_not_occur(read, pattern, instead):
    found = [
        f"{name}: ...{text[max(0, match.start() - 40) : match.end() + 40]}..."
        for name, text in read.items()
        for match in re.finditer(rf"(?<![\w/])(?:{pattern})(?![\w/])", text, re.IGNORECASE)
    ]
    assert not found, f"write: {instead}"
