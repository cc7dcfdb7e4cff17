"""Fitting, storing and scoring denoisers."""

import shutil
import warnings
from contextlib import closing
from functools import partial
from typing import Annotated, NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
import soundfile
from pydantic import Field, NonNegativeInt, PositiveInt

from sourcewise.audio.mel_image import stacked
from sourcewise.audio.samples import to_float
from sourcewise.compute import live_curves
from sourcewise.compute.parallel import ComputeParams, each
from sourcewise.core import messages, params
from sourcewise.core.errors import count
from sourcewise.core.params import AudioParams, Section
from sourcewise.core.paths import CLIPS, DENOISERS, EACH, NOISE, NOT_RUN, SAMPLES, SPLIT
from sourcewise.datasets import clips, manifest
from sourcewise.datasets import noises as _noises
from sourcewise.datasets.folds import Split
from sourcewise.evaluation import denoising
from sourcewise.evaluation.intervals import of_mean
from sourcewise.models import entries, ready
from sourcewise.models.denoising.sounds import Sounds, noisy
from sourcewise.storage.files import digest_of, fresh_folder, read_json, scratch, sha256, write_json
from sourcewise.storage.fingerprints import packages

Decibels = Annotated[float, Field(ge=-40, le=60)]


class ScoreParams(Section):
    """`denoise.score`: at which signal-to-noise ratios; how many clips of each test source; how many clips are written
    as audio examples, and at which ratio."""

    snr_db: Annotated[list[Decibels], Field(min_length=1)]
    clips: PositiveInt
    listen: NonNegativeInt
    listen_snr_db: Decibels
    seed: NonNegativeInt


class DenoiseParams(Section):
    """`denoise`: which of `denoisers` is applied before extraction, and how all are scored."""

    apply: str
    score: ScoreParams


class Case(NamedTuple):
    """A test clip, int16, its name and source, and the noise that is added to it."""

    wave: np.ndarray
    clip_id: str
    source: str
    kind: str
    snr_db: float


def folds(name):
    """A denoiser is trained once, on the first fold."""
    return [0]


def outs(name):
    """The paths that the stage `denoise@<name>` writes."""
    return [DENOISERS / name, SAMPLES / "denoisers" / name, EACH / "denoisers" / f"{name}.json"]


def marked(name):
    """The one of these that holds the fingerprint: not the model, on which features depend, whatever its scores."""
    return SAMPLES / "denoisers" / name


def fingerprint(name):
    """20 hex digits of all that a denoiser and its scores depend on."""
    entry = params.load(dict, f"denoisers.{name}")
    sections = [params.load(dict, key) for key in ("audio", "denoise.score", "train.denoisers")]
    noises = [(path.relative_to(NOISE).as_posix(), sha256(path)) for path in sorted(_noises.paths(NOISE))]
    return ready.fingerprint("denoise", entry, sections, packages(), noises, sha256(SPLIT), digest_of(CLIPS))


def work(job, folder):
    """Fit and score the denoiser of a job, in the subfolders `model` and `samples` and the file `scores.json`."""
    module, p = entries.denoiser(job.name)
    score, audio = params.load(ScoreParams, "denoise.score"), params.load(AudioParams, "audio")
    denoise(job.name, module, p, score, audio, params.load(ComputeParams, "compute"), folder)


def join(name, parts, root):
    """Put the result where `outs` says, below root."""
    model, samples, scores = (root / path for path in outs(name))
    reason = ready.reason(parts)
    if reason:
        for path in (model, samples):
            write_json(path / NOT_RUN, {"reason": reason})
        write_json(scores, {"not_run": reason})
    else:
        for part, path in zip(("model", "samples"), (model, samples), strict=True):
            shutil.copytree(parts[0] / part, path)
        write_json(scores, read_json(parts[0] / "scores.json"))


def denoise(name, module, p, score, audio, compute, folder):
    """Fit a denoiser on noisy train clips, store it in folder/model, read it back, and score what was stored on noisy
    test clips.

    Noise is white, and also recorded if data/noise has recordings. The noise of a test clip is drawn by its name, so
    that every denoiser gets the same; no recording of noise is both in test and in another part. name: of the entry;
    module: of its denoiser; p, score, audio, compute: sections. Raises NotRun without sound.
    """
    clips.need_sound()
    with scratch(f"denoise-{name}") as temporary:
        sounds, sources = _parts(temporary, audio.sr)
        with live_curves.named(f"denoise/{name}"):
            module.fit(sounds["train"], sounds["validation"], p).save(fresh_folder(folder / "model"))
        model, test = module.load(folder / "model"), sounds["test"]
        picked = _picked(test, sources, score.clips)
        why = denoising.without_pesq(audio.sr)
        work = partial(_score, model, test, audio.sr, score.seed, why is None)
        scores = _scored(work, _cases(test, sources, picked, score), compute)
        history = {} if model.history is None else {"history": model.history.to_dict("list")}
        write_json(folder / "scores.json", _summary(scores, why) | history)
        _write_examples(fresh_folder(folder / "samples"), model, test, sources, picked, audio.sr, score)
    counts = count(len(picked), "test clip"), count(len(set(sources[picked])), "source")
    messages.info(f"{name}: scored on {' of '.join(counts)}")


