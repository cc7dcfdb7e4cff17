"""What a trained classifier says of any recordings: python -m stages.predict svm FILE|FOLDER ...

Prints for each recording the classes that were found and the probability of each. Recordings are decoded, cut and
turned into features as those that the model was trained on, whatever params.yaml says now. Where these were cut into
segments, each segment has a line, too. A file that gives no sound is named and left out, and the exit status is 1.
"""

import argparse
import csv
import json
import os
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from stages.audio.decode import SUFFIXES, Unreadable, decode
from stages.audio.segments import cut
from stages.core import params, registry
from stages.core.parallel import each
from stages.core.params import AudioParams
from stages.core.stop import NotRun, Stop
from stages.core.storage import Ragged, read_json
from stages.core.task import Task
from stages.core.weights import Weights, find
from stages.denoisers._applied import applied

MODELS = Path("models")
AT_ONCE = 100  # recordings whose features are held


def main(name, paths, form):
    """Print what model `name` says of `paths` as "text", "json" or "csv"; how many files gave no sound."""
    folder = MODELS / name
    if not (folder / "how.json").is_file():
        raise Stop(f"predict: no model in {folder}: `dvc repro train@{name}` makes one, or `dvc pull` fetches it")
    how = read_json(folder / "how.json")
    if "corpus" in how:
        raise Stop(f"predict: {name} was trained on a corpus of the kind {how['corpus']!r}, and knows no recordings")
    audio = params.check(AudioParams, how["audio"], f"{folder}/how.json: audio")
    model, task = registry.module("zoo", name).load(folder), Task.read(folder / "labels.json")
    thresholds = list(read_json(folder / "thresholds.json").values())
    write, n_bad = {"text": _text, "json": _json, "csv": _csv}[form](task), 0
    files, embed, denoiser = _files(paths), _network(how, folder), _denoiser(how, name)
    for first in range(0, len(files), AT_ONCE):
        some = files[first : first + AT_ONCE]
        found = list(
            each(partial(_features, folder, how, audio, denoiser, embed), some, what="predict", unit="recording")
        )
        for path, result in zip(some, _probabilities(model, found), strict=True):
            if isinstance(result, Unreadable):
                print(f"predict: {path} {result}", file=sys.stderr)
                n_bad += 1
            else:
                write(path, _said(task, thresholds, *result))
    write(None, None)
    return n_bad


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
        raise Stop(f"predict: no sound file in {', '.join(map(str, paths))}")
    return files


def _network(how, folder):
    """What makes an embedding of a clip's features: the frozen network that the model was trained behind, with the
    weights that params.yaml says where to find and whose checksum the model remembers; nothing where it had none."""
    if "embedding" not in how:
        return lambda clip: clip
    name, fixed, sha256 = how["embedding"].values()
    where = f"embeddings.{name}.weights"
    own = params.load(Weights, where).model_copy(update={"sha256": sha256})
    kind = registry.module("embeddings", name)
    p = params.check(kind.Params, fixed | {"weights": own}, f"{folder}/how.json: embedding")
    try:
        return kind.load(find(own, where).path, p)
    except NotRun as reason:
        raise Stop(f"predict: {reason}") from None


def _denoiser(how, name):
    """What takes the noise out of a clip, where the model was trained on clips without it; the same, or none."""
    if how.get("denoiser") is None:
        return lambda y, sr: y
    found = applied(how["denoiser"]["name"])
    if found.how != how["denoiser"]:
        raise Stop(f"predict: {name} was trained behind another {found.name}: `dvc repro train@{name}` makes both anew")
    return found


def _features(folder, how, audio, denoiser, embed, path):
    """(features of each segment, their starts and stops in seconds), or why there are none."""
    kind = registry.module("features", how["kind"])
    p = params.check(kind.Params, how["params"], f"{folder}/how.json: params")
    try:
        y, _, _ = decode(path, sr=audio.sr)
        if len(y) < how["min_s"] * audio.sr:
            raise Unreadable(f"is shorter than {how['min_s']:g} s")
    except Unreadable as reason:
        return reason
    except OSError as error:
        return Unreadable(f"cannot be opened: {error.strerror}")
    y, starts, stops = cut(y, segment=audio.segment, hop=audio.hop, shortest=how["min_s"] * audio.sr, pad=audio.pad)
    clips = [y[start:stop].astype(np.float32) / 32768 for start, stop in zip(starts, stops, strict=True)]
    clips = [denoiser(clip, audio.sr) for clip in clips]
    seen = getattr(kind, "seen", lambda values, folder: values)
    features = [embed(seen(kind.extract(clip, sr=audio.sr, p=p), folder)) for clip in clips]
    if hasattr(kind, "COLUMNS"):
        features = pd.DataFrame(np.stack(features), columns=kind.COLUMNS)
    return features, np.array(starts) / audio.sr, np.array(stops) / audio.sr


def _probabilities(model, found):
    """(probabilities of the segments, starts, stops) of each recording, or why there are none."""
    good = [result[0] for result in found if not isinstance(result, Unreadable)]
    if not good:
        return found
    tables = isinstance(good[0], pd.DataFrame)
    x = pd.concat(good, ignore_index=True) if tables else Ragged.of([clip for clips in good for clip in clips])
    parts = iter(np.split(model.predict(x).round(6), np.cumsum([len(clips) for clips in good])[:-1]))
    return [result if isinstance(result, Unreadable) else (next(parts), *result[1:]) for result in found]


def _said(task, thresholds, probabilities, starts, stops):
    """What is said of one recording: the mean over its segments, then, where there are several, each segment."""
    rows = [(starts[0], stops[-1], probabilities.mean(axis=0))]
    if len(probabilities) > 1:
        rows += zip(starts, stops, probabilities, strict=True)
    decided = task.decide(np.stack([p for _, _, p in rows]), thresholds)
    return [
        {
            "start_s": round(float(start), 3),
            "stop_s": round(float(stop), 3),
            "classes": [name for name, there in zip(task.classes, found, strict=True) if there],
            "probabilities": {name: round(float(value), 6) for name, value in zip(task.classes, p, strict=True)},
        }
        for (start, stop, p), found in zip(rows, decided, strict=True)
    ]


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m stages.predict", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", help="a classifier in models/")
    parser.add_argument("paths", nargs="+", metavar="FILE|FOLDER", help="recordings, or folders that hold any")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_const", dest="form", const="json", help="one list of objects")
    form.add_argument("--csv", action="store_const", dest="form", const="csv", help="a row a recording and a segment")
    parser.set_defaults(form="text")
    sys.exit(1 if main(**vars(parser.parse_args())) else 0)
