"""Whether sources can be split so that every part has every class, and what would suffice where they cannot."""

import numpy as np
import scipy


def lacking(carries, n_parts):
    """The fewest sources of each class, (n_classes,) int, that suffice in addition; all 0 where a split exists.

    carries: boolean (n_sources, n_classes), the classes that each source has clips of; every source is in one of
    n_parts, which all need every class. Each added source may be of one class alone.

    An integer program: how many sources of equal classes go to each part, so that the fewest pairs of a part and a
    class are left without a source; each of these takes one source of the class more.
    """
    classes_of, n_sources = np.unique(carries, axis=0, return_counts=True)  # (n_kinds, n_classes)
    n_kinds, n_classes = classes_of.shape
    n_dealt, n_pairs = n_kinds * n_parts, n_classes * n_parts
    dealt_once = scipy.sparse.kron(scipy.sparse.eye(n_kinds), np.ones((1, n_parts)))  # all parts of each kind
    present = scipy.sparse.kron(classes_of.T.astype(float), scipy.sparse.eye(n_parts))  # (class, part) by (kind, part)
    result = scipy.optimize.milp(
        np.repeat([0.0, 1.0], [n_dealt, n_pairs]),
        integrality=np.ones(n_dealt + n_pairs),
        bounds=scipy.optimize.Bounds(0, np.concatenate([np.repeat(n_sources, n_parts), np.ones(n_pairs)])),
        constraints=[
            scipy.optimize.LinearConstraint(
                scipy.sparse.hstack([dealt_once, scipy.sparse.csr_array((n_kinds, n_pairs))]), n_sources, n_sources
            ),
            scipy.optimize.LinearConstraint(scipy.sparse.hstack([present, scipy.sparse.eye(n_pairs)]), 1, np.inf),
        ],
    )
    return np.rint(result.x[n_dealt:]).astype(int).reshape(n_classes, n_parts).sum(axis=1)
