"""Whether the number is real: what a leak would be worth, what tells the label without listening, which labels look
wrong, what the split holds."""

from functools import partial
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, NonNegativeInt, PositiveInt

from sourcewise.audits import CATEGORIES, cues, duplicates, label_errors, shortcuts, split_sizes
from sourcewise.audits import leakage as gap
from sourcewise.compute.progress import progress
from sourcewise.core import params
from sourcewise.core.errors import NotRun
from sourcewise.core.params import Section, Share
from sourcewise.core.paths import AUDIT_TABLES, DUPLICATES, MANIFEST, SPLIT
from sourcewise.datasets import manifest
from sourcewise.datasets.clips import NO_SOUND, modality
from sourcewise.datasets.task import Task
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.models import entries
from sourcewise.models.examples import Examples, read_features
from sourcewise.models.sklearn import training


class AuditParams(Section):
    """`audit`.

    references: entries as those of `classifiers`, of the family sklearn. folds: fewer where a class has fewer sources.
    max_fit_clips: that a reference is fitted on, as the time of a support vector machine grows with their square.
    gap_margin, shortcut_margin: how far above nothing, and above chance, an interval has to lie for a finding;
    mislabels_share: the share of recordings above which those that look mislabelled are one. max_listed: the most clips
    that a table names for a shortcut. fail_on: the kinds of findings that the stage `gate` makes a failed run.
    """

    references: Annotated[dict[str, dict], Field(min_length=1)]
    folds: int = Field(ge=2)
    seed: NonNegativeInt
    max_fit_clips: PositiveInt
    gap_margin: Share
    shortcut_margin: Share
    mislabels_share: Share
    max_listed: PositiveInt
    fail_on: list[Literal[CATEGORIES]]


class Corpus(NamedTuple):
    """What all checks look at. folds: None where a class has a single source, so that none can be held out.
    not_run: {check or reference: why it is not run on this corpus}."""

    clips: pd.DataFrame
    targets: np.ndarray
    task: Task
    folds: int | None
    not_run: dict


def audit(p):
    """Results and findings of all checks on every clip of the corpus, for JSON; tables of clips in metrics/audit. The
    reference classifiers have the parameters that `train` uses. p: AuditParams."""
    corpus = split_corpus(p)
    probabilities = _references(corpus, p)
    results, findings = {"folds": corpus.folds, "sources": corpus.clips["source"].nunique()}, []
    for check in (_split, _duplicates, partial(_gap, probabilities), _shortcuts, partial(_mislabels, probabilities)):
        result, found = check(corpus, p)
        results |= result
        findings += found
    results |= {"not_run": corpus.not_run} if corpus.not_run else {}
    return results | {"findings": [finding._asdict() for finding in findings]}


def split_corpus(p):
    """The Corpus that the stage `split` left."""
    clips, task = manifest.read(SPLIT), Task.read()
    targets = task.targets(clips["labels"])
    fewest = min(clips["source"][carried].nunique() for carried in targets.T)
    return Corpus(clips, targets, task, min(p.folds, fewest) if fewest > 1 else None, {})


def _references(corpus, p):
    """{reference: {way: out-of-fold probabilities}}: random_split, grouped_split; by_recording, random_split where none is cut."""
    clips = corpus.clips
    groups = {"random_split": clips["clip_id"]}
    groups |= {"grouped_split": clips["source"]} if corpus.folds else {}
    groups |= {"by_recording": clips["parent"]} if manifest.is_cut(clips) else {}
    references = {name: entries.classifier(name, section="audit.references") for name in p.references}
    found = {name: {} for name, (_, settings) in references.items() if _can_run(name, settings, corpus)}
    fits = [(name, way) for name in found for way in groups]
    for name, way in progress(fits, total=len(fits), what="audit", unit="cross-validation"):
        examples = Examples(read_features(references[name][1].features), corpus.targets, clips["source"].to_numpy())
        fit = fitting(*references[name], examples, corpus.task)
        how = {"folds": corpus.folds or p.folds, "seed": p.seed, "most": p.max_fit_clips}
        found[name][way] = gap.out_of_fold(fit, groups[way], corpus.targets, **how)
    return {name: {"by_recording": ways["random_split"]} | ways for name, ways in found.items()}


