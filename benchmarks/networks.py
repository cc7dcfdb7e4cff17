"""A step of training, and what it takes in a notebook: operation by operation, each clip decoded anew in each epoch."""

import time
from contextlib import chdir
from functools import partial

import librosa
import numpy as np

from benchmarks import corpora
from benchmarks.measure import faster, paired, quietly
from sourcewise.core import params
from sourcewise.core.paths import PARAMS
from sourcewise.datasets import clips
from sourcewise.datasets.task import Task
from sourcewise.models import entries
from sourcewise.models.examples import read_features
from sourcewise.models.keras import training
from sourcewise.models.keras.devices import import_keras, strategy
from stages import augment, duplicates, extract, ingest, split
from tests.models.classifiers.known import merged

BATCH, STEPS = 32, 8
FRAMES = {"sr": 16_000, "n_fft": 512, "hop_length": 160, "n_mels": 40}  # of features.mel and features.mfcc


def main(folder):
    """Print the rows: wall time of a step, the same layers and the same number of clips on both sides."""
    files = sorted(corpora.real(folder).rglob("*.wav"))[: BATCH * STEPS]
    corpora.configure(folder, copies=0)
    with chdir(folder):
        for work in (
            ingest.main,
            duplicates.main,
            split.main,
            augment.main,
            partial(extract.main, "mel"),
            partial(extract.main, "mfcc"),
        ):
            quietly(work)
        for name, load, aim in (("ann", mfcc, 5), ("cnn", log_mel, 5)):
            works = epochs(name, files, load)
            ours, theirs, eager = (took / STEPS for took in paired(*works, clock=time.perf_counter))
            step = f"a step of {name}, {BATCH} clips (wall)"
            faster(step, "run_eagerly, librosa for each file and epoch", ours, theirs, aim=aim)
            faster(step, "run_eagerly alone, features at hand", ours, eager)


def epochs(name, files, load):
    """One epoch as functions: by our trainer; eager, from files; eager, from the stored features."""
    content, plain = params.read_yaml(PARAMS), {"batch": BATCH, "augment": {"probability": 0}}
    content["train"]["keras"] = merged(content["train"]["keras"], plain)
    content["classifiers"][name] = merged(content["classifiers"][name], {"training": {"batch": BATCH}})
    (module, p), task, table = entries.classifier(name, content=content), Task.read(), clips.table()
    x = read_features(p.features).take(np.arange(len(files)))
    y = task.targets(table["labels"])[: len(files)]
    keras, seen = import_keras(), p.clips(x)
    graph, eager = module.build(x, task, p), module.build(x, task, p)
    for network, run_eagerly in ((graph, False), (eager, True)):
        network.compile(
            training._optimizer(keras, p.training, len(files)), training._loss(task), run_eagerly=run_eagerly
        )

    def ours(network):
        with strategy(1) as devices:
            training._train(network, training._epoch(seen, y, p, np.random.default_rng(0), devices), [], devices)

    def theirs():
        for first in range(0, len(files), BATCH):
            batch = [window(load(path), p.frames) for path in files[first : first + BATCH]]
            eager.train_on_batch(np.stack(batch), y[first : first + BATCH].astype(np.float32))

    return partial(ours, graph), theirs, partial(ours, eager)


def log_mel(path):
    """A file's log-mel spectrogram (n_frames, n_mels), as tutorials have it."""
    y, _ = librosa.load(path, sr=FRAMES["sr"])
    return librosa.power_to_db(librosa.feature.melspectrogram(y=y, **FRAMES)).T


def mfcc(path):
    """A file's MFCC (n_frames, 20), likewise."""
    y, _ = librosa.load(path, sr=FRAMES["sr"])
    return librosa.feature.mfcc(y=y, n_mfcc=20, **FRAMES).T


def window(values, n):
    """The first n frames; silence follows where there are fewer."""
    return librosa.util.fix_length(values, size=n, axis=0).astype(np.float32)
