"""A sound file for the page: its mel spectrogram image and each classifier's prediction, each as a line of JSON."""

import base64
import json
from functools import cache

import numpy as np

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.audio.mel_image import colours, image, indexed, png
from sourcewise.audio.samples import to_float
from sourcewise.audio.spectral import log_mel
from sourcewise.core.errors import Stop
from sourcewise.core.paths import CLASSIFIERS, CONFIG
from sourcewise.inference.classifier import fingerprint, load

LONGEST_S = 4 * 3600  # a small file may decode to hours of silence, of which memory holds several copies
WIDTH = 1024  # pixels of an image
PART_S = 60  # of a long sound, drawn at a time: the frames of the whole would fill the memory


def classifiers():
    """The trained classifiers, whether they can run or not; params.yaml is not read, as it may change meanwhile."""
    files = (CONFIG, "not_run.json")
    return sorted({path.parent.name for file in files for path in CLASSIFIERS.glob(f"*/{file}")})


def answer(classifier, path, name):
    """A classifier's prediction for the sound file `path`, which the user calls `name`: {"name", "folds", "start_s",
    "stop_s", "classes", "probabilities", "segments"}; or {"name", "not_run"}. folds: of how many models these are the
    mean; segments: a list as in `Trained.predictions`."""
    try:
        trained = _trained(classifier, fingerprint(classifier))
        (rows,) = trained.predictions([trained.features(path)])
        if isinstance(rows, Unreadable):
            raise Stop(f"{name} {rows}")
        return _line({"name": classifier, "folds": trained.n_folds, **rows[0], "segments": rows[1:]})
    except (Exception, SystemExit) as error:  # a fault in one classifier stops no other
        reason = str(error).strip().removeprefix("sourcewise: ").removeprefix("predict: ")
        reason = reason if isinstance(error, SystemExit) else f"{type(error).__name__}: {reason}"
        return _line({"name": classifier, "not_run": reason})


@cache
def _trained(name, changed):
    """A classifier, loaded at its first use, and again after a new training, which changes its fingerprint."""
    return load(name)


def spectrogram(path, *, sr, p):
    """The mel spectrogram of a sound file: {"image": a PNG as a data: URL, "seconds": its width, "hz": its height}.

    sr: in Hz, twice the height. p: the section features.png. Raises Unreadable as `decode` does, and of a sound
    longer than LONGEST_S.
    """
    y, _, _ = decode(path, sr=sr, longest_s=LONGEST_S)
    parts = np.array_split(y, min(-(-len(y) // (PART_S * sr)), WIDTH))
    frames = {"sr": sr, "n_fft": p.n_fft, "hop_length": p.hop_length, "n_mels": p.height}
    images = [image(log_mel(to_float(part), **frames), width=WIDTH // len(parts)) for part in parts]
    pixels = indexed(np.hstack(images), low_db=p.range_db[0], high_db=p.range_db[1])
    data = base64.b64encode(png(pixels, colours(p.colours))).decode()
    return _line({"image": f"data:image/png;base64,{data}", "seconds": round(len(y) / sr, 3), "hz": sr // 2})


def _line(content):
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"
