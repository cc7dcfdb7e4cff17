"""DVC stage `duplicates`: exact and near duplicates among the recordings, found before the split.

Writes data/duplicates: pairs.csv, with the time offset and the similarity of each pair, and an image of each of the
first pairs, those across sources before others: both clips, one above the other, aligned in time. Rows of a table are
compared by their columns, pictures by their pixels, log-mel arrays by their hash; these have no images.
"""

import numpy as np

from sourcewise.audio.mel_image import aligned
from sourcewise.audio.samples import to_float
from sourcewise.audits import duplicates, table_duplicates
from sourcewise.audits.duplicates import DuplicatesParams
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.errors import count
from sourcewise.core.paths import DUPLICATES, MANIFEST
from sourcewise.datasets import clips, manifest
from sourcewise.storage.files import fresh_folder

MAX_IMAGES = 20  # pairs


def main():
    """All pairs to a table, and images of the first few."""
    p = params.load(DuplicatesParams, "duplicates")
    table = manifest.read(MANIFEST)
    pairs = _pairs(table, p)
    folder = fresh_folder(DUPLICATES.parent)
    manifest.write(pairs, DUPLICATES)
    row_of = {clip_id: row for row, clip_id in enumerate(table["clip_id"])}
    ends = [(row_of[pair.clip_id], row_of[pair.other]) for pair in pairs.itertuples()]
    sources = table["source"].to_numpy()
    across = np.array([sources[a] != sources[b] for a, b in ends], bool)
    for k in np.argsort(~across, kind="stable")[: MAX_IMAGES if clips.modality() == "sound" else 0]:
        (a, b), waves = ends[k], clips.waves(table)
        image = aligned(to_float(waves[a]), to_float(waves[b]), pairs["offset_s"][k], sr=int(table["sr"][a]))
        (folder / f"{k + 2:05d}.png").write_bytes(image)  # the pair's line in pairs.csv
    exact = int((pairs["kind"] == "exact").sum())
    messages.info(
        f"{exact} exact and {len(pairs) - exact} near pairs among {count(len(table), 'clip')}, "
        f"{across.sum()} of them across sources ({DUPLICATES})"
    )


def _pairs(table, p):
    """The pairs of `duplicates.find`, compared as the modality allows."""
    if clips.modality() == "sound":
        compute = params.load(ComputeParams, "compute")
        compute = compute.model_copy(update={"backend": "threads"})  # the samples are local
        return duplicates.find(table, clips.waves(table), similarity=p.similarity, compute=compute)
    same, unique = duplicates.exact(table)
    if clips.modality() != "table":
        return duplicates.joined(same)
    numbers = clips.rows().drop(columns="clip_id").to_numpy(np.float64)
    return duplicates.joined(same, table_duplicates.near(table["clip_id"].to_numpy(str)[unique], numbers[unique]))


if __name__ == "__main__":
    run(main)
