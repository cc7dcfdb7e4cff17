"""Classifiers on scenes of 10 s with events of about 1 to 3 s: python -m benchmarks.scenes

240 scenes of 24 sites as log-mel, (1000, 64); of ten classes each occurs in three scenes of ten, as five bands that
are louder for 0.8 to 3 s. Ten sites train, five validate, nine test. Prints the micro F1 on the test scenes, with
thresholds chosen on validation: of svm on the MFCC of whole scenes; of networks that see windows of about a second,
with the times of the events, and without; of predicting every class for every scene. Minutes for each network.
"""

import time

import numpy as np
from scipy.fft import dct

from benchmarks.measure import command
from sourcewise.core.markdown import markdown
from sourcewise.datasets.task import Task
from sourcewise.evaluation import thresholds
from sourcewise.evaluation.metrics import micro_f1
from sourcewise.models import entries, training
from sourcewise.models.examples import Examples
from sourcewise.storage.files import Ragged

TASK = Task("multilabel", tuple("abcdefghij"))
SCENES, SITES, FRAMES, BANDS = 240, 24, 1000, 64
PARTS = {"train": 10, "validation": 5, "test": 9}  # sites
NAMES = ("svm", "cnn", "crnn", "rnn")


def main():
    """Print the table."""
    print(__doc__.split("\n\n")[1])
    examples, rows = scenes(), []
    for name in NAMES:
        module, p = entries.classifier(name)
        parts = _parts(examples if p.features == "mel" else _mfcc(examples))
        for times in ("known", "unknown") if p.family == "keras" else ("-",):
            train = parts["train"] if times == "known" else parts["train"]._replace(events=None)
            start = time.perf_counter()
            model = training.fit(module, train, parts["validation"], TASK, p)
            rows.append([name, times, f"{_f1(model, parts):.3f}", f"{time.perf_counter() - start:.0f} s"])
    test = _parts(examples)["test"]
    every = micro_f1(test.y, np.ones_like(test.y), test.sources)["value"]
    rows.append(["every class everywhere", "-", f"{every:.3f}", "-"])
    print(markdown(["classifier", "times of events", "micro F1", "training"], rows, left=2))


def scenes(seed=0):
    """All scenes as examples, in dB."""
    rng, x, y, events = np.random.default_rng(seed), [], [], []
    sites = np.arange(SCENES) % SITES
    for site in sites:
        tilt = (site - SITES / 2) * 0.2 * np.linspace(-1, 1, BANDS)
        scene = rng.normal(-35, 3, (FRAMES, BANDS)) + tilt
        present = rng.random(len(TASK.classes)) < 0.3
        times = []
        for k in np.flatnonzero(present):
            start, length = rng.integers(0, 700), rng.integers(80, 300)
            scene[start : start + length, 3 + 6 * k : 8 + 6 * k] += rng.uniform(4, 13)
            times.append((start / FRAMES, (start + length) / FRAMES, k))
        x.append(scene.astype(np.float32))
        y.append(present)
        events.append(np.array(times).reshape(-1, 3))
    return Examples(Ragged.of(x), np.array(y), np.array([f"site {site}" for site in sites]), events)


def _mfcc(examples):
    frames = [dct(scene, norm="ortho")[:, :20].astype(np.float32) for scene in examples.x]
    return examples._replace(x=Ragged.of(frames))


def _parts(examples, seed=0):
    sites = np.random.default_rng(seed).permutation(np.unique(examples.sources))
    found, first = {}, 0
    for part, n in PARTS.items():
        found[part] = examples.take(np.flatnonzero(np.isin(examples.sources, sites[first : first + n])).tolist())
        first += n
    return found


def _f1(model, parts):
    of = {part: (parts[part].y, model.predict(parts[part].x)) for part in ("validation", "test")}
    chosen = thresholds.choose(*of["validation"], TASK)
    y, p = of["test"]
    return micro_f1(y, p >= chosen, parts["test"].sources)["value"]


if __name__ == "__main__":
    command(main)
