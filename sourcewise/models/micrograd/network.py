"""A multi-layer perceptron of tanh neurons, made of micrograd's `Value` and `Neuron`.

micrograd's own `MLP` has ReLU, and draws its weights from Python's one global generator; its `backward` visits values
in the order of their memory addresses, so that sums of gradients differ in their last digits between processes. Here
weights are arguments, and a tape records the order in which values were computed.
"""

import math

import numpy as np
from micrograd.engine import Value
from micrograd.nn import Module, Neuron


class Tape(list):
    """The values of one computation in order; the last one is its result."""

    def keep(self, value):
        """Record a value; returns it."""
        self.append(value)
        return value

    def backward(self):
        """Add to each value's `grad` the derivative of the result with respect to it."""
        self[-1].grad = 1
        for value in reversed(self):
            value._backward()


class TanhNeuron(Neuron):
    """tanh(w x + b)."""

    def __init__(self, weights, bias):
        self.w, self.b = [Value(float(w)) for w in weights], Value(float(bias))

    def __call__(self, x, tape):
        """The output for Values x, recorded on the tape."""
        total = self.b
        for weight, value in zip(self.w, x, strict=True):
            total = tape.keep(total + tape.keep(weight * value))
        return tape.keep(_tanh(total))


class Network(Module):
    """Layers of neurons, of which the last has one. layers: for each (weights (n_out, n_in), biases (n_out,))."""

    def __init__(self, layers):
        self.layers = [[TanhNeuron(w, b) for w, b in zip(*layer, strict=True)] for layer in layers]

    def __call__(self, x, tape):
        """The output for Values x, recorded on the tape."""
        for layer in self.layers:
            x = [neuron(x, tape) for neuron in layer]
        return x[0]

    def loss(self, x, minus_target, tape):
        """The squared error of one clip; x and minus_target, the negative target, are Values."""
        return tape.keep(tape.keep(self(x, tape) + minus_target) ** 2)

    def parameters(self):
        """Of all neurons."""
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]

    def weights(self):
        """The weights of the layers, as `__init__` takes them."""
        return [
            (np.array([[w.data for w in neuron.w] for neuron in layer]), np.array([neuron.b.data for neuron in layer]))
            for layer in self.layers
        ]


def outputs(layers, rows):
    """The outputs (n,) of the network of these layers for rows (n, n_in), computed by numpy."""
    for weights, biases in layers:
        rows = np.tanh(rows @ weights.T + biases)
    return rows[:, 0]


def descend(network, rows, targets, *, steps, batch, learning_rate, rng):
    """Plain gradient descent on the sum of the squared errors of `batch` clips, drawn anew for each of `steps` steps.

    rows: (n, n_in); targets: (n,), -1 or 1. Returns the mean squared error of each batch before its step.
    """
    parameters, losses = network.parameters(), []
    for _ in range(steps):
        drawn, total = rng.choice(len(rows), min(batch, len(rows)), replace=False), 0.0
        network.zero_grad()
        for i in drawn:
            tape = Tape()
            total += network.loss([Value(v) for v in rows[i].tolist()], Value(-float(targets[i])), tape).data
            tape.backward()
        for parameter in parameters:
            parameter.data -= learning_rate * parameter.grad
        losses.append(total / len(drawn))
    return losses


def _tanh(value):
    out = Value(math.tanh(value.data), (value,), "tanh")

    def _backward():
        value.grad += (1 - out.data**2) * out.grad

    out._backward = _backward
    return out
