"""The verdict in five to nine sentences, each number of which stands in metrics/verdict.json."""

from sourcewise.core.errors import count
from sourcewise.core.markdown import between, short
from sourcewise.evaluation.choice import ENSEMBLE, MAJORITY
from sourcewise.evaluation.metrics import HEADLINE
from sourcewise.evaluation.significance import LEVEL
from sourcewise.report.external import score_text
from sourcewise.report.external import sentences as external_sentences

NAMED = 6  # classifiers, before "and n others"


def sentences(of):
    """The sentences, of numbers as `evaluation.verdict.numbers` gives them."""
    return [
        _whether_at_all(of),
        _score(of),
        *_chosen(of),
        *_as_good(of),
        *_next_separated(of),
        _random_split(of),
        *external_sentences(of["external"], of["metric"]),
        _worst_sources(of),
        _what_next(of),
    ]


def _whether_at_all(of):
    base, n = of["baseline"], count(of["sources"], "test source")
    scored = (
        f"balanced accuracy {score_text(base['procedure'])} against {base['majority']:.3f} of the majority-class "
        "baseline"
    )
    if base["better"]:
        return (
            "Yes, the classes can be predicted on sources unseen in training, by classifiers chosen on validation: "
            f"{scored} ({_p(base['p'])} by its interval, over {n})."
        )
    if _too_few(of):
        return (
            f"Too few sources are tested to say whether the classes can be predicted on unseen ones: {scored}; with "
            f"{n} not even a perfect score would show it, {base['fewest_sources']} is the least."
        )
    return (
        "No, this run does not show that the classes can be predicted on sources unseen in training: "
        f"{scored} ({_p(base['p'])} by its interval, over {n})."
    )


def _too_few(of):
    fewest = of["baseline"]["fewest_sources"]
    return fewest is not None and of["sources"] < fewest


def _score(of):
    key = of["metric"]
    scored = f"{HEADLINE[key]} {score_text(of['procedure'][key])} on {count(of['recordings'], 'recording')}"
    if of["folds"] == 1:
        chosen, use = of["chosen"], " and is the one to use for new recordings" * of["baseline"]["better"]
        return (
            f"The score to report is {scored} of {count(of['sources'], 'test source')}, by {chosen['name']}, which has "
            f"the lowest validation log loss of {count(chosen['among'], 'classifier')}{use}{_single(chosen)}."
        )
    choices = ", ".join(f"{name} in {n}" for name, n in of["procedure"]["choices"].items())
    return (
        f"The score to report is {scored} of {count(of['sources'], 'source')}, each tested in one of {of['folds']} "
        f"folds by the classifier with the lowest validation log loss there: {choices}."
    )


def _chosen(of):
    if of["folds"] == 1:
        return []
    chosen, key = of["chosen"], of["metric"]
    better = of["baseline"]["better"]
    use = "For new recordings use" if better else "No classifier can be recommended; the best on validation is"
    first = (
        f"{use} {chosen['name']}, which has the lowest validation log loss of {count(chosen['among'], 'classifier')} "
        f"over all folds{_single(chosen)}; "
    )
    if list(of["procedure"]["choices"]) == [chosen["name"]]:
        return [f"{first}every fold chose it, so that the score above is its own."]
    own = f"its own {HEADLINE[key]} here, {score_text(chosen[key])}"
    return [f"{first}{own}, is optimistic, as it was chosen on these sources."]


def _single(chosen):
    """Which classifier comes first where the chosen one is the mean of several."""
    return f" (of single classifiers it is {chosen['best_single']})" if chosen["name"] == ENSEMBLE else ""


def _as_good(of):
    chosen, rows = of["chosen"]["name"], of["compared"]
    if of["chosen"]["among"] == 1:
        return []
    groups = {
        relation: [name for name, row in rows.items() if row["relation"] == relation and name != MAJORITY]
        for relation in ("equal", "better", "worse")
    }
    said = {
        "equal": "no significant difference from {}",
        "better": "significantly better: {}",
        "worse": "significantly worse: {}",
    }
    parts = [said[relation].format(_names(names)) for relation, names in groups.items() if names]
    if of["smallest_p"] > LEVEL:
        parts.append(f"with {count(of['sources'], 'test source')} no difference between classifiers can be significant")
    tests = "sign-flip tests of balanced accuracy, corrected for the number of comparisons"
    return [f"Compared with {chosen} ({tests}): {'; '.join(parts)}."]


