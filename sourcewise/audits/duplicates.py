"""The same recording twice: exactly, by the hash of its samples, or nearly, by landmarks and then sample by sample.

Landmarks find pairs that may be one sound and say how one lies to the other in time. Such a pair is one if the waves,
each with its spectrum flattened, agree sample by sample: two takes of one word by one speaker do not, however alike
they look in a spectrogram. Found are copies that are coded (MP3, OGG), louder or softer, cut, shifted or noisy;
`python -m benchmarks.duplicates` prints which share of them. A stretched copy has other samples and is not found.
"""

from functools import partial
from hashlib import blake2b
from itertools import groupby, pairwise
from operator import itemgetter
from struct import Struct

import numpy as np
import pandas as pd
import scipy

from sourcewise.audio.landmarks import landmarks, step
from sourcewise.audits import Finding
from sourcewise.compute.cached_map import blocks, cached
from sourcewise.compute.parallel import THREADS
from sourcewise.core.params import Section, Share
from sourcewise.storage import fingerprints
from sourcewise.storage.fingerprints import digest

COLUMNS = ["clip_id", "other", "kind", "similarity", "offset_s"]
COMMON = 64  # a number that more clips have tells nothing
VOTES = 4  # landmarks that two clips have in common, at one distance in time, at least
CANDIDATES = 10  # of each clip, those with the most votes
AT_ONCE = 200  # clips
REACH = 1 << 22  # frames between two clips at most
LONGEST_S = 10  # of what two clips share, from its middle
SHORTEST_S = 0.1
FLATTEN = 0.8  # of the spectrum, so that no strong harmonic decides alone
FLATTEN_HZ = 50
FLOOR = 0.01  # of the strongest: what is weaker is not raised as much, as it may be noise
SHARE, LESS = 0.1, 0.1  # where that share of the landmarks agrees, so much less similarity will do
_COMPARED = Struct("<dq")  # similarity, offset in samples


class DuplicatesParams(Section):
    """`duplicates`: from which similarity on, 0 to 1, two clips are one recording."""

    similarity: Share


def find(table, waves, *, similarity, compute=THREADS):
    """Pairs of clips, a DataFrame of COLUMNS sorted by clip_id and other.

    table: rows of the manifest, of one sample rate; waves: their samples. kind: `exact` for equal samples (each with
    the first such clip), else `near`. similarity: from 0 to 1, of a `near` pair at least that of the argument, or LESS
    where many landmarks agree. Clips of silence, such as segments of pauses, are equal and no pair.
    offset_s: where in clip_id the other begins, in seconds. Pieces of one recording are not compared.
    """
    same, unique = exact(table)
    row_of = dict(zip(table["clip_id"], range(len(table)), strict=True))
    silent = {name for name in set(same["clip_id"]) if not np.ptp(waves[row_of[name]])}
    same = same[~same["clip_id"].isin(silent)]
    near = _near(table.iloc[unique], _Rows(waves, unique), similarity, compute)
    return joined(same, near)


def exact(table):
    """The pairs of equal hash, each clip with the first such, as of `find`; the numbers of the rows that are first."""
    first = table.groupby("hash")["clip_id"].transform("first")
    again = (first != table["clip_id"]).to_numpy()
    pairs = pd.DataFrame({"clip_id": first[again], "other": table["clip_id"][again], "kind": "exact"})
    return pairs.assign(similarity=1.0, offset_s=0.0), (~again).nonzero()[0]


def joined(*pairs):
    """Tables of pairs as one, sorted."""
    return pd.concat(pairs).sort_values(["clip_id", "other"], ignore_index=True)


def summary(pairs, clips, split):
    """{exact, near, of_two_sources, in_two_parts, of_two_labels}: how many pairs there are of each kind.

    clips: the manifest, in which sources are as the dataset file reads them; split: data/split.csv.
    """
    clips, split = clips.set_index("clip_id"), split.set_index("clip_id")
    found = {kind: int((pairs["kind"] == kind).sum()) for kind in ("exact", "near")}
    for what, column in {
        "of_two_sources": clips["source"],
        "in_two_parts": split["split"],
        "of_two_labels": clips["labels"],
    }.items():
        found[what] = int((column[pairs["clip_id"]].to_numpy() != column[pairs["other"]].to_numpy()).sum())
    return found


