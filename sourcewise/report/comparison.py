"""The comparison of all classifiers, denoisers and generators; the summary for `dvc metrics diff`."""

import numpy as np
import pandas as pd

from sourcewise.core.errors import Stop, count
from sourcewise.core.markdown import between, markdown, number
from sourcewise.core.paths import AUDIT, EACH, SCORES
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation import denoising
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.critical_difference import diagram
from sourcewise.evaluation.metrics import HEADLINE, headline_keys
from sourcewise.evaluation.significance import pairs, sentences
from sourcewise.storage.files import read_json


def compare(dataset, classifiers, denoisers, generators):
    """(summary, plots, pairs, diagram, text): the few numbers for review, the tables that `dvc plots` draws, the table
    of significance, the critical difference diagram, and the comparison in Markdown.

    dataset: its title; the others: entries of params.yaml by name, whatever else the folder holds.
    """
    each = {name: read_json(SCORES / f"{name}.json") for name in classifiers}
    audit = read_json(AUDIT)
    not_run = {name: scores["not_run"] for name, scores in each.items() if "not_run" in scores}
    each = {name: scores for name, scores in each.items() if name not in not_run}
    generated = {name: read_json(EACH / "generators" / f"{name}.json") for name in generators}
    if not each and all("not_run" in scores for scores in generated.values()):
        raise Stop(f"no classifier ran: {'; '.join(f'{name}: {why}' for name, why in not_run.items())}")
    tallies = {name: scores["by_source"] for name, scores in each.items()}
    differences = pairs(tallies)
    paragraphs = [
        f"# {dataset}",
        *_findings(audit["findings"]),
        *_gaps(audit),
        *_classifiers(classifiers, each, not_run, differences, generators),
        *_denoisers(denoisers),
        *_generators(generated),
    ]
    text = "\n\n".join(paragraphs) + "\n"
    return _summary(each, audit), _plotted(each), differences, diagram(tallies, differences), text


def remove_others(section, names):
    """Remove the scores of entries that this section of params.yaml no longer names: a clone has none of them."""
    for path in (EACH / section).glob("*.json"):
        if path.stem not in names:
            path.unlink()


def _summary(each, audit):
    """Few numbers, so that a review reads them: the gaps; accuracy of each classifier, with its interval, and F1.

    `validation` is the score for model selection. `segments` is the accuracy by segment, where recordings were cut.
    """
    summary = {"gap": {name: scores["gap"]["value"] for name, scores in audit["leakage"].items()}}
    for name, scores in each.items():
        accuracy = scores["test"]["accuracy"]
        summary[name] = {"accuracy": accuracy["value"], "low": accuracy["low"], "high": accuracy["high"]}
        keys = headline_keys(scores["test"])
        summary[name] |= {key: scores["test"][key]["value"] for key in ("f1", "micro_f1") if key in keys}
        summary[name]["validation"] = scores["validation"][keys[0]]["value"]
        if "test_segments" in scores:
            summary[name]["segments"] = scores["test_segments"]["accuracy"]["value"]
    return summary


def _plotted(each):
    """The tables that `dvc plots` draws, each of all classifiers."""
    losses = {
        name: [
            (fold, epoch, loss)
            for fold, history in enumerate(scores["history"])
            for epoch, loss in enumerate(history["validation_loss"])
        ]
        for name, scores in each.items()
        if "history" in scores
    }
    # non-empty cells only: 50 classes have 2,500 cells, more than there are clips
    confusion = {name: [row for row in scores["confusion"] if row[2]] for name, scores in each.items()}
    rows = {
        "confusion": (["actual", "predicted", "clips"], confusion),
        "learning": (["fold", "epoch", "validation_loss"], losses),
        "roc": (["false_positive_rate", "true_positive_rate"], {name: scores["roc"] for name, scores in each.items()}),
        "calibration": (
            ["answers", "confidence", "right"],
            {name: scores["probabilities"]["calibration"]["bins"] for name, scores in each.items()},
        ),
    }
    return {
        table: pd.DataFrame([(name, *row) for name in of for row in of[name]], columns=["model", *columns])
        for table, (columns, of) in rows.items()
    }


