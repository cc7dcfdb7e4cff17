"""The audit: the split, duplicates, faults of the sound, the leakage gap, shortcuts, label errors; of the whole
dataset."""

from functools import partial
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, NonNegativeInt, PositiveInt

from sourcewise.audits import CATEGORIES, cues, duplicates, label_errors, leakage, remarks, shortcuts, split_sizes
from sourcewise.compute.progress import progress
from sourcewise.core import params
from sourcewise.core.errors import NotRun
from sourcewise.core.params import Section, Share
from sourcewise.core.paths import AUDIT_TABLES, DUPLICATES, LEFT_OUT, MANIFEST, REMARKS
from sourcewise.datasets import manifest
from sourcewise.datasets.clips import NO_SOUND, modality
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.models import entries
from sourcewise.models.examples import Examples, read_features
from sourcewise.models.sklearn import training


class AuditParams(Section):
    """`audit`.

    references: entries like those of `classifiers`, of the family sklearn. folds: fewer where a class has fewer
    sources. max_fit_clips: the most clips that a reference is fitted on, as the time of a support vector machine grows
    with their square. gap_margin, shortcut_margin: how far above 0, and above chance, an interval has to lie for a
    finding; mislabels_share: the share of suspected label errors above which they are a finding. max_listed: the most
    clips in the table of a shortcut. fail_on: the categories of findings for which the stage `gate` fails the run.
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
    """The input of all checks: the Split, its clips. folds: None if a class has a single source, which cannot be held
    out. not_run: {check or reference: why it is not run on this dataset, or cannot be judged}."""

    split: Split
    clips: pd.DataFrame
    targets: np.ndarray
    task: Task
    folds: int | None
    not_run: dict


def audit(p):
    """Results and findings of all checks on every clip of the dataset, for JSON; tables of clips in metrics/audit.
    p: AuditParams."""
    corpus = split_corpus(p)
    probabilities = _references(corpus, p)
    results, findings = {"folds": corpus.folds, "sources": corpus.clips["source"].nunique()}, []
    checks = (_split, _remarks, *(partial(check, probabilities) for check in (_gap, _shortcuts, _mislabels)))
    for check in checks:
        result, of_check = check(corpus, p)
        results |= result
        findings += of_check
    results |= {"not_run": corpus.not_run} if corpus.not_run else {}
    ranked = sorted(findings, key=lambda finding: -finding.worth)  # of equal worth in the order of CATEGORIES
    return results | {"findings": [finding._asdict() | {"worth": round(finding.worth, 4)} for finding in ranked]}


def split_corpus(p):
    """The Corpus of the split."""
    split, task = Split.read(), Task.read()
    clips = split.clips
    targets = task.targets(clips["labels"])
    fewest = min(clips["source"][carried].nunique() for carried in targets.T)
    return Corpus(split, clips, targets, task, min(p.folds, fewest) if fewest > 1 else None, {})


def _references(corpus, p):
    """{reference: {random_split, grouped_split, by_recording: out-of-fold probabilities}}; by_recording is the random
    split where no recording is cut."""
    clips = corpus.clips
    groups = {"random_split": clips["clip_id"]}
    groups |= {"grouped_split": clips["source"]} if corpus.folds else {}
    groups |= {"by_recording": clips["parent"]} if manifest.is_cut(clips) else {}
    references = {name: entries.classifier(name, section="audit.references") for name in p.references}
    probabilities = {name: {} for name, (_, settings) in references.items() if _can_run(name, settings, corpus)}
    fits = [(name, scheme) for name in probabilities for scheme in groups]
    for name, scheme in progress(fits, total=len(fits), title="audit", unit="cross-validation"):
        examples = Examples(read_features(references[name][1].features), corpus.targets, clips["source"].to_numpy())
        fit = fitting(*references[name], examples, corpus.task)
        options = {"folds": corpus.folds or p.folds, "seed": p.seed, "max_fit_clips": p.max_fit_clips}
        probabilities[name][scheme] = leakage.out_of_fold(fit, groups[scheme], corpus.targets, **options)
    return {name: {"by_recording": of["random_split"]} | of for name, of in probabilities.items()}


def _can_run(name, settings, corpus):
    """Whether a reference has features, and the dataset at least two classes."""
    try:
        read_features(settings.features)
        if len(corpus.task.classes) < 2:
            raise NotRun("the dataset has one class only")
    except NotRun as reason:
        corpus.not_run[name] = str(reason)
    return name not in corpus.not_run


def fitting(module, p, examples, task):
    """A function fit(rows) that fits a classifier on these examples and returns its predict(rows)."""

    def fit(rows):
        model = training.fit(module, examples.take(rows), None, task, p)
        return lambda held: model.predict(examples.x_of(held))

    return fit


def _split(corpus, p):
    split, clips, targets, task, *_ = corpus
    manifest.write(split_sizes.parts(split, targets, task.classes), AUDIT_TABLES / "split.csv")
    sizes = split_sizes.summary(split, targets, task.classes, method=params.load(str, "split.method"))
    pairs = duplicates.summary(manifest.read(DUPLICATES), manifest.read(MANIFEST), split)
    pairs |= {"left_out": len(manifest.read(LEFT_OUT))}
    found = [
        *split_sizes.findings(
            sizes | {"shared_sources": _shared(sizes, pairs)}, clips["source"].nunique(), len(task.classes)
        ),
        *duplicates.findings(pairs),
    ]
    return {"split": sizes, "duplicates": pairs}, found


def _shared(sizes, pairs):
    """The sources in several parts, less those merged for duplicates in two parts, which are a finding already."""
    if not pairs["in_two_parts"]:
        return sizes["shared_sources"]
    known = set(manifest.read(MANIFEST)["source"])
    return [name for name in sizes["shared_sources"] if name in known]


def _remarks(corpus, p):
    summary = remarks.summary(manifest.read(REMARKS), corpus.clips)
    return {"sound": summary}, remarks.findings(summary)


def _gap(probabilities, corpus, p):
    if corpus.folds is None:
        return {"leakage": {}}, leakage.unmeasured(corpus.clips["source"], corpus.targets, corpus.task)
    gaps = {
        name: leakage.gap(of, corpus.clips["source"], corpus.targets, corpus.task) for name, of in probabilities.items()
    }
    if unjudged := leakage.unjudged(gaps):
        corpus.not_run["leakage"] = unjudged
    result = {"leakage": gaps, "basis": leakage.basis(corpus.split, corpus.folds)}
    return result, leakage.findings(gaps, margin=p.gap_margin)


def _shortcuts(probabilities, corpus, p):
    _, clips, targets, task, folds, not_run = corpus
    if modality() != "sound":
        not_run["shortcuts"] = NO_SOUND[modality()]
        manifest.write(shortcuts.examples({}, {}, None, clips, targets, task, most=0), AUDIT_TABLES / "shortcuts.csv")
        return {"shortcuts": {}}, []
    table, results, correct = cues.table(clips), {}, {}
    if folds is not None:
        options = {"folds": folds, "margin": p.shortcut_margin, "seed": p.seed}
        results, correct = shortcuts.shortcuts(table, clips["source"], targets, task, **options)
        if unjudged := shortcuts.unjudged(results, clips["source"], targets, task):
            not_run["shortcuts"] = unjudged
    examples = shortcuts.examples(results, correct, table, clips, targets, task, most=p.max_listed)
    manifest.write(examples, AUDIT_TABLES / "shortcuts.csv")
    grouped = {name: of["grouped_split"] for name, of in probabilities.items() if folds is not None}
    best = shortcuts.reference(grouped, clips["source"], targets, task)
    return {"shortcuts": results}, shortcuts.findings(results, table, targets, task, best)


def _mislabels(probabilities, corpus, p):
    """Suspected label errors of whole recordings, by the mean probability of the references."""
    _, clips, targets, task, *_ = corpus
    if not probabilities:
        corpus.not_run["mislabels"] = "no reference classifier is run"
        manifest.write(pd.DataFrame(columns=label_errors.COLUMNS), AUDIT_TABLES / "mislabels.csv")
        return {"mislabels": {}}, []
    mean = np.mean([of["by_recording"] for of in probabilities.values()], axis=0)
    _, targets, mean = by_recording(clips["parent"], clips["source"], targets, mean)
    recordings = clips.drop_duplicates("parent").sort_values("parent").assign(clip_id=lambda rows: rows["parent"])
    balanced, unjudged = label_errors.judge(targets, mean, task)
    accuracy = round(float((task.decide(mean) == targets).all(axis=1).mean()), 4)
    result = {"recordings": len(targets), "accuracy": accuracy, "balanced_accuracy": balanced}
    if unjudged:
        corpus.not_run["mislabels"] = unjudged
        manifest.write(pd.DataFrame(columns=label_errors.COLUMNS), AUDIT_TABLES / "mislabels.csv")
        return {"mislabels": result}, []
    suspected = label_errors.mislabels(recordings, targets, mean, task)
    manifest.write(suspected, AUDIT_TABLES / "mislabels.csv")
    result |= {"suspected": len(suspected)}
    return {"mislabels": result}, label_errors.findings(suspected, len(targets), accuracy, share=p.mislabels_share)
