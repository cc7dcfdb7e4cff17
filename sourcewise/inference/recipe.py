"""How the features of a model's training clips were made, repeated for other clips: denoised, extracted, embedded."""

import numpy as np
import pandas as pd

from sourcewise.audio.samples import to_float
from sourcewise.core import params, registry
from sourcewise.core.errors import Stop
from sourcewise.core.paths import CONFIG
from sourcewise.extraction import precomputed
from sourcewise.models.denoising.applied import applied
from sourcewise.models.pretrained import Weights, find
from sourcewise.models.training import CONFIGS
from sourcewise.storage.files import Ragged, read_json


class Recipe:
    """The recipe in the folder of a model: `of_clip` of each clip, then `joined` for the model's `predict`.

    Raises NotRun where the weights of its frozen network cannot be read, Stop where its denoiser was trained anew.
    """

    def __init__(self, folder):
        self._folder, config = folder, read_json(folder / CONFIG)
        self._features = registry.module("features", config["features"])
        self._p = params.check(self._features.Params, config["params"], f"{folder}/config.json: params")
        self._modality = config.get("modality", "sound")
        if self._modality == "sound":
            self._sr, self._denoise = config["audio"]["sr"], _denoiser(config, folder.name)
        elif self._modality != "table":
            self._of_values = precomputed.of_clip(self._modality, config["features"], self._p)
        self._embed = _network(config, folder)

    def of_clip(self, values):
        """The features of one clip, by its samples, int16 (n_samples,); without sound by its frames or bytes."""
        if self._modality != "sound":
            return self._embed(self._of_values(values))
        features = self._features.extract(self._denoise(to_float(values), self._sr), sr=self._sr, p=self._p)
        if self._features.GIVES == "image":
            features = self._features.in_colour(features, self._folder)
        return self._embed(features)

    def joined(self, features):
        """Those of several clips as one table or one Ragged."""
        if self._features.GIVES == "vector":
            return pd.DataFrame(np.stack(features), columns=self._features.columns(self._p))
        return Ragged.of(features)


def same(folder):
    """What is equal for models with the same recipe only."""
    return b"".join((folder / name).read_bytes() for name in CONFIGS if (folder / name).is_file())


def _network(config, folder):
    """The function from a clip's features to its embedding: the frozen network of the model's training, with the
    weights that params.yaml locates and whose checksum the model stores; the identity if it had none."""
    if "embedding" not in config:
        return lambda clip: clip
    name, settings, sha256 = config["embedding"].values()
    where = f"embeddings.{name}.weights"
    weights = params.load(Weights, where).model_copy(update={"sha256": sha256})
    module = registry.module("models.embeddings", settings["model"])
    settings_of = module.TAKES[registry.module("features", config["features"]).GIVES]
    p = params.check(settings_of, settings | {"weights": weights}, f"{folder}/config.json: embedding")
    return module.load(find(weights, where).path, p, config["params"])


def _denoiser(config, name):
    """The denoiser of the model's training clips; the identity if it had none. Raises Stop for a retrained one."""
    if config.get("denoiser") is None:
        return lambda y, sr: y
    denoiser = applied(config["denoiser"]["name"])
    if denoiser.config != config["denoiser"]:
        raise Stop(f"{name} was trained with another {denoiser.name}: `dvc repro train@{name}` retrains both")
    return denoiser
