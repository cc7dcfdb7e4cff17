"""The comparison of all classifiers, the leakage gap above it; one summary for `dvc metrics diff`."""

import pandas as pd

from sourcewise.core.errors import Stop
from sourcewise.core.markdown import between, markdown, number
from sourcewise.core.paths import AUDIT, EACH, SPLIT
from sourcewise.datasets import manifest
from sourcewise.datasets.task import Task
from sourcewise.evaluation import denoising
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.critical_difference import picture
from sourcewise.evaluation.metrics import HEADLINE, headline_keys
from sourcewise.evaluation.significance import pairs, sentences
from sourcewise.storage.files import read_json


def compare(dataset, classifiers, denoisers, generators):
    """Write the tables that `dvc plots` draws, and return (summary, pairs, picture, text): the few numbers for review,
    the table of significance, the critical-difference picture, and the comparison in Markdown.

    dataset: its title; the others: what params.yaml names, never what happens to lie in the folder.
    """
    each = {name: read_json(EACH / "classifiers" / f"{name}.json") for name in classifiers}
    audit = read_json(AUDIT)
    not_run = {name: scores["not_run"] for name, scores in each.items() if "not_run" in scores}
    each = {name: scores for name, scores in each.items() if name not in not_run}
    generated = {name: read_json(EACH / "generators" / f"{name}.json") for name in generators}
    if not each and all("not_run" in scores for scores in generated.values()):
        raise Stop(f"no classifier ran: {'; '.join(f'{name}: {why}' for name, why in not_run.items())}")
    tallies = {name: scores["by_source"] for name, scores in each.items()}
    differences = pairs(tallies)
    text = _text(dataset, classifiers, each, not_run, audit, _commonest_class(), differences)
    text += _denoisers(denoisers) + _generators(generated)
    return _summary(each, audit), _plotted(each), differences, picture(tallies, differences), text


def forget_others(kind, names):
    """Remove the scores of what params.yaml no longer names: a clone has none of them."""
    for path in (EACH / kind).glob("*.json"):
        if path.stem not in names:
            path.unlink()


def _summary(each, audit):
    """Few numbers, so that a review reads them: the gaps; of each classifier accuracy, with its interval, and F1.

    `validation` is what to choose by. `segments` is the accuracy by segment, where recordings were cut.
    """
    summary = {"gap": {name: found["gap"]["value"] for name, found in audit["leakage"].items()}}
    for name, scores in each.items():
        accuracy = scores["test"]["accuracy"]
        summary[name] = {"accuracy": accuracy["value"], "low": accuracy["low"], "high": accuracy["high"]}
        shown = headline_keys(scores["test"])
        summary[name] |= {key: scores["test"][key]["value"] for key in ("f1", "micro_f1") if key in shown}
        summary[name]["validation"] = scores["validation"][shown[0]]["value"]
        if "test_segments" in scores:
            summary[name]["segments"] = scores["test_segments"]["accuracy"]["value"]
    return summary


def _plotted(each):
    """The tables that `dvc plots` draws, of all classifiers in one each."""
    losses = {name: scores["history"]["validation_loss"] for name, scores in each.items() if "history" in scores}
    # of 50 classes 2,500 cells are more than there are clips
    seen = {name: [row for row in scores["confusion"] if row[2]] for name, scores in each.items()}
    rows = {
        "confusion": (["actual", "predicted", "clips"], seen),
        "learning": (["epoch", "validation_loss"], {name: list(enumerate(found)) for name, found in losses.items()}),
        "roc": (["false_positive_rate", "true_positive_rate"], {name: scores["roc"] for name, scores in each.items()}),
        "calibration": (
            ["answers", "confidence", "right"],
            {name: scores["probabilities"]["calibration"]["bins"] for name, scores in each.items()},
        ),
    }
    return {
        what: pd.DataFrame([(name, *row) for name in found for row in found[name]], columns=["model", *columns])
        for what, (columns, found) in rows.items()
    }


