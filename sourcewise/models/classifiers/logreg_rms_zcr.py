"""Logistic regression on four columns, mean and standard deviation of RMS and of the zero-crossing rate (R2).

Columns are standardised. C, penalty and solver are searched together; pairs of penalty and solver that do not go
together are left out.
"""

from functools import partial
from itertools import product
from typing import Annotated, Literal, TypeVar

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.core.errors import NotRun
from sourcewise.core.params import Classifier
from sourcewise.models.sklearn import estimators
from sourcewise.models.sklearn.search import best

Value = TypeVar("Value")
Values = Annotated[list[Value], Field(min_length=1)]


class Params(Classifier):
    """`classifiers.logreg_rms_zcr`: the values that are searched."""

    input: Literal["table"]
    family: Literal["sklearn"]
    C: Values[PositiveFloat]
    penalty: Values[Literal["l1", "l2"]]
    solver: Values[Literal["lbfgs", "liblinear", "saga"]]
    max_iter: PositiveInt
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """As `search.best`; validation is not used."""
    grid = [
        {"C": C, "penalty": penalty, "solver": solver}
        for penalty, solver, C in product(p.penalty, p.solver, p.C)
        if _go_together(penalty, solver, task)
    ]
    if not grid:
        raise NotRun(f"no solver of {', '.join(p.solver)} fits penalty {', '.join(p.penalty)} and this task: add saga")
    return best(partial(_estimator, p), grid, estimators.four_columns, train, task, p)


def _go_together(penalty, solver, task):
    return {"lbfgs": penalty == "l2", "liblinear": task.kind != "multiclass", "saga": True}[solver]


def _estimator(p, C, penalty, solver):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    how = {"C": C, "l1_ratio": {"l1": 1.0, "l2": 0.0}[penalty], "solver": solver}
    return make_pipeline(StandardScaler(), LogisticRegression(**how, max_iter=p.max_iter, random_state=p.seed))


load = partial(estimators.load, Params, estimators.four_columns)
