"""The features of datasets without sound: of a table its columns, as `table`; of pictures their pixels, as `png`, at
the size of features.png; of log-mel arrays themselves, as `mel`, and their cosine coefficients, as `mfcc`. All other
features are not run."""

import cv2
import numpy as np

from sourcewise.audio.spectral import cepstrum, limited
from sourcewise.compute.parallel import each
from sourcewise.compute.progress import progress
from sourcewise.core import messages
from sourcewise.core.errors import NotRun
from sourcewise.core.paths import CONFIG, FEATURES
from sourcewise.datasets import clips, manifest
from sourcewise.datasets.images import pixels
from sourcewise.storage.files import fresh_folder, write_digest, write_json, writer


def write(name, table, p, compute):
    """The features `name` of the clips in `table`, in its order, to data/features/<name>; or why the dataset, which
    has no sound, gives none."""
    folder = fresh_folder(FEATURES / name)
    try:
        _write(name, table, folder, p, compute)
        write_json(folder / CONFIG, {"features": name, "params": p.model_dump(), "modality": clips.modality()})
    except NotRun as reason:
        messages.info(f"{name} is not run: {reason}")
        write_json(folder / "not_run.json", {"reason": str(reason)})
    write_digest(folder)


def _write(name, table, folder, p, compute):
    write_of = {
        ("table", "table"): _columns,
        ("pictures", "png"): _pictures,
        ("mel", "mel"): _mel,
        ("mel", "mfcc"): _mfcc,
    }
    if (clips.modality(), name) not in write_of:
        clips.need_sound()
    write_of[clips.modality(), name](table, folder, p, compute)


def _columns(table, folder, p, compute):
    """The CSV: filename, the columns as they came, label."""
    rows = clips.rows().set_index("clip_id").loc[table["clip_id"]].reset_index(drop=True)
    rows.insert(0, "filename", table["path"])
    manifest.write(rows.assign(label=table["labels"]), folder / "table.csv")


def _mel(table, folder, p, compute):
    """The frames as they came, float32 (n_frames, n_mels), however many bands features.mel asks for."""
    frames = clips.waves(table)
    with writer(folder, np.float32, frames[0].shape[1:]) as append:
        for clip in progress(frames, total=len(frames), title="extract mel", unit="clip"):
            append(clip)


def _mfcc(table, folder, p, compute):
    """As `features.mfcc` of the frames that came: float32 (n_frames, p.n_mfcc), fewer where there are fewer bands."""
    frames = clips.waves(table)
    with writer(folder, np.float32, (min(p.n_mfcc, frames[0].shape[1]),)) as append:
        for clip in progress(frames, total=len(frames), title="extract mfcc", unit="clip"):
            append(of_clip("mel", "mfcc", p)(clip))


def _pictures(table, folder, p, compute):
    """Rows of pixels in their own colours: a picture is uint8 (p.height, p.width, 3)."""
    with writer(folder, np.uint8, (p.width, 3)) as append:
        work = of_clip("pictures", "png", p)
        for picture in each(work, clips.waves(table), title="extract png", compute=compute):
            append(picture)


def of_clip(modality, name, p):
    """The function from the values of one clip, frames or the bytes of a picture, to its features `name`."""
    return {
        ("mel", "mel"): lambda frames: frames,
        ("mel", "mfcc"): lambda frames: cepstrum(limited(frames, p.top_db), p.n_mfcc),
        ("pictures", "png"): lambda data: _resized(data, (p.width, p.height)),
    }[modality, name]


def _resized(data, size):
    return cv2.resize(pixels(data), size, interpolation=cv2.INTER_AREA)
