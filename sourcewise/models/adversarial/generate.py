"""Generators: trained on train clips, their samples as images and sound, and their scores."""

import shutil
from typing import NamedTuple

import numpy as np

from sourcewise.compute import live_curves
from sourcewise.core import params
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.paths import (
    COPIES,
    EACH,
    FEATURES,
    FOLD,
    GENERATORS,
    LABELS,
    LOSSES,
    NOT_RUN,
    PER_FOLD,
    SAMPLES,
    SPLIT,
)
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split, n_folds
from sourcewise.datasets.task import Task
from sourcewise.evaluation import generation
from sourcewise.models import entries, ready
from sourcewise.models.adversarial import grids, sound, training
from sourcewise.models.examples import read_features
from sourcewise.storage.files import digest_of, fresh_folder, read_json, sha256, write_json, write_text
from sourcewise.storage.fingerprints import packages

FEWEST = 10  # validation clips by which an epoch is chosen
SIDE_BY_SIDE = 5  # real and generated examples of each class, in one image


class Corpus(NamedTuple):
    """Clips to imitate: a sequence; their labels as the networks take them, (n, n_classes), of the names `classes`;
    the rows of train, of validation, by which the best epoch is chosen, and of test, which scores are compared with;
    the task, unless there is only one class, and all targets; the median duration of train clips, in seconds."""

    clips: object
    labels: np.ndarray
    classes: list
    train: np.ndarray
    validation: np.ndarray
    held: np.ndarray
    task: Task | None
    targets: np.ndarray
    seconds: float


def folds(name):
    """All, where classifiers train on its clips; else the first."""
    return list(range(n_folds())) if name in read_json(PER_FOLD) else [0]


def outs(name):
    """The paths that the stage `generate@<name>` writes, but for features."""
    of_stage = GENERATORS / name, SAMPLES / "generators" / name
    return [*of_stage, LOSSES / f"{name}.csv", EACH / "generators" / f"{name}.json"]


def marked(name):
    """The one of these that holds the fingerprint."""
    return GENERATORS / name


def fingerprint(name):
    """20 hex digits of all that a generator, its samples and their scores depend on."""
    entry = params.load(dict, f"generators.{name}")
    sections = [params.load(dict, key) for key in ("audio", "train.generators")]
    data = [*map(sha256, (SPLIT, LABELS, COPIES)), digest_of(FEATURES / str(entry.get("features")))]
    return ready.fingerprint("generate", entry, sections, packages(), data, folds(name))


def work(job, folder):
    """Train the generator of a job on its fold: the subfolders `model` and `samples`, `losses.csv`, `scores.json`."""
    (module, p), sr = entries.generator(job.name), params.load(int, "audio.sr")
    to = {"model": fresh_folder(folder / "model"), "folder": fresh_folder(folder / "samples")}
    losses, scores = generate(job.name, module, p, fold=job.fold, sr=sr, **to)
    manifest.write(losses, folder / "losses.csv")
    write_json(folder / "scores.json", scores)


def join(name, parts, root):
    """Put the folds where `outs` says, below root. The losses and scores are those of the first fold."""
    model, samples, losses, scores = (root / path for path in outs(name))
    reason = ready.reason(parts)
    if reason:
        for path in (model, samples):
            write_json(path / NOT_RUN, {"reason": reason})
        write_text(losses, "epoch,network,loss\n")
        write_json(scores, {"not_run": reason})
    else:
        for part in parts:
            shutil.copytree(part / "model", model / part.name)
            shutil.copytree(part / "samples", samples / part.name)
        write_text(losses, (parts[0] / "losses.csv").read_text(encoding="utf-8"))
        write_json(scores, read_json(parts[0] / "scores.json"))


def generate(name, module, p, *, fold, sr, model, folder):
    """Train a generator on the train clips of a fold, store it in the folder `model` and its samples in `folder`;
    returns the losses as a table, and the scores. Validation chooses the epoch; test only serves for comparison.

    name: of the entry; module, p: of its generator; sr: of the samples, in Hz. Raises NotRun.
    """
    corpus = _corpus(p, fold)
    train, labels = corpus.clips.take(corpus.train), corpus.labels[corpus.train]
    with live_curves.named(f"generate/{name}/{FOLD.format(fold)}"):
        network, losses, shots = training.fit(module, train, labels, corpus.classes, p, _distance(corpus, p))
    network.save(model)
    network = training.load(type(p), model)  # what is scored is what was stored
    _show(shots, losses, folder)
    rng = np.random.default_rng([p.training.seed, 0, 2])
    wanted = training.cycled(labels, p.clips)
    made = network.make(wanted, rng)
    real = {
        part: _examples(corpus.clips, rows, p, rng) for part, rows in (("train", corpus.train), ("held", corpus.held))
    }
    _beside(real["train"][1], corpus.labels[real["train"][0]], made, wanted, p, folder)
    if corpus.classes:
        sound.write_clips(name, made, wanted, corpus.classes, p, sr, folder)
    else:
        sound.write_images(made, p, corpus.seconds, folder)
    drawn = losses.melt("epoch", ["discriminator", "generator", "distance"], "network", "loss")
    return drawn, {"distances": losses["distance"].round(4).tolist()} | _scores(corpus, real, made, wanted, p, rng)


