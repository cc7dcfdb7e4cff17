"""What a trained classifier says of any recordings: python -m sourcewise predict svm FILE|FOLDER ...

Prints for each recording the classes that were found and the probability of each. Recordings are decoded, cut and
turned into features as those that the model was trained on, whatever params.yaml says now. Where these were cut into
segments, each segment has a line, too. A file that gives no sound is named and left out, and the exit status is 1.
"""

import csv
import json
import os
import sys
from pathlib import Path

from sourcewise.audio.decode import SUFFIXES, Unreadable
from sourcewise.compute.parallel import each
from sourcewise.core import messages
from sourcewise.core.errors import Stop
from sourcewise.inference.classifier import Trained

AT_ONCE = 100  # recordings whose features are held


def main(name, paths, form):
    """Print what model `name` says of `paths` as "text", "json" or "csv"; 1 where a file gave no sound, else 0."""
    trained = Trained(name)
    write, n_bad, files = {"text": _text, "json": _json, "csv": _csv}[form](trained.task), 0, _files(paths)
    for first in range(0, len(files), AT_ONCE):
        some = files[first : first + AT_ONCE]
        found = list(each(trained.features, some, title="predict", unit="recording"))
        for path, said in zip(some, trained.said(found), strict=True):
            if isinstance(said, Unreadable):
                print(messages.prefixed(f"{path} {said}"), file=sys.stderr)
                n_bad += 1
            else:
                write(path, said)
    write(None, None)
    return min(n_bad, 1)


def _files(paths):
    """The sound files among these, and in the folders among these, in order."""
    files = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = (Path(root) / name for root, _, names in os.walk(path) for name in names)
            files += sorted(file for file in inside if file.suffix.lower() in SUFFIXES)
        else:
            files.append(path)
    if not files:
        raise Stop(f"no sound file in {', '.join(map(str, paths))}")
    return files


def _text(task):
    """A line a recording, then one a segment, classes by falling probability."""

    def write(path, said):
        if path is None:
            return
        for k, row in enumerate(said):
            where = str(path) if k == 0 else f"  {row['start_s']:8.2f} to {row['stop_s']:8.2f} s"
            ranked = sorted(row["probabilities"].items(), key=lambda item: -item[1])
            numbers = "  ".join(f"{name} {value:.3f}" for name, value in ranked)
            print(f"{where}: {', '.join(row['classes']) or '-'}    ({numbers})")

    return write


def _csv(task):
    """A row a recording, and where it was cut, one a segment, told apart by their starts and stops."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["path", "start_s", "stop_s", "classes", *(f"p({name})" for name in task.classes)])

    def write(path, said):
        for row in said or []:
            p = (f"{value:.6f}" for value in row["probabilities"].values())
            table.writerow([path, row["start_s"], row["stop_s"], "|".join(row["classes"]), *p])

    return write


def _json(task):
    """One list, an object a recording, with its segments where it was cut."""
    everything = []

    def write(path, said):
        if path is None:
            print(json.dumps(everything, indent=1, ensure_ascii=False))
        else:
            everything.append({"path": str(path), **said[0]} | ({"segments": said[1:]} if len(said) > 1 else {}))

    return write


def arguments(parser):
    """Of the command line."""
    parser.add_argument("name", help="a classifier in models/classifiers/")
    parser.add_argument("paths", nargs="+", metavar="FILE|FOLDER", help="recordings, or folders that hold any")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_const", dest="form", const="json", help="one list of objects")
    form.add_argument("--csv", action="store_const", dest="form", const="csv", help="a row a recording and a segment")
    parser.set_defaults(form="text")
