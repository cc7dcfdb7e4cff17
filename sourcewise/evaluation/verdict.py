"""The verdict: the few numbers that answer which classifier works on these sounds, and how well."""

import numpy as np

from sourcewise.evaluation.choice import ENSEMBLE, MAJORITY
from sourcewise.evaluation.intervals import ENDS
from sourcewise.evaluation.metrics import balanced_parts, chance, headline, headline_keys, p_of_chance
from sourcewise.evaluation.significance import LEVEL, POWER, against, parts_of_difference, shown, sources_needed

#: The row of the procedure in tables.
PROCEDURE = "procedure"
WORST = 3  # sources that are named
RARE = 5  # test sources that carry a class; with fewer it is named
FAR = 3  # times as many sources as now are out of reach


def numbers(candidates, choice, baseline, task, split, audit):
    """The verdict's numbers, for JSON; `report.verdict.sentences` says them.

    candidates: {name: Candidate} of all that ran, baseline: that of the majority class; choice: the Choice among them;
    audit: metrics/audit.json.
    """
    scores = headline(*choice.test[:2], choice.test.sources, task)
    key = headline_keys(scores)[0]
    n_sources = int(scores["sources"])
    compared = _compared(candidates, choice.name, baseline, task)
    sources = by_source(choice.test, task)
    return {
        "metric": key,
        "sources": n_sources,
        "sources_in_all": int(split.clips["source"].nunique()),
        "recordings": int(scores["clips"]),
        "folds": len(split.folds),
        "validation_sources": int(np.unique(candidates[choice.name].validation.sources).size),
        "baseline": _beside_baseline(choice.test, scores, task),
        "procedure": _headline(scores) | {"choices": _counted(choice.of_folds)},
        "chosen": _chosen(candidates, choice, task),
        "compared": compared,
        "smallest_p": shown(2.0 ** (1 - n_sources)),  # of the sign-flip test
        "next_separated": _next_separated(candidates, choice.name, compared, task),
        "random_split": _random_split(audit),
        "worst_sources": [_with_interval(row, choice.test, task, key) for row in sources[:WORST] if row["value"] < 1],
        "rare_classes": _rare_classes(choice.test, task),
        "findings": _counted(finding["category"] for finding in audit["findings"]),
        "external": [],  # of `evaluation.external`, which knows other datasets
    }


def by_source(of, task):
    """[{source, clips, value, right}], the worst first: accuracy, or with several labels micro F1, of each source; 1
    where there is no label to find and none is predicted. of: Predictions."""
    rows = []
    for source in np.unique(of.sources):
        y_true, y_pred = (values[of.sources == source] for values in (of.y_true, of.y_pred))
        right, n = int((y_true == y_pred).all(axis=1).sum()), len(y_true)
        hits, named = (y_true & y_pred).sum(), y_true.sum() + y_pred.sum()
        value = right / n if task.one_label else 2 * hits / named if named else 1
        rows.append({"source": str(source), "recordings": n, "right": right, "value": round(float(value), 4)})
    return sorted(rows, key=lambda row: (row["value"], -row["recordings"], row["source"]))


def _with_interval(row, of, task, key):
    """The row of one source with the 95 % CI of its score, over its recordings."""
    rows = of.sources == row["source"]
    score = headline(of.y_true[rows], of.y_pred[rows], np.arange(rows.sum()), task)[key]
    return row | {"low": score["low"], "high": score["high"]}


def _headline(scores):
    return {key: scores[key] for key in headline_keys(scores)}


def _counted(names):
    """{name: how often}, the most frequent first."""
    names = list(names)
    return {name: names.count(name) for name in sorted(dict.fromkeys(names), key=lambda name: -names.count(name))}


def _beside_baseline(test, scores, task):
    """The balanced accuracies of the procedure and of the majority class; p of their difference, a single test; the
    fewest sources with which a perfect score would differ; how many more would show that this one does, if it does."""
    y_true, sources = test.y_true, test.sources
    constant = chance(y_true, task.one_label)
    p, of = p_of_chance(y_true, test.y_pred, sources, task.one_label), scores["balanced_accuracy"]
    best, own = (balanced_parts(y_true, y_pred, sources, task.one_label) for y_pred in (y_true, test.y_pred))
    needed = sources_needed(own - constant * best, LEVEL) if own.sum() > constant else None
    return {
        "procedure": of,
        "majority": round(constant, 4),
        "p": shown(p),
        "better": bool(p <= LEVEL and own.sum() > constant),
        "fewest_sources": int(np.ceil(np.log(ENDS[0]) / np.log(constant))) if constant < 1 else None,
        "more": needed and max(needed - len(own), 1),
        "power": POWER,
    }


def _chosen(candidates, choice, task):
    of = candidates[choice.name]
    scores = headline(of.test.y_true, of.test.y_pred, of.test.sources, task)
    single = min(set(candidates) - {ENSEMBLE}, key=lambda name: (candidates[name].loss, name))
    chosen = {"name": choice.name, "log_loss": round(of.loss, 4), "among": len(candidates), "best_single": single}
    return chosen | _headline(scores)


def _compared(candidates, chosen, baseline, task):
    best_first = sorted(set(candidates) - {chosen}, key=lambda name: (candidates[name].loss, name))
    others = {name: candidates[name].test for name in best_first} | {MAJORITY: baseline.test}
    return against(candidates[chosen].test, others, MAJORITY, task.one_label)


def _next_separated(candidates, chosen, compared, task):
    """The classifier that the fewest more sources would separate from the chosen one, of those that are behind it and
    not significantly different; None where there is none. {name, difference, needed, more, power, far}: numbers of test
    sources."""
    n = len(np.unique(candidates[chosen].test.sources))
    n_equal = sum(row["relation"] == "equal" for row in compared.values())
    found = []
    for name, row in compared.items():
        if row["relation"] == "equal" and name != MAJORITY and (row["difference"]["value"] or 0) < 0:
            differences = parts_of_difference(candidates[chosen].test, candidates[name].test, task.one_label)
            needed = sources_needed(differences, LEVEL / n_equal)
            found += [(needed, name, row["difference"]["value"])] if needed else []
    if not found:
        return None
    needed, name, difference = min(found)
    more = max(needed - n, 1)
    return {
        "name": name,
        "difference": difference,
        "needed": n + more,
        "more": more,
        "power": POWER,
        "far": more > FAR * n,
    }


def _random_split(audit):
    """What a random split would have claimed: the highest score of a reference, the widest gap of equal ones; None
    where it was not measured."""
    if not audit["leakage"]:
        return None
    name, of = max(
        audit["leakage"].items(), key=lambda item: (item[1]["random_split"]["value"], item[1]["gap"]["value"])
    )
    return {"reference": name} | {key: of[key] for key in ("random_split", "grouped_split", "gap")}


def _rare_classes(test, task):
    """{class: the number of test sources that carry it} of those below RARE."""
    carried = {name: len(set(test.sources[test.y_true[:, k]])) for k, name in enumerate(task.classes)}
    return {name: n for name, n in carried.items() if n < min(RARE, len(set(test.sources)))}
