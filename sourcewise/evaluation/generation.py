"""Scores of generated clips: distance to real ones, diversity, memorisation, and whether a classifier recognises them.

Clips are scored as frames of band levels, (n_frames, n_bands), whatever they were generated as, in two spaces:
`statistics`, which need no fitting, and the last hidden layer of a `Recogniser`, fitted on the train clips.
"""

import warnings

import cv2
import numpy as np
import scipy

BANDS = 12  # groups of bands that frames are averaged over
NEIGHBOURS = 3  # Kynkäänniemi et al. use 3 as well
AT_MOST = 1000  # clips of a set where all pairs are compared
INPUT_SHAPE = (16, 16)  # frames by bands, of the recogniser

MEASURES = ("frechet", "precision", "recall", "diversity", "nearest")
PARTS = 10  # left out in turn for an interval

COLLAPSED = 0.5  # diversity, as a share of that of held-out clips, below which a generator has collapsed
MEMORISED = 0.5  # distance to the nearest train clip, as a share of that of held-out ones, below which it memorises


def statistics(frames):
    """Mean and standard deviation over frames, and mean change between frames, of BANDS groups of bands: (36,)."""
    bands = np.stack([part.mean(axis=1) for part in np.array_split(frames.astype(np.float64), BANDS, axis=1)], axis=1)
    change = np.abs(np.diff(bands, axis=0, prepend=bands[:1])).mean(axis=0)
    return np.concatenate([bands.mean(axis=0), bands.std(axis=0), change])


def scaled_by(points):
    """A function that puts points, (n, d), in units of the mean and standard deviation of others."""
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit(points).transform


def compared(train, sets, groups):
    """Scores of sets of points, each (n, d), in units of the standard deviation of train: {measure: {set: number}}.

    sets: by name, "held_out", "generated", "noise" and others, all reduced to one size, on which distances depend.
    frechet: the distance to train; `frechet_normalised` is that of the generated set, 0 being that of held-out
    clips and 1 that of noise. precision and recall: see `precision_and_recall`. diversity: the mean distance between
    two clips with the same labels, whose numbers are `groups`, by set. nearest: the median distance of a clip to the
    nearest train clip. margin: of the generated set, see `margin`.
    """
    scaled, n = scaled_by(train), min(AT_MOST, *map(len, sets.values()))
    train = subset(scaled(train))
    sets = {name: scaled(subset(points, n)) for name, points in sets.items()}
    groups = {name: subset(numbers, n) for name, numbers in groups.items()}
    of_sets = {name: _measured(train, points, groups[name]) for name, points in sets.items()}
    scores = {measure: {name: _rounded(of[measure]) for name, of in of_sets.items()} for measure in MEASURES}
    points, numbers = sets["generated"], groups["generated"]
    scores["margin"] = margin(lambda rows: _measured(train, points[rows], numbers[rows]), len(points))
    return scores | {"frechet_normalised": _normalised(scores["frechet"]), "clips": n}


def margin(measured, n):
    """{measure: the half width of its 95 % interval} over generated clips: the jackknife that leaves out a tenth of
    them at a time (J. Shao and D. Tu, The Jackknife and Bootstrap, 1995). measured: a function of the rows of n clips
    that gives {measure: value}."""
    parts = [np.delete(np.arange(n), np.s_[k::PARTS]) for k in range(min(PARTS, n))]
    table = {name: [] for name in measured(parts[0])}
    for rows in parts:
        for name, value in measured(rows).items():
            table[name].append(value)
    factor = 1.96 * np.sqrt(len(parts) - 1)  # of the deviation over parts
    return {name: _rounded(factor * float(np.std(values))) for name, values in table.items()}


def _measured(train, points, groups):
    """{measure: value} of one set."""
    precision, recall = precision_and_recall(train, points)
    nearest = float(np.median(_distances(points, train).min(axis=1)))
    values = frechet(train, points), precision, recall, diversity(points, groups), nearest
    return dict(zip(MEASURES, values, strict=True))


