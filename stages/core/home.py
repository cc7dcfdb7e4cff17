"""The repository that a run belongs to, and what lies outside a folder."""

import os
from pathlib import Path

MOST_LINKS = 40  # that are followed, as by Linux: more lead nowhere


def home():
    """Its folder, also from within an experiment's temporary copy of it."""
    return Path(str(Path.cwd()).split(f"{os.sep}.dvc{os.sep}tmp{os.sep}exps{os.sep}")[0])


def leads_out(path, folder):
    """Whether a path lies outside a folder once all links are followed; one that links to itself leads nowhere.

    Where the system does not tell where a link leads, it leads outside.
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
    """Whether a path stays in the folder at each step, relative links followed. Asks about nothing above the folder,
    which the process may not be let at, and which realpath asks about from Python 3.13 on."""
    steps, place, links = list(parts), folder, 0
    while steps and links <= MOST_LINKS:
        step, *steps = steps
        if step == "..":
            if place == folder:
                return False
            place = place.parent
        elif os.path.islink(place / step):
            target, links = Path(os.readlink(place / step)), links + 1
            if target.is_absolute():
                return False
            steps = [*target.parts, *steps]
        else:
            place = place / step
    return True
