"""DVC does not follow imports and does not know which parameters a module reads: these tests do."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sourcewise.core import params
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


def _module(name):
    """The file of one of our modules, a package's being its __init__; None for all else."""
    path = REPOSITORY / Path(*name.split("."))
    if name.split(".")[0] not in ("sourcewise", "stages"):
        return None
    if path.with_suffix(".py").is_file():
        return path.with_suffix(".py")
    return path / "__init__.py" if (path / "__init__.py").is_file() else None


def _imports(path):
    """The modules of ours that a file imports, as paths."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {_module(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            inner = {_module(f"{node.module}.{alias.name}") for alias in node.names}
            found |= inner if None not in inner else inner | {_module(node.module)}
    return found - {None, REPOSITORY / "sourcewise/__init__.py", REPOSITORY / "stages/__init__.py"}


def _reached(path, seen=()):
    seen = set(seen) | {path}
    for other in _imports(path) - seen:
        seen |= _reached(other, seen)
    return seen


#: What a stage's argument chooses: an entry of a section, which names a module of a registry.
CHOSEN = {
    "extract": ("features", "features"),
    "embed": ("embeddings", "models/embeddings"),
    "denoise": ("denoisers", "models/denoisers"),
    "train": ("classifiers", "models/classifiers"),
    "generate": ("generators", "models/generators"),
}
#: The registries that stages look into. What `entries.shape_of` looks up, the GIVES of a module, is no result.
REGISTRIES = {
    "datasets/readers": ("check", "fetch", "ingest"),
    "datasets/synthetic": ("check", "fetch"),
    "datasets/modalities": ("ingest",),
    "augmentations": ("check", "augment"),
    **{package: ("check",) for _, package in CHOSEN.values()},
    "models/denoisers": ("check", "extract"),
    "models/classifiers": ("check", "train_in_parallel"),
}


def _modules(stage):
    """The modules that a stage runs: its script, what its registries choose, and all they import."""
    _, _, module, *arguments = stage["cmd"].split()
    script, library = module.split(".")[1], REPOSITORY / "sourcewise"
    chosen = []
    if script in CHOSEN:
        section, package = CHOSEN[script]
        entries = {name: CONTENT[section][name] for name in arguments}
        chosen = [library / package / f"{entry.get('model', name)}.py" for name, entry in entries.items()]
        families = {entry["family"] for entry in entries.values() if "family" in entry}
        chosen += [library / "models" / family / "training.py" for family in families]
    if script == "audit":
        chosen = [library / f"models/classifiers/{e['model']}.py" for e in CONTENT["audit"]["references"].values()]
    if script == "train_in_parallel":
        chosen += [library / "models" / entry["family"] / "training.py" for entry in CONTENT["classifiers"].values()]
    if script == "enlarge":  # takes data/features/mfcc for its model
        chosen = [library / "features/mfcc.py"]
    for registry, users in REGISTRIES.items():
        if script in users:
            chosen += [p for p in (library / registry).glob("*.py") if p.stem != "__init__"]
    return set().union(*(_reached(path) for path in [REPOSITORY / "stages" / f"{script}.py", *chosen]))


def test_each_stage_depends_on_the_modules_that_it_imports(stages):
    for name, stage in stages.items():
        deps = {REPOSITORY / dep for dep in stage["deps"]}
        missing = [str(m) for m in _modules(stage) if m not in deps and not deps & set(m.parents)]
        assert not missing, f"{name}: deps lack {missing}"


def test_no_stage_depends_on_a_module_that_none_of_its_items_imports(stages):
    used, listed = {}, {}
    for name, stage in stages.items():
        group = name.split("@")[0]
        used.setdefault(group, set()).update(_modules(stage))
        listed.setdefault(group, set()).update(
            REPOSITORY / d for d in stage["deps"] if d.startswith(("stages", "sourcewise"))
        )
    for group, deps in listed.items():
        idle = [str(d) for d in deps if not any(m == d or d in m.parents for m in used[group])]
        assert not idle, f"{group}: deps hold {idle}, which it does not import"


def _leaves(content, prefix=""):
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def test_every_leaf_of_params_is_declared_by_a_stage_that_computes(stages):
    declared = {p for name, stage in stages.items() if name != "check" for p in stage["params"]}
    for leaf in _leaves({key: value for key, value in CONTENT.items() if key not in HOW}):
        assert any(leaf == p or leaf.startswith(f"{p}.") for p in declared), f"no stage declares {leaf}"
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
            covered = section in HOW or any(section == p or section.startswith(f"{p}.") for p in stage["params"])
            assert covered, f"{name} loads {section}, which its params do not name"


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
        assert not {module for module in _imports(path) if module.parent.name == "stages"}, script
        assert len(path.read_text().splitlines()) < 80, f"{script}: a stage loads, calls and saves"


#: What takes a quarter of a second and more to import, and is for the work alone.
HEAVY = {"cleanlab", "dask", "dvc", "keras", "numba", "scipy.signal", "scipy.stats", "skops", "sklearn", "tensorflow"}


@pytest.mark.parametrize("script", sorted(p.stem for p in (REPOSITORY / "stages").glob("[a-z]*.py")))
def test_every_stage_says_what_it_does_and_imports_nothing_heavy_for_it(script):
    command = [sys.executable, "-X", "importtime", "-m", f"stages.{script}", "--help"]
    shown = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    assert f"usage: python -m stages.{script}" in shown.stdout
    assert "DVC stage `" in shown.stdout
    imported = {line.rsplit("|", 1)[-1].strip() for line in shown.stderr.splitlines()}
    assert "argparse" in imported and not imported & HEAVY


#: Whoever stands here may import what stands before it.
ORDER = (
    *("core", "storage", "compute", "audio", "augmentations", "features", "datasets", "evaluation", "models"),
    *("extraction", "audits", "report", "eda", "inference", "configuration.py", "__main__.py"),
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