def diagnosis(scores):
    """The faults of a generator by its scores from `compared`: a list of "collapsed", "memorising"."""
    diversity, nearest = scores["diversity"], scores["nearest"]
    known = None not in (diversity["generated"], diversity["held_out"])
    names = ["collapsed"] if known and diversity["generated"] < COLLAPSED * diversity["held_out"] else []
    return names + (["memorising"] if nearest["generated"] < MEMORISED * nearest["held_out"] else [])


def frechet(a, b):
    """The Fréchet distance, squared, of the Gaussians that have the mean and covariance of two sets of points, (n, d)
    (Heusel et al. 2017): |mean a - mean b|^2 + trace(A + B - 2 (A B)^0.5)."""
    covariances = [np.atleast_2d(np.cov(points, rowvar=False)) for points in (a, b)]
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ covariances[1] @ root), 0)).sum()
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return float(apart + sum(np.trace(covariance) for covariance in covariances) - 2 * shared)


def precision_and_recall(real, made, k=NEIGHBOURS):
    """The share of `made` that lies within the manifold of `real`, and vice versa (Kynkäänniemi et al. 2019).

    The manifold of a set: all that is no further from one of its points than that point's k-th nearest neighbour.
    """
    between = _distances(real, made)
    precision, recall = between <= _radii(real, k)[:, None], between <= _radii(made, k)
    return float(precision.any(axis=0).mean()), float(recall.any(axis=1).mean())


def diversity(points, groups):
    """The mean distance between two points of a group, over groups; one repeated clip per class scores 0."""
    within = [scipy.spatial.distance.pdist(points[groups == group]) for group in np.unique(groups)]
    return float(np.mean([d.mean() for d in within if len(d)])) if any(map(len, within)) else float("nan")


class Recogniser:
    """A classifier of frames, fitted on the train clips: a multilayer perceptron with one hidden layer."""

    def __init__(self, frames, targets, task):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        network = MLPClassifier([64], alpha=1, max_iter=60, random_state=0)
        self._task, self._pipeline = task, make_pipeline(StandardScaler(), network)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is fixed on purpose
            self._pipeline.fit(_resized(frames), task.codes(targets))

    def accuracy(self, frames, targets):
        """The share of clips whose labels it predicts exactly."""
        return round(float(self.correct(frames, targets).mean()), 4)

    def correct(self, frames, targets):
        """Whether it predicts the labels of each clip exactly, boolean (n,)."""
        probabilities = np.zeros(targets.shape)
        known = self._pipeline.classes_ if self._task.one_label else np.arange(targets.shape[1])
        probabilities[:, known] = np.reshape(self._pipeline.predict_proba(_resized(frames)), (len(frames), -1))
        return (self._task.decide(probabilities) == targets).all(axis=1)

    def layer(self, frames):
        """The activations of its hidden layer, (n, 64)."""
        network = self._pipeline[-1]
        return np.maximum(self._pipeline[0].transform(_resized(frames)) @ network.coefs_[0] + network.intercepts_[0], 0)


def _rounded(value):
    return round(value, 4) if np.isfinite(value) else None


def _normalised(frechet):
    floor, ceiling = frechet["held_out"], frechet["noise"]
    return round((frechet["generated"] - floor) / (ceiling - floor), 4) if ceiling > floor else None


def _resized(frames):
    height, width = INPUT_SHAPE
    return np.stack([cv2.resize(f, (width, height), interpolation=cv2.INTER_AREA).ravel() for f in frames])


def subset(points, n=AT_MOST):
    """At most n points, evenly spaced in their order."""
    return points[np.linspace(0, len(points) - 1, min(n, len(points))).astype(int)]


def _distances(a, b):
    return scipy.spatial.distance.cdist(a, b)


def _radii(points, k):
    return np.sort(_distances(points, points), axis=1)[:, min(k, len(points) - 1)]  # column 0 is the point itself
