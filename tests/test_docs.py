"""What the pages say is so without running it: commands exist and take these arguments, examples in YAML are valid,
links lead somewhere, and each command's --help has an example. tests/test_readme.py runs the commands."""

import ast
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec

import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from sourcewise import __main__ as commands
from sourcewise import configuration
from sourcewise.core import params, registry
from sourcewise.datasets import dataset_file
from tests.conftest import REPOSITORY

PAGES = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (REPOSITORY / "docs").glob("*.md")
)
TEXTS = {path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
TARGETS = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
STAGES = params.read_yaml(REPOSITORY / "dvc.yaml")["stages"]
BIRDS = "title: Birds\nlicence: none\nreader: folder\nlabel: parent\nsource: parent\n"
#: Scripts that are run by hand, as python -m names them.
SCRIPTS = [
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__main__")
    for folder in ("benchmarks", "tests")
    for path in sorted((REPOSITORY / folder).rglob("*.py"))
    if '\nif __name__ == "__main__":' in path.read_text(encoding="utf-8") and not path.name.startswith("test_")
]


def fenced(text, language):
    """The blocks of code of this language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)


def shown():
    """(page, command) of each command in a block or between backticks, once."""
    starts = r"(?:dvc|make|python -m) [^`]+"
    for page, text in TEXTS.items():
        text = re.sub(r"```(?:python|diff|yaml|text)\n.*?```", "", text, flags=re.DOTALL)
        found = re.findall(rf"`({starts})`", text)
        found += [line for block in fenced(text, "bash") for line in re.findall(rf"^ *({starts})$", block, re.M)]
        yield from ((page, " ".join(command.split())) for command in dict.fromkeys(found))


@pytest.fixture
def repository(in_tmp):
    """A copy of params.yaml and the dataset files, and those that the pages tell to write."""
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    for path in (REPOSITORY / "data/datasets").glob("*.yaml"):
        (in_tmp / "data/datasets" / path.name).write_text(path.read_text())
    for name in ("birds", "dashes"):
        (in_tmp / f"data/datasets/{name}.yaml").write_text(BIRDS)
    return in_tmp


@pytest.mark.parametrize(("page", "command"), shown())
def test_a_command_exists_and_takes_these_arguments(page, command, repository):
    words = shlex.split(command)
    if words[0] == "make":
        assert {word for word in words[1:] if "=" not in word} <= TARGETS
    elif words[:2] in (["dvc", "repro"], ["dvc", "exp"]):
        for values in (words[k + 1] for k, word in enumerate(words) if word == "-S"):
            first = re.sub(r"=([^\[,]+),.*", r"=\1", values)  # of those that a queue runs
            apply_overrides(str(repository / "params.yaml"), [first])
        configuration.check()
        stages = {word.split("@")[0] for word in words[2:] if words[1] == "repro" and not word.startswith("-")}
        assert stages <= STAGES.keys() | {"durations"}  # which docs/adding.md adds
    elif words[:3] == ["python", "-m", "sourcewise"]:
        assert set(words[3:4]) <= {"COMMAND", *commands.COMMANDS}
        if len(words) > 4:  # else the command is named, not shown
            commands.parser(words[3]).parse_args(words[4:])
    elif words[:2] == ["python", "-m"] and words[2].split(".")[0] in ("benchmarks", "tests", "stages"):
        assert find_spec(words[2]), words[2]


EXAMPLES = [(page, text) for page in TEXTS for text in fenced(TEXTS[page], "yaml")]


@pytest.mark.parametrize(("page", "text"), [one for one in EXAMPLES if one[0] != "docs/adding.md"])  # test_adding.py
def test_an_example_in_yaml_is_valid(page, text, repository):
    content = yaml.safe_load(text.replace("...", "a" * 64))  # a checksum that the reader fills in
    if "reader" in content:
        (repository / "data/datasets/shown.yaml").write_text(text)
        assert dataset_file.load("shown").title
    else:
        whole = params.read_yaml(repository / "params.yaml")
        (repository / "params.yaml").write_text(yaml.safe_dump(_merged(whole, content)))
        configuration.check()


def test_the_tutorial_shows_the_dataset_file_as_it_is():
    (shown,) = fenced(TEXTS["docs/tutorial.md"], "yaml")
    assert yaml.safe_load(shown) == params.read_yaml(REPOSITORY / "data/datasets/esc10.yaml")


def _merged(content, other):
    if not (isinstance(content, dict) and isinstance(other, dict)):
        return other
    return content | {key: _merged(content.get(key), value) for key, value in other.items()}


@pytest.mark.parametrize("reader", registry.names("datasets.readers"))
def test_every_key_of_a_dataset_file_is_explained(reader):
    keys = registry.module("datasets.readers", reader).DatasetFile.model_fields
    explained = set(re.findall(r"`(\w+)`", "".join(TEXTS.values())))
    assert keys.keys() <= explained, keys.keys() - explained


@pytest.mark.parametrize(
    ("page", "section"), [("classifiers", "classifiers"), ("generators", "generators"), ("generators", "denoisers")]
)
def test_a_paragraph_of_each_entry_has_the_widths_of_its_layers(page, section):
    about = dict(re.findall(r"\*\*`(\w+)`\*\*((?:.|\n)*?)(?=\*\*`|\n#|\Z)", TEXTS[f"docs/{page}.md"]))
    for name, entry in params.read_yaml(REPOSITORY / "params.yaml")[section].items():
        settings = entry | entry.get("layers", {})
        text = " ".join(about[name].split())
        for key in ("filters", "units", "hidden", "dense"):
            widths = settings.get(key)
            shared = name in ("micrograd", "lstm_gan_cnn", "lstm_gan_fcn", "lstm_gan_fcn_4s")  # in words
            if isinstance(widths, list) and len(widths) > 1 and not shared:
                assert ", ".join(map(str, widths)) in text, f"{name}: {key}"


def _anchors(text):
    """Of the headings, as GitHub and the site name them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", TEXTS)
def test_links_and_their_anchors_exist(page):
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", TEXTS[page]):
        path, _, anchor = link.partition("#")
        target = (REPOSITORY / page).parent / path if path else REPOSITORY / page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target.read_text(encoding="utf-8")), link


