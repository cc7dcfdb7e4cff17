"""What can be heard and seen of a recording on a page: a FLAC file and a mel picture, of corpora of pictures these."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import soundfile

from sourcewise.audio.mel_image import colours, image, indexed, png, strip
from sourcewise.audio.samples import to_float
from sourcewise.core.paths import CLIPS
from sourcewise.datasets import clips
from sourcewise.datasets.images import pixels
from sourcewise.storage.files import Ragged

HEIGHT, WIDTH, RANGE_DB = 96, 256, 80  # of a picture, in pixels; below its loudest value


class Recordings:
    """The recordings of a split table, each written to `folder` the first time that it is asked for.

    longest_s: of a longer one this much is written, from its start.
    """

    def __init__(self, split, folder, longest_s):
        self._folder, self._longest_s, self._kind = Path(folder), longest_s, clips.modality()
        ends = split.assign(end=split["start"] + split["n_samples"]).groupby("parent")
        self._of = ends.agg(start=("start", "min"), end=("end", "max"), sr=("sr", "first"), origin=("origin", "first"))
        self._written = {}

    def media(self, recording):
        """{"sound": path in the folder or None, "picture": the same, "cut": whether it goes on}."""
        if recording not in self._written:
            self._written[recording] = self._write(recording, self._of.loc[recording])
        return self._written[recording]

    def _write(self, name, row):
        if self._kind == "table":
            return {"sound": None, "picture": None, "cut": False}
        if self._kind != "sound":
            values = Ragged.open(CLIPS).between([row["start"]], [row["end"]])[0]
            return {"sound": None, "picture": self._put(name, _looks(self._kind, values)), "cut": False}
        end = min(row["end"], row["start"] + int(self._longest_s * row["sr"]))
        place = pd.DataFrame([{"start": row["start"], "n_samples": end - row["start"], "origin": row["origin"]}])
        wave, sr = clips.waves(place)[0], int(row["sr"])
        sound = flac(self._folder, f"{name}.flac", wave, sr)
        return {"sound": sound, "picture": self._put(name, mel_image(wave, sr)), "cut": bool(end < row["end"])}

    def _put(self, name, data):
        path = self._folder / "pictures" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return f"pictures/{path.name}"


def flac(folder, name, wave, sr):
    """Write int16 (n_samples,) as sounds/<name> in `folder`; its path in there."""
    path = Path(folder) / "sounds" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, wave, sr, format="FLAC", subtype="PCM_16")
    return f"sounds/{name}"


def mel_image(wave, sr):
    """A PNG, bytes, of an int16 wave (n_samples,), from its loudest value to RANGE_DB below."""
    return _png(strip(to_float(wave), sr=sr, width=WIDTH, height=HEIGHT))


def _looks(kind, values):
    if kind == "mel":
        return _png(image(np.asarray(values, np.float32), width=WIDTH))
    shown = pixels(values)
    side = max(shown.shape[:2])
    shown = cv2.resize(shown, None, fx=WIDTH / side, fy=WIDTH / side, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", shown[:, :, ::-1])[1].tobytes()


def _png(db):
    return png(indexed(db, low_db=db.max() - RANGE_DB, high_db=db.max()), colours("magma"))
