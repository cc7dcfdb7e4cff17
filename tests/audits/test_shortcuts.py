import numpy as np
import pandas as pd
from scipy.signal import butter, sosfilt

from sourcewise.audits import cues
from sourcewise.audits.shortcuts import examples, findings, reference, shortcuts, unjudged
from sourcewise.datasets.task import Task

SR = 8000
OPTIONS = {"folds": 4, "margin": 0.05, "seed": 0}


def _clip(rng, *, floor_db, edge_hz):
    """Half a second as recorded by a device: a chord of random pitch in the middle, and the noise of the device."""
    t = np.arange(SR // 2) / SR
    chord = sum(np.sin(2 * np.pi * rng.uniform(200, 2000) * t + rng.uniform(0, 6)) for _ in range(3))
    y = chord * np.hanning(len(t)) ** 4 * rng.uniform(0.05, 0.2) + rng.normal(0, 10 ** (floor_db / 20), len(t))
    return np.rint(sosfilt(butter(8, edge_hz, fs=SR, output="sos"), y) * 32768).astype(np.int16)


def _corpus(device_of, n_sources=24, clips=6, classes="ab"):
    """Sources of one class each, in turn; device_of(class, rng): that of a source. The table of cues, sources, targets,
    task."""
    task = Task("binary" if len(classes) == 2 else "multiclass", tuple(classes))
    rows, labels, sources = [], [], []
    for source in range(n_sources):
        rng = np.random.default_rng([7, source])
        label = classes[source % len(classes)]
        device = device_of(label, rng)
        for _ in range(clips):
            rows.append(
                cues.measure(_clip(rng, **device), sr=SR) | {"duration_s": 0.5, "sr_original": SR, "format": "wav"}
            )
            labels.append(label)
            sources.append(f"s{source}")
    return pd.DataFrame(rows)[list(cues.CUES)], np.array(sources), task.targets(labels), task


def _any_device(label, rng):
    return {"floor_db": rng.uniform(-70, -50), "edge_hz": rng.uniform(2500, 3800)}


def _another_for_b(label, rng):
    if label == "b":
        return {"floor_db": rng.uniform(-48, -44), "edge_hz": 1500}
    return {"floor_db": rng.uniform(-70, -60), "edge_hz": 3500}


def test_a_class_recorded_on_another_device_is_detected():
    table, sources, targets, task = _corpus(_another_for_b)
    results, correct = shortcuts(table, sources, targets, task, **OPTIONS)
    named = {cue for cue, result in results.items() if result["significant"]}
    assert {"floor_db", "bandwidth_hz"} <= named
    assert not named & {"duration_s", "sr_original", "bits", "format"}
    assert results["floor_db"]["balanced_accuracy"]["value"] == 1
    (finding,) = findings(results, table, targets, task)  # a device with more noise and less bandwidth is one cause
    assert finding.text.startswith(
        "The label can be predicted from the noise floor alone: balanced accuracy 1.00 on unseen sources, chance 0.50. "
    )
    assert "That is legitimate if" in finding.text and "Of the same cause: the bandwidth (1.00)" in finding.text
    clips = pd.DataFrame(
        {"clip_id": [f"c{i:03d}" for i in range(len(table))], "path": "p", "labels": task.codes(targets)}
    )
    listed = examples(results, correct, table, clips, targets, task, most=10)
    assert listed[listed["cue"] == "floor_db"]["label"].value_counts().to_dict() == {0: 5, 1: 5}
    assert set(listed["cue"]) == named


def test_one_class_of_ten_is_detected_and_named():
    table, sources, targets, task = _corpus(_another_for_b, n_sources=60, clips=3, classes="abcdefghij")
    results, _ = shortcuts(table, sources, targets, task, **OPTIONS)
    assert list(results["floor_db"]["classes"]) == ["b"]
    assert results["floor_db"]["classes"]["b"]["value"] > 0.95
    (text,) = [f.text for f in findings(results, table, targets, task) if "noise floor" in f.text]
    assert "`b`" in text


def test_a_clean_corpus_gets_no_finding():
    table, sources, targets, task = _corpus(_any_device)
    results, correct = shortcuts(table, sources, targets, task, **OPTIONS)
    assert findings(results, table, targets, task) == []
    assert examples(results, correct, table, pd.DataFrame(), targets, task, most=5).empty


def test_the_finding_names_the_values_of_the_cue():
    table, sources, targets, task = _corpus(_any_device)
    table["sr_original"] = np.where(targets[:, 0], 44_100, 16_000)
    results, _ = shortcuts(table, sources, targets, task, **OPTIONS)
    (finding,) = findings(results, table, targets, task)
    assert finding.category == "shortcut"
    assert finding.text == (
        "The label can be predicted from the original sample rate alone: balanced accuracy 1.00 on unseen sources, "
        "chance 0.50. `a`: 44,100 Hz in 72 of 72 clips; all others: 16,000 Hz in 72 of 72 clips. It reflects how the "
        "file was made, not what was recorded."
    )
    assert finding.worth == 0.5


def test_causes_are_ranked_by_their_worth_beside_a_classifier():
    targets, task = np.eye(2, dtype=bool)[np.arange(60) % 2], Task("binary", ("a", "b"))
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"floor_db": rng.normal(size=60), "duration_s": rng.normal(size=60)})
    table["trailing_s"] = -table["floor_db"]  # padded with silence
    values = {"floor_db": 0.7, "duration_s": 0.9, "trailing_s": 0.65}
    results = {
        cue: {"balanced_accuracy": {"value": value}, "chance": 0.5, "significant": True, "classes": {}}
        for cue, value in values.items()
    }
    p = np.where(targets, 0.9, 0.1)
    p[:3] = 1 - p[:3]
    best = reference({"svm": p, "worse": 1 - p}, np.arange(60), targets, task)
    assert (best.name, best.balanced_accuracy) == ("svm", 0.95)
    found = findings(results, table, targets, task, best)
    assert [finding.worth for finding in found] == [0.4, 0.2]
    assert "be predicted from the duration alone: balanced accuracy 0.90 on" in found[0].text
    assert (
        "be predicted in part from the noise floor alone: balanced accuracy 0.70 on unseen sources, chance 0.50, svm"
        in (found[1].text)
    )
    assert found[1].text.endswith("Of the same cause: the trailing silence (0.65).")


