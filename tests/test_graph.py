"""DVC does not follow imports and does not know which parameters a module reads: these tests do."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from stages.core import params
from tests.conftest import REPOSITORY

CONTENT = params.read_yaml(REPOSITORY / "params.yaml")
#: Sections that no result depends on: a stage that declared one would run again whenever it changes.
HOW = {"compute"}
#: What sections are called where their keys are read.
NAMES = ("p", ")", "model", "audio", "compute", "recipe", "self", "train", "training", "how", "weights", "score")


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


def _imports(path):
    """The modules of ours that a file imports, as paths; a package counts as its __init__."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            module = REPOSITORY / Path(*name.split("."))
            if name.split(".")[0] == "stages" and module.with_suffix(".py").is_file():
                found.add(module.with_suffix(".py"))
            if name.split(".")[0] == "stages" and module.name.startswith("_") and module.is_dir():
                found.add(module / "__init__.py")
            is_module = module.is_dir() or module.with_suffix(".py").is_file()
            if name.startswith("stages.") and not is_module and (module.parent / "__init__.py").is_file():
                found.add(module.parent / "__init__.py")  # a name of the package itself
    return found


def _reached(path, seen=()):
    seen = set(seen) | {path}
    for other in _imports(path) - seen:
        seen |= _reached(other, seen)
    return seen


def _modules(stage):
    """The modules that a stage runs: its script, what its registries choose, and all they import."""
    _, _, module, *arguments = stage["cmd"].split()
    script = module.split(".")[1]
    packages = {"extract": "features", "embed": "embeddings", "denoise": "denoisers", "train": "zoo", "gan": "gans"}
    package = packages.get(script)
    chosen = [REPOSITORY / "stages" / package / f"{name}.py" for name in arguments] if package else []
    if script == "enlarge":  # takes data/features/mfcc for its model
        chosen = [REPOSITORY / "stages/features/mfcc.py"]
    if script == "check":  # looks at every script and every module that can be chosen
        scripts = ("ingest", "duplicates", "split", "augment", "denoise", "audit", "explore", "evaluate", "report")
        chosen = [REPOSITORY / "stages" / f"{name}.py" for name in scripts]
    for registry, users in {
        "readers": ("check", "fetch", "ingest"),
        "corpora": ("check", "fetch"),
        "kinds": ("ingest",),
        "effects": ("check", "augment"),
        "features": ("check",),
        "embeddings": ("check",),
        "denoisers": ("check",),
        "gans": ("check",),
        "zoo": ("check", "ahead"),
    }.items():
        if script in users or stage["name"] in users:
            chosen += [p for p in (REPOSITORY / "stages" / registry).glob("*.py") if p.stem != "__init__"]
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
        listed.setdefault(group, set()).update(REPOSITORY / d for d in stage["deps"] if d.startswith("stages/"))
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
    """The sections in params.load(..., "section") and params.dataset() of a script; {name} is its argument, or,
    where it has none, either of the audit's references; {p.input} the features that an embedding reads. What `_ahead`
    loads, it does without a name."""
    tree, either = ast.parse(script.read_text(encoding="utf-8")), ["svm", "logreg"]
    tree.body = [node for node in tree.body if not (arguments and getattr(node, "name", "") == "_ahead")]
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "params"):
            continue
        if node.func.attr == "dataset":
            yield "dataset"
        if node.func.attr == "classifier":
            yield "train"
            yield from (f"classifiers.{name}" for name in (arguments or either))
        if node.func.attr == "load":
            text = ast.unparse(node.args[1]).removeprefix("f").strip("'\"")
            for name in arguments or either:
                reads = CONTENT["embeddings"].get(name, {}).get("input", "")
                yield text.replace("{name}", name).replace("{p.input}", reads)


def test_every_key_of_a_section_is_read_by_a_module():
    text = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "stages").rglob("*.py"))
    passed_whole = {"share", "speed", "shift", "tilt_db", "noise_db"}  # p.vary.model_dump() hands them on by name
    spelled_out = {"train", "validation", "test", "family"}  # keys of fractions; what dvc.yaml reads
    for leaf in _leaves(CONTENT):
        key = leaf.split(".")[-1]
        read = any(f"{name}.{key}" in text for name in NAMES) or leaf in text
        assert read or key in passed_whole | spelled_out, f"nothing reads {leaf}"


def test_scripts_do_not_import_each_other_but_for_check():
    scripts = {path for path in (REPOSITORY / "stages").glob("*.py") if path.stem != "__init__"}
    assert len(scripts) >= 9
    for script in scripts:
        assert not _imports(script) & scripts, script


#: What takes a quarter of a second and more to import, and is for the work alone.
HEAVY = {"cleanlab", "dask", "dvc", "keras", "numba", "scipy.signal", "scipy.stats", "skops", "sklearn", "tensorflow"}


@pytest.mark.parametrize("script", sorted(p.stem for p in (REPOSITORY / "stages").glob("[a-z]*.py")))
def test_every_stage_says_what_it_does_and_imports_nothing_heavy_for_it(script):
    command = [sys.executable, "-X", "importtime", "-m", f"stages.{script}", "--help"]
    shown = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    assert f"usage: python -m stages.{script}" in shown.stdout
    assert "DVC stage `" in shown.stdout or script in ("predict", "folds", "card", "app", "review")
    imported = {line.rsplit("|", 1)[-1].strip() for line in shown.stderr.splitlines()}
    assert "argparse" in imported and not imported & HEAVY


def test_packages_import_only_themselves_core_and_audio():
    stages = REPOSITORY / "stages"
    for path in stages.glob("*/**/*.py"):
        package = path.relative_to(stages).parts[0]
        allowed = {"core", package} | ({"audio"} if package != "core" else set())
        allowed |= {"scoring"} if package in ("audits", "pages") else set()  # which ask what a score is worth
        allowed |= {"denoisers"} if package == "trained" else set()  # which may stand before a classifier
        strangers = {str(m) for m in _imports(path) if m.relative_to(stages).parts[0] not in allowed}
        assert not strangers, f"{path} imports {strangers}"
