"""The media of a recording on a page: a FLAC file and a mel spectrogram image, or the picture that it is."""

from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import cv2
import numpy as np
import soundfile

from sourcewise.audio.mel_image import colours, image, indexed, png, strip
from sourcewise.audio.samples import to_float
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.paths import CLIPS
from sourcewise.datasets import clips
from sourcewise.datasets.images import pixels
from sourcewise.storage import fingerprints
from sourcewise.storage.cache import Store
from sourcewise.storage.files import Ragged
from sourcewise.storage.fingerprints import digest

HEIGHT, WIDTH, RANGE_DB = 96, 256, 80  # pixels of an image; dB below its loudest value


def mel_image(wave, sr):
    """A mel spectrogram as PNG bytes of an int16 wave (n_samples,), from its loudest value to RANGE_DB below."""
    return _png(strip(to_float(wave), sr=sr, width=WIDTH, height=HEIGHT))


class Recordings:
    """The recordings of a split table, each written to `folder` when it is first used.

    longest_s: the most seconds of a recording that are written, from its start; store: the folder of the clips; prefix:
    of the names of files; mel_image: a function, as above.
    """

    def __init__(self, split, folder, longest_s, store=CLIPS, prefix="", mel_image=mel_image):
        self._folder, self._longest_s, self._modality = Path(folder), longest_s, clips.modality()
        self._store, self._prefix, self._mel_image = store, prefix, mel_image
        ends = split.assign(end=split["start"] + split["n_samples"]).groupby("parent")
        self._of = ends.agg(start=("start", "min"), end=("end", "max"), sr=("sr", "first"))
        self._written = {}

    def media(self, recording):
        """{"sound": path in the folder or None, "image": the same, "truncated": whether the sound is a part}."""
        if recording not in self._written:
            self._written[recording] = self._write(f"{self._prefix}{recording}", self._of.loc[recording])
        return self._written[recording]

    def _write(self, name, row):
        if self._modality == "table":
            return {"sound": None, "image": None, "truncated": False}
        sound, sr = self._modality == "sound", int(row["sr"])
        end = min(row["end"], row["start"] + int(self._longest_s * sr)) if sound else row["end"]
        values = Ragged.open(self._store).between([row["start"]], [end])[0]
        if not sound:
            return {"sound": None, "image": self._put(name, _image(self._modality, values)), "truncated": False}
        written, image = flac(self._folder, f"{name}.flac", values, sr), self._put(name, self._mel_image(values, sr))
        return {"sound": written, "image": image, "truncated": bool(end < row["end"])}

    def _put(self, name, data):
        path = self._folder / "images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return f"images/{path.name}"


def flac(folder, name, wave, sr):
    """Write int16 (n_samples,) as sounds/<name> in `folder`; returns its path in the folder."""
    path = Path(folder) / "sounds" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, wave, sr, format="FLAC", subtype="PCM_16")
    return f"sounds/{name}"


@contextmanager
def cached_images():
    """`mel_image` that draws no wave twice, in this run or a later one: drawing takes most of the time of a report."""

    def cached(wave, sr):
        key = blake2b(np.ascontiguousarray(wave), key=f"{sr} Hz".encode(), digest_size=16).digest()
        drawn = known.get(key)
        if drawn is None:
            drawn = mel_image(wave, sr)
            known.put(key, drawn)
        return bytes(drawn)

    version = digest(fingerprints.of("sourcewise/audio", "sourcewise/report/sounds.py"))
    with Store(f"report-{version}", limit=params.load(ComputeParams, "compute").cache_bytes) as known:
        yield cached


def _image(modality, values):
    if modality == "mel":
        return _png(image(np.asarray(values, np.float32), width=WIDTH))
    image = pixels(values)
    side = max(image.shape[:2])
    image = cv2.resize(image, None, fx=WIDTH / side, fy=WIDTH / side, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", image[:, :, ::-1])[1].tobytes()


def _png(db):
    return png(indexed(db, low_db=db.max() - RANGE_DB, high_db=db.max()), colours("magma"))