def _denoisers(names):
    """The denoisers' table, and why others did not run, as paragraphs."""
    each = {name: read_json(EACH / "denoisers" / f"{name}.json") for name in names}
    ran = {name: scores for name, scores in each.items() if "not_run" not in scores}
    return denoising.paragraphs(ran) + _not_run("denoiser", each)


def _not_run(noun, each):
    """A table of the entries that did not run, with the reasons; [] where all ran."""
    rows = [(name, scores["not_run"]) for name, scores in each.items() if "not_run" in scores]
    return [markdown([noun, "not run, because"], rows, left=2)] if rows else []


def _majority_baseline():
    """The accuracy on test recordings of always predicting the majority class of the train recordings of their fold."""
    task, hits = Task.read(), []
    for parts, targets in _recordings(task):
        prediction = task.decide(targets[parts == "train"].mean(axis=0, keepdims=True))
        hits.append((targets[parts == "test"] == prediction).all(axis=1))
    return float(np.concatenate(hits).mean())


def _recordings(task):
    """The part (n_recordings,) and the labels (n_recordings, n_classes) of each recording, of each fold."""
    split = Split.read()
    targets = task.targets(split.clips["labels"])
    for parts in split.parts.T:
        yield by_recording(split.clips["parent"], parts, targets, targets)[:2]


def _classifiers(entries, each, not_run, differences, generators):
    """The classifiers' table, the best on validation first, what it means, and why others did not run."""
    left_out = _not_run("classifier", {name: {"not_run": why} for name, why in sorted(not_run.items())})
    if not each:
        return ["No classifier ran.", *left_out]
    scores = next(iter(each.values()))  # all are scored on the same clips
    keys, n_sources = headline_keys(scores["test"]), scores["test"]["sources"]
    best_first = sorted(each.items(), key=lambda item: (-item[1]["validation"][keys[0]]["value"], item[0]))
    rows = [(name, number(scores["validation"][keys[0]]), *_cells(scores, keys)) for name, scores in best_first]
    columns = [column for key in keys for column in (HEADLINE[key], "95 % CI")]
    header = ["classifier", "validation", *columns, "by segment"][: len(rows[0])]
    return [
        f"The comparison, on {_counts(scores)} unseen in training. The majority-class baseline has an accuracy of "
        f"{_majority_baseline():.3f}. Select a classifier by the first column, its score on validation sources; the "
        "other columns, on test sources, are the result to report.",
        *([_of_several_labels()] if "micro_f1" in keys else []),
        markdown(header, rows),
        *left_out,
        *_caution(n_sources),
        *sentences(differences, best_first[0][0], n_sources),
        *_worth_of_generated_clips(differences, entries, generators),
    ]


def _worth_of_generated_clips(differences, entries, generators):
    """A sentence for each classifier with entries that differ only in adding generated clips to train: its gain.

    entries: of classifiers, by name; generators: names. differences: the table of `significance.pairs`.
    """
    sentences = []
    for name, entry in entries.items():
        with_clips = [entry | {"features": f"{entry['features']}_{generator}"} for generator in generators]
        twins = [other for other, content in entries.items() if content in with_clips]
        gains = [gain for other in twins for gain in _gain(differences, name, other)]
        if gains:
            sentences.append(
                f"Accuracy gain of {name} from generated training clips, with its 95 % CI: {', '.join(gains)}."
            )
    return sentences


def _gain(differences, name, other):
    """The accuracy of `other` minus that of `name`, as text; nothing where one of them did not run."""
    for pair in differences.itertuples():
        if {pair.classifier, pair.other} == {name, other}:
            sign = -1 if pair.classifier == name else 1
            low, high = sorted((sign * pair.low, sign * pair.high))
            ends = f" ({low:+.3f} to {high:+.3f})" if pd.notna(pair.low) else ""
            yield f"{other} {0 + sign * pair.difference:+.3f}{ends}"


