"""Augmented copies of train clips, made by recipes; never of other clips."""

from functools import partial
from hashlib import blake2b
from typing import Annotated, NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, Field, NonNegativeInt

from sourcewise.audio.effects import passage_of
from sourcewise.audio.samples import to_float, to_int16
from sourcewise.audio.segments import fill
from sourcewise.augmentations import Effect
from sourcewise.compute.cached_map import cached
from sourcewise.core import messages, params, registry
from sourcewise.core.errors import Stop
from sourcewise.core.params import Section
from sourcewise.core.paths import AUGMENTED, COPIES, NOISE
from sourcewise.datasets import clips, manifest
from sourcewise.datasets import noises as _noises
from sourcewise.storage import fingerprints
from sourcewise.storage.files import scratch, writer
from sourcewise.storage.fingerprints import digest


def _effect(entry):
    name = entry.get("effect") if isinstance(entry, dict) else entry
    return params.check(
        registry.module("augmentations", name).Params, entry, f"{params.PARAMS}: augment: effect {name}"
    )


class Recipe(Section):
    """How many copies of each train clip are made, and the effects applied to them, in this order."""

    copies: NonNegativeInt
    effects: Annotated[list[Annotated[Effect, BeforeValidator(_effect)]], Field(min_length=1)]


class AugmentParams(Section):
    """`augment`: recipes by name, a seed, and a folder of noises for the effect `background` (null: data/noise)."""

    recipes: dict[Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")], Recipe]
    background: str | None
    seed: NonNegativeInt


class Item(NamedTuple):
    """What one copy is made from: a clip, int16; noise of its length, int16, or None; the names of recipe and copy."""

    clip: np.ndarray
    passage: np.ndarray | None
    recipe: str
    copy_id: str

    @property
    def nbytes(self):
        """So that fewer long clips are processed at a time."""
        return self.clip.nbytes


def augment(train, p, audio, compute):
    """Write data/augmented: samples as in data/clips, rows as in the manifest, `origin` the clip that a row is a copy
    of. train: rows of the manifest; p: AugmentParams; audio: AudioParams; compute: ComputeParams."""
    if clips.modality() != "sound":
        p = p.model_copy(update={"recipes": {}})
        messages.info(f"no copies are made: {clips.NO_SOUND[clips.modality()]}")
    effects = {name: [effect.model_dump() for effect in recipe.effects] for name, recipe in p.recipes.items()}
    version = digest(
        *map(fingerprints.of, ("sourcewise/audio", "sourcewise/augmentations", "sourcewise/datasets/augment.py")),
        effects,
        p.seed,
        audio,
    )
    rows = []
    with scratch("noise") as folder, writer(AUGMENTED, np.int16) as append:
        items, origins = _plan(p, train, _recordings(p, folder, audio.sr))
        keys = [_key(clip_hash, item) for clip_hash, item in zip(train["hash"].iloc[origins], items, strict=True)]
        options = {"store": f"augment-{version}", "title": "augment", "unit": "copy", "compute": compute}
        copies = cached(partial(_augmented, p.recipes, p.seed, audio), items, keys, **options)
        start = 0
        for origin, item, (y, content) in zip(origins, items, copies, strict=True):
            append(y)
            new = {"clip_id": item.copy_id, "start": start, "n_samples": len(y), "hash": content}
            new |= {"duration_s": round(len(y) / audio.sr, 6), "origin": train["clip_id"].iloc[origin]}
            rows.append(train.iloc[origin].to_dict() | new)
            start += len(y)
    manifest.write(pd.DataFrame(rows, columns=manifest.COLUMNS), COPIES)
    messages.info(f"{len(rows)} copies of {len(train)} train clips")


def _plan(p, train, noises):
    """The Items of all copies, and for each the row of the train clip that it is made from."""
    items, origins = [], []
    for name, recipe in p.recipes.items():
        waves = clips.waves(train)
        noisy = any(effect.effect == "background" for effect in recipe.effects)
        for number in range(1, recipe.copies + 1):
            for row, clip_id in enumerate(train["clip_id"]):
                copy_id = f"{clip_id}-{name}-{number}"  # recipe names hold no hyphen
                rng = np.random.default_rng([p.seed, crc32(copy_id.encode()), 1])
                passage = passage_of(noises, len(waves[row]), rng=rng) if noisy else None
                items.append(Item(waves[row], passage, name, copy_id))
                origins.append(row)
    return items, origins


def _augmented(recipes, seed, audio, item):
    """One copy, int16, and the hash of its samples; its random draws depend on the seed and its id alone."""
    rng = np.random.default_rng([seed, crc32(item.copy_id.encode())])
    y, passage = (None if x is None else to_float(x) for x in (item.clip, item.passage))
    for p in recipes[item.recipe].effects:
        if rng.random() < p.probability:
            y = registry.module("augmentations", p.effect).apply(y, sr=audio.sr, p=p, rng=rng, background=passage)
    y = to_int16(y * np.float32(32767 / max(32767, 32768 * np.abs(y).max())))  # scaled down rather than clipped
    if audio.segment is not None:
        y = fill(y[: audio.segment], audio.segment, audio.pad)
    return y, clips.content_hash(y)


def _recordings(p, folder, sr):
    """The recordings of data/noise, decoded into a folder; None where no effect needs them."""
    used = [effect for recipe in p.recipes.values() if recipe.copies for effect in recipe.effects]
    if not any(effect.effect == "background" for effect in used):
        return None
    files = _noises.paths(NOISE)
    if not files:
        raise Stop(f"the effect background needs recordings in {NOISE}, or a folder in augment.background")
    return _noises.decoded(files, folder, sr=sr, stage="augment")


def _key(clip_hash, item):
    passage = "" if item.passage is None else clips.content_hash(item.passage)
    return blake2b(f"{clip_hash} {item.copy_id} {passage}".encode(), digest_size=16).digest()