def _denoisers(names):
    """The denoisers' table."""
    found = {name: read_json(EACH / "denoisers" / f"{name}.json") for name in names}
    not_run = [(name, scores["not_run"]) for name, scores in found.items() if "not_run" in scores]
    lines = denoising.lines({name: scores for name, scores in found.items() if "not_run" not in scores})
    lines += [markdown(["denoiser", "not run, because"], not_run, left=2), "", ""] if not_run else []
    return "\n".join(["", *lines])


def _commonest_class():
    """The accuracy on the recordings of test of always answering what is commonest in those of train."""
    split, task = manifest.read(SPLIT), Task.read()
    targets = task.targets(split["labels"])
    parts, targets, _ = by_recording(split["parent"], split["split"], targets, targets)
    answer = task.decide(targets[parts == "train"].mean(axis=0, keepdims=True))
    return float((targets[parts == "test"] == answer).all(axis=1).mean())


def _text(title, entries, each, not_run, audit, commonest, differences):
    left_out = [markdown(["classifier", "not run, because"], sorted(not_run.items()), left=2), ""] if not_run else []
    opening = [f"# {title}", "", *_findings(audit["findings"]), *_gaps(audit)]
    if not each:
        return "\n".join([*opening, "No classifier ran.", "", *left_out])
    scores = next(iter(each.values()))  # all are of the same clips
    keys = headline_keys(scores["test"])
    best_first = sorted(each.items(), key=lambda item: (-item[1]["validation"][keys[0]]["value"], item[0]))
    rows = [(name, number(scores["validation"][keys[0]]), *_cells(scores, keys)) for name, scores in best_first]
    header = ["classifier", "validation", *(column for key in keys for column in (HEADLINE[key], "95 %")), "by segment"]
    n_sources = scores["test"]["sources"]
    return "\n".join(
        [
            *opening,
            f"The comparison: {_counts(scores)} that no classifier has heard. "
            f"Always answering the commonest class gives an accuracy of {commonest:.3f}. "
            "Choose by the first column, of the validation sources; the others, of the test sources, say what you get.",
            *(["", _of_several_labels()] if "micro_f1" in keys else []),
            "",
            markdown(header[: len(rows[0])], rows),
            "",
            *left_out,
            *_caution(n_sources),
            *(f"{sentence}\n" for sentence in sentences(differences, best_first[0][0], n_sources)),
            *_worth_of_generated_clips(differences, entries),
        ]
    )


def _worth_of_generated_clips(differences, entries):
    """A sentence for each classifier that others are, but for generated clips in their train: what it gains by them.

    entries: of classifiers, by name. differences: by `significance.pairs`, of which each pair stands there once.
    """
    sentences = []
    for name, entry in entries.items():
        twins = [other for other, content in entries.items() if _is_with_generated_clips(content, entry)]
        gains = [gain for other in twins for gain in _gain(differences, name, other)]
        if gains:
            sentences.append(
                f"Accuracy that {name} gains by generated clips in train, and its interval: {', '.join(gains)}.\n"
            )
    return sentences


def _is_with_generated_clips(entry, without):
    prefix = f"{without['features']}_"
    return entry["features"].startswith(prefix) and entry | {"features": without["features"]} == without


def _gain(differences, name, other):
    """What `other` has more than `name`, as text; nothing where one of them did not run."""
    for pair in differences.itertuples():
        if {pair.classifier, pair.other} == {name, other}:
            sign = -1 if pair.classifier == name else 1
            low, high = sorted((sign * pair.low, sign * pair.high))
            ends = f" ({low:+.3f} to {high:+.3f})" if pd.notna(pair.low) else ""
            yield f"{other} {0 + sign * pair.difference:+.3f}{ends}"


