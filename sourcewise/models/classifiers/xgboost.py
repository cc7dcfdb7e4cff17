"""Gradient-boosted trees by XGBoost ([R3]: on the table); all trees are grown."""

from pydantic import PositiveFloat, PositiveInt

from sourcewise.core.params import Section
from sourcewise.models.sklearn.settings import takes


class Xgboost(Section):
    """`depth`, of a tree; `learning_rate`, the weight of each new one."""

    n_trees: PositiveInt
    depth: PositiveInt
    learning_rate: PositiveFloat


TAKES = takes(Xgboost)


def estimator(p):
    """Not fitted."""
    from xgboost import XGBClassifier

    rate, seed = p.learning_rate, p.training.seed
    return XGBClassifier(n_estimators=p.n_trees, max_depth=p.depth, learning_rate=rate, random_state=seed, n_jobs=1)
