"""A sound file as a page shows it: its mel picture, and what each classifier says of it, each as a line of JSON."""

import base64
import json
from functools import cache

import numpy as np

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.audio.mel_image import colours, indexed, picture, png
from sourcewise.audio.samples import to_float
from sourcewise.audio.spectral import log_mel
from sourcewise.core.errors import Stop
from sourcewise.core.paths import CLASSIFIERS, CONFIG
from sourcewise.inference.classifier import Trained

LONGEST_S = 4 * 3600  # held several times over: silence that a small file unpacks to would fill any memory
WIDTH = 1024  # pixels of a picture
PART_S = 60  # of a long sound, drawn at a time: the frames of all of it would fill the memory
LOUDEST_DB = 25  # of a mel band, about what a full-scale tone comes to: all pictures share one range


def classifiers():
    """The trained classifiers, whether they can run or not; params.yaml is not read, as it may change meanwhile."""
    files = (CONFIG, "not_run.json")
    return sorted({path.parent.name for file in files for path in CLASSIFIERS.glob(f"*/{file}")})


def answer(classifier, path, name):
    """What a classifier says of the sound file `path`, which the user calls `name`: {"name", "start_s", "stop_s",
    "classes", "probabilities", "segments"}, the last a list as `Trained.said` has it; or {"name", "not_run": why}."""
    try:
        trained = _trained(classifier, (CLASSIFIERS / classifier / "fingerprint.txt").read_text(encoding="utf-8"))
        (said,) = trained.said([trained.features(path)])
        if isinstance(said, Unreadable):
            raise Stop(f"{name} {said}")
        return _line({"name": classifier, **said[0], "segments": said[1:]})
    except (Exception, SystemExit) as error:  # whatever is wrong with one, the others answer
        reason = str(error).strip().removeprefix("sourcewise: ").removeprefix("predict: ")
        reason = reason if isinstance(error, SystemExit) else f"{type(error).__name__}: {reason}"
        return _line({"name": classifier, "not_run": reason})


@cache
def _trained(name, fingerprint):
    """A classifier, loaded at its first question, and again once it was trained anew, as fingerprint tells."""
    return Trained(name)


def seen(path, *, sr, look):
    """The mel picture of a sound file: {"picture": a PNG as a data: URL, "seconds": its width, "hz": its height}.

    sr: in Hz, twice the height. look: the section features.png. Raises Unreadable as `decode` does, and of a sound
    longer than LONGEST_S.
    """
    y, _, _ = decode(path, sr=sr, longest_s=LONGEST_S)
    parts = np.array_split(y, min(-(-len(y) // (PART_S * sr)), WIDTH))
    how = {"sr": sr, "n_fft": look.n_fft, "hop_length": look.hop_length, "n_mels": look.height}
    drawn = [picture(log_mel(to_float(part), **how), width=WIDTH // len(parts)) for part in parts]
    pixels = indexed(np.hstack(drawn), low_db=LOUDEST_DB - look.range_db, high_db=LOUDEST_DB)
    image = base64.b64encode(png(pixels, colours(look.colours))).decode()
    return _line({"picture": f"data:image/png;base64,{image}", "seconds": round(len(y) / sr, 3), "hz": sr // 2})


def _line(content):
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"
