"""Random forest ([R2]: of shallow trees, on the mean and standard deviation of RMS and of the zero-crossing rate).

These four columns average over the clip and leave too little of short events (events)."""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section
from sourcewise.models.sklearn.settings import takes

SEARCHED = ("depth",)


class RandomForest(Section):
    """`depth`, of every tree, null: to its end; a list is searched, and the scores of each depth by folds of train are
    in search.json beside the model."""

    n_trees: PositiveInt
    depth: PositiveInt | Annotated[list[PositiveInt | None], Field(min_length=1)] | None


TAKES = takes(RandomForest)


def estimator(p):
    """Not fitted. One job, since the sum over trees depends on their order."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(p.n_trees, max_depth=p.depth, random_state=p.training.seed, n_jobs=1)