def _parts(folder, sr):
    """{part: Sounds} of the clips of the first fold, less silent ones; the source of each test clip."""
    split = Split.read()
    rows = {part: split.clips.iloc[split.rows(0, part)] for part in manifest.SPLITS}
    rows = {part: table[[bool(wave.any()) for wave in clips.waves(table)]] for part, table in rows.items()}
    noises = _noises_of_parts(folder, sr)
    sounds = {
        part: Sounds(clips.waves(table), table["clip_id"].tolist(), noises["test" if part == "test" else "train"])
        for part, table in rows.items()
    }
    return sounds, rows["test"]["source"].to_numpy(str)


def _noises_of_parts(folder, sr):
    """The recordings of data/noise, a third of them, by a hash, for test; None if there are fewer than two."""
    files = sorted(_noises.paths(NOISE), key=lambda path: crc32(path.relative_to(NOISE).as_posix().encode()))
    if len(files) < 2:
        return {"train": None, "test": None}
    n = max(1, len(files) // 3)
    parts = {"test": files[:n], "train": files[n:]}
    return {part: _noises.decoded(some, folder / part, sr=sr, stage="denoise") for part, some in parts.items()}


def _picked(test, sources, n):
    """The row numbers of n clips of each source, chosen by a hash; fewer if it has fewer."""
    order = sorted(range(len(sources)), key=lambda row: crc32(test.ids[row].encode()))
    rank = pd.Series(sources[order]).groupby(sources[order]).cumcount()
    return np.sort(np.array(order)[rank < n])


def _cases(test, sources, picked, score):
    every = [(row, kind, snr_db) for row in picked for kind in test.kinds for snr_db in score.snr_db]
    return [Case(test.waves[row], test.ids[row], sources[row], kind, snr_db) for row, kind, snr_db in every]


def _scored(work, cases, compute):
    """A row a case: source, kind, snr_db, and the measures."""
    compute = compute.model_copy(update={"backend": "threads"})  # networks are not sent to other machines
    with warnings.catch_warnings(), closing(each(work, cases, title="score", compute=compute)) as results:
        warnings.filterwarnings("ignore", "Not enough STFT frames")  # for STOI, of short clips
        rows = [case._asdict() | values for case, values in zip(cases, results, strict=True)]
    return pd.DataFrame(rows, columns=[*Case._fields, *denoising.MEASURES]).drop(columns="wave")


def _score(model, test, sr, seed, pesq, case):
    y, mixed = _mixed(test, seed, case)
    return denoising.scores(y, mixed, model.clean(mixed, sr), sr=sr, pesq=pesq)


def _mixed(test, seed, case):
    """The clip and the noisy clip, each float32 (n_samples,)."""
    y = to_float(case.wave)
    rng = np.random.default_rng([seed, crc32(f"{case.clip_id} {case.kind} {case.snr_db:g}".encode())])
    return y, noisy(y, test.noise(case.kind, len(y), rng=rng), snr_db=case.snr_db)


def _summary(scores, why):
    """The mean of each measure by kind of noise and ratio, and over all ratios, with its interval over sources; why:
    the reason if PESQ is not measured."""
    kinds = {}
    for kind, of_kind in scores.groupby("kind", sort=False):
        parts = {f"{snr_db:g}": rows for snr_db, rows in of_kind.groupby("snr_db")} | {"all": of_kind}
        kinds[kind] = {snr: _means(rows) for snr, rows in parts.items()}
    counts = {"clips": int(scores["clip_id"].nunique()), "sources": int(scores["source"].nunique())}
    return counts | {"kinds": kinds} | ({"not_measured": {"pesq": why}} if why else {})


def _means(rows):
    measured = {name: rows[rows[name].notna()] for name in denoising.MEASURES}
    return {name: of_mean(some[name], some["source"].to_numpy(str)) for name, some in measured.items() if len(some)}


def _write_examples(folder, model, test, sources, picked, sr, score):
    """A test clip of each of the first sources, clean, noisy and denoised: three WAV files and an image."""
    _, first = np.unique(sources[picked], return_index=True)
    for row in picked[first][: score.listen]:
        case = Case(test.waves[row], test.ids[row], sources[row], test.kinds[-1], score.listen_snr_db)
        y, mixed = _mixed(test, score.seed, case)
        waves = {"clean": y, "noisy": mixed, "denoised": model.clean(mixed, sr)}
        (folder / f"{case.clip_id}.png").write_bytes(stacked(waves.values(), sr=sr))
        loudest = max(float(np.abs(wave).max()) for wave in waves.values())
        for version, wave in waves.items():
            quieter = np.rint(wave * (32767 / max(1, loudest))).astype(
                np.int16
            )  # one factor for all three, so that none is clipped
            soundfile.write(folder / f"{case.clip_id}-{version}.wav", quieter, sr, subtype="PCM_16")
    if not score.listen:
        (folder / "none.txt").write_text("denoise.score.listen is 0\n")  # DVC warns of an empty folder
