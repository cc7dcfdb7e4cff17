"""How the split is made: train, validation and test of each fold, by whole sources."""

from typing import Annotated, Literal

import numpy as np
import pandas as pd
import scipy
from pydantic import Field, NonNegativeInt, field_validator

from sourcewise.core import messages
from sourcewise.core.errors import Stop, count, named
from sourcewise.core.markdown import span
from sourcewise.core.params import Section
from sourcewise.core.paths import DUPLICATES
from sourcewise.datasets.assign import assign
from sourcewise.datasets.feasible import lacking
from sourcewise.datasets.folds import Split
from sourcewise.datasets.manifest import SPLITS

LISTED = 5  # classes in a message
MAX_ALL = 20  # folds of `folds: all`; more only where a number says so


class SplitParams(Section):
    """`split`: whether sources that share a recording are merged; the fractions of train, validation and test in a
    hold-out split, or the number of `folds` of a cross-validation.

    Fold k tests, fold k + 1 (after the last, the first) validates, the others train. folds: null is a hold-out split;
    all is as many folds as the class with the fewest sources has sources, and at most MAX_ALL. method: source keeps
    the clips of each source together; given uses the dataset's own parts or folds, as its dataset file reads them;
    random assigns clips one by one, which leaks: its scores are too high.
    """

    method: Literal["source", "given", "random"]
    merge_duplicates: bool
    fractions: dict[str, float]
    folds: Annotated[int, Field(ge=3)] | Literal["all"] | None
    seed: NonNegativeInt

    @field_validator("fractions")
    @classmethod
    def _share_all(cls, fractions):
        shares = fractions.values()
        if set(fractions) != set(SPLITS) or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"must name {', '.join(SPLITS)}, each above 0, 1 together")
        return fractions


def split(clips, pairs, task, p):
    """The Split of the manifest `clips`. Stops where no such split exists. pairs: of duplicate clips, None where p,
    SplitParams, merges none."""
    known = set(clips["source"])
    if p.merge_duplicates:
        clips = clips.assign(source=merged(clips["source"], clips["clip_id"], pairs))
        for name in sorted(name for name in clips["source"].unique() if name not in known):
            messages.info(f"sources merged, as they share recordings ({DUPLICATES}): {name}")
    made = Split(clips, METHODS[p.method](clips, task, p))
    _describe(made)
    if made.shared_sources():
        messages.warn(f"with split.method {p.method!r} some sources are in several parts: see metrics/audit.json")
    return made


def _describe(made):
    """Print the sizes of the parts, from the smallest to the largest fold."""
    if len(made.folds) > 1:
        messages.info(f"{len(made.folds)} folds; in each")
    for part in SPLITS:
        rows = [made.clips["source"].iloc[made.rows(fold, part)] for fold in made.folds]
        n_clips, n_sources = ([f(of) for of in rows] for f in (len, lambda of: of.nunique()))
        sources = "source" if set(n_sources) == {1} else "sources"
        messages.info(f"{part}: {span(n_clips)} clips of {span(n_sources)} {sources}")


def merged(sources, clip_ids, pairs):
    """The sources, those that share a recording merged: array (n_clips,) of names, `a+b` for a and b."""
    sources = np.asarray(sources, dtype=str)
    names, source_of = np.unique(sources, return_inverse=True)
    source_of = pd.Series(source_of, index=clip_ids)
    ends = source_of[pairs["clip_id"]].to_numpy(), source_of[pairs["other"]].to_numpy()
    links = scipy.sparse.coo_array((np.ones(len(pairs)), ends), shape=(len(names), len(names)))
    _, group_of = scipy.sparse.csgraph.connected_components(links, directed=False)
    members = pd.Series(names).groupby(group_of).agg(_joined)
    return members[group_of[source_of]].to_numpy()


def _joined(names):
    return "+".join(names) if len(names) < 4 else f"{names.iloc[0]}+{len(names) - 1} others"


def grouped_split(clips, task, p):
    """The part of each clip in each fold, (n_clips, n_folds) of names; clips of one source stay together."""
    return _assigned(clips["source"].to_numpy(), task.targets(clips["labels"]), task, p)


def random_split(clips, task, p):
    """The same without regard to sources, which leaks."""
    return _assigned(clips["clip_id"].to_numpy(), task.targets(clips["labels"]), task, p)


def given_split(clips, task, p):
    """The same of the dataset's own parts, or of its numbered folds, in the order of their numbers.

    A missing validation part is taken from train by source, in the ratio of their fractions.
    """
    given = clips["given"].to_numpy(str)
    if (given == "").any():
        raise Stop(
            f"method is 'given', but {np.sum(given == '')} of {len(clips)} clips are in no part (first: "
            f"{clips['path'][given == ''].iloc[0]!r}): set split, columns.split or lists in the dataset "
            "file, or another split.method"
        )
    if np.char.isdecimal(given).all():
        parts = _of_folds(given.astype(int), p)
    elif np.char.isdecimal(given).any():
        raise Stop("the dataset file gives some clips the number of a fold, others the name of a part: use one of them")
    else:
        parts = _with_validation(given, clips, task, p)[:, None]
    _refuse_unlearnable(parts, task.targets(clips["labels"]), task)
    return parts


