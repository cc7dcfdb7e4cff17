"""Multi-layer perceptron ([R3]: on the table; on flattened mel spectrogram images it did not run there): every column
standardised on train, all clips at once, L-BFGS.

An event at a random position of a flattened image differs in all inputs from one elsewhere: a hundred clips show it at
too few positions to generalise (events).
"""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from sourcewise.core.params import Section
from sourcewise.models.sklearn.settings import takes

ENDS_EARLY = True  # `iterations` is a choice: no convergence warning


class Mlp(Section):
    """hidden: the widths of the layers; alpha: L2; iterations: the largest number."""

    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    alpha: NonNegativeFloat
    iterations: PositiveInt


TAKES = takes(Mlp)


def estimator(p):
    """Not fitted."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    seed = p.training.seed
    network = MLPClassifier(p.hidden, solver="lbfgs", alpha=p.alpha, max_iter=p.iterations, random_state=seed)
    return make_pipeline(StandardScaler(), network)
