"""Where compiled numba kernels are cached: once for a repository and all its experiments' temporary copies.

Numba caches beside the source, so that each copy would spend ten seconds on compiling the same code again.
"""

from pathlib import Path

from numba.core import config
from numba.core.caching import InTreeCacheLocator

from sourcewise.core.paths import repository
from sourcewise.storage import fingerprints


class InCache(InTreeCacheLocator):
    """`.cache/kernels/<digest of the code>`, or the same in NUMBA_CACHE_DIR; named in compute/determinism.py."""

    def __init__(self, function, file):
        super().__init__(function, file)
        folder = Path(config.CACHE_DIR) if config.CACHE_DIR else repository() / ".cache/kernels"
        self._cache_path = str(folder / fingerprints.of("sourcewise/audio"))

    @classmethod
    def from_function(cls, function, file):
        """None for the functions of other packages, which numba then caches in its own folders."""
        return super().from_function(function, file) if fingerprints.ROOT / "sourcewise" in Path(file).parents else None
