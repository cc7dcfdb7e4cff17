"""A trained classifier with its preprocessing: decoding, cutting, denoising, features, embedding.

The preprocessing is that of its training clips, whatever params.yaml says now.
"""

import json

import numpy as np

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.audio.segments import cut
from sourcewise.core import params
from sourcewise.core.errors import NotRun, Stop, available
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import CLASSIFIERS, CONFIG, PARAMS, folds_of
from sourcewise.datasets import resolver
from sourcewise.datasets.task import Task
from sourcewise.evaluation import temperature
from sourcewise.evaluation.ensemble import MEMBERS
from sourcewise.inference.recipe import Recipe
from sourcewise.models import training
from sourcewise.models.ready import FINGERPRINT
from sourcewise.storage.files import read_json


class Trained:
    """models/classifiers/<name>: `features` of recordings, one by one and on any thread, then `predictions` for many at
    once: the mean probabilities of the models of all folds.

    task: its classes; n_folds: the number of models. Raises Stop if there is no such model, or if it was not trained on
    sound.
    """

    def __init__(self, name):
        self._folder = folder = CLASSIFIERS / name
        _check_trained(name, folder)
        if not (folder / "config.json").is_file():
            raise Stop(_no_model(folder))
        self._config = config = read_json(folder / "config.json")
        if "modality" in config:
            raise Stop(f"{name} was trained on the modality {config['modality']!r}: it predicts no recordings of sound")
        self._audio = params.check(AudioParams, config["audio"], f"{folder}/config.json: audio")
        try:
            self._recipe = Recipe(folder)
        except NotRun as reason:
            raise Stop(f"{reason}") from None
        self._models = [training.load(of_fold) for of_fold in folds_of(folder)]
        self.task, self.n_folds = Task.read(folder / "labels.json"), len(self._models)

    def features(self, path):
        """(features of each segment, their starts and stops in seconds), or Unreadable with the reason."""
        audio, min_s = self._audio, self._config["min_s"]
        fault = resolver.fault(None, path)
        if fault is not None:
            return Unreadable(fault)
        try:
            y, _, _ = decode(path, sr=audio.sr)
        except Unreadable as reason:
            return reason
        except OSError as error:
            return Unreadable(f"cannot be opened: {error.strerror}")
        if len(y) < min_s * audio.sr:
            return Unreadable(f"is shorter than {min_s:g} s")
        y, starts, stops = cut(y, segment=audio.segment, hop=audio.hop, shortest=min_s * audio.sr, pad=audio.pad)
        features = [self._recipe.of_clip(y[start:stop]) for start, stop in zip(starts, stops, strict=True)]
        return features, np.array(starts) / audio.sr, np.array(stops) / audio.sr

    def predictions(self, features, fold=None):
        """For each recording, given its `features`: a list of {"start_s", "stop_s", "classes", "probabilities"}, first
        the mean over its segments, then, if there are several, each of these; or its Unreadable. fold: the one whose
        model predicts, None for the mean over all."""
        good = [result for result in features if not isinstance(result, Unreadable)]
        if not good:
            return features
        folds = range(self.n_folds) if fold is None else [fold]
        probabilities = np.mean([self.probabilities([of for of, *_ in good], k).round(6) for k in folds], axis=0)
        parts = iter(np.split(probabilities, np.cumsum([len(starts) for _, starts, _ in good])[:-1]))
        thresholds = self.thresholds(fold)
        return [
            result if isinstance(result, Unreadable) else self._rows(next(parts), thresholds, *result[1:])
            for result in features
        ]

    def thresholds(self, fold=None):
        """[the probability from which a class is predicted], of the mean over all folds or of one."""
        folder = self._folder if fold is None else folds_of(self._folder)[fold]
        return list(read_json(folder / "thresholds.json").values())

    def probabilities(self, features, fold):
        """Those of each segment, (n_segments, n_classes), by the model of one fold. features: a list with those of each
        recording, without starts and stops."""
        return self._models[fold].predict(self._recipe.joined([clip for of in features for clip in of]))

    def _rows(self, probabilities, thresholds, starts, stops):
        rows = [(starts[0], stops[-1], probabilities.mean(axis=0))]
        if len(probabilities) > 1:
            rows += zip(starts, stops, probabilities, strict=True)
        y_pred, classes = self.task.decide(np.stack([p for _, _, p in rows]), thresholds), self.task.classes
        return [
            {
                "start_s": round(float(start), 3),
                "stop_s": round(float(stop), 3),
                "classes": [name for name, present in zip(classes, predicted, strict=True) if present],
                "probabilities": {name: round(float(value), 6) for name, value in zip(classes, p, strict=True)},
            }
            for (start, stop, p), predicted in zip(rows, y_pred, strict=True)
        ]


def _check_trained(name, folder):
    if (folder / "not_run.json").is_file():
        raise Stop(f"{name} was not trained: {read_json(folder / 'not_run.json')['reason']}")


class Ensemble(Trained):
    """models/classifiers/ensemble: in each fold the mean of its members' probabilities, each with its temperature."""

    def __init__(self, name):
        self._folder = folder = CLASSIFIERS / name
        _check_trained(name, folder)
        self._folds = read_json(folder / CONFIG)[MEMBERS]
        self._members = {member: Trained(member) for of_fold in self._folds for member in of_fold}
        self.task, self.n_folds = Task.read(folder / "labels.json"), len(self._folds)

    def features(self, path):
        """({member: features of each segment}, starts, stops), or Unreadable with the reason."""
        each = {}
        for name, member in self._members.items():
            result = member.features(path)
            if isinstance(result, Unreadable):
                return result
            each[name], starts, stops = result
        return each, starts, stops

    def probabilities(self, features, fold):
        """As `Trained.probabilities`."""
        means = [
            temperature.scaled(
                self._members[name].probabilities([of[name] for of in features], fold).round(6), t, self.task
            )
            for name, t in self._folds[fold].items()
        ]
        return np.mean(means, axis=0)


def load(name):
    """The Trained or the Ensemble in models/classifiers/<name>."""
    path = CLASSIFIERS / name / CONFIG
    return Ensemble(name) if path.is_file() and MEMBERS in read_json(path) else Trained(name)


def fingerprint(name):
    """What changes with a new training of a classifier, or of a member of an ensemble."""
    folder = CLASSIFIERS / name
    if (folder / "not_run.json").is_file():
        return ""
    folds = read_json(folder / CONFIG).get(MEMBERS) if (folder / CONFIG).is_file() else None
    if folds is None:
        return (folder / FINGERPRINT).read_text(encoding="utf-8")
    return json.dumps([folds, [fingerprint(member) for of_fold in folds for member in of_fold]])


def _no_model(folder):
    """A sentence: how to get the model of an entry; for any other name, the trained ones, or else the entries."""
    entries = params.load(dict[str, dict], "classifiers") if PARAMS.is_file() else {folder.name: {}}
    if folder.name in entries:
        return f"no model in {folder}: `dvc repro train@{folder.name}` makes one, or `dvc pull` fetches it"
    trained = sorted(path.parent.name for path in CLASSIFIERS.glob("*/config.json"))
    return f"No classifier {folder.name!r}{available(folder.name, trained or entries)}"
