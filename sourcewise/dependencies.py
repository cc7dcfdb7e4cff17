"""The modules that each stage runs. DVC does not follow imports: `check` follows them, and writes for each stage a file
with the digests of its modules, on which the stage depends; an edit reruns what it can change and no more."""

import ast
from functools import cache
from pathlib import Path

from sourcewise.core.paths import CODE_USED
from sourcewise.models import ready
from sourcewise.storage.files import fresh_folder, sha256, write_text

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "sourcewise"
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
#: Stages that do the work of others.
RUNS = {"train_in_parallel": tuple(ready.MODULES), "external": ("extract", "embed", "train")}


def write(content):
    """Write data/checked/code: `<stage>.txt`, or `<stage>/<module>.txt` for stages with an argument. content: of
    params.yaml."""
    fresh_folder(CODE_USED)
    for name, paths in used(content).items():
        lines = [f"{_digest(path)}  {path.relative_to(ROOT).as_posix()}\n" for path in sorted(paths)]
        write_text(CODE_USED / f"{name}.txt", "".join(lines))


def used(content):
    """{"split": paths, "train/svm": paths, ...}: the modules that each stage runs, by the module that its entry
    names."""
    result = {}
    for path in sorted((ROOT / "stages").glob("[a-z]*.py")):
        if path.stem in CHOSEN:
            for module, chosen in _chosen(path.stem, content).items():
                result[f"{path.stem}/{module}"] = reached(path, *chosen)
        elif path.stem != "check":
            result[path.stem] = reached(path, *_looked_up(path.stem, content))
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
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            found |= {_file(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {_file(f"{node.module}.{alias.name}") for alias in node.names}
            found |= inner if None not in inner else inner | {_file(node.module)}
    return found - {None}


@cache
def _packages(path):
    """The __init__ of each package that a module lies in, where it holds more than a docstring."""
    files = {folder / "__init__.py" for folder in path.parents if folder.is_relative_to(ROOT) and folder != ROOT}
    return {file for file in files if len(_parsed(file).body) > 1}


@cache
def _parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def _file(module):
    """The file of one of our modules, a package's being its __init__; None for all else."""
    if module.split(".")[0] not in ("sourcewise", "stages"):
        return None
    path = ROOT / Path(*module.split("."))
    files = path.with_suffix(".py"), path / "__init__.py"
    return next((file for file in files if file.is_file()), None)


@cache
def _digest(path):
    return sha256(path)[:32]
