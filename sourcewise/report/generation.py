"""Generators in the comparison: their table, and what their clips are worth to a classifier."""

import pandas as pd

from sourcewise.core.markdown import markdown


def table(each):
    """The generators' table, beside held-out clips and noise (sourcewise/evaluation/generation.py), as paragraphs."""
    rows = [_of_generator(name, scores) for name, scores in each.items() if "not_run" not in scores]
    header = ["generator", "held-out", "generated", "shaped noise", "noise", "precision", "recall", "diversity"]
    header += ["nearest", "recognised", "chance", "diagnosis"]
    caption = (
        "Generators: Fréchet distance to the train clips of held-out clips of other sources, of generated clips, of "
        "noise with the mean and standard deviation of each value, and of white noise; precision, the share of "
        "generated clips within the manifold of real ones, and recall, the reverse; diversity and distance to the "
        "nearest train clip, relative to held-out clips; the accuracy of a classifier of real clips on generated ones, "
        "and chance. Held-out clips are those of test sources; ± is the half width of a 95 % CI over generated clips."
    )
    return [caption, markdown(header, rows)] if rows else []


def _of_generator(name, scores):
    margin, recognised = scores["margin"], scores.get("recognised")
    frechet = [f"{scores['frechet'][part]:.1f}" for part in ("held_out", "generated", "shaped_noise", "noise")]
    frechet[1] += f" ± {margin['frechet']:.1f}"
    manifold = [f"{scores[measure]['generated']:.3f} ± {margin[measure]:.3f}" for measure in ("precision", "recall")]
    relative = [_relative(scores[measure], margin[measure]) for measure in ("diversity", "nearest")]
    recognised = (
        [f"{recognised['generated']:.3f} ± {recognised['margin']:.3f}", f"{recognised['chance']:.3f}"]
        if recognised
        else ["-", "-"]
    )
    return name, *frechet, *manifold, *relative, *recognised, ", ".join(scores["diagnosis"]) or "-"


def _relative(of, margin):
    if of["generated"] is None or not of["held_out"]:
        return "-"
    return f"{of['generated'] / of['held_out']:.2f} ± {margin / of['held_out']:.2f}"


def gains(differences, entries, generators):
    """A sentence for each classifier with entries that differ only in adding generated clips to train: its gain.

    entries: of classifiers, by name; generators: names. differences: the table of `significance.pairs`.
    """
    sentences = []
    for name, entry in entries.items():
        with_clips = [entry | {"features": f"{entry['features']}_{generator}"} for generator in generators]
        twins = [other for other, content in entries.items() if content in with_clips]
        each = [gain for other in twins for gain in _gain(differences, name, other)]
        if each:
            sentences.append(
                f"Accuracy gain of {name} from generated training clips, with its 95 % CI: {', '.join(each)}."
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
