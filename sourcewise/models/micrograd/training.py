"""The family `micrograd`: training, prediction and storage of its perceptrons."""

from pathlib import Path

import numpy as np
from micrograd.engine import Value

from sourcewise.datasets.task import Task
from sourcewise.models import entries
from sourcewise.models.examples import loudness_and_crossings
from sourcewise.models.micrograd import graph, start
from sourcewise.models.micrograd.network import Network, Tape, descend, outputs
from sourcewise.storage.files import read_json, write_json, write_text

COLUMNS = ["rms_mean", "rms_sd", "zcr_mean", "zcr_sd"]


class Model:
    """networks: {class: layers}, each (weights, biases); of two classes there is one, for the second.

    scale: mean and deviation of train's columns. made: files that document the training, {name: text}.
    """

    def __init__(self, networks, scale, task, p, made=None):
        self._networks, self._scale, self._task, self._p, self._made = networks, scale, task, p, made or {}

    def predict(self, x):
        """Probabilities (n_clips, n_classes): outputs from -1 to 1 mapped to 0 to 1, summing to 1 if a clip has
        one class. They rank and decide as the networks do, but are not calibrated."""
        rows = _standardised(loudness_and_crossings(x), self._scale)
        p_present = np.column_stack([(1 + outputs(layers, rows)) / 2 for layers in self._networks.values()])
        if p_present.shape[1] < len(self._task.classes):
            return np.hstack([1 - p_present, p_present])
        return (p_present + 1e-9) / (p_present + 1e-9).sum(axis=1, keepdims=True) if self._task.one_label else p_present

    def save(self, folder):
        """Write the weights as JSON, in full precision; the graph; the losses."""
        networks = {name: [[w.tolist(), b.tolist()] for w, b in layers] for name, layers in self._networks.items()}
        write_json(Path(folder) / "weights.json", {"scale": self._scale.tolist(), "networks": networks})
        self._task.write(Path(folder) / "labels.json")
        entries.store(folder, self._p)
        for name, text in self._made.items():
            write_text(Path(folder) / name, text)


def load(folder):
    """The Model that `save` wrote."""
    _, p = entries.stored(folder)
    content = read_json(Path(folder) / "weights.json")
    networks = {name: [(np.array(w), np.array(b)) for w, b in layers] for name, layers in content["networks"].items()}
    return Model(networks, np.array(content["scale"]), Task.read(Path(folder) / "labels.json"), p)


def fit(module, train, validation, task, p):
    """Columns are standardised on train; validation is not used."""
    values = loudness_and_crossings(train.x)
    mean, sd = values.mean(axis=0), values.std(axis=0)
    scale = np.stack([mean, np.where(sd > 1e-12 * np.abs(mean), sd, 1)])
    rows = _standardised(values, scale)
    first = 1 if task.type == "binary" else 0
    networks, losses, options = {}, {}, {"steps": p.steps, "batch": p.batch, "learning_rate": p.learning_rate}
    for k, name in list(enumerate(task.classes))[first:]:
        rng = np.random.default_rng([p.training.seed, k])
        network = Network(started(rows, train.y[:, k], p, rng))
        losses[name] = descend(network, rows, np.where(train.y[:, k], 1, -1), **options, rng=rng)
        networks[name] = network.weights()
    made = {"loss.csv": _table(losses), "graph.svg": _drawn(networks, rows[0], train.y[0, first], task.classes[first])}
    return Model(networks, scale, task, p, made)


def started(rows, y_true, p, rng):
    """The initial layers for one class; y_true: boolean (n_clips,)."""
    widths = [rows.shape[1], *p.hidden, 1]
    if p.start == "random":
        return start.random(widths, rng)
    return start.from_regression(widths, *start.regression(rows, y_true), rng)


def _standardised(values, scale):
    return (values - scale[0]) / scale[1]


def _table(losses):
    import pandas as pd

    table = pd.DataFrame({f"loss({name})": values for name, values in losses.items()}).round(6)
    return table.to_csv(index_label="step", lineterminator="\n")


def _drawn(networks, row, y_true, name):
    """The graph of one clip's loss in the network of class `name`, as SVG."""
    network, tape, target = Network(networks[name]), Tape(), 1 if y_true else -1
    x, minus_target = [Value(v) for v in row.tolist()], Value(-target)
    network.loss(x, minus_target, tape)
    tape.backward()
    leaves = [(column, "input", value) for column, value in zip(COLUMNS, x, strict=True)]
    for a, layer in enumerate(network.layers, start=1):
        for b, neuron in enumerate(layer, start=1):
            leaves.append((f"bias {a}.{b}", "parameter", neuron.b))
            leaves += [(f"weight {a}.{b}.{c}", "parameter", w) for c, w in enumerate(neuron.w, start=1)]
    leaves.append(("- target", "input", minus_target))
    title = f"{name} or not: squared error of one clip, whose target is {target} (weight layer.neuron.input)"
    return graph.draw(leaves, tape, title=title)
