"""The paths of all files and folders, relative to the repository, and which repository that is."""

import os
from pathlib import Path

PARAMS = Path("params.yaml")
DATASETS = Path("data/datasets")
#: The folder of one fold in that of a classifier or a generator.
FOLD = "fold-{}"
#: What `check` writes: all parameters, those of training, generators to be trained for each fold, and the digests of
#: the modules that each stage runs.
CHECKED = Path("data/checked")
SETTINGS, TRAINING, PER_FOLD = CHECKED / "settings.json", CHECKED / "training.json", CHECKED / "per_fold.json"
CODE_USED = CHECKED / "code"
#: The recordings of each dataset, or a link to them; a folder of noises.
RAW, NOISE = Path("data/raw"), Path("data/noise")

CLIPS, MANIFEST, LABELS = Path("data/clips"), Path("data/manifest.csv"), Path("data/labels.json")
REJECTED, EVENTS = Path("data/rejected.csv"), Path("data/events.csv")
LEFT_OUT = Path("data/copies.csv")  # recordings that are exact copies of others
REMARKS = Path("data/remarks.csv")  # on recordings that are not read as they are
DUPLICATES = Path("data/duplicates/pairs.csv")
SPLIT = Path("data/split.csv")
AUGMENTED = Path("data/augmented")
COPIES = AUGMENTED / "copies.csv"
#: Of each representation a folder, and a file with its digest.
FEATURES, EXTRACTED = Path("data/features"), Path("data/extracted")
IMAGES = Path("data/images")
EXPLORED = Path("data/explored")
#: Example sounds and images of each denoiser and generator.
SAMPLES = Path("data/samples")
TRAINED, PREDICTIONS = Path("data/trained.txt"), Path("data/predictions")
ENSEMBLE_PREDICTIONS = Path("data/ensemble")

MODELS = Path("models")
CLASSIFIERS, DENOISERS, GENERATORS = MODELS / "classifiers", MODELS / "denoisers", MODELS / "generators"

METRICS = Path("metrics")
AUDIT, AUDIT_TABLES = METRICS / "audit.json", METRICS / "audit"
#: The scores of each classifier; of each denoiser and generator.
SCORES = METRICS / "classifiers"
EACH = METRICS / "each"
LOSSES = METRICS / "losses"
#: The numbers and sentences of the verdict; the score of each classifier on each source.
VERDICT, SOURCES = METRICS / "verdict.json", METRICS / "sources.csv"
REPORT = METRICS / "report"
PASSED = Path("data/gate.json")

#: In the folder of an entry that could not run: the reason.
NOT_RUN = "not_run.json"
#: In a folder of features or of a model: the settings that `predict` needs to repeat.
CONFIG = "config.json"

#: What a run may lose: computed values, scratch files, results that wait to be taken.
CACHE = Path(".cache")

MOST_LINKS = 40  # that are followed, as by Linux: more lead nowhere


def folds_of(folder):
    """The folders of the folds in that of a classifier or a generator, in order."""
    return [folder / FOLD.format(fold) for fold in range(len(list(folder.glob(FOLD.format("*")))))]


def repository():
    """The folder of the repository that a run belongs to, also from within an experiment's temporary copy of it."""
    return Path(str(Path.cwd()).split(f"{os.sep}.dvc{os.sep}tmp{os.sep}exps{os.sep}")[0])


def escapes(path, folder):
    """Whether a path lies outside a folder once all links are followed; one that links to itself leads nowhere.

    A link whose target the system does not reveal counts as leading outside.
    """
    path, folder = Path(path), Path(folder)
    if path.is_relative_to(folder) and _stays_below(folder, path.relative_to(folder).parts):
        return False
    try:
        real, inside = os.path.realpath(path, strict=True), os.path.realpath(folder, strict=True)
    except PermissionError:
        return True
    except OSError:  # nothing is there
        real, inside = os.path.realpath(path), os.path.realpath(folder)
    return not Path(real).is_relative_to(inside)


def _stays_below(folder, parts):
    """Whether a path stays in the folder at each step, relative links followed. Looks at nothing above the folder,
    where the process may lack permission, and where realpath looks from Python 3.13 on."""
    steps, current, links = list(parts), folder, 0
    while steps and links <= MOST_LINKS:
        step, *steps = steps
        if step == "..":
            if current == folder:
                return False
            current = current.parent
        elif os.path.islink(current / step):
            target, links = Path(os.readlink(current / step)), links + 1
            if target.is_absolute():
                return False
            steps = [*target.parts, *steps]
        else:
            current = current / step
    return True
