"""docs/references.md: what it says of params.yaml is so, and every [R3] in the code leads to it."""

import re

import pytest
import yaml

from sourcewise.core import params
from sourcewise.models import entries
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs/references.md").read_text(encoding="utf-8")
CONTENT = params.read_yaml(REPOSITORY / "params.yaml")
ROWS = re.findall(r"^\| ([a-z_]+(?:\.\w+)?) \| ([\w.]+) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)[1:]
#: Entries with what they leave to `train`.
COMPLETE = {
    "classifiers": entries.classifier,
    "denoisers": entries.denoiser,
    "embeddings": entries.embedding,
    "generators": entries.generator,
}


@pytest.mark.parametrize(("entry", "setting", "here", "report"), ROWS)
def test_a_setting_is_what_the_page_says(entry, setting, here, report):
    section, _, name = entry.partition(".")
    settings = COMPLETE[section](name, CONTENT)[1].model_dump() if name else CONTENT[section]
    for key in setting.split("."):
        settings = settings[key]
    assert settings == (None if here == "blank" else yaml.safe_load(here))
    original = report.split(" [R")[0]
    assert settings != yaml.safe_load(original) and re.search(r" \[R[1-5]\]", report)


def test_every_reference_is_on_the_page():
    known = set(re.findall(r"^- \*\*\[(R\d)\]\*\*", PAGE, re.MULTILINE))
    assert known == {"R1", "R2", "R3", "R4", "R5"}
    for path in [
        *(REPOSITORY / "sourcewise").rglob("*.py"),
        *(REPOSITORY / "docs").glob("*.md"),
        REPOSITORY / "params.yaml",
    ]:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\[(R\d)\]", text)) <= known, path
        assert not re.search(r"(?<![\[\w])R[1-5](?![\]\w])", text), f"{path}: a reference without brackets"


def test_no_row_is_missed():
    table = PAGE[PAGE.index("| entry |") :]
    assert len(ROWS) == len([line for line in table.splitlines() if line.startswith("| ")]) - 1 > 40
