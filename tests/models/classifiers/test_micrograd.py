"""The scalar networks: gradients, both starts, the outputs by numpy, and the graph."""

import random
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from micrograd.engine import Value
from sklearn.linear_model import LogisticRegression

from sourcewise.models.examples import loudness_and_crossings
from sourcewise.models.micrograd import start
from sourcewise.models.micrograd import training as micrograd
from sourcewise.models.micrograd.network import Network, Tape, descend, outputs
from sourcewise.models.training import fit, load
from tests.models.classifiers.known import TASKS, entry, examples

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(30, 4))
LAYERS = start.random([4, 4, 4, 1], np.random.default_rng(1))


def _loss(layers):
    return float((outputs(layers, ROWS[:1])[0] - 1) ** 2)


def test_it_is_4_4_4_1():
    assert [w.shape for w, _ in LAYERS] == [(4, 4), (4, 4), (1, 4)]
    assert len(Network(LAYERS).parameters()) == 45  # 4 * 5 + 4 * 5 + 5


def test_outputs_by_numpy_are_those_of_the_network_of_values():
    network = Network(LAYERS)
    result = [network([Value(v) for v in row.tolist()], Tape()).data for row in ROWS]
    assert outputs(LAYERS, ROWS) == pytest.approx(np.array(result), abs=1e-12)
    for layer, own in zip(LAYERS, network.weights(), strict=True):
        assert np.array_equal(layer[0], own[0]) and np.array_equal(layer[1], own[1])


def test_gradients_are_those_of_differences_and_of_micrograds_own_backward():
    taped, plain = Network(LAYERS), Network(LAYERS)
    tape = Tape()
    taped.loss([Value(v) for v in ROWS[0].tolist()], Value(-1), tape)
    tape.backward()
    plain.loss([Value(v) for v in ROWS[0].tolist()], Value(-1), Tape()).backward()
    result = [p.grad for p in taped.parameters()]
    assert result == pytest.approx([p.grad for p in plain.parameters()], abs=1e-12)
    for a, (i, j) in ((0, (2, 3)), (1, (0, 1)), (2, (0, 2))):
        losses = []
        for step in (1e-6, -1e-6):
            moved = [(w.copy(), b) for w, b in LAYERS]
            moved[a][0][i, j] += step
            losses.append(_loss(moved))
        gradient = taped.layers[a][i].w[j].grad
        assert gradient == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-7)


def test_one_step_goes_down_the_sum_of_the_squared_errors():
    network, target = Network(LAYERS), np.where(ROWS[:, 0] > 0, 1, -1)
    options = {"steps": 1, "batch": 30, "learning_rate": 0.01, "rng": np.random.default_rng(0)}
    losses = descend(network, ROWS, target, **options)
    assert losses == pytest.approx([np.mean((outputs(LAYERS, ROWS) - target) ** 2)])
    h = [ROWS]
    for w, b in LAYERS:
        h.append(np.tanh(h[-1] @ w.T + b))
    of_bias = 2 * (h[3][:, 0] - target) * (1 - h[3][:, 0] ** 2)
    moved = network.weights()[-1][1][0] - LAYERS[-1][1][0]
    assert moved == pytest.approx(-0.01 * of_bias.sum())


@pytest.mark.parametrize("task_name", TASKS)
def test_from_the_regression_it_decides_as_the_regression(task_name):
    _, p = entry("micrograd", start="logreg")
    train = examples(task_name, "table")["train"]
    values = loudness_and_crossings(train.x)
    rows = (values - values.mean(axis=0)) / values.std(axis=0)
    for present in train.y.T:
        layers = micrograd.started(rows, present, p, np.random.default_rng(0))
        regression = LogisticRegression(max_iter=1000).fit(rows, present)
        assert np.array_equal(outputs(layers, rows) > 0, regression.predict(rows))
        order = regression.decision_function(rows).argsort()
        assert (np.diff(outputs(layers, rows)[order]) >= 0).all()
        assert np.array_equal(layers[0][0][0], regression.coef_[0])


@pytest.mark.parametrize("present", [True, False])
def test_a_class_that_all_clips_carry_or_none_has_a_start(present):
    weights, bias = start.regression(ROWS, np.full(30, present))
    layers = start.from_regression([4, 4, 4, 1], weights, bias, np.random.default_rng(0))
    assert ((outputs(layers, ROWS) > 0) == present).all()


@pytest.mark.parametrize("task_name", ["tones", "rhythms"])
def test_from_the_regression_it_learns_and_lowers_its_loss(task_name, tmp_path):
    module, p = entry("micrograd", start="logreg")
    parts, task = examples(task_name, "table"), TASKS[task_name]
    fit(module, parts["train"], None, task, p).save(tmp_path)
    result = task.decide(load(tmp_path).predict(parts["test"].x))
    assert (result == parts["test"].y).all(axis=1).mean() > 0.95
    lines = (tmp_path / "loss.csv").read_text().splitlines()
    assert len(lines) == 1 + p.steps
    losses = np.array([line.split(",")[1:] for line in lines[1:]], float)
    assert (losses[-10:].mean(axis=0) < losses[:10].mean(axis=0)).all()


def test_pythons_random_state_is_left_alone():
    module, p = entry("micrograd", steps=2)
    before = random.getstate()
    fit(module, examples("tones", "table")["train"], None, TASKS["tones"], p)
    assert random.getstate() == before


def test_the_graph_shows_every_value_with_its_gradient_and_no_two_boxes_meet(tmp_path):
    module, p = entry("micrograd", steps=2)
    fit(module, examples("tones", "table")["train"], None, TASKS["tones"], p).save(tmp_path)
    root = ElementTree.parse(tmp_path / "graph.svg").getroot()
    svg = "{http://www.w3.org/2000/svg}"
    boxes = [tuple(float(r.get(k)) for k in ("x", "y")) for r in root.iter(f"{svg}rect") if r.get("x")]
    # 4 columns, the target, 45 parameters; a product and a sum a weight, 9 tanh, the difference, the square
    assert len(boxes) == 4 + 1 + 45 + 2 * 36 + 9 + 2
    assert len(list(root.iter(f"{svg}path"))) == 2 * 36 * 2 + 9 + 2 + 1  # two ways into each sum and product
    texts = [t.text for t in root.iter(f"{svg}text")]
    assert {"rms_mean", "rms_sd", "zcr_mean", "zcr_sd", "- target", "**2", "weight 1.4.4", "bias 3.1"} <= set(texts)
    assert sum(", d " in text for text in texts) == len(boxes)
    width, height = (float(root.get(k)) for k in ("width", "height"))
    for x, y in boxes:
        assert 0 <= x <= width - 118 and 0 <= y <= height - 34
        assert not any((x, y) != (u, v) and abs(x - u) < 118 and abs(y - v) < 34 for u, v in boxes)


def test_the_graph_holds_literal_numbers():
    a, b, tape = Value(2.0), Value(-3.0), Tape()
    tape.keep(tape.keep(a * b) + a)
    tape.backward()
    svg = micrograd.graph.draw([("a <", "input", a), ("b", "parameter", b)], tape, title="a b + a")
    assert [text in svg for text in ("a &lt;", "2, d -2", "-3, d 2", "-6, d 1", "-4, d 1")] == [True] * 5
