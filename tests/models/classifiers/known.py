"""Three tasks whose answer is known, as waves and as what the stages `extract` make of them: which of two tones
(binary), which of three rhythms (multiclass), and which of three events at random times (multilabel)."""

from functools import lru_cache, partial

import numpy as np
import pandas as pd

from sourcewise.audio.mel_image import colours
from sourcewise.core import params, registry
from sourcewise.datasets.task import Task
from sourcewise.models import entries
from sourcewise.models.examples import Examples, Images, WithGenerated
from sourcewise.storage.files import Ragged
from tests.conftest import REPOSITORY
from tests.models.classifiers import frozen
from tests.models.classifiers.small import FEATURES, SMALL

SR = 8000
CLIPS = {"train": 96, "validation": 48, "test": 96}
#: What each part is drawn by. Those of test were drawn anew after all parameters in `small` had been chosen.
PARTS = {"train": 0, "validation": 1, "test": 20}
MODULES = {name: of["model"] for name, of in params.read_yaml(REPOSITORY / "params.yaml")["classifiers"].items()}
#: All entries but those that are `lstm` here, where no clip is generated.
ENTRIES = tuple(name for name in MODULES if not name.startswith("lstm_gan"))
#: One entry of each module.
ONE_EACH = tuple({module: name for name, module in reversed(MODULES.items()) if name in ENTRIES}.values())
TASKS = {
    "tones": Task("binary", ("high", "low")),
    "rhythms": Task("multiclass", ("fast", "medium", "slow")),
    "events": Task("multilabel", ("beep", "hiss", "hum")),
}


def entry(name, **changed):
    """(module, settings) of an entry of params.yaml, made small."""
    return full_size(name, SMALL.get(name, {}), changed)


def full_size(name, *changes):
    """The same, with other values."""
    content = params.read_yaml(REPOSITORY / "params.yaml")
    classifiers = content["classifiers"] | {name: merged(content["classifiers"][name], *changes)}
    return entries.classifier(name, content=content | {"classifiers": classifiers})


def merged(section, *changes):
    """A section with other values; those of a mapping within are changed one by one."""
    for change in changes:
        for key, value in change.items():
            both = isinstance(value, dict) and isinstance(section.get(key), dict)
            section = section | {key: merged(section[key], value) if both else value}
    return section


def waves(task_name, part):
    """(waves, y): one second each at 8 kHz, (n, 8000), and the targets (n, n_classes)."""
    rng = np.random.default_rng([list(TASKS).index(task_name), PARTS[part]])
    n, n_classes = CLIPS[part], len(TASKS[task_name].classes)
    if task_name == "events":
        y = rng.random((n, n_classes)) < 0.5
    else:
        y = np.eye(n_classes, dtype=bool)[rng.permutation(np.arange(n) % n_classes)]
    make = {"tones": _tone, "rhythms": _rhythm, "events": _events}[task_name]
    floor = rng.normal(0, 0.003, (n, SR))
    return np.stack([make(row, rng) for row in y]) * 10 ** rng.uniform(-0.05, 0.05, (n, 1)) + floor, y


@lru_cache
def examples(task_name, name, **changed):
    """{part: Examples} with the features that sourcewise/features/<name>.py makes of the waves, of a dataset of 12
    sources, none of which is in two parts."""
    if name in params.read_yaml(REPOSITORY / "params.yaml")["embeddings"]:
        return _embedded(task_name, name)
    if name.startswith("mfcc_"):
        return {part: _enlarged(task_name, of) for part, of in examples(task_name, "mfcc").items()}
    module, section = registry.module("features", name), params.read_yaml(REPOSITORY / "params.yaml")["features"][name]
    p = params.check(module.Params, section | FEATURES[name] | changed, name)
    made = {part: waves(task_name, part) for part in CLIPS}
    arrays = [module.extract(np.float32(y), sr=SR, p=p) for part in CLIPS for y in made[part][0]]
    x = _features(module, name, arrays, p)
    ends = np.cumsum([0, *CLIPS.values()])
    everything = Examples(
        x,
        np.concatenate([y for _, y in made.values()]),
        np.array([f"{part}-{i % 4}" for part, n in CLIPS.items() for i in range(n)]),
    )
    return {part: everything.take(np.arange(ends[k], ends[k + 1])) for k, part in enumerate(CLIPS)}


def _embedded(task_name, name):
    reads, changed = {"mobilenet_v2": ("png", {}), "yamnet": ("wave", {"sr": 16_000})}[name]
    parts = examples(task_name, reads, **changed)
    return {part: of._replace(x=frozen.embedded(name, of.x)) for part, of in parts.items()}


def _enlarged(task_name, part):
    """With the first eight clips of train for generated ones."""
    train = examples(task_name, "mfcc")["train"]
    labels = ["|".join(np.array(TASKS[task_name].classes)[row]) for row in train.y[:8]]
    x = part.x
    return part._replace(x=WithGenerated(x._values, x._starts, x._stops, train.x.take(np.arange(8)), labels))


def _features(module, name, arrays, p):
    if module.GIVES == "vector":
        table = pd.DataFrame(np.stack(arrays), columns=module.columns(p))
        table.insert(0, "filename", "")
        return table.assign(label="")
    if module.GIVES != "image":
        return Ragged.of(arrays)
    numbers = Ragged.of(arrays)
    return Images(numbers._values, numbers._starts, numbers._stops, colours(p.colours))


def _tone(row, rng):
    hz = 440 if row[1] else 880
    return 0.3 * np.sin(2 * np.pi * (hz * np.arange(SR) / SR + rng.random()))


def _rhythm(row, rng):
    """Bursts of noise of 20 ms: 12, 6 or 3 a second, from any phase on."""
    a_second = (12, 6, 3)[row.argmax()]
    phase = (np.arange(SR) / SR + rng.random()) * a_second % 1
    return 0.2 * rng.normal(size=SR) * (phase < 0.02 * a_second)


def _events(row, rng):
    """Of each class a quarter of a second of sound, anywhere."""
    t = np.arange(SR // 4) / SR
    sounds = [
        lambda: 0.2 * np.sin(2 * np.pi * 1500 * t),
        lambda: rng.normal(0, 0.15, len(t)),
        partial(sum, [0.15 * np.sin(2 * np.pi * 200 * k * t) for k in (1, 2, 3)]),
    ]
    y = np.zeros(SR)
    for sound, present in zip(sounds, row, strict=True):
        start = rng.integers(SR - len(t))
        if present:
            y[start : start + len(t)] += sound() * np.hanning(len(t)) ** 0.25
    return y
