"""DVC stage `denoise@<name>`: one denoiser, fitted on noisy train clips, stored, and scored on noisy test clips.

Noise is white, and from data/noise where there are recordings. What is drawn for a test clip depends on its name, so
that every denoiser hears the same; recordings of noise that test hears are heard by no other part.
"""

import warnings
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple
from zlib import crc32

import cv2
import numpy as np
import pandas as pd
import soundfile
from pydantic import Field, NonNegativeInt, PositiveInt

from stages.audio.picture import colours, indexed, png
from stages.audio.spectral import log_mel
from stages.core import clips, live, manifest, params, registry
from stages.core.command import run
from stages.core.manifest import SPLIT
from stages.core.parallel import ComputeParams, each
from stages.core.params import AudioParams, Section
from stages.core.stop import NotRun
from stages.core.storage import fresh_folder, scratch, write_json
from stages.denoisers._sounds import Sounds, clean, noisy
from stages.effects import _noises
from stages.scoring import denoised
from stages.scoring.intervals import of_mean

MODELS, METRICS, HEARD = Path("models/denoisers"), Path("metrics/denoise"), Path("data/denoised")
NOISE = Path("data/noise")
WIDTH, HEIGHT, GAP, RANGE_DB = 800, 128, 8, 80  # of a picture, in pixels

Decibels = Annotated[float, Field(ge=-40, le=60)]


class ScoreParams(Section):
    """`denoise.score`: at which signal-to-noise ratios; how many clips of each test source; how many clips are written
    to be listened to, and at which ratio."""

    snr_db: Annotated[list[Decibels], Field(min_length=1)]
    clips: PositiveInt
    listen: NonNegativeInt
    listen_snr_db: Decibels
    seed: NonNegativeInt


class DenoiseParams(Section):
    """`denoise`: which of `denoisers` stands before extraction, and how all of them are scored."""

    apply: str
    score: ScoreParams


class Case(NamedTuple):
    """A test clip, int16, its name and source, and the noise that it gets."""

    wave: np.ndarray
    clip_id: str
    source: str
    kind: str
    snr_db: float


def main(name):
    """Where there is no sound, this is said, and all else goes on."""
    try:
        clips.need_sound()
        _denoise(name)
    except NotRun as reason:
        print(f"denoise: {name} is not run: {reason}")
        for folder in (MODELS / name, HEARD / name):
            write_json(fresh_folder(folder) / "not_run.json", {"reason": str(reason)})
        write_json(METRICS / f"{name}.json", {"not_run": str(reason)})


def _denoise(name):
    """Fit, store, read back, score what was stored."""
    module = registry.module("denoisers", name)
    p, score = params.load(module.Params, f"denoisers.{name}"), params.load(ScoreParams, "denoise.score")
    audio, folder = params.load(AudioParams, "audio"), fresh_folder(MODELS / name)
    with scratch(f"denoise-{name}") as place:
        sounds, sources = _parts(place, audio.sr)
        with live.named(f"denoise/{name}"):
            module.fit(sounds["train"], sounds["validation"], p).save(folder)
        model, test = module.load(folder), sounds["test"]
        picked = _picked(test, sources, score.clips)
        why = denoised.without_pesq(audio.sr)
        work = partial(_score, model, test, audio.sr, score.seed, why is None)
        found = _scored(work, _cases(test, sources, picked, score))
        history = {} if model.history is None else {"history": model.history.to_dict("list")}
        write_json(METRICS / f"{name}.json", _summary(found, why) | history)
        _write_heard(fresh_folder(HEARD / name), model, test, sources, picked, audio.sr, score)
    print(f"denoise: {name}: {len(picked)} test clips of {len(set(sources[picked]))} sources scored")


def _parts(place, sr):
    """{part: Sounds} of the clips of the split, less silent ones; the source of each test clip."""
    split = manifest.read(SPLIT)
    rows = {part: split.iloc[found] for part, found in manifest.parts(split).items()}
    rows = {part: table[[bool(wave.any()) for wave in clips.waves(table)]] for part, table in rows.items()}
    noises = _noises_of_parts(place, sr)
    sounds = {
        part: Sounds(clips.waves(table), table["clip_id"].tolist(), noises["test" if part == "test" else "train"])
        for part, table in rows.items()
    }
    return sounds, rows["test"]["source"].to_numpy(str)


