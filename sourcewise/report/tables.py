"""What the stage `evaluate` writes for programs: the few numbers of `dvc metrics diff`, and tables for `dvc plots`."""

import pandas as pd

from sourcewise.evaluation.metrics import headline_keys
from sourcewise.evaluation.verdict import PROCEDURE
from sourcewise.report import external


def by_source_table(by_source):
    """A table of the score of each row on each source, that of the procedure's worst first: columns source, recordings,
    `procedure`, and the classifiers. by_source: as `evaluate.evaluate` gives it."""
    if not by_source:
        return pd.DataFrame(columns=["source", "recordings", PROCEDURE])
    first = by_source[PROCEDURE]
    table = pd.DataFrame({key: [row[key] for row in first] for key in ("source", "recordings")})
    for name, rows in by_source.items():
        of = {row["source"]: row["value"] for row in rows}
        table[name] = [of[source] for source in table["source"]]
    return table


def summary(verdict, audit):
    """Few numbers, so that a review reads them, each with its interval: the score of the procedure and of the chosen
    classifier, the latter's on external datasets, the leakage gaps, the worst source."""
    result = {"gap": {name: _ends(scores["gap"]) for name, scores in audit["leakage"].items()}}
    if not verdict:
        return result
    key, chosen = verdict["metric"], verdict["chosen"]
    others = {
        row["dataset"]: {key: _ends(row["score"]), "drop": _ends(row["drop"])} for row in verdict.get("external", [])
    }
    worst = [{"source": row["source"], key: _ends(row)} for row in verdict["worst_sources"][:1]]
    return {
        "procedure": {key: _ends(verdict["procedure"][key])},
        "chosen": {"classifier": chosen["name"], key: _ends(chosen[key])},
        **result,
        **({"worst_source": worst[0]} if worst else {}),
        **({"external": others} if others else {}),
    }


def _ends(score):
    return {end: score[end] for end in ("value", "low", "high")}


def short_scores(each, others):
    """The headline scores of each classifier, with the interval of the first; its validation log loss; `segments` is
    the accuracy by segment, where recordings were cut; `external` the score on other datasets and its drop."""
    table = {}
    for name, scores in each.items():
        keys = headline_keys(scores["test"])
        table[name] = {key: scores["test"][key]["value"] for key in keys}
        table[name] |= {end: scores["test"][keys[0]][end] for end in ("low", "high")}
        table[name]["log_loss"] = scores["selection"]["log_loss"]
        if "test_segments" in scores:
            table[name]["segments"] = scores["test_segments"]["accuracy"]["value"]
        table[name] |= {"external": of} if (of := external.short_scores(others, name)) else {}
    return table


def plotted(each):
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
