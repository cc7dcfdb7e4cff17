"""A trained classifier and all that brings a recording before it: decoding, cutting, denoising, features, embedding.

All is done as it was for the clips that it was trained on, whatever params.yaml says now.
"""

import numpy as np
import pandas as pd

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.audio.samples import to_float
from sourcewise.audio.segments import cut
from sourcewise.core import params, registry
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import CLASSIFIERS
from sourcewise.datasets.task import Task
from sourcewise.models import training
from sourcewise.models.denoising.applied import applied
from sourcewise.models.pretrained import Weights, find
from sourcewise.storage.files import Ragged, read_json


class Trained:
    """models/classifiers/<name>: `features` of recordings, one by one and on any thread, then what is `said` of many at
    once.

    task: its classes. Raises Stop where it is not there, or cannot be asked about sound.
    """

    def __init__(self, name):
        self._folder = folder = CLASSIFIERS / name
        if (folder / "not_run.json").is_file():
            raise Stop(f"{name} was not trained: {read_json(folder / 'not_run.json')['reason']}")
        if not (folder / "config.json").is_file():
            raise Stop(f"no model in {folder}: `dvc repro train@{name}` makes one, or `dvc pull` fetches it")
        self._how = how = read_json(folder / "config.json")
        if "modality" in how:
            what = how["modality"]
            raise Stop(
                f"{name} was trained on a dataset of the modality {what!r}, not of sound: it predicts no recordings"
            )
        self._audio = params.check(AudioParams, how["audio"], f"{folder}/config.json: audio")
        self._features = registry.module("features", how["features"])
        self._p = params.check(self._features.Params, how["params"], f"{folder}/config.json: params")
        self._embed, self._denoise = _network(how, folder), _denoiser(how, name)
        self._thresholds = list(read_json(folder / "thresholds.json").values())
        self._model, self.task = training.load(folder), Task.read(folder / "labels.json")

    def features(self, path):
        """(features of each segment, their starts and stops in seconds), or, as Unreadable, why there are none."""
        audio, least = self._audio, self._how["min_s"]
        try:
            y, _, _ = decode(path, sr=audio.sr)
        except Unreadable as reason:
            return reason
        except OSError as error:
            return Unreadable(f"cannot be opened: {error.strerror}")
        if len(y) < least * audio.sr:
            return Unreadable(f"is shorter than {least:g} s")
        y, starts, stops = cut(y, segment=audio.segment, hop=audio.hop, shortest=least * audio.sr, pad=audio.pad)
        features = [self._of_clip(y[start:stop]) for start, stop in zip(starts, stops, strict=True)]
        if self._features.GIVES == "vector":
            features = pd.DataFrame(np.stack(features), columns=self._features.COLUMNS)
        return features, np.array(starts) / audio.sr, np.array(stops) / audio.sr

    def _of_clip(self, y):
        clip = self._denoise(to_float(y), self._audio.sr)
        values = self._features.extract(clip, sr=self._audio.sr, p=self._p)
        if self._features.GIVES == "image":
            values = self._features.in_colour(values, self._folder)
        return self._embed(values)

    def said(self, found):
        """Of each recording, given its `features`: a list of {"start_s", "stop_s", "classes", "probabilities"}, the
        first being the mean over its segments and the others, where there are several, these; or its Unreadable."""
        good = [result[0] for result in found if not isinstance(result, Unreadable)]
        if not good:
            return found
        tables = isinstance(good[0], pd.DataFrame)
        x = pd.concat(good, ignore_index=True) if tables else Ragged.of([clip for clips in good for clip in clips])
        parts = iter(np.split(self._model.predict(x).round(6), np.cumsum([len(clips) for clips in good])[:-1]))
        return [
            result if isinstance(result, Unreadable) else self._said_of_one(next(parts), *result[1:])
            for result in found
        ]

    def _said_of_one(self, probabilities, starts, stops):
        rows = [(starts[0], stops[-1], probabilities.mean(axis=0))]
        if len(probabilities) > 1:
            rows += zip(starts, stops, probabilities, strict=True)
        y_pred, classes = self.task.decide(np.stack([p for _, _, p in rows]), self._thresholds), self.task.classes
        return [
            {
                "start_s": round(float(start), 3),
                "stop_s": round(float(stop), 3),
                "classes": [name for name, there in zip(classes, found, strict=True) if there],
                "probabilities": {name: round(float(value), 6) for name, value in zip(classes, p, strict=True)},
            }
            for (start, stop, p), found in zip(rows, y_pred, strict=True)
        ]


def _network(how, folder):
    """What makes an embedding of a clip's features: the frozen network that the model was trained behind, with the
    weights that params.yaml says where to find and whose checksum the model remembers; nothing where it had none."""
    if "embedding" not in how:
        return lambda clip: clip
    name, fixed, sha256 = how["embedding"].values()
    where = f"embeddings.{name}.weights"
    own = params.load(Weights, where).model_copy(update={"sha256": sha256})
    module = registry.module("models.embeddings", fixed["model"])
    p = params.check(module.Params, fixed | {"weights": own}, f"{folder}/config.json: embedding")
    try:
        return module.load(find(own, where).path, p)
    except NotRun as reason:
        raise Stop(f"{reason}") from None


def _denoiser(how, name):
    """What takes the noise out of a clip, where the model was trained on clips without it; the same, or none."""
    if how.get("denoiser") is None:
        return lambda y, sr: y
    found = applied(how["denoiser"]["name"])
    if found.config != how["denoiser"]:
        raise Stop(f"{name} was trained behind another {found.name}: `dvc repro train@{name}` makes both anew")
    return found