METHODS = {"source": grouped_split, "given": given_split, "random": random_split}


def _assigned(groups, targets, task, p):
    sources_of = [len(np.unique(groups[carried])) for carried in targets.T]
    n_folds = min(*sources_of, MAX_ALL) if p.folds == "all" else p.folds
    needed = max(n_folds or 0, len(SPLITS))
    _refuse_few_sources(sources_of, groups, targets, task, needed, p)
    if n_folds is None:
        part_of = assign(groups, targets, fractions=[p.fractions[name] for name in SPLITS], seed=p.seed)
        parts = np.array(SPLITS)[part_of][:, None]
    else:
        parts = _parts_of(assign(groups, targets, fractions=[1 / n_folds] * n_folds, seed=p.seed), n_folds)
    _refuse_empty(parts, groups, targets, task, needed)
    return parts


def _parts_of(fold_of, n_folds):
    """The part of each clip in each fold, of the number of the fold that tests it."""
    behind = (fold_of[:, None] - np.arange(n_folds)) % n_folds
    return np.array(SPLITS)[np.select([behind == 0, behind == 1], [2, 1], 0)]


def _of_folds(given, p):
    numbers, fold_of = np.unique(given, return_inverse=True)
    if p.folds not in ("all", len(numbers)) or len(numbers) < len(SPLITS):
        listed = ", ".join(map(str, numbers))
        cure = "set split.folds to all" if len(numbers) >= len(SPLITS) else "three are needed: use another split.method"
        raise Stop(f"the dataset file gives {len(numbers)} folds ({listed}): {cure}")
    return _parts_of(fold_of, len(numbers))


def _with_validation(given, clips, task, p):
    if p.folds is not None:
        raise Stop(
            f"folds is {p.folds!r}, but the dataset file gives parts by name, not numbered folds: set it to null"
        )
    missing = set(SPLITS) - set(given)
    if missing - {"validation"}:
        raise Stop(f"the given split has no {', '.join(sorted(missing))}, only {', '.join(sorted(set(given)))}")
    if not missing:
        return given
    messages.info("the given split has no validation: it is taken from train, by source")
    train = clips[given == "train"]
    shares = pd.Series(p.fractions)[["train", "validation"]]
    part_of = assign(train["source"], task.targets(train["labels"]), fractions=list(shares / shares.sum()), seed=p.seed)
    names = given.astype(object)
    names[given == "train"] = np.array(SPLITS)[part_of]
    return names.astype(str)


def _refuse_unlearnable(parts, targets, task):
    """Only of train: a class that another part lacks is a finding of the audit, as the split is given."""
    for part_of in parts.T:
        missing = _missing(targets[part_of == "train"], task)
        if missing:
            raise Stop(f"train has no clip of class {named(missing)}: the given split cannot be used")
        empty = [name for name in SPLITS if not (part_of == name).any()]
        if empty:
            raise Stop(f"no clip is in {', '.join(empty)}: the given split cannot be used")


def _missing(targets, task):
    return [name for name, has_clip in zip(task.classes, targets.any(axis=0), strict=True) if not has_clip]


def _refuse_few_sources(sources_of, groups, targets, task, needed, p):
    cure = "lower split.folds" if isinstance(p.folds, int) else "merge it with another"
    for name, n in zip(task.classes, sources_of, strict=True):
        if n < needed:
            raise Stop(
                f"class {name!r} has {count(n, 'source')}, needs {needed}, one for each part: "
                f"record more, leave the class out, or {cure}. {_sufficient(groups, targets, task, needed)}"
            )


def _refuse_empty(parts, groups, targets, task, needed):
    for part_of in parts.T:
        for name in SPLITS:
            missing = _missing(targets[part_of == name], task)
            if missing:
                raise Stop(
                    f"no source of class {named(missing)} was assigned to {name}. "
                    f"{_sufficient(groups, targets, task, needed)}"
                )


def _sufficient(groups, targets, task, needed):
    """A sentence: whether sources can be split into `needed` parts that all have every class, or what would suffice."""
    names, source_of = np.unique(groups, return_inverse=True)
    carries = np.zeros((len(names), targets.shape[1]), bool)
    np.logical_or.at(carries, source_of, targets)
    more = dict(zip(task.classes, lacking(carries, needed).tolist(), strict=True))
    if not any(more.values()):
        return "Another split exists: try another split.seed, or record more sources of it"
    listed = [f"{n} of class {name!r}" for name, n in more.items() if n]
    rest = f" and of {count(len(listed) - LISTED, 'other class', 'other classes')}" if len(listed) > LISTED else ""
    return (
        f"No split of {count(len(names), 'source')} into {needed} parts has every class in each part: it would suffice "
        f"to add sources, {', '.join(listed[:LISTED])}{rest}"
    )
