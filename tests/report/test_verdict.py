"""The verdict on corpora of every kind: what it says is so, and each number that it says stands in its JSON."""

import json
import re

import numpy as np
import pytest

from sourcewise.evaluation import choice, verdict
from sourcewise.report.verdict import sentences
from tests.evaluation.predicted import Corpus, task_of

NO_GAP = {"random_split": 0.86, "grouped_split": 0.84, "gap": (0.02, -0.01, 0.05)}
GAP = {"random_split": 0.99, "grouped_split": 0.8, "gap": (0.19, 0.1, 0.28)}


def _audit(gap, *findings):
    value, low, high = gap["gap"]
    of = {
        key: {"value": gap[key], "low": gap[key] - 0.1, "high": gap[key]} for key in ("random_split", "grouped_split")
    }
    reference = of | {"gap": {"value": value, "low": low, "high": high}}
    return {"leakage": {"svm": reference}, "findings": [{"category": name, "text": "."} for name in findings]}


def _verdict(corpus, audit, **skills):
    """(numbers, sentences) of classifiers of these skills; the numbers as they are read from JSON."""
    candidates = corpus.candidates(**skills)
    chosen = choice.choose_among(candidates)
    baseline = choice.majority(next(iter(candidates.values())), corpus.split, corpus.task)
    numbers = verdict.numbers(candidates, chosen, baseline, corpus.task, corpus.split, audit)
    numbers = json.loads(json.dumps(numbers))
    text = sentences(numbers)
    assert 5 <= len(text) <= 8
    _check_numbers(text, numbers)
    return numbers, text


def _leaves(content):
    if isinstance(content, dict):
        content = [*content, *content.values()]
    if isinstance(content, list):
        for item in content:
            yield from _leaves(item)
    else:
        yield content


