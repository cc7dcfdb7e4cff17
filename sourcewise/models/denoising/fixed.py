"""Denoisers that learn nothing: only their section of params.yaml is stored."""

from pathlib import Path

from sourcewise.core import params
from sourcewise.core.params import Section
from sourcewise.storage.files import read_json, write_json


class Fixed(Section):
    """Base of their sections; model: the module of sourcewise/models/denoisers."""

    model: str


class Model:
    """A function clean(y, sr, p) and its section."""

    history = None

    def __init__(self, clean, p):
        self._clean, self._p = clean, p

    def clean(self, y, sr):
        """The wave, float32 (n_samples,), with less noise."""
        return self._clean(y, sr, self._p)

    def save(self, folder):
        """The section as JSON."""
        write_json(Path(folder) / "params.json", self._p.model_dump())


def load(model, clean, folder):
    """The Model that `save` wrote; `model` is the class of its section."""
    file = Path(folder) / "params.json"
    return Model(clean, params.check(model, read_json(file), str(file)))
