"""The weights of the pretrained networks: python -m sourcewise weights yamnet

Shows where they are, with their checksums, and downloads what is missing.
"""

from sourcewise.core import messages, params
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.paths import FEATURES
from sourcewise.models import pretrained
from sourcewise.storage.archives import download_path


def main(names):
    """Print what is there of entries of `embeddings`, by default of all; returns 0 where nothing is missing, else 1."""
    entries = params.load(dict[str, dict], "embeddings")
    for name in names or []:
        if name not in entries:
            raise Stop(f"params.yaml has no embeddings.{name}, there are: {', '.join(entries)}")
    return 0 if all([_is_there(name) for name in names or entries]) else 1


def _is_there(name):
    """Whether the weights of an entry are there, and print it."""
    where = f"embeddings.{name}.weights"
    weights = params.load(pretrained.Weights, where)
    try:
        found = pretrained.find(weights, where)
    except NotRun:
        copy = f"put a copy of {weights.url} at {download_path(weights.url)}, or set {where}.path and sha256"
        messages.info(f"{name}: missing: {copy}; then {_rerun(name)}")
        return False
    except Stop as error:
        messages.info(f"{name}: not usable: {error.sentence}")
        return False
    messages.info(f"{name}: {found.path}, sha256 {found.sha256}{_next(name)}")
    return True


def _next(name):
    """What to run where the last run had no weights."""
    return f": {_rerun(name)}" if (FEATURES / name / "not_run.json").is_file() else ""


def _rerun(name):
    return f"`dvc repro -fs embed@{name}` and `dvc repro`"


def arguments(parser):
    """Add the arguments of the command line."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="entries of `embeddings` in params.yaml; default: all")