def _generators(each):
    """The generators' table, beside held-out clips and noise (sourcewise/evaluation/generation.py), as paragraphs."""
    rows = [_of_generator(name, scores) for name, scores in each.items() if "not_run" not in scores]
    header = ["generator", "held-out", "generated", "shaped noise", "noise", "precision", "recall", "diversity"]
    header += ["nearest", "recognised", "chance", "diagnosis"]
    caption = (
        "Generators: Fréchet distance to the train clips of held-out clips of other sources, of generated clips, of "
        "noise with the mean and standard deviation of each value, and of white noise; precision, the share of "
        "generated clips within the manifold of real ones, and recall, the reverse; diversity and distance to the "
        "nearest train clip, relative to held-out clips; the accuracy of a classifier of real clips on generated ones, "
        "and chance."
    )
    return ([caption, markdown(header, rows)] if rows else []) + _not_run("generator", each)


def _of_generator(name, scores):
    frechet = [f"{scores['frechet'][part]:.1f}" for part in ("held_out", "generated", "shaped_noise", "noise")]
    manifold = [f"{scores[measure]['generated']:.3f}" for measure in ("precision", "recall")]
    relative = [_relative(scores[measure]) for measure in ("diversity", "nearest")]
    recognised = scores.get("recognised")
    recognised = [f"{recognised[part]:.3f}" for part in ("generated", "chance")] if recognised else ["-", "-"]
    return name, *frechet, *manifold, *relative, *recognised, ", ".join(scores["diagnosis"]) or "-"


def _relative(of):
    return f"{of['generated'] / of['held_out']:.2f}" if of["generated"] is not None and of["held_out"] else "-"


def _findings(findings):
    """The findings of the audit, as paragraphs."""
    if not findings:
        return []
    lines = [f"- {finding['category']}: {finding['text']}" for finding in findings]
    return ["Findings of the audit; details are in metrics/audit.json and metrics/audit/:", "\n".join(lines)]


def _gaps(audit):
    """The table of leakage gaps, as paragraphs; [] where a class has a single source."""
    gaps = [
        (
            name,
            number(scores["random_split"]),
            number(scores["grouped_split"]),
            f"{scores['gap']['value']:+.3f}",
            between(scores["gap"], "+"),
        )
        for name, scores in audit["leakage"].items()
    ]
    caption = (
        f"The leakage gap: accuracy in {audit['folds']}-fold cross-validation over all clips, with a random split, "
        "which leaks sources across folds, and with a grouped split (by source). The grouped split is the honest "
        "estimate."
    )
    return [caption, markdown(["reference", "random split", "grouped split", "gap", "95 % CI"], gaps)] if gaps else []


def _counts(scores):
    """The numbers scored: clips that are whole recordings, or recordings and the segments that they were cut into."""
    n, n_sources = scores["test"]["clips"], count(scores["test"]["sources"], "source")
    folds = f" in {len(scores['folds'])} folds" if len(scores["folds"]) > 1 else ""
    if "test_segments" in scores:
        n_segments = count(scores["test_segments"]["clips"], "segment")
        return f"{count(n, 'test recording')}, cut into {n_segments}, of {n_sources}{folds}"
    return f"{count(n, 'test clip')} of {n_sources}{folds}"


def _of_several_labels():
    """What the columns mean, and a trivial baseline, where clips carry several labels."""
    task = Task.read()
    share = np.concatenate([targets[parts == "test"] for parts, targets in _recordings(task)]).mean()
    return (
        "Clips carry several labels: micro F1, also in the first column, is over all clips and classes at once; "
        "accuracy is the share of clips with every label right. Thresholds were chosen on validation too, so that its "
        "column is optimistic for every classifier, unless train.threshold sets them. "
        f"Predicting all {len(task.classes)} classes for every clip gives a micro F1 of {2 * share / (1 + share):.3f}."
    )


def _cells(scores, keys):
    cells = [cell(scores["test"][key]) for key in keys for cell in (number, between)]
    if "test_segments" in scores:
        cells.append(number(scores["test_segments"]["accuracy"]))
    return cells


def _caution(n_sources):
    if n_sources < 2:
        return ["With one test source no interval can be given, and other sources may score very differently."]
    if n_sources < 10:
        return [f"With only {n_sources} test sources the intervals are wide."]
    return []
