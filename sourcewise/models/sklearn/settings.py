"""Settings of the scikit-learn classifiers: `train.sklearn`, shared by all, and how features become rows."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, NonNegativeInt, PositiveInt, create_model

from sourcewise.core.params import Entry, Section
from sourcewise.models.examples import POOLS, columns, loudness_and_crossings, pooled, resized

Pool = Literal[tuple(POOLS)]


class Shared(Section):
    """`train.sklearn`, and `training` of an entry.

    folds: of a search of settings, by the sources of train. max_iter: of linear models. seed: of estimators that use
    randomness.
    """

    folds: Annotated[int, Field(ge=2)]
    max_iter: PositiveInt
    seed: NonNegativeInt


class Estimator(Entry):
    """Base of the settings of every estimator."""

    family: Literal["sklearn"]
    training: Shared


class OnVector(Estimator):
    """A row of numbers a clip. columns: all, or rms_zcr, the mean and standard deviation of RMS and of the
    zero-crossing rate ([R2])."""

    columns: Literal["all", "rms_zcr"]

    def rows(self, x):
        """float64 (n_clips, n_columns)."""
        return columns(x) if self.columns == "all" else loudness_and_crossings(x)


class OnFrames(Estimator):
    """A clip's frames summed up: of the first `columns` numbers of each, null: of all, the mean, the maximum, mean and
    maximum, or mean and standard deviation."""

    columns: PositiveInt | None
    pool: Pool

    def rows(self, x):
        """float64 (n_clips, columns), or twice as many."""
        return pooled(x, self.columns, self.pool)


class OnImage(Estimator):
    """Images resized to height x width, each colour of each pixel a number from 0 to 1."""

    height: PositiveInt
    width: PositiveInt

    def rows(self, x):
        """float64 (n_clips, height * width * 3)."""
        images = (resized(x[i], height=self.height, width=self.width).ravel() for i in range(len(x)))
        return np.stack([image.astype(np.float64) for image in images])  # float32 sums depend on the number of clips


def takes(settings):
    """{shape: settings} of an estimator for each shape that can become rows; settings: its own Section."""
    bases = {"vector": OnVector, "frames": OnFrames, "image": OnImage}
    return {
        shape: create_model(f"{settings.__module__.rpartition('.')[2]}_{shape}", __base__=(settings, base))
        for shape, base in bases.items()
    }