def test_the_site_is_built_whole_and_needs_no_network(tmp_path):
    if find_spec("sphinx") is None:
        pytest.skip("Sphinx is absent: make docs installs it")
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "-n", "-b", "html", "-d", str(tmp_path / "read")]
    done = subprocess.run([*build, "docs", str(tmp_path / "site")], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = {path.stem for path in (tmp_path / "site").glob("*.html")}
    assert {path.stem for path in (REPOSITORY / "docs").glob("*.md")} | {"search"} <= pages
    for path in (tmp_path / "site").rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=\"((?:https?:)?//[^\"]+)", path.read_text()
        )
        assert not loaded, f"{path.name}: {loaded}"
    for path in (tmp_path / "site/_static").rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", path.read_text()), path.name
    assert "tutorial" in (tmp_path / "site/searchindex.js").read_text()


@pytest.mark.parametrize("name", [*(f"sourcewise {name}" for name in commands.COMMANDS), *SCRIPTS])
def test_the_help_of_a_command_has_an_example(name):
    text = _help(name)
    example = re.search(rf"python -m {re.escape(name)}(?= |,|$).*", text, re.MULTILINE)
    assert example, f"{name}: its help shows no command as one types it"
    if name.startswith("sourcewise "):
        commands.parser(name.split()[1]).parse_args(shlex.split(example[0].split(",")[0].split(". ")[0])[4:])


def _help(name):
    """What --help prints, or the docstring that it shows."""
    if name.startswith("sourcewise "):
        return commands.parser(name.split()[1]).description
    path = REPOSITORY / name.replace(".", "/")
    code = (path / "__main__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    assert "command(main)" in code or "description=__doc__" in code, f"{name}: has no --help"
    return ast.get_docstring(ast.parse(code))
