"""Duplicate recordings: exact ones by the hash of their samples, near ones by landmarks and then by correlation.

Landmarks give candidate pairs and their offset in time. A candidate is a duplicate if the waves correlate after
spectral flattening: two takes of one word by one speaker do not, however similar their spectrograms. Detected are
copies that are coded (MP3, OGG), louder or softer, cut, shifted or noisy; `python -m benchmarks.duplicates` prints the
detection rates. A time-stretched copy has other samples and is not detected.
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
from sourcewise.core.errors import count
from sourcewise.core.params import Section, Share
from sourcewise.storage import fingerprints
from sourcewise.storage.fingerprints import digest

COLUMNS = ["clip_id", "other", "kind", "similarity", "offset_s"]
COMMON = 64  # a landmark with more occurrences is ignored
VOTES = 4  # common landmarks of two clips, at one offset in time, at least
CANDIDATES = 10  # of each clip, those with the most votes
AT_ONCE = 200  # clips
REACH = 1 << 22  # frames between two clips at most
LONGEST_S = 10  # of the overlap of two clips that are compared, around its middle
SHORTEST_S = 0.1  # of an overlap that is compared
FLATTEN = 0.8  # exponent of spectral flattening, so that no strong harmonic dominates
FLATTEN_HZ = 50
FLOOR = 0.01  # of the strongest component: weaker ones are raised less, as they may be noise
SHARE, LESS = 0.1, 0.1  # where that share of the landmarks agrees, the similarity required is lower by LESS
_COMPARED = Struct("<dq")  # similarity, offset in samples


class DuplicatesParams(Section):
    """`duplicates`: the similarity, 0 to 1, from which two clips are one recording."""

    similarity: Share


def find(table, waves, *, similarity, compute=THREADS):
    """Pairs of clips, a DataFrame of COLUMNS sorted by clip_id and other.

    table: rows of the manifest, of one sample rate; waves: their samples. kind: `exact` for equal samples (each with
    the first such clip), else `near`. similarity: from 0 to 1, of a `near` pair at least the argument, or LESS below it
    where many landmarks agree. Silent clips, such as segments of pauses, are no pair. offset_s: where in clip_id the
    other begins, in seconds. Segments of one recording are not compared.
    """
    same, unique = exact(table)
    row_of = dict(zip(table["clip_id"], range(len(table)), strict=True))
    silent = {name for name in set(same["clip_id"]) if not np.ptp(waves[row_of[name]])}
    same = same[~same["clip_id"].isin(silent)]
    near = _near(table.iloc[unique], _Rows(waves, unique), similarity, compute)
    return joined(same, near)


def exact(table):
    """The pairs of equal hash, each clip with the first such, as in `find`; the row numbers of the first ones."""
    first = table.groupby("hash")["clip_id"].transform("first")
    again = (first != table["clip_id"]).to_numpy()
    pairs = pd.DataFrame({"clip_id": first[again], "other": table["clip_id"][again], "kind": "exact"})
    return pairs.assign(similarity=1.0, offset_s=0.0), (~again).nonzero()[0]


def joined(*pairs):
    """One sorted table of several tables of pairs."""
    return pd.concat(pairs).sort_values(["clip_id", "other"], ignore_index=True)


def summary(pairs, clips, split):
    """{exact, near, of_two_sources, in_two_parts, of_two_labels}: numbers of pairs; tested: the number of test clips.

    clips: the manifest, in which sources are as the dataset file reads them; split: the Split, of whose folds one is
    enough for a pair in two parts.
    """
    rows, clips = pd.Index(split.clips["clip_id"]), clips.set_index("clip_id")
    one, other = (rows.get_indexer(pairs[column]) for column in ("clip_id", "other"))
    sources, labels = (clips[column][rows].to_numpy() for column in ("source", "labels"))
    return {kind: int((pairs["kind"] == kind).sum()) for kind in ("exact", "near")} | {
        "of_two_sources": int((sources[one] != sources[other]).sum()),
        "in_two_parts": int((split.parts[one] != split.parts[other]).any(axis=1).sum()),
        "of_two_labels": int((labels[one] != labels[other]).sum()),
        "tested": int(split.is_in("test").sum()),
    }


def findings(summary):
    """The Findings of a `summary`; a duplicate within one source is none."""
    total, sentences = summary["exact"] + summary["near"], []
    if summary["of_two_sources"] and not summary["in_two_parts"]:
        text = (
            f"Pairs of duplicate clips from two sources: {summary['of_two_sources']} of {total}; both clips are in one "
            "part of the split, as such sources were merged"
        )
        sentences.append((text, 0))
    if summary["in_two_parts"]:
        text = (
            f"Pairs of duplicate clips in two parts of the split: {summary['in_two_parts']} of {total}; scores are "
            "optimistic, as test holds recordings seen in training"
        )
        sentences.append((text, summary["in_two_parts"]))
    if summary["of_two_labels"]:
        text = f"Pairs of duplicate clips with different labels: {summary['of_two_labels']} of {total}"
        sentences.append((text, summary["of_two_labels"]))
    found = [
        Finding("duplicates", f"{text}: see data/duplicates/pairs.csv.", min(n / max(summary["tested"], 1), 1.0))
        for text, n in sentences
    ]
    if summary["left_out"]:
        found.append(
            Finding(
                "duplicates",
                f"{count(summary['left_out'], 'recording')} left out as exact copies of others with the same labels "
                "and source: see data/copies.csv; ingest.keep_copies keeps them.",
            )
        )
    return found


class _Rows:
    """Some items of a sequence."""

    def __init__(self, items, rows):
        self._items, self._rows = items, rows

    def __len__(self):
        return len(self._rows)

    def __getitem__(self, i):
        return self._items[self._rows[i]]


def _near(table, waves, similarity, compute):
    """Near pairs; landmarks of clips and comparisons of pairs are cached."""
    sr, ids = int(table["sr"].iloc[0]), table["clip_id"].to_numpy()
    hashes = list(map(bytes.fromhex, table["hash"].tolist()))
    version = digest(fingerprints.of("sourcewise/audio"), fingerprints.of("sourcewise/audits/duplicates.py"), sr)
    options = {"store": f"landmarks-{version}", "title": "landmarks", "compute": compute}
    of_clips = list(cached(partial(landmarks, sr=sr), waves, hashes, **options))
    _, parent_of = np.unique(table["parent"].to_numpy(str), return_inverse=True)
    candidates = _candidates(of_clips, parent_of)
    of_each = [list(group) for _, group in groupby(candidates, key=itemgetter(0))]
    keys = [_key(hashes[group[0][0]], *((hashes[b], frames) for _, b, frames, _ in group)) for group in of_each]
    options = {"store": f"pairs-{version}", "title": "compare", "compute": compute}
    compared = b"".join(bytes(data) for data, _ in blocks(partial(_all_compared, waves, sr), of_each, keys, **options))
    rows = [
        (ids[a], ids[b], "near", round(correlation, 3), round(offset / sr, 4))
        for (a, b, _, share), (correlation, offset) in zip(candidates, _COMPARED.iter_unpack(compared), strict=True)
        if correlation >= similarity - LESS * (share >= SHARE)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _key(*parts):
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def _candidates(of_clips, parent_of):
    """[(a, b, frames from a's start to b's, share of common landmarks)] of clips a < b, in order of a.

    of_clips: (numbers, times) of the landmarks of each clip.
    """
    clip_of = np.repeat(np.arange(len(of_clips), dtype=np.int32), [len(numbers) for numbers, _ in of_clips])
    numbers, times = (np.concatenate(parts) for parts in zip(*of_clips, strict=True))
    order = np.argsort(numbers, kind="stable")
    numbers, times, clip_of = numbers[order], times[order], clip_of[order]
    start = np.searchsorted(numbers, numbers, "left")
    stop = np.searchsorted(numbers, numbers, "right")
    informative = (stop - start > 1) & (stop - start <= COMMON)
    rows = informative.nonzero()[0]
    rows = rows[np.argsort(clip_of[rows], kind="stable")]
    cuts = np.searchsorted(clip_of[rows], np.arange(0, len(of_clips) + AT_ONCE, AT_ONCE))
    votes = [_votes(rows[a:b], start, stop, times, clip_of, len(of_clips), parent_of) for a, b in pairwise(cuts)]
    a, b, offset, n = np.concatenate(votes, axis=1)
    best = np.zeros(len(a), bool)
    for end in (a, b):  # each clip as either of the two
        ranked = np.lexsort((-n, end))
        first = np.searchsorted(end[ranked], end[ranked])
        best[ranked[np.arange(len(a)) - first < CANDIDATES]] = True
    fewer = np.minimum(*(np.bincount(clip_of, minlength=len(of_clips))[end] for end in (a, b)))
    return list(zip(*(values[best].tolist() for values in (a, b, offset, n / fewer)), strict=True))


def _votes(rows, start, stop, times, clip_of, n_clips, parent_of):
    """(a, b, offset, votes), each (n_pairs,): common landmarks of the clips of `rows` and later clips."""
    counts = (stop - start)[rows]
    own = np.repeat(rows, counts)
    others = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(start[rows], counts)
    later = clip_of[others] > clip_of[own]
    own, others = own[later], others[later]
    unrelated = parent_of[clip_of[own]] != parent_of[clip_of[others]]
    own, others = own[unrelated], others[unrelated]
    pair = clip_of[own].astype(np.int64) * n_clips + clip_of[others]
    keys, votes = np.unique(pair * REACH + (times[own] - times[others]) + REACH // 2, return_counts=True)
    votes[:-1] += np.where(np.diff(keys) == 1, votes[1:], 0)  # an offset between two frames votes for either
    pair, offset = np.divmod(keys, REACH)
    ranked = np.lexsort((-votes, pair))
    ranked = ranked[np.unique(pair[ranked], return_index=True)[1]]
    ranked = ranked[votes[ranked] >= VOTES]
    return np.stack([*np.divmod(pair[ranked], n_clips), offset[ranked] - REACH // 2, votes[ranked]])


def _all_compared(waves, sr, candidates):
    """The comparisons of one clip with others, as bytes: one value per clip, as there are many pairs."""
    return b"".join(_COMPARED.pack(*_compared(waves, sr, candidate)) for candidate in candidates)


def _compared(waves, sr, candidate):
    """The similarity of two waves where they overlap, from 0 to 1, and the sample of a at which b begins."""
    a, b, frames, _ = candidate
    a, b, offset = waves[a], waves[b], frames * step(sr)
    begin, end = max(offset, 0), min(offset + len(b), len(a))
    middle, half = (begin + end) // 2, LONGEST_S * sr // 2
    begin, end = max(begin, middle - half), min(end, middle + half)
    if end - begin < SHORTEST_S * sr:
        return 0.0, offset
    similarity, lag = similarity_of(a[begin:end], b[begin - offset : end - offset], sr, max_lag=2 * step(sr))
    return similarity, offset + lag


def similarity_of(x, y, sr, *, max_lag):
    """The largest correlation, from 0 to 1, of two waves of one length with flattened spectra, and the lag of y in
    samples, at most `max_lag`. Level and polarity do not count."""
    n = scipy.fft.next_fast_len(len(x), real=True)
    x, y = (_flattened(scipy.fft.rfft(wave.astype(np.float32), n), n, sr) for wave in (x, y))
    powers = [np.vdot(spectrum, spectrum).real for spectrum in (x, y)]
    if min(powers) == 0:
        return 0.0, 0
    correlation = scipy.fft.irfft(x * y.conj(), n) * (n / 2)
    lags = np.arange(-max_lag, max_lag + 1)
    heights = np.abs(correlation[lags])
    best = int(heights.argmax())
    return min(float(heights[best] / np.sqrt(powers[0] * powers[1])), 1.0), int(lags[best])


def _flattened(spectrum, n, sr):
    size = np.abs(spectrum)
    around = scipy.ndimage.uniform_filter1d(size, max(1, round(FLATTEN_HZ * n / sr)))
    return spectrum / np.maximum(around, max(around.max() * FLOOR, 1e-9)) ** FLATTEN
