"""Sourcewise: one script a DVC stage, run as `python -m stages.<name>`.

Results must not depend on the machine's number of cores: BLAS and OpenMP sums, and Keras networks, repeat
bit by bit only on a fixed number of threads. The limits hold from here on, before numpy is first imported;
work that is independent clip by clip runs side by side instead.
"""

import os

for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ[_name] = "1"

os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = ",".join(
    ["stages.core.kernels.InCache", "UserProvidedCacheLocator", "InTreeCacheLocator", "UserWideCacheLocator"]
)
