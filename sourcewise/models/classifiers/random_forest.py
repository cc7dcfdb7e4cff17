"""Random forest ([R2]: of shallow trees, on the mean and standard deviation of RMS and of the zero-crossing rate)."""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section
from sourcewise.models.sklearn.settings import takes

SEARCHED = ("depth",)


class RandomForest(Section):
    """`depth`, of every tree, null: to its end; a list is searched, and what each depth scores by folds of train stands
    in search.json beside the model."""

    n_trees: PositiveInt
    depth: PositiveInt | Annotated[list[PositiveInt | None], Field(min_length=1)] | None


TAKES = takes(RandomForest)


def estimator(p):
    """Not fitted. One job, since the sum over trees depends on their order."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(p.n_trees, max_depth=p.depth, random_state=p.training.seed, n_jobs=1)