def _next_separated(of):
    found = of["next_separated"]
    if found is None or not of["baseline"]["better"]:
        return []
    if found["far"]:
        return [
            f"It would take {count(found['more'], 'more test source')} to show {found['name']}, the nearest of them, "
            "to be worse: on sounds like these it is practically as good."
        ]
    return [
        f"About {count(found['more'], 'more test source')} would show {found['name']}, the nearest of them, to be "
        f"worse (its balanced accuracy is {-found['difference']:.3f} lower), with a power of {found['power']}."
    ]


def _random_split(of):
    gap = of["random_split"]
    if gap is None:
        return "What a random split would have claimed was not measured."
    claimed = (
        f"A random split would have claimed an accuracy of {gap['random_split']['value']:.3f} for {gap['reference']} "
        f"instead of {gap['grouped_split']['value']:.3f} (leakage gap {gap['gap']['value']:+.3f}, 95 % CI "
        f"{between(gap['gap'], '+')})"
    )
    low, high = gap["gap"]["low"], gap["gap"]["high"]
    if low is None or low <= 0 <= high:
        return f"{claimed}; that difference is not significant."
    return f"{claimed}."


def _worst_sources(of):
    rows, one_label = of["worst_sources"], of["metric"] == "accuracy"
    if not rows:
        return "No source is worse than others: every recording is classified correctly."
    each = [
        f"{short(row['source'])} ({row['right']} of {row['recordings']} right)"
        if one_label
        else f"{short(row['source'])} (micro F1 {row['value']:.3f} on {count(row['recordings'], 'recording')})"
        for row in rows
    ]
    return f"The worst {'sources are' if len(rows) > 1 else 'source is'} {', '.join(each)}."


def _what_next(of):
    """At most four things to do, the most useful first."""
    steps = [*_of_audit(of), *_of_others(of), *_more_sources(of), *_to_hear(of)]
    return f"Next: {'; '.join(steps[:4])}."


def _of_others(of):
    """What to do where the score drops significantly on another dataset."""
    dropped = [row["dataset"] for row in of["external"] if (row["drop"]["low"] or 0) > 0]
    return [f"train on sources recorded as those of {short(dropped[0])}, too"] if dropped else []


def _of_audit(of):
    found = [name for name in of["findings"] if name != "gap"]
    steps = []
    if "shortcut" in found:
        steps.append("remove the shortcut that the audit names, or record without it")
    others = [name for name in found if name != "shortcut"]
    if others:
        steps.append(f"check what the audit found ({', '.join(others)})")
    return steps


def _more_sources(of):
    steps, base, found = [], of["baseline"], of["next_separated"]
    if of["folds"] == 1:
        steps.append(
            f"set split.folds in params.yaml, to 5 for example, so that all {of['sources_in_all']} sources are "
            f"tested instead of {of['sources']}"
        )
    for name, n in list(of["rare_classes"].items())[:1]:
        carry = f"{count(n, 'test source')} {'carries' if n == 1 else 'carry'}"
        steps.append(f"record more sources of class {short(name)}, which {carry}")
    if _too_few(of) and not base["better"]:
        steps.append(f"record sources until at least {base['fewest_sources']} are tested")
    elif not base["better"] and base["more"]:
        steps.append(f"record about {count(base['more'], 'more test source')}, to see whether it is above chance")
    elif base["better"] and found and found["more"] <= of["sources"]:
        steps.append(
            f"record about {count(found['more'], 'more source')} that are tested, for a narrower interval and to "
            f"separate {found['name']}"
        )
    return steps


def _to_hear(of):
    if not of["baseline"]["better"]:
        return [
            "listen to some recordings of each class: if people cannot separate the classes, a classifier may not "
            "either"
        ]
    if of["worst_sources"]:
        return ["listen to the mistakes in the worst sources, in the report"]
    return ["test it on recordings from another place or device, as it makes no mistake on these"]


def _p(p):
    return f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"


def _names(names):
    if len(names) <= NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} others"
