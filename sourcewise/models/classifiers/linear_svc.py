"""Linear support vector machine ([R3]: on mel spectrogram images, flattened); columns are not scaled, as colours are
from 0 to 1 already. The seed draws the order of the clips."""

from pydantic import PositiveFloat

from sourcewise.core.params import Section
from sourcewise.models.sklearn.settings import takes


class LinearSvc(Section):
    """`C`, the inverse of the regularisation; `training.max_iter`, passes over the clips at most."""

    C: PositiveFloat


TAKES = takes(LinearSvc)


def estimator(p):
    """Not fitted."""
    from sklearn.svm import LinearSVC

    return LinearSVC(C=p.C, max_iter=p.training.max_iter, random_state=p.training.seed)