def test_too_few_sources_are_not_called_clean():
    table, sources, targets, task = _corpus(_any_device, n_sources=6)
    results, _ = shortcuts(table, sources, targets, task, **(OPTIONS | {"folds": 3}))
    why = unjudged(results, pd.Series(sources), targets, task)
    assert why.startswith("cannot be judged with 6 sources: even a number that predicts every clip would not be")
    enough = int(why.split("significant; ")[1].split()[0])
    for n, judged in ((enough - 1, False), (enough, True)):
        sources = np.repeat(np.arange(2 * n), 2)
        answer = unjudged(results, pd.Series(sources), np.eye(2, dtype=bool)[sources % 2], task)
        assert (answer is None) == judged


def test_the_format_of_one_of_several_labels_a_clip():
    table, sources, targets, _ = _corpus(_any_device, n_sources=40)
    task = Task("multilabel", ("dog", "rain", "wind"))
    rain = targets[:, 0]
    table["format"] = np.where(rain, "mp3", "wav")
    several = np.column_stack([np.arange(len(rain)) % 3 == 0, rain, np.arange(len(rain)) % 2 == 0])
    results, correct = shortcuts(table, sources, several, task, **OPTIONS)
    assert list(results["format"]["classes"]) == ["rain"]
    assert [cue for cue, result in results.items() if result["classes"]] == ["format"]
    assert (correct["format"][:, 1] == rain).all()


def test_one_format_against_a_mixture_of_others():
    table, sources, targets, task = _corpus(_any_device, n_sources=40)
    mixed = np.array(["m4a", "m4a", "ogg", "mp3", "m4a", "ogg", "mp3"])[np.arange(len(table)) % 7]
    table["format"] = pd.Series(np.where(targets[:, 0], "wav", mixed), dtype="str")
    results, _ = shortcuts(table, sources, targets, task, **OPTIONS)
    (finding,) = findings(results, table, targets, task)
    assert "`a`: wav in 120 of 120 clips; all others: mostly m4a" in finding.text


def test_few_sources_give_no_finding():
    table, sources, targets, task = _corpus(_another_for_b, n_sources=6, clips=20)  # 1 in 10 by chance alone
    results, _ = shortcuts(table, sources, targets, task, **(OPTIONS | {"folds": 3}))
    assert results["floor_db"]["balanced_accuracy"]["value"] == 1
    assert findings(results, table, targets, task) == []


def test_datasets_without_a_shortcut_rarely_give_a_finding():
    """Cues that differ from source to source and random labels: 200 times, with 11 cues each. More clips a source, more
    sources and classes: python -m benchmarks.shortcuts."""
    task = Task("binary", ("a", "b"))
    false_positives = 0
    for seed in range(200):
        rng = np.random.default_rng([1, seed])
        table = pd.DataFrame(rng.normal(size=(24, len(cues.CUES))), columns=list(cues.CUES))
        labels = rng.permutation(24) % 2 == 0
        sources = np.arange(24).astype(str)
        results, _ = shortcuts(table, sources, np.column_stack([labels, ~labels]), task, **OPTIONS)
        false_positives += any(result["significant"] for result in results.values())
    assert false_positives <= 20  # 10 expected at most; more than 20 with a probability of 1 in 500
