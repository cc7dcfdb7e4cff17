"""params.yaml itself: what DVC's overrides change in it, and that any entry or section may be taken out of it."""

import difflib
import json
import re
import shutil
from copy import deepcopy

import pytest
from dvc.parsing import DataResolver
from dvc.repo import Repo
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import load_yaml

from sourcewise import configuration
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.models import entries
from tests.conftest import REPOSITORY, write_params

PARAMS, GRAPH = REPOSITORY / "params.yaml", REPOSITORY / "dvc.yaml"
CONTENT = params.read_yaml(PARAMS)


def leaves(content, prefix=""):
    """(dotted key, value) of all that is no mapping."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


LEAVES = dict(leaves(CONTENT))


@pytest.fixture
def copy(tmp_path):
    """A copy of params.yaml by itself."""
    return shutil.copy(PARAMS, tmp_path / "params.yaml")


def hydra(value):
    """A value as `-S key=value` has it."""
    if isinstance(value, list):
        return f"[{','.join(map(hydra, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{hydra(part)}" for key, part in value.items()) + "}"
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def test_it_can_be_read_in_two_minutes():
    assert PARAMS.stat().st_size <= 14_000
    assert not re.search(r"[&*]\w+|<<:", re.sub("#.*|https.*", "", PARAMS.read_text())), (
        "anchors are lost by an override"
    )


def test_every_value_set_to_itself_changes_no_byte(copy):
    apply_overrides(copy, [f"{key}={hydra(value)}" for key, value in LEAVES.items()])
    assert copy.read_bytes() == PARAMS.read_bytes()


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("classifiers.svm.C", "3", "    C: 3"),
        ("split.seed", "7", "  seed: 7"),
        ("audit.fail_on", "[duplicates]", "- duplicates"),
        ("denoise.apply", "mask", "  apply: mask  # the denoiser of all clips before features are extracted"),
        ("train.keras.mixup", "0.2", "    mixup: 0.2"),
        ("embeddings.yamnet.weights.path", "/somewhere", "      path: /somewhere"),
    ],
)
def test_an_override_changes_its_line_and_no_other(copy, key, value, line):
    apply_overrides(copy, [f"{key}={value}"])
    before, after = PARAMS.read_text().splitlines(), copy.read_text().splitlines()
    changed = [row[2:] for row in difflib.ndiff(before, after) if row.startswith("+ ")]
    assert line in [row.rstrip() for row in changed] or line in [row.strip() for row in changed]
    assert len(changed) <= 2


def test_what_readme_and_docs_change_is_there():
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    changed = {key for page in pages for key in re.findall(r"-S '?([\w.]+)=", page.read_text())}
    assert changed
    assert changed - set(LEAVES) == set()


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A folder that DVC takes for a repository, with dvc.yaml and the dataset files."""
    folder = tmp_path_factory.mktemp("repository")
    Repo.init(str(folder), no_scm=True).close()
    shutil.copy(GRAPH, folder)
    shutil.copytree(REPOSITORY / "data/datasets", folder / "data/datasets")
    return folder


ENTRIES = [f"{section}.{name}" for section in configuration.ENTRIES for name in CONTENT[section]]
#: What stops the run when it is taken out, as something else names it; all other entries may go.
NEEDED = {
    "features.png": r"features\.png is missing, which dvc\.yaml reads in images",
    "features.table": r"features\.table is missing, which dvc\.yaml reads in audit and explore",
    "features.mfcc": r"features\.mfcc is missing, which dvc\.yaml reads in audit and generate",
    "features.mel": r"classifiers\.\w+\.features is 'mel', which nothing makes\..* Available: .*mfcc",
    "features.wave": r"\w+\.features is 'wave', which nothing makes\..* Available: .*mel",
    "embeddings.mobilenet_v2": r"classifiers\.mobilenet_v2\.features is 'mobilenet_v2', which nothing makes",
    "embeddings.yamnet": r"classifiers\.\w*yamnet\.features is 'yamnet', which nothing makes",
    "generators.cgan_cnn": r"classifiers\.lstm_gan_cnn\.features is 'mfcc_cgan_cnn', which nothing makes",
    "generators.cgan_fcn": r"classifiers\.lstm_gan_fcn\.features is 'mfcc_cgan_fcn', which nothing makes",
    "generators.cgan_fcn_4s": r"classifiers\.lstm_gan_fcn_4s\.features is 'mfcc_cgan_fcn_4s', which nothing makes",
    "denoisers.none": "denoise.apply: No denoiser 'none'. ",
}


def graph_of(repository, content):
    """The stages that DVC makes of dvc.yaml and these parameters, in the folder `repository`."""
    write_params(content, repository)
    with Repo(str(repository)) as repo:
        resolver = DataResolver(repo, str(repository), load_yaml(repository / "dvc.yaml"))
        return resolver.resolve()["stages"]


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_may_be_taken_out_or_a_sentence_says_what_needs_it(key, repository, monkeypatch):
    monkeypatch.chdir(repository)
    content, (section, name) = deepcopy(CONTENT), key.split(".", 1)
    del content[section][name]
    write_params(content, repository)
    if key in NEEDED:
        with pytest.raises(Stop, match=NEEDED[key]):
            configuration.check()
        return
    configuration.check()
    stages = graph_of(repository, content)
    made = [out for stage in stages.values() for part in ("outs", "metrics", "plots") for out in stage.get(part, [])]
    made = {out if isinstance(out, str) else next(iter(out)) for out in made}
    for stage, definition in stages.items():
        for dep in definition.get("deps", []):
            is_made = any(dep == out or out.startswith(f"{dep}/") or dep.startswith(f"{out}/") for out in made)
            assert is_made or (REPOSITORY / dep).exists(), f"{stage} depends on {dep}, which nothing makes"
        for param in definition.get("params", []):
            if isinstance(param, str):
                params.section(content, param)


@pytest.mark.parametrize("key", CONTENT)
def test_a_section_that_is_taken_out_is_named(key, repository, monkeypatch):
    monkeypatch.chdir(repository)
    write_params({other: value for other, value in CONTENT.items() if other != key}, repository)
    with pytest.raises(Stop, match=f"params.yaml: section '{key}' is missing"):
        configuration.check()


@pytest.mark.parametrize("section", ["denoisers", "embeddings", "generators", "classifiers"])
def test_keys_that_entries_share_may_be_left_out_and_no_others(section, repository, monkeypatch):
    monkeypatch.chdir(repository)
    read = configuration.ENTRIES[section]
    for name, entry in CONTENT[section].items():
        shared = CONTENT["train"].get(entry.get("family", section), {})
        for key, _ in leaves(entry):
            content = deepcopy(CONTENT)
            *outer, last = key.split(".")
            place = content[section][name]
            for part in outer:
                place = place[part]
            del place[last]
            if outer == ["training"] and last in shared:
                read(name, content)
            else:
                write_params(content, repository)
                with pytest.raises(Stop, match=rf"params\.yaml: {section}\.{name}"):
                    read(name, content)


def test_what_an_entry_gives_stands_before_what_it_shares():
    content = deepcopy(CONTENT)
    content["classifiers"]["cnn"]["training"] = {"learning_rate": 0.5, "batch": 3, "augment": {"speed": 0.3}}
    _, p = entries.classifier("cnn", content=content)
    shared = CONTENT["train"]["keras"]
    assert (p.training.learning_rate, p.training.batch, p.training.epochs) == (0.5, 3, shared["epochs"])
    assert p.training.augment.model_dump() == shared["augment"] | {"speed": 0.3}
