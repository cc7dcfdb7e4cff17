"""DVC stage `split`: train, validation and test of each fold, whole sources only."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import DUPLICATES, MANIFEST
from sourcewise.datasets import manifest
from sourcewise.datasets.split import SplitParams, split
from sourcewise.datasets.task import Task


def main():
    """Assign every clip to a part of each fold, or stop with the reason; the manifest with a column a fold."""
    p = params.load(SplitParams, "split")
    pairs = manifest.read(DUPLICATES) if p.merge_duplicates else None
    split(manifest.read(MANIFEST), pairs, Task.read(), p).write()


if __name__ == "__main__":
    run(main)
