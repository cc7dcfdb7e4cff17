"""One row of numbers a clip: the functionals of openSMILE, which research on speech and emotion compares with.

functionals: eGeMAPSv02 (88 columns; Eyben et al., IEEE Transactions on Affective Computing 7, 2016) or ComParE_2016
(6,373). They are not in params.yaml, as the package is an extra whose licence forbids commercial use:
docs/pretrained.md says how to switch them on.
"""

import threading
import warnings
from typing import Literal

import numpy as np

from sourcewise.core import messages
from sourcewise.core.errors import NotRun
from sourcewise.core.params import Section

GIVES = "vector"
PACKAGES = ("opensmile",)
DTYPE = np.float64
SHORTEST_S = 0.1  # shorter clips are padded with zeros to it: openSMILE describes none of them
_own = threading.local()  # openSMILE's object, one a thread


class Params(Section):
    """`features.opensmile`."""

    functionals: Literal["eGeMAPSv02", "ComParE_2016"]


def columns(p):
    """The clip's length in samples, then openSMILE's names. Raises NotRun without the package."""
    names = _smile(p.functionals).feature_names
    messages.info("openSMILE is free for research and private use alone: its licence forbids commercial use")
    return ["opensmile_length", *names]


def extract(y, *, sr, p):
    """The values of `columns(p)` for one clip, float64."""
    padded = np.pad(y, (0, max(0, int(np.ceil(SHORTEST_S * sr)) - len(y))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = _smile(p.functionals)(padded, sr)[0, :, 0]
    return np.concatenate([[len(y)], np.nan_to_num(values.astype(np.float64))])


def _smile(functionals):
    """openSMILE's object of this thread."""
    if getattr(_own, "functionals", None) != functionals:
        try:
            import opensmile
        except ModuleNotFoundError:
            raise NotRun("features.opensmile needs the package opensmile: pip install opensmile==2.6.0") from None
        feature_set, level = getattr(opensmile.FeatureSet, functionals), opensmile.FeatureLevel.Functionals
        _own.smile = opensmile.Smile(feature_set=feature_set, feature_level=level)
        _own.functionals = functionals
    return _own.smile