def _check_numbers(text, numbers):
    """Each number of the sentences is one of the JSON's, as it is written in text, or counts classifiers there."""
    leaves = [*_leaves(numbers)]
    known = {f"{x:{form}}" for x in leaves if isinstance(x, (int, float)) for form in (".3f", "+.3f", ".2g", ",")}
    known |= {f"{-x:.3f}" for x in leaves if isinstance(x, (int, float))}  # "0.100 lower"
    known |= {str(n) for n in (len(numbers["compared"]), *(len(numbers["compared"]) - k for k in range(3, 12)))}
    names = {f"{numbers['chosen']['name']}", *numbers["compared"], *(row["source"] for row in numbers["worst_sources"])}
    for sentence in text:
        for constant in ("95 % CI", "to 5 for", "p < 0.0001", *sorted(names, key=len, reverse=True)):
            sentence = sentence.replace(constant, "")
        for number in re.findall(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", sentence):
            assert number.rstrip(",") in known, f"{number} in {sentence!r} is not in the JSON"


def test_clear_classes_with_folds():
    corpus = Corpus(task_of(4), 40, n_folds=5)
    numbers, text = _verdict(corpus, _audit(GAP, "gap"), good=0.9, fair=0.5, bad=0.2, worst=0.0)
    assert text[0].startswith("Yes, the classes can be predicted on sources unseen in training")
    assert numbers["baseline"]["majority"] == 0.25 and numbers["baseline"]["p"] < 1e-4
    assert text[0].endswith(
        " against 0.250 of the majority-class baseline (p < 0.0001 by its interval, over 40 test sources)."
    )
    score = numbers["procedure"]["accuracy"]
    assert f"accuracy {score['value']:.3f} (95 % CI {score['low']:.3f} to {score['high']:.3f})" in text[1]
    assert "240 recordings of 40 sources, each tested in one of 5 folds" in text[1] and "good in 5" in text[1]
    assert text[2].startswith("For new recordings use good, which has the lowest validation log loss of 4 classifiers")
    assert text[2].endswith("; every fold chose it, so that the score above is its own.")
    assert text[3].endswith("significantly worse: fair, bad, worst.")
    assert "claimed an accuracy of 0.990 for svm instead of 0.800 (leakage gap +0.190" in text[-3]
    assert "no significant difference" not in text[-3]
    assert text[-1].startswith("Next: ") and "split.folds" not in text[-1] and "listen to the mistakes" in text[-1]


def test_hopeless_classes():
    corpus = Corpus(task_of(2), 60)
    numbers, text = _verdict(corpus, _audit(NO_GAP, "shortcut", "mislabels"), one=0.02, two=0.0, three=0.0)
    assert text[0].startswith(
        "No, this run does not show that the classes can be predicted on sources unseen in training"
    )
    assert not numbers["baseline"]["better"] and numbers["baseline"]["p"] > 0.05
    assert "; that difference is not significant" in " ".join(text)
    assert text[-1].startswith("Next: remove the shortcut that the audit names, or record without it; check what the")
    assert (
        "set split.folds in params.yaml, to 5 for example, so that all 60 sources are tested instead of 24" in text[-1]
    )
    assert "Yes" not in " ".join(text) and "to use for new recordings" not in text[1]


def test_too_small_a_corpus():
    corpus = Corpus(task_of(2), 8)
    of_source = np.eye(2, dtype=bool)[np.arange(48) // 6 // 2 % 2]  # each source has one class
    corpus.y_true[:], corpus.clips["labels"] = of_source, np.array(["a", "b"])[of_source.argmax(axis=1)]
    numbers, text = _verdict(corpus, _audit(GAP), one=1, two=1, three=0.2)
    assert numbers["sources"] < numbers["baseline"]["fewest_sources"] == 6
    assert text[0].startswith("Too few sources are tested to say whether the classes can be predicted on unseen ones")
    assert "6 is the least" in text[0] and "record sources until at least 6 are tested" in text[-1]
    assert (
        "with 4 test sources no difference between classifiers can be significant" in text[2]
        and "significantly" not in text[2]
    )


def test_a_rare_class_is_not_hidden_by_the_accuracy_of_the_majority_class():
    corpus = Corpus(task_of(2), 60, n_folds=5, shares=[0.95, 0.05])
    numbers, text = _verdict(corpus, _audit(NO_GAP), good=0.95, none=0.0)
    baseline = numbers["baseline"]
    assert baseline["majority"] == 0.5 and baseline["better"] and text[0].startswith("Yes")
    assert numbers["procedure"]["accuracy"]["value"] > 0.95
    assert numbers["compared"]["majority"]["relation"] == "worse"


def test_a_class_of_two_test_sources_is_to_be_recorded():
    corpus = Corpus(task_of(3), 40, n_folds=4)
    rare = np.isin(corpus.sources, ["s01", "s02"])
    corpus.y_true[:] = np.eye(3, dtype=bool)[np.where(rare, 2, np.arange(240) % 2)]
    corpus.clips["labels"] = np.array(["a", "b", "c"])[corpus.y_true.argmax(axis=1)]
    numbers, text = _verdict(corpus, _audit(NO_GAP), one=0.9, two=0.8)
    assert numbers["rare_classes"] == {"c": 2}
    assert "record more sources of class c, which 2 test sources carry" in text[-1]


def test_several_labels():
    corpus = Corpus(task_of(4, several=True), 40, n_folds=5, shares=[0.4, 0.3, 0.2, 0.1])
    numbers, text = _verdict(corpus, _audit(NO_GAP), good=0.9, bad=0.0)
    assert numbers["metric"] == "micro_f1" and "micro F1" in text[1] and numbers["baseline"]["majority"] == 0.5
    assert text[0].startswith("Yes") and "significantly worse: bad" in text[3]
    assert re.search(r"The worst sources are s\d+ \(micro F1 0\.\d{3} on 6 recordings\)", text[-2])


def test_all_is_solved_and_nothing_is_left_to_mend():
    corpus = Corpus(task_of(3), 40, n_folds=5)
    candidates = {"one": corpus.candidate(np.where(corpus.y_true, 0.9, 0.05))}
    baseline = choice.majority(candidates["one"], corpus.split, corpus.task)
    chosen = choice.choose_among(candidates)
    numbers = verdict.numbers(candidates, chosen, baseline, corpus.task, corpus.split, _audit(NO_GAP))
    text = sentences(numbers)
    assert text[-2] == "No source is worse than others: every recording is classified correctly."
    assert text[-1] == "Next: test it on recordings from another place or device, as it makes no mistake on these."
    assert len(text) == 6 and not any(sentence.startswith("Compared with") for sentence in text)


def test_one_source():
    corpus = Corpus(task_of(2), 5)
    corpus.split.parts[:] = np.repeat([["train"], ["train"], ["train"], ["validation"], ["test"]], 6, axis=0)
    numbers, text = _verdict(corpus, {"leakage": {}, "findings": []}, one=0.9, two=0.3)
    assert numbers["procedure"]["accuracy"]["low"] is None and "no CI: 1 source" in text[1]
    assert "What a random split would have claimed was not measured." in text


@pytest.mark.parametrize(("n_sources", "skill"), [(40, 0.8), (10, 0.7)])
def test_the_sources_that_would_separate_the_next_one_are_more_than_there_are(n_sources, skill):
    corpus = Corpus(task_of(2), n_sources, n_folds=5)
    numbers, text = _verdict(corpus, _audit(NO_GAP), one=skill, two=skill - 0.05, three=skill - 0.05)
    found = numbers["next_separated"]
    assert found is None or found["needed"] == numbers["sources"] + found["more"] > numbers["sources"]
    if found and not found["far"]:
        assert any(s.startswith(f"About {found['more']} more test source") and "a power of 0.8" in s for s in text)


def test_a_classifier_that_not_every_fold_chose_has_an_optimistic_score_and_the_ensemble_a_single_one_beside():
    corpus = Corpus(task_of(2), 20, n_folds=5)
    numbers, text = _verdict(corpus, _audit(NO_GAP), one=0.7, two=0.7, ensemble=0.72)
    assert len(numbers["procedure"]["choices"]) > 1 and "optimistic, as it was chosen on these sources" in text[2]
    numbers["chosen"]["name"] = "ensemble"
    assert f"(of single classifiers it is {numbers['chosen']['best_single']})" in sentences(numbers)[2]


def test_names_of_sources_stay_on_one_line_and_are_cut():
    corpus = Corpus(task_of(2), 20, n_folds=5)
    corpus.sources[:] = np.where(corpus.sources == "s00", "x", corpus.sources)
    numbers, _ = _verdict(corpus, _audit(NO_GAP), one=0.7)
    numbers["worst_sources"][0]["source"] = "a\nb" + "c" * 100
    sentence = sentences(numbers)[-2]
    assert "\n" not in sentence and "a bccc" in sentence and "…" in sentence


def test_a_label_that_every_test_recording_carries():
    corpus = Corpus(task_of(2, several=True), 20)
    corpus.y_true[:] = [True, False]
    corpus.clips["labels"] = "a"
    numbers, text = _verdict(corpus, _audit(NO_GAP), one=0.9)
    assert numbers["baseline"]["procedure"]["value"] is None and "balanced accuracy undefined (no labels)" in text[0]
