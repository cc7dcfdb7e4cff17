"""The modules that each stage runs. DVC does not follow imports: `check` follows them, and writes for each stage a file
with the digests of its modules, on which the stage depends; an edit reruns what it can change and no more."""

import ast
from functools import cache
from pathlib import Path

from sourcewise.core.errors import Stop
from sourcewise.core.paths import CACHE, CODE_USED
from sourcewise.models import ready
from sourcewise.storage.files import fresh_folder, read_json, sha256, write_json, write_text

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "sourcewise"
OURS = ("sourcewise", "stages")
#: What is known of the files by their digests, so that an edit parses one anew.
PARSED = CACHE / "imports.json"
#: What the argument of a stage names: an entry of a section, whose module is one of a folder.
CHOSEN = {
    "extract": ("features", "features"),
    "embed": ("embeddings", "models/embeddings"),
    "denoise": ("denoisers", "models/denoisers"),
    "train": ("classifiers", "models/classifiers"),
    "generate": ("generators", "models/generators"),
}
#: The folders whose modules stages look up by names that are not in params.yaml alone.
LOOKED_UP = {
    "fetch": ("datasets/readers", "datasets/synthetic"),
    "ingest": ("datasets/readers", "datasets/modalities"),
    "augment": ("augmentations",),
    "external": ("datasets/readers", "datasets/synthetic", "datasets/modalities"),
}
#: What does the work of others. `external` is a part of `evaluate`: predictions on other datasets are kept where no
#: module of theirs changed.
RUNS = {"train_in_parallel": tuple(ready.MODULES), "external": ("extract", "embed", "train")}
#: The stages that depend on all code.
ON_ALL = ("check", "evaluate")


def write(content):
    """Write data/checked/code: `<stage>.txt`, or `<stage>/<module>.txt` for stages with an argument. content: of
    params.yaml."""
    fresh_folder(CODE_USED)
    before = dict(_cached())
    for name, paths in used(content).items():
        lines = [f"{_digest(path)}  {path.relative_to(ROOT).as_posix()}\n" for path in sorted(paths)]
        write_text(CODE_USED / f"{name}.txt", "".join(lines))
    files = [*LIBRARY.rglob("*.py"), *(ROOT / "stages").glob("*.py")]
    if (now := {_digest(path): _parsed(path) for path in files}) != before:
        write_json(PARSED, now)


def used(content):
    """{"split": paths, "train/svm": paths, ...}: the modules that each stage runs, by the module that its entry
    names."""
    result = {}
    for path in sorted((ROOT / "stages").glob("[a-z]*.py")):
        if path.stem in CHOSEN:
            for module, chosen in _chosen(path.stem, content).items():
                result[f"{path.stem}/{module}"] = reached(path, *chosen)
        elif path.stem not in ON_ALL:
            result[path.stem] = reached(path, *_looked_up(path.stem, content))
    result["external"] = reached(LIBRARY / "inference/external.py", *_looked_up("external", content))
    for stage, parts in RUNS.items():
        result[stage] = result[stage].union(*(of for name, of in result.items() if name.split("/")[0] in parts))
    return result


def _chosen(stage, content):
    """{module: what a stage runs for entries of it, besides its script}."""
    section, package = CHOSEN[stage]
    roots, work = {}, [_file(ready.MODULES[stage])] if stage in ready.MODULES else []
    for name, entry in content[section].items():
        module = entry.get("model", name)
        roots.setdefault(module, set(work)).add(LIBRARY / package / f"{module}.py")
        if "family" in entry:
            roots[module].add(LIBRARY / "models" / entry["family"] / "training.py")
        if stage == "extract":
            roots[module] |= _modules("models/denoisers", [content["denoisers"][content["denoise"]["apply"]]])
        if stage == "generate":
            roots[module].add(LIBRARY / "features/mfcc.py")  # of generated clips
    return roots


def _looked_up(stage, content):
    if stage == "audit":
        return _modules("models/classifiers", content["audit"]["references"].values()) | {
            LIBRARY / "models" / entry["family"] / "training.py" for entry in content["audit"]["references"].values()
        }
    folders = [LIBRARY / folder for folder in LOOKED_UP.get(stage, ())]
    return {path for folder in folders for path in folder.glob("*.py")}


def _modules(package, entries):
    return {LIBRARY / package / f"{entry['model']}.py" for entry in entries}


def reached(*paths):
    """The modules of ours that files import, directly or through others, and these files."""
    seen, waiting = set(), list(paths)
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += imported(path) | _packages(path)
    return seen


@cache
def imported(path):
    """The modules of ours that a file imports, anywhere in it, as paths."""
    found = set()
    for module, names in _parsed(path)["imports"]:
        inner = {_file(f"{module}.{name}") for name in names}
        found |= inner if names and None not in inner else inner | {_file(module)}
    return found - {None}


@cache
def _packages(path):
    """The __init__ of each package that a module lies in, where it holds more than a docstring."""
    files = {folder / "__init__.py" for folder in path.parents if folder.is_relative_to(ROOT) and folder != ROOT}
    return {file for file in files if _parsed(file)["holds_code"]}


def _parsed(path):
    """{imports: [[module, [names]]], of ours alone; holds_code: more than a docstring}; cached, as parsing took half
    of the time of `check`."""
    known = _cached()
    digest = _digest(path)
    if digest not in known:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [of for node in ast.walk(tree) for of in _imports(node) if of[0].split(".")[0] in OURS]
        known[digest] = {"imports": imports, "holds_code": len(tree.body) > 1}
    return known[digest]


def _imports(node):
    """[module, [names]] of an import statement, names empty where the module itself is imported."""
    if isinstance(node, ast.Import):
        return [[alias.name, []] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [[node.module or "", [alias.name for alias in node.names]]]
    return []


@cache
def _cached():
    """{digest of a file: what `_parsed` gives}; empty where there is none, or a damaged one."""
    try:
        return read_json(PARSED)
    except (FileNotFoundError, Stop):
        return {}


@cache
def _file(module):
    """The file of one of our modules, a package's being its __init__; None for all else."""
    if module.split(".")[0] not in OURS:
        return None
    path = ROOT / Path(*module.split("."))
    files = path.with_suffix(".py"), path / "__init__.py"
    return next((file for file in files if file.is_file()), None)


@cache
def _digest(path):
    return sha256(path)[:32]