def _can_run(name, settings, corpus):
    """Whether there are features for a reference, and classes to tell apart."""
    try:
        read_features(settings.features)
        if len(corpus.task.classes) < 2:
            raise NotRun("the corpus has one class only")
    except NotRun as reason:
        corpus.not_run[name] = str(reason)
    return name not in corpus.not_run


def fitting(module, p, examples, task):
    """A function of row numbers that fits a classifier on these examples, and returns one that asks it."""

    def fit(rows):
        model = training.fit(module, examples.take(rows), None, task, p)
        return lambda held: model.predict(examples.x_of(held))

    return fit


def _split(corpus, p):
    clips, targets, classes = corpus.clips, corpus.targets, corpus.task.classes
    manifest.write(split_sizes.parts(clips, targets, classes), AUDIT_TABLES / "split.csv")
    found = split_sizes.summary(clips, targets, classes, method=params.load(str, "split.method"))
    return {"split": found}, split_sizes.findings(found, clips["source"].nunique())


def _duplicates(corpus, p):
    found = duplicates.summary(manifest.read(DUPLICATES), manifest.read(MANIFEST), corpus.clips)
    return {"duplicates": found}, duplicates.findings(found)


def _gap(probabilities, corpus, p):
    if corpus.folds is None:
        return {"leakage": {}}, gap.no_findings(corpus.clips["source"], corpus.targets, corpus.task)
    of = corpus.clips["source"], corpus.targets, corpus.task
    leakage = {name: gap.gap(ways, *of) for name, ways in probabilities.items()}
    return {"leakage": leakage}, gap.findings(leakage, margin=p.gap_margin)


def _shortcuts(corpus, p):
    clips, targets, task, folds, not_run = corpus
    if modality() != "sound":
        not_run["shortcuts"] = NO_SOUND[modality()]
        manifest.write(shortcuts.carriers({}, {}, None, clips, targets, task, most=0), AUDIT_TABLES / "shortcuts.csv")
        return {"shortcuts": {}}, []
    table, results, told = cues.table(clips), {}, {}
    if folds is not None:
        how = {"folds": folds, "margin": p.shortcut_margin, "seed": p.seed}
        results, told = shortcuts.shortcuts(table, clips["source"], targets, task, **how)
    listed = shortcuts.carriers(results, told, table, clips, targets, task, most=p.max_listed)
    manifest.write(listed, AUDIT_TABLES / "shortcuts.csv")
    return {"shortcuts": results}, shortcuts.findings(results, table, targets, task)


def _mislabels(probabilities, corpus, p):
    """Of whole recordings, by the mean of the references."""
    clips, targets, task, *_ = corpus
    if not probabilities:
        corpus.not_run["mislabels"] = "no reference classifier is run"
        manifest.write(pd.DataFrame(columns=label_errors.COLUMNS), AUDIT_TABLES / "mislabels.csv")
        return {"mislabels": {}}, []
    mean = np.mean([ways["by_recording"] for ways in probabilities.values()], axis=0)
    _, targets, mean = by_recording(clips["parent"], clips["source"], targets, mean)
    recordings = clips.drop_duplicates("parent").sort_values("parent").assign(clip_id=lambda rows: rows["parent"])
    found = label_errors.mislabels(recordings, targets, mean, task)
    manifest.write(found, AUDIT_TABLES / "mislabels.csv")
    right = round(float((task.decide(mean) == targets).all(axis=1).mean()), 4)
    result = {"recordings": len(targets), "accuracy": right, "suspected": len(found)}
    return {"mislabels": result}, label_errors.findings(found, len(targets), right, share=p.mislabels_share)
