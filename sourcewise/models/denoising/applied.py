"""A stored denoiser, applied before extraction."""

from hashlib import blake2b
from threading import Lock

from sourcewise.core import registry
from sourcewise.core.errors import Stop
from sourcewise.core.paths import DENOISERS
from sourcewise.storage import fingerprints
from sourcewise.storage.files import read_json


def applied(name):
    """The denoiser `name`; None for `none`, so that nothing is loaded and nothing changes."""
    return None if name == "none" else Applied(name)


class Applied:
    """A function of (y, sr) that returns the denoised wave; loaded at the first wave, as that takes seconds.

    content: a digest of the stored files. depends_on: all that its results depend on.
    """

    def __init__(self, name):
        self.name, self._folder = name, DENOISERS / name
        files = sorted(path for path in self._folder.glob("*") if path.is_file())
        if not files:
            raise Stop(f"{self._folder} does not exist: `dvc repro denoise@{name}` makes it")
        digest = blake2b(digest_size=16)
        for path in files:
            digest.update(blake2b(path.read_bytes(), key=path.name.encode()[:64]).digest())
        self.content = digest.hexdigest()
        self.depends_on = [
            name,
            self.content,
            fingerprints.of("sourcewise/models/denoisers", "sourcewise/models/denoising"),
            fingerprints.packages(("noisereduce", *fingerprints.TRAINING)),
        ]
        self._model, self._lock = None, Lock()

    @property
    def config(self):
        """The settings that `predict` needs."""
        return {"name": self.name, "content": self.content}

    def __call__(self, y, sr):
        """The denoised wave, float32 (n_samples,)."""
        with self._lock:
            if self._model is None:
                self._model = _module(self._folder).load(self._folder)
        return self._model.clean(y, sr)


def _module(folder):
    """The module of the denoiser in a folder."""
    file = folder / "params.json"
    name = read_json(file).get("model")
    if not isinstance(name, str):
        raise Stop(f"{file} does not say which denoiser it is of: remove the folder, then `dvc repro`")
    return registry.module("models.denoisers", name)