def _generators(found):
    """How good generated clips are, beside held-out clips and noise, as of sourcewise/evaluation/generation.py."""
    rows = [_of_generator(name, scores) for name, scores in found.items() if "not_run" not in scores]
    not_run = [(name, scores["not_run"]) for name, scores in found.items() if "not_run" in scores]
    header = ["generator", "held-out", "generated", "shaped noise", "noise", "precision", "recall", "diversity"]
    header += ["nearest", "recognised", "chance", "called"]
    said = (
        "The generators: Fréchet distance to the train clips, of clips of other sources, of generated ones, of noise "
        "that has each value's mean and deviation, and of white noise; the share of samples that real clips surround, "
        "and of real ones that samples do; how far samples lie from one another and from the nearest train clip, where "
        "clips of other sources have 1; and how often a classifier of real clips hears the intended labels."
    )
    lines = [said, "", markdown(header, rows), ""] if rows else []
    return "\n".join(lines + ([markdown(["generator", "not run, because"], not_run, left=2), ""] if not_run else []))


def _of_generator(name, scores):
    frechet = [f"{scores['frechet'][part]:.1f}" for part in ("held_out", "generated", "shaped_noise", "noise")]
    near = [f"{scores[what]['generated']:.3f}" for what in ("precision", "recall")]
    shares = [_share(scores[what]) for what in ("diversity", "nearest")]
    heard = scores.get("recognised")
    heard = [f"{heard['generated']:.3f}", f"{heard['chance']:.3f}"] if heard else ["-", "-"]
    return name, *frechet, *near, *shares, *heard, ", ".join(scores["called"]) or "-"


def _share(of):
    return f"{of['generated'] / of['held_out']:.2f}" if of["generated"] is not None and of["held_out"] else "-"


def _findings(found):
    """What the audit found, above all numbers."""
    if not found:
        return []
    lines = [f"- {finding['category']}: {finding['text']}" for finding in found]
    return ["What the audit found; metrics/audit.json and metrics/audit/ hold the rest:", "", *lines, ""]


def _gaps(audit):
    """Nothing where a class has a single source."""
    gaps = [
        (
            name,
            number(f["random_split"]),
            number(f["grouped_split"]),
            f"{f['gap']['value']:+.3f}",
            between(f["gap"], "+"),
        )
        for name, f in audit["leakage"].items()
    ]
    said = (
        f"The leakage gap: accuracy over {audit['folds']} folds of all clips, had the clips of one source been "
        "dealt to several folds (by clip), and with every source in one fold (by source). Believe the second."
    )
    header = ["reference", "by clip", "by source", "gap", "95 % over sources"]
    return [said, "", markdown(header, gaps), ""] if gaps else []


def _counts(scores):
    """How many are scored: clips that are whole recordings, or recordings and the segments that they were cut into."""
    n, sources = scores["test"]["clips"], scores["test"]["sources"]
    if "test_segments" in scores:
        what = f"{n} test recordings, cut into {scores['test_segments']['clips']} segments,"
    else:
        what = f"{n} test clips"
    return f"{what} of {sources} source{'s' * (sources > 1)}"


def _of_several_labels():
    """What the columns mean, and what is had for nothing, where clips carry several labels."""
    split, task = manifest.read(SPLIT), Task.read()
    targets = task.targets(split["labels"])
    parts, targets, _ = by_recording(split["parent"], split["split"], targets, targets)
    share = targets[parts == "test"].mean()
    return (
        "Clips carry several labels: micro F1, the first column too, is that of all decisions at once, accuracy the "
        "share of clips of which every label is right. Thresholds were chosen on validation too, so that its column is "
        "too good, for all alike, unless train.threshold sets them. "
        f"Always answering all {len(task.classes)} classes gives a micro F1 of {2 * share / (1 + share):.3f}."
    )


def _cells(scores, keys):
    cells = [cell(scores["test"][key]) for key in keys for cell in (number, between)]
    if "test_segments" in scores:
        cells.append(number(scores["test_segments"]["accuracy"]))
    return cells


def _caution(n_sources):
    if n_sources < 2:
        return ["One test source: no interval can be given, and the next source may score very differently.", ""]
    if n_sources < 10:
        return [f"{n_sources} test sources are few: the intervals are as wide as so few leave them.", ""]
    return []
