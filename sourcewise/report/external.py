"""External datasets in the comparison and in the report."""

from sourcewise.audits.shift import FAR, phrase, title
from sourcewise.core.errors import count, named
from sourcewise.core.markdown import between, markdown, number, short
from sourcewise.datasets.external import EXTERNAL, SAME
from sourcewise.evaluation.metrics import HEADLINE, headline_keys

LISTED = 5  # labels in a sentence
OTHERS = 3  # datasets in the verdict


def paragraphs(others, order):
    """Of each external dataset what it is, and a table of all classifiers. others: `evaluation.external.evaluate`;
    order: the names of the classifiers."""
    return [text for name, of in others.items() for text in (" ".join(described(name, of)), _table(of, order))]


def described(name, of):
    """What an external dataset is, what was left out of it, and how it differs, as sentences."""
    n = f"{count(of['scored'], 'recording')} of {count(of['sources'], 'source')}"
    first = (
        f"The external dataset {name}: {n}, predicted by all classifiers; nothing is fitted or chosen on it. The drop "
        "is how much lower the score is than on the test sources here."
    )
    return [first, *left_out(of), _shift(of["shift"])]


def sentences(rows, metric):
    """What the chosen classifier is worth on external datasets, of those with the largest drops: one text for the
    verdict, or none. rows: `evaluation.external.of_verdict`; metric: a key of HEADLINE."""
    rows = sorted(rows, key=lambda row: -(row["drop"]["value"] or 0))[:OTHERS]
    return [" ".join(_on_other(row, HEADLINE[metric]) for row in rows)] if rows else []


def _on_other(row, metric):
    """Of one dataset."""
    n = f"{count(row['scored'], 'recording')} of {count(row['sources'], 'source')}"
    where = f"On recordings of another dataset, {short(row['dataset'])} ({n}),"
    scored = f"{where} {row['classifier']} has {metric} {score_text(row['score'])}"
    drop = row["drop"]
    if drop["value"] is None:
        return f"{scored}."
    ends = f" (95 % CI {between(drop, '+')})" if drop["low"] is not None else ""
    own, area = row["own_roc_auc"], row["roc_auc"]
    width = f", 95 % CI {between(area)}," if area["low"] is not None else ""
    undefined = None in (own["value"], area["value"])
    areas = "" if undefined else f" (ROC AUC {area['value']:.3f}{width} instead of {own['value']:.3f})"
    shifted = f"; they differ most in {phrase(row['shift'])}" if row["shift"]["distance"] >= FAR else ""
    return f"{scored}, a drop of {drop['value']:+.3f}{ends} from the test sources here{areas}{shifted}."


def score_text(score):
    """A score {value, low, high} with its interval, or why it has none."""
    if score["value"] is None:
        return f"undefined ({score['why']})"
    ends = f"95 % CI {between(score)}" if score["low"] is not None else f"no CI: {score['why']}"
    return f"{score['value']:.3f} ({ends})"


def short_scores(others, name):
    """{dataset: {metric, drop}} of the first headline metric of one classifier, for metrics/scores.json."""
    each = {dataset: of["scores"].get(name, {}) for dataset, of in others.items()}
    return {
        dataset: {key: of["test"][key]["value"], "drop": of["drop"][key]["value"]}
        for dataset, of in each.items()
        if "test" in of
        for key in headline_keys(of["test"])[:1]
    }


def left_out(of):
    """What was left out of an external dataset, and its labels that are no class here, as sentences."""
    parts = []
    if of.get("rejected"):
        parts.append(f"{count(of['rejected'], 'file')} that cannot be used")
    if of.get("copies"):
        parts.append(
            f"{count(of['copies'], 'copy', 'copies')} of recordings of this dataset ({EXTERNAL}/<name>/{SAME})"
        )
    if of["left_out"]:
        share = of["left_out"] / of["recordings"]
        parts.append(
            f"{count(of['left_out'], 'recording')} ({share:.1%}) whose label is no class here, or that have several"
        )
    sentences = [f"Left out: {'; '.join(parts)}."] if parts else []
    if of["absent"]:
        sentences.append(f"It lacks {count(len(of['absent']), 'class', 'classes')}: {_named(of['absent'])}.")
    if of["unknown"]:
        share = of["labels_left_out"] / of["labels"]
        sentences.append(f"Its labels {_named(of['unknown'])} are no classes here; they are {share:.1%} of its labels.")
    return sentences


def _named(names):
    return named([*names][:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")


def _shift(rows):
    far = [phrase(row) for row in rows if row["distance"] >= FAR]
    if not far:
        return f"Its recordings hardly differ from those here in {', '.join(title(row['measure']) for row in rows)}."
    return f"Its recordings differ from those here in {'; '.join(far)}."


def _table(of, order):
    ran = [row["test"] for row in of["scores"].values() if "test" in row]
    if not ran:
        return f"No classifier ran on it: {next(iter(of['scores'].values()))['not_run']}."
    keys = headline_keys(ran[0])
    first = HEADLINE[keys[0]]
    of_first = [f"{first} here", first, "95 % CI", "drop", "95 % CI"]
    header = ["classifier", *of_first, "balanced accuracy", "ROC AUC", "95 % CI", "ECE"]
    rows = [[name, *_cells(of["scores"][name], keys[0])] for name in order if "test" in of["scores"].get(name, {})]
    return markdown(header, rows)


def _cells(scores, key):
    there, drop, probabilities = scores["test"], scores["drop"][key], scores["probabilities"]
    return [
        number(scores["own_test"][key]),
        number(there[key]),
        between(there[key]),
        "-" if drop["value"] is None else f"{drop['value']:+.3f}",
        between(drop, "+"),
        number(there["balanced_accuracy"]),
        number(probabilities["roc_auc"]),
        between(probabilities["roc_auc"]),
        f"{probabilities['calibration']['error']:.3f}",
    ]
