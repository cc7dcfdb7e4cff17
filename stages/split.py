"""DVC stage `split`: train, validation and test, by whole sources."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import DUPLICATES, MANIFEST, SPLIT
from sourcewise.datasets import manifest
from sourcewise.datasets.split import SplitParams, split
from sourcewise.datasets.task import Task


def main():
    """Assign every clip to a part, or stop where no such split exists; writes the manifest with a column `split`."""
    p = params.load(SplitParams, "split")
    pairs = manifest.read(DUPLICATES) if p.merge_duplicates else None
    manifest.write(split(manifest.read(MANIFEST), pairs, Task.read(), p), SPLIT)


if __name__ == "__main__":
    run(main)