def _corpus(p, fold):
    """The recordings of the split, without copies; those of the classes that the section names."""
    split, task, features = Split.with_copies(), Task.read(), read_features(p.features)
    targets, classes = task.targets(split.clips["labels"]), list((p.labelled and p.classes) or task.classes)
    for unknown in (label for label in classes if label not in task.classes):
        raise Stop(f"classes: {unknown!r} is none of {', '.join(task.classes)}")
    columns = [task.classes.index(label) for label in classes]
    wanted = (split.clips["origin"] == "").to_numpy() & targets[:, columns].any(axis=1)
    part = split.parts[:, fold]
    if p.labelled:
        wanted &= targets.sum(axis=1) == 1  # a class is learned from clips that carry no other
        _refuse_never_alone(classes, targets[:, columns][wanted & (part == "train")])
    rows = [(wanted & (part == name)).nonzero()[0] for name in ("train", "validation", "test")]
    labels = targets[:, columns] if p.labelled else targets[:, :0]
    several = task if len(task.classes) > 1 else None  # with one class there is nothing to recognise
    seconds = float(split.clips["duration_s"].iloc[rows[0]].median())
    return Corpus(features, labels, classes if p.labelled else [], *rows, several, targets, seconds)


def _refuse_never_alone(classes, targets):
    missing = [label for label, present in zip(classes, targets.any(axis=0), strict=True) if not present]
    if missing:
        raise NotRun(f"no train clip carries {', '.join(map(repr, missing))} alone: leave it out of `classes`")


def _distance(corpus, p):
    """A function of a generator, for the choice of an epoch: the Fréchet distance of its samples to validation clips, 1
    being that of noise with their mean and deviation. None where there are too few clips."""
    if len(corpus.validation) < FEWEST:
        return None
    rng = np.random.default_rng([p.training.seed, 1])
    _, real = _examples(corpus.clips, corpus.validation, p, rng)
    scaled = generation.scaled_by(_points(real, p))
    wanted = training.cycled(corpus.labels[corpus.train], p.clips)
    real, noise = (scaled(_points(examples, p)) for examples in (real, p.shaped_noise(real, p.clips, rng)))
    ceiling = generation.frechet(real, noise)

    def distance(generator):
        made = generator.make(wanted, np.random.default_rng([p.training.seed, 2]))
        return generation.frechet(real, scaled(_points(made, p))) / ceiling

    return distance


def _points(examples, p):
    return np.stack([generation.statistics(p.frames(example)) for example in examples])


def _examples(clips, rows, p, rng):
    """Clips as the networks take them, at most as many as are compared."""
    rows = generation.subset(rows)
    return rows, np.stack([p.example(clips[row], rng) for row in rows])


def _show(shots, losses, folder):
    """The same samples after each epoch, as an image each, and all as an animation; those of the epoch that is kept."""
    images = [grids.grid(shot, columns=10) for shot in shots]
    for epoch, image in enumerate(images, start=1):
        grids.write(image, folder / "epochs" / f"{epoch:04d}.png")
    grids.write(images[losses["distance"][::-1].idxmin()], folder / "samples.png")
    grids.animate(images, folder / "training.png")


def _beside(real, labels, made, wanted, p, folder):
    """A row for each class: real examples on the left, generated ones on the right."""
    images = []
    for label in np.unique(wanted, axis=0):
        for examples, label_rows in ((real, labels), (made, wanted)):
            alike = (label_rows == label).all(axis=1).nonzero()[0]
            images += [
                p.shown(examples[row]) for row in np.resize(generation.subset(alike, SIDE_BY_SIDE), SIDE_BY_SIDE)
            ]
    grids.write(grids.grid(np.stack(images), columns=2 * SIDE_BY_SIDE), folder / "real_and_generated.png")


def _scores(corpus, real, made, wanted, p, rng):
    """Scores of samples, held-out clips and noise: in both spaces, and the share that is recognised."""
    (rows, train), (held_rows, held) = real["train"], real["held"]
    if len(held) < 2:
        raise NotRun("there are no held-out clips to compare samples with")
    sets = {"held_out": held, "generated": made}
    sets |= {"noise": p.noise(train, len(made), rng), "shaped_noise": p.shaped_noise(train, len(made), rng)}
    frames = {part: [p.frames(example) for example in examples] for part, examples in (sets | {"train": train}).items()}
    groups = dict(zip(sets, map(_numbers, (corpus.labels[held_rows], wanted, wanted, wanted)), strict=True))
    points = {
        part: np.stack([generation.statistics(clip_frames) for clip_frames in of_part])
        for part, of_part in frames.items()
    }
    scores = generation.compared(points.pop("train"), points, groups)
    scores["diagnosis"] = generation.diagnosis(scores)
    if corpus.task is None:
        return scores
    recogniser = generation.Recogniser(frames["train"], corpus.targets[rows], corpus.task)
    points = {part: recogniser.layer(of_part) for part, of_part in frames.items()}
    scores["in_the_classifier"] = generation.compared(points.pop("train"), points, groups)
    if len(corpus.classes) > 1:
        scores["recognised"] = _recognised(recogniser, frames, corpus, held_rows, wanted)
    return scores


def _recognised(recogniser, frames, corpus, held_rows, wanted):
    """The share of clips for which a classifier of real clips predicts the intended labels; margin: the half width of
    the 95 % interval of generated ones; chance: by guessing."""
    intended = np.zeros((len(wanted), corpus.targets.shape[1]), bool)
    intended[:, [corpus.task.classes.index(label) for label in corpus.classes]] = wanted > 0
    correct = recogniser.correct(frames["generated"], intended)
    return {
        "held_out": recogniser.accuracy(frames["held_out"], corpus.targets[held_rows]),
        "generated": round(float(correct.mean()), 4),
        "margin": generation.margin(lambda rows: {"share": correct[rows].mean()}, len(correct))["share"],
        "noise": recogniser.accuracy(frames["noise"], intended),
        "chance": round(1 / len(np.unique(wanted, axis=0)), 4),
    }


def _numbers(labels):
    return np.unique(labels, axis=0, return_inverse=True)[1].ravel()
