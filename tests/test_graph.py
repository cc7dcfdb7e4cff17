"""DVC does not follow imports and does not know which parameters a module reads: these tests do."""

import ast
import hashlib
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from sourcewise import configuration, dependencies
from sourcewise.core import params
from sourcewise.dependencies import imported as _imports
from sourcewise.storage.files import write_json
from tests.conftest import REPOSITORY

CONTENT = params.read_yaml(REPOSITORY / "params.yaml")
#: Sections that no result depends on: a stage that declared one would run again whenever it changes.
HOW = {"compute"}
#: What sections are called where their keys are read.
NAMES = (
    *("p", ")", "model", "audio", "compute", "recipe", "self", "train", "training", "settings", "weights", "score"),
    *("layers", "pools", "augment"),
)


@pytest.fixture(scope="module")
def stages():
    """Each stage as DVC resolves it: {name: {cmd, deps, params}}."""
    code = (
        "import json; from dvc.repo import Repo; print(json.dumps({s.addressing: {'cmd': s.cmd, "
        "'deps': [d.def_path for d in s.deps if type(d).__name__ != 'ParamsDependency'], "
        "'params': [p for d in s.deps if type(d).__name__ == 'ParamsDependency' and d.def_path == 'params.yaml' "
        "for p in d.params], 'outs': [o.def_path for o in s.outs]} for s in Repo().index.stages}))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return {name: stage | {"name": name} for name, stage in json.loads(out.stdout).items()}


def test_each_stage_depends_on_the_code_that_it_runs_and_on_no_other(stages):
    written = {f"data/checked/code/{name}.txt" for name in dependencies.used(CONTENT)}
    listed = {name: [dep for dep in s["deps"] if dep.startswith("data/checked/code")] for name, s in stages.items()}
    for name in dependencies.ON_ALL:
        assert listed.pop(name) == [] and {"sourcewise", "stages"} <= set(stages[name]["deps"])
    for name, files in listed.items():
        stage, _, entry = name.partition("@")
        section = dependencies.CHOSEN[stage][0] if entry else None
        module = f"/{CONTENT[section][entry].get('model', entry)}" if entry else ""
        assert files == [f"data/checked/code/{stage}{module}.txt"], name
    assert written == {file for files in listed.values() for file in files} | {
        "data/checked/code/external.txt",  # a part of evaluate's
    }


def _used(stage):
    """The modules that a stage runs, as texts relative to the library, those of its script as `stages/...`."""
    paths = dependencies.used(CONTENT)[stage]
    return {path.relative_to(REPOSITORY).as_posix().removeprefix("sourcewise/") for path in paths}


def test_imports_are_followed_to_the_modules_that_entries_and_registries_name():
    svm, cnn = _used("train/svm"), _used("train/cnn")
    assert {"stages/train.py", "models/ready.py", "models/training.py", "models/sklearn/training.py"} <= svm
    assert "models/classifiers/svm.py" in svm and "models/classifiers/cnn.py" not in svm
    assert {"models/keras/training.py", "models/keras/windows.py", "audio/samples.py"} <= cnn - svm
    assert not {path for path in svm | cnn if path.startswith(("report/", "audits/", "inference/", "features/"))}
    assert {"datasets/readers/folder.py", "datasets/synthetic/voices.py"} <= _used("fetch")
    assert {"datasets/modalities/sound.py", "audio/decode.py"} <= _used("ingest")
    assert {"augmentations/pitch.py", "audio/effects.py"} <= _used("augment")
    assert {"models/denoisers/none.py", "audio/spectral.py"} <= _used("extract/mfcc")
    assert "models/denoisers/mask.py" not in _used("extract/mfcc")  # unless it is the one in denoise.apply
    assert {"features/mfcc.py", "models/adversarial/training.py"} <= _used("generate/cgan_cnn")
    assert {"models/classifiers/svm.py", "models/sklearn/training.py"} <= _used("audit")
    assert svm | cnn | _used("generate/cgan_cnn") | _used("denoise/mask") <= _used("train_in_parallel")
    assert "__init__.py" in svm and "augmentations/__init__.py" in _used("augment")  # they hold code


def test_an_edit_changes_the_file_of_the_stages_that_it_concerns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dependencies.write(CONTENT)
    text = (tmp_path / "data/checked/code/train/svm.txt").read_text()
    lines = dict(reversed(line.split("  ")) for line in text.splitlines())
    digest = hashlib.sha256((REPOSITORY / "sourcewise/models/classifiers/svm.py").read_bytes()).hexdigest()
    assert lines["sourcewise/models/classifiers/svm.py"] == digest[:32]
    assert list(lines) == sorted(lines)


def test_what_files_import_is_cached_by_their_content_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parsed = []
    counting = SimpleNamespace(**vars(ast) | {"parse": lambda text: parsed.append(text) or ast.parse(text)})
    monkeypatch.setattr(dependencies, "ast", counting)

    def written():
        for function in (dependencies._cached, dependencies._packages, dependencies.imported):
            function.cache_clear()
        dependencies.write(CONTENT)
        n, files = len(parsed), {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.txt")}
        parsed.clear()
        return n, files

    n, files = written()
    assert n > 200 and written() == (0, files)
    cached = json.loads((tmp_path / ".cache/imports.json").read_text())
    cached.pop(next(iter(cached)))
    write_json(tmp_path / ".cache/imports.json", cached | {"of another version": {"imports": [], "holds_code": True}})
    assert written() == (1, files)
    assert "of another version" not in (tmp_path / ".cache/imports.json").read_text()
    (tmp_path / ".cache/imports.json").write_text("{")
    assert written() == (n, files)


def test_imports_of_every_form_are_found(tmp_path):
    lines = ["import numpy", "from . import sibling", "import stages.check", "from sourcewise import core as c"]
    (tmp_path / "own.py").write_text("\n".join([*lines, "from sourcewise.core.paths import CACHE"]))
    found = {path.relative_to(REPOSITORY).as_posix() for path in _imports(tmp_path / "own.py")}
    assert found == {"stages/check.py", "sourcewise/core/__init__.py", "sourcewise/core/paths.py"}


def _leaves(content, prefix=""):
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def test_every_leaf_of_params_is_declared_by_a_stage_that_computes(stages):
    declared = {p for name, stage in stages.items() if name != "check" for p in stage["params"]}
    families = {f"train.{entry['family']}" for entry in CONTENT["classifiers"].values()}
    idle = {f"train.{family}" for family in ("keras", "micrograd", "sklearn")} - families  # of no entry, as in a clone
    for leaf in _leaves({key: value for key, value in CONTENT.items() if key not in HOW}):
        assert leaf.rpartition(".")[0] in idle or any(leaf == p or leaf.startswith(f"{p}.") for p in declared), (
            f"no stage declares {leaf}"
        )
    for p in declared:
        assert p not in HOW
        assert any(leaf == p or leaf.startswith(f"{p}.") for leaf in _leaves(CONTENT)), f"{p} is not in params.yaml"


def test_check_depends_on_all_that_params_yaml_says(stages):
    assert "params.yaml" in stages["check"]["deps"] and not stages["check"]["params"]


def test_each_stage_declares_the_sections_that_it_loads(stages):
    for name, stage in stages.items():
        _, _, module, *arguments = stage["cmd"].split()
        if name == "check":
            continue
        for section in _loaded(REPOSITORY / "stages" / f"{module.split('.')[1]}.py", arguments):
            covered = (
                section in HOW
                or section.split(".")[0] in _in_files(stage)
                or any(section == p or section.startswith(f"{p}.") for p in stage["params"])
            )
            assert covered, f"{name} loads {section}, which its params do not name"


def _in_files(stage):
    """The sections in the files that `check` writes, on which a stage depends instead."""
    training, settings = (f"data/checked/{name}.json" in stage["deps"] for name in ("training", "settings"))
    return set(CONTENT) if settings else set(configuration.TRAINING if training else ())


def _loaded(script, arguments):
    """The sections in params.load(..., "section") of a script and of what it calls; {name} is its argument."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if ast.unparse(node.func) == "dataset_file.chosen":
            yield "dataset"
        if ast.unparse(node.func) == "params.load":
            text = ast.unparse(node.args[1])
            if not text.startswith(("'", '"', "f'", 'f"')):
                continue
            for name in arguments or [""]:
                yield text.removeprefix("f").strip("'\"").replace("{name}", name)


def test_every_key_of_a_section_is_read_by_a_module():
    code = [*(REPOSITORY / "stages").rglob("*.py"), *(REPOSITORY / "sourcewise").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in code)
    passed_whole = {"probability", "speed", "shift", "tilt_db", "noise_db"}  # augment.model_dump() hands them on
    spelled_out = {"train", "validation", "test", "family"}  # keys of fractions; what dvc.yaml reads
    for leaf in _leaves(CONTENT):
        key = leaf.split(".")[-1]
        read = any(f"{name}.{key}" in text for name in NAMES) or leaf in text
        assert read or key in passed_whole | spelled_out, f"nothing reads {leaf}"


def test_stages_are_the_scripts_and_none_imports_another(stages):
    scripts = {path.stem for path in (REPOSITORY / "stages").glob("[a-z]*.py")}
    assert scripts == {name.split("@")[0] for name in stages}
    for script in scripts:
        path = REPOSITORY / "stages" / f"{script}.py"
        others = {module for module in _imports(path) if module.parent.name == "stages" and module.stem != "__init__"}
        assert not others, script
        assert len(path.read_text().splitlines()) < 80, f"{script}: a stage loads, calls and saves"


#: What takes a quarter of a second and more to import, and is for the work alone.
HEAVY = {"cleanlab", "dask", "dvc", "keras", "numba", "scipy.signal", "scipy.stats", "skops", "sklearn", "tensorflow"}


@pytest.mark.parametrize("script", sorted(p.stem for p in (REPOSITORY / "stages").glob("[a-z]*.py")))
def test_every_stage_says_what_it_does_and_imports_nothing_heavy_for_it(script):
    command = [sys.executable, "-X", "importtime", "-m", f"stages.{script}", "--help"]
    shown = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    assert f"usage: python -m stages.{script}" in shown.stdout
    assert "DVC stage `" in shown.stdout and f"example: dvc repro {script}" in shown.stdout
    imported = {line.rsplit("|", 1)[-1].strip() for line in shown.stderr.splitlines()}
    assert "argparse" in imported and not imported & HEAVY


#: Whoever stands here may import what stands before it.
ORDER = (
    *("core", "storage", "compute", "audio", "augmentations", "features", "datasets", "evaluation", "models"),
    *("extraction", "audits", "report", "eda", "inference", "configuration.py", "dependencies.py", "__main__.py"),
)


def _package(path):
    return path.relative_to(REPOSITORY / "sourcewise").parts[0]


def test_arrows_point_one_way():
    for path in sorted((REPOSITORY / "sourcewise").rglob("*.py")):
        if path == REPOSITORY / "sourcewise/__init__.py":
            continue
        of_library = {module for module in _imports(path) if module.is_relative_to(REPOSITORY / "sourcewise")}
        later = {str(m) for m in of_library if ORDER.index(_package(m)) > ORDER.index(_package(path))}
        assert not later, f"{path} imports {later}"
        assert of_library == _imports(path), f"{path} imports a stage"


def test_a_name_with_an_underscore_stays_in_its_package():
    for path in sorted([*(REPOSITORY / "sourcewise").rglob("*.py"), *(REPOSITORY / "stages").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith(("sourcewise", "stages")):
                names = [*node.module.split("."), *(alias.name for alias in node.names)]
                private = [name for name in names if name.startswith("_")]
                folder = ".".join(path.relative_to(REPOSITORY).parts[:-1])
                assert not private or node.module.startswith(folder), f"{path} imports {private} of {node.module}"