def findings(found):
    """Of what `summary` found, what a reader of the scores has to know; a recording twice in one source is none."""
    n, sentences = found["exact"] + found["near"], []
    if found["of_two_sources"] and not found["in_two_parts"]:
        sentences.append(
            f"{_pairs(found['of_two_sources'])} of {n} with the same recording are of two sources; each stands in one "
            "part of the split, as these were made one source."
        )
    if found["in_two_parts"]:
        sentences.append(
            f"{_pairs(found['in_two_parts'])} of {n} with the same recording have one clip in one part of the split "
            "and one in another: scores are too good by what a classifier remembers of them."
        )
    if found["of_two_labels"]:
        sentences.append(f"{_pairs(found['of_two_labels'])} with the same recording have two different labels.")
    return [Finding("duplicates", f"{text[:-1]}: see data/duplicates/pairs.csv.") for text in sentences]


def _pairs(n):
    return f"{n} pair{'s' * (n > 1)} of clips"


class _Rows:
    """Some of a sequence."""

    def __init__(self, items, rows):
        self._items, self._rows = items, rows

    def __len__(self):
        return len(self._rows)

    def __getitem__(self, i):
        return self._items[self._rows[i]]


def _near(table, waves, similarity, compute):
    """What is known of a clip, and of two of them, is not computed."""
    sr, ids = int(table["sr"].iloc[0]), table["clip_id"].to_numpy()
    hashes = list(map(bytes.fromhex, table["hash"].tolist()))
    version = digest(fingerprints.of("sourcewise/audio"), fingerprints.of("sourcewise/audits/duplicates.py"), sr)
    how = {"store": f"landmarks-{version}", "what": "landmarks", "compute": compute}
    found = list(cached(partial(landmarks, sr=sr), waves, hashes, **how))
    _, parent_of = np.unique(table["parent"].to_numpy(str), return_inverse=True)
    candidates = _candidates(found, parent_of)
    of_each = [list(group) for _, group in groupby(candidates, key=itemgetter(0))]
    keys = [_key(hashes[group[0][0]], *((hashes[b], frames) for _, b, frames, _ in group)) for group in of_each]
    how = {"store": f"pairs-{version}", "what": "compare", "compute": compute}
    compared = b"".join(bytes(data) for data, _ in blocks(partial(_all_compared, waves, sr), of_each, keys, **how))
    rows = [
        (ids[a], ids[b], "near", round(alike, 3), round(offset / sr, 4))
        for (a, b, _, share), (alike, offset) in zip(candidates, _COMPARED.iter_unpack(compared), strict=True)
        if alike >= similarity - LESS * (share >= SHARE)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _key(*parts):
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def _candidates(found, parent_of):
    """[(a, b, frames from a's start to b's, share of the landmarks)] of clips a < b that have some in common there, in
    order of a."""
    clip_of = np.repeat(np.arange(len(found), dtype=np.int32), [len(numbers) for numbers, _ in found])
    numbers, times = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(numbers, kind="stable")
    numbers, times, clip_of = numbers[order], times[order], clip_of[order]
    start = np.searchsorted(numbers, numbers, "left")
    stop = np.searchsorted(numbers, numbers, "right")
    telling = (stop - start > 1) & (stop - start <= COMMON)
    rows = telling.nonzero()[0]
    rows = rows[np.argsort(clip_of[rows], kind="stable")]
    cuts = np.searchsorted(clip_of[rows], np.arange(0, len(found) + AT_ONCE, AT_ONCE))
    votes = [_votes(rows[a:b], start, stop, times, clip_of, len(found), parent_of) for a, b in pairwise(cuts)]
    a, b, offset, n = np.concatenate(votes, axis=1)
    best = np.zeros(len(a), bool)
    for end in (a, b):  # of each clip as either of the two
        ranked = np.lexsort((-n, end))
        first = np.searchsorted(end[ranked], end[ranked])
        best[ranked[np.arange(len(a)) - first < CANDIDATES]] = True
    fewer = np.minimum(*(np.bincount(clip_of, minlength=len(found))[end] for end in (a, b)))
    return list(zip(*(values[best].tolist() for values in (a, b, offset, n / fewer)), strict=True))


def _votes(rows, start, stop, times, clip_of, n_clips, parent_of):
    """(a, b, offset, votes), each (n_pairs,), of what the landmarks `rows` have in common with clips behind theirs."""
    counts = (stop - start)[rows]
    mine = np.repeat(rows, counts)
    theirs = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(start[rows], counts)
    behind = clip_of[theirs] > clip_of[mine]
    mine, theirs = mine[behind], theirs[behind]
    other = parent_of[clip_of[mine]] != parent_of[clip_of[theirs]]
    mine, theirs = mine[other], theirs[other]
    pair = clip_of[mine].astype(np.int64) * n_clips + clip_of[theirs]
    keys, votes = np.unique(pair * REACH + (times[mine] - times[theirs]) + REACH // 2, return_counts=True)
    votes[:-1] += np.where(np.diff(keys) == 1, votes[1:], 0)  # a cut between frames falls to either
    pair, offset = np.divmod(keys, REACH)
    ranked = np.lexsort((-votes, pair))
    ranked = ranked[np.unique(pair[ranked], return_index=True)[1]]
    ranked = ranked[votes[ranked] >= VOTES]
    return np.stack([*np.divmod(pair[ranked], n_clips), offset[ranked] - REACH // 2, votes[ranked]])


def _all_compared(waves, sr, candidates):
    """What comes of comparing one clip with some others, as bytes: one value a clip, as there are many pairs."""
    return b"".join(_COMPARED.pack(*_compared(waves, sr, candidate)) for candidate in candidates)


def _compared(waves, sr, candidate):
    """How alike two waves are where they overlap, from 0 to 1, and the sample of a at which b begins."""
    a, b, frames, _ = candidate
    a, b, offset = waves[a], waves[b], frames * step(sr)
    begin, end = max(offset, 0), min(offset + len(b), len(a))
    middle, half = (begin + end) // 2, LONGEST_S * sr // 2
    begin, end = max(begin, middle - half), min(end, middle + half)
    if end - begin < SHORTEST_S * sr:
        return 0.0, offset
    alike, lag = similarity_of(a[begin:end], b[begin - offset : end - offset], sr, most=2 * step(sr))
    return alike, offset + lag


def similarity_of(x, y, sr, *, most):
    """The largest correlation of two waves of one length with flattened spectra, from 0 to 1, and by how many samples,
    `most` at the most, y is late in it. Neither level nor polarity count."""
    n = scipy.fft.next_fast_len(len(x), real=True)
    x, y = (_flattened(scipy.fft.rfft(wave.astype(np.float32), n), n, sr) for wave in (x, y))
    powers = [np.vdot(spectrum, spectrum).real for spectrum in (x, y)]
    if min(powers) == 0:
        return 0.0, 0
    correlation = scipy.fft.irfft(x * y.conj(), n) * (n / 2)
    lags = np.arange(-most, most + 1)
    heights = np.abs(correlation[lags])
    best = int(heights.argmax())
    return min(float(heights[best] / np.sqrt(powers[0] * powers[1])), 1.0), int(lags[best])


def _flattened(spectrum, n, sr):
    size = np.abs(spectrum)
    around = scipy.ndimage.uniform_filter1d(size, max(1, round(FLATTEN_HZ * n / sr)))
    return spectrum / np.maximum(around, max(around.max() * FLOOR, 1e-9)) ** FLATTEN
