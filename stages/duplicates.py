"""DVC stage `duplicates`: recordings that are in the corpus twice, exactly or nearly, before anything is split.

Writes data/duplicates: pairs.csv, with where in the one the other begins and how alike they are, and of the first
pairs, those of differing sources before others, a picture: both clips, one above the other, aligned in time. Rows of a
table are compared by their columns, pictures by their pixels, log-mel arrays by their hash, and none of these is drawn.
"""

import cv2
import numpy as np

from stages.audio.picture import colours, indexed, png
from stages.audio.spectral import log_mel
from stages.audits import duplicates, rows
from stages.core import clips, manifest, params
from stages.core.command import run
from stages.core.manifest import DUPLICATES, MANIFEST
from stages.core.parallel import ComputeParams
from stages.core.params import Section, Share
from stages.core.storage import fresh_folder

DRAWN = 20  # pairs
WIDTH, HEIGHT, GAP = 800, 128, 8  # pixels, of one clip
RANGE_DB = 80


class DuplicatesParams(Section):
    """`duplicates`: from which similarity on, 0 to 1, two clips are one recording."""

    similarity: Share


def main():
    """All pairs to a table, the first few drawn."""
    p = params.load(DuplicatesParams, "duplicates")
    table = manifest.read(MANIFEST)
    pairs = _pairs(table, p)
    folder = fresh_folder(DUPLICATES.parent)
    manifest.write(pairs, DUPLICATES)
    row_of = {clip_id: row for row, clip_id in enumerate(table["clip_id"])}
    ends = [(row_of[pair.clip_id], row_of[pair.other]) for pair in pairs.itertuples()]
    sources = table["source"].to_numpy()
    across = np.array([sources[a] != sources[b] for a, b in ends], bool)
    for k in np.argsort(~across, kind="stable")[: DRAWN if clips.kind() == "sound" else 0]:
        (a, b), waves = ends[k], clips.waves(table)
        drawing = drawn(waves[a], waves[b], pairs["offset_s"][k], sr=int(table["sr"][a]))
        (folder / f"{k + 2:05d}.png").write_bytes(drawing)  # its line in pairs.csv
    exact = int((pairs["kind"] == "exact").sum())
    print(
        f"duplicates: {exact} exact and {len(pairs) - exact} near pairs among {len(table)} clips, "
        f"{across.sum()} of them of differing sources ({DUPLICATES})"
    )


def _pairs(table, p):
    """As `duplicates.find`, by what the corpus is."""
    if clips.kind() == "sound":
        compute = params.load(ComputeParams, "compute")
        compute = compute.model_copy(update={"backend": "threads"})  # the samples lie here
        return duplicates.find(table, clips.waves(table), similarity=p.similarity, compute=compute)
    same, unique = duplicates.exact(table)
    if clips.kind() != "table":
        return duplicates.joined(same)
    numbers = clips.rows().drop(columns="clip_id").to_numpy(np.float64)
    return duplicates.joined(same, rows.near(table["clip_id"].to_numpy(str)[unique], numbers[unique]))


def drawn(a, b, offset_s, *, sr):
    """A PNG, bytes: the mel pictures of two waves (n_samples,), 16-bit, b beginning offset_s after a, aligned."""
    end = max(len(a) / sr, offset_s + len(b) / sr)
    start = min(0, offset_s)
    pictures = [_strip(a, -start, end - start, sr), _strip(b, offset_s - start, end - start, sr)]
    gap = np.full((GAP, WIDTH), 255, np.uint8)
    return png(np.concatenate([pictures[0], gap, pictures[1]]), colours("magma"))


def _strip(y, from_s, of_s, sr):
    """One clip where it lies in the time that is drawn; uint8 (HEIGHT, WIDTH)."""
    left = min(round(WIDTH * from_s / of_s), WIDTH - 1)
    width = min(max(1, round(WIDTH * len(y) / sr / of_s)), WIDTH - left)
    hop = max(64, len(y) // (2 * WIDTH))
    db = log_mel(y.astype(np.float32) / 32768, sr=sr, n_fft=1024, hop_length=hop, n_mels=HEIGHT)
    db = cv2.resize(np.ascontiguousarray(db.T[::-1]), (width, HEIGHT), interpolation=cv2.INTER_AREA)
    strip = np.zeros((HEIGHT, WIDTH), np.uint8)
    strip[:, left : left + width] = indexed(db, low_db=db.max() - RANGE_DB, high_db=db.max())
    return strip


if __name__ == "__main__":
    run(main)