def _noises_of_parts(place, sr):
    """The recordings of data/noise, a third for test, whichever those are; None where there are fewer than two."""
    files = sorted(_noises.paths(NOISE), key=lambda path: crc32(path.relative_to(NOISE).as_posix().encode()))
    if len(files) < 2:
        return {"train": None, "test": None}
    n = max(1, len(files) // 3)
    parts = {"test": files[:n], "train": files[n:]}
    return {part: _noises.decoded(some, place / part, sr=sr, stage="denoise") for part, some in parts.items()}


def _picked(test, sources, n):
    """The numbers of n clips of each source, whichever those are; fewer where it has fewer."""
    order = sorted(range(len(sources)), key=lambda row: crc32(test.ids[row].encode()))
    rank = pd.Series(sources[order]).groupby(sources[order]).cumcount()
    return np.sort(np.array(order)[rank < n])


def _cases(test, sources, picked, score):
    every = [(row, kind, snr_db) for row in picked for kind in test.kinds for snr_db in score.snr_db]
    return [Case(test.waves[row], test.ids[row], sources[row], kind, snr_db) for row, kind, snr_db in every]


def _scored(work, cases):
    """A row a case: source, kind, snr_db, and what is measured."""
    compute = params.load(ComputeParams, "compute").model_copy(update={"backend": "threads"})  # networks do not travel
    with warnings.catch_warnings(), closing(each(work, cases, what="score", compute=compute)) as found:
        warnings.filterwarnings("ignore", "Not enough STFT frames")  # for STOI: not told of such clips
        rows = [case._asdict() | values for case, values in zip(cases, found, strict=True)]
    return pd.DataFrame(rows, columns=[*Case._fields, *denoised.MEASURES]).drop(columns="wave")


def _score(model, test, sr, seed, pesq, case):
    y, mixed = _mixed(test, seed, case)
    return denoised.scores(y, mixed, model.clean(mixed, sr), sr=sr, pesq=pesq)


def _mixed(test, seed, case):
    """The clip and what is made of it, each float32 (n_samples,)."""
    y = clean(case.wave)
    rng = np.random.default_rng([seed, crc32(f"{case.clip_id} {case.kind} {case.snr_db:g}".encode())])
    return y, noisy(y, test.noise(case.kind, len(y), rng=rng), snr_db=case.snr_db)


def _summary(found, why):
    """The mean of each measure by kind of noise and ratio, and over all ratios, with its interval over sources; `why`
    there is no PESQ, where there is none."""
    kinds = {}
    for kind, of_kind in found.groupby("kind", sort=False):
        parts = {f"{snr_db:g}": rows for snr_db, rows in of_kind.groupby("snr_db")} | {"all": of_kind}
        kinds[kind] = {snr: _means(rows) for snr, rows in parts.items()}
    counts = {"clips": int(found["clip_id"].nunique()), "sources": int(found["source"].nunique())}
    return counts | {"kinds": kinds} | ({"not_measured": {"pesq": why}} if why else {})


def _means(rows):
    there = {name: rows[rows[name].notna()] for name in denoised.MEASURES}
    return {name: of_mean(some[name], some["source"].to_numpy(str)) for name, some in there.items() if len(some)}


def _write_heard(folder, model, test, sources, picked, sr, score):
    """A test clip of each of the first sources, as it was, with noise, and without: three WAV files and a picture."""
    _, first = np.unique(sources[picked], return_index=True)
    for row in picked[first][: score.listen]:
        case = Case(test.waves[row], test.ids[row], sources[row], test.kinds[-1], score.listen_snr_db)
        y, mixed = _mixed(test, score.seed, case)
        waves = {"clean": y, "noisy": mixed, "denoised": model.clean(mixed, sr)}
        (folder / f"{case.clip_id}.png").write_bytes(drawn(waves.values(), sr=sr))
        loudest = max(float(np.abs(wave).max()) for wave in waves.values())
        for what, wave in waves.items():
            quieter = np.rint(wave * (32767 / max(1, loudest))).astype(np.int16)  # all three alike, none is clipped
            soundfile.write(folder / f"{case.clip_id}-{what}.wav", quieter, sr, subtype="PCM_16")
    if not score.listen:
        (folder / "none.txt").write_text("denoise.score.listen is 0\n")  # DVC warns of an empty folder


def drawn(waves, *, sr):
    """A PNG, bytes: the mel pictures of waves (n_samples,), one above the other, in one range of decibels."""
    strips = []
    for y in waves:
        db = log_mel(y, sr=sr, n_fft=1024, hop_length=max(64, len(y) // (2 * WIDTH)), n_mels=HEIGHT)
        strips.append(cv2.resize(np.ascontiguousarray(db.T[::-1]), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
    loudest = max(strip.max() for strip in strips)
    gap = np.full((GAP, WIDTH), 255, np.uint8)
    rows = [part for strip in strips for part in (gap, indexed(strip, low_db=loudest - RANGE_DB, high_db=loudest))]
    return png(np.concatenate(rows[1:]), colours("magma"))


if __name__ == "__main__":
    run(main)
