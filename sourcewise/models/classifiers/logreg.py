"""Multinomial logistic regression ([R3]: on the table, each column scaled to 0 to 1, and on flattened mel spectrogram
images; [R2]: on four columns, with C, penalty and solver searched together).

Tests give YAMNet, whose embeddings it reads in one entry, random weights: of those it cannot learn `events`.
"""

from typing import Annotated, Literal, TypeVar

from pydantic import Field, PositiveFloat

from sourcewise.core.params import Section
from sourcewise.models.sklearn.settings import takes

SEARCHED = ("penalty", "solver", "C")
Value = TypeVar("Value")
OneOrMore = Value | Annotated[list[Value], Field(min_length=1)]


class Logreg(Section):
    """scale: of each column, fitted on train: minmax, to 0 to 1; standard, by mean and deviation; none. C, penalty,
    solver: one value each, or a list to search; incompatible pairs of penalty and solver are left out."""

    scale: Literal["minmax", "standard", "none"]
    C: OneOrMore[PositiveFloat]
    penalty: OneOrMore[Literal["l1", "l2"]]
    solver: OneOrMore[Literal["lbfgs", "liblinear", "saga"]]


TAKES = takes(Logreg)


def why_not(p, task):
    """Why penalty and solver are incompatible; an empty text if they are compatible."""
    possible = {"lbfgs": p.penalty == "l2", "liblinear": task.type != "multiclass", "saga": True}[p.solver]
    return "" if possible else f"solver {p.solver} does not fit penalty {p.penalty} and a {task.type} task: add saga"


def estimator(p):
    """Not fitted."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    scalers = {"minmax": [MinMaxScaler()], "standard": [StandardScaler()], "none": []}[p.scale]
    penalty = {"l1_ratio": {"l1": 1.0, "l2": 0.0}[p.penalty], "solver": p.solver}
    model = LogisticRegression(C=p.C, **penalty, max_iter=p.training.max_iter, random_state=p.training.seed)
    return make_pipeline(*scalers, model)
