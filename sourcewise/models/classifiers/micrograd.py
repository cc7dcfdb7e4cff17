"""Scalar autograd: a perceptron of 4-4-4-1 tanh neurons on four standardised columns, mean and standard deviation of
RMS and of the zero-crossing rate, by the package micrograd ([R2]); one network for each of more than two classes.

Squared error against -1 and 1, plain gradient descent. Each step uses the sum over a few random clips, since
all would take too long in pure Python. graph.svg shows the computation graph of the first training clip in the first
trained network, with all values and gradients; loss.csv the loss before each step.

start: `random`, or `logreg`, from the logistic regression of the same columns. Its four weights and bias are those of
the first neuron of the first layer, and the first neuron of each later layer passes on the one before it; since tanh
keeps signs and order, the network starts with the decisions of the regression.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from sourcewise.core.params import Entry
from sourcewise.models.micrograd.settings import Shared


class Params(Entry):
    """hidden: the widths of the layers before the last, which has one neuron. steps, batch, learning_rate: of gradient
    descent."""

    family: Literal["micrograd"]
    training: Shared
    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    start: Literal["random", "logreg"]
    steps: PositiveInt
    batch: PositiveInt
    learning_rate: PositiveFloat


TAKES = {"vector": Params}
