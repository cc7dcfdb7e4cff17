"""What the repository takes, beside what its users would otherwise run: python -m benchmarks

One core, CPU time, medians of what runs in turn; where several processes or cores are at work, wall time. The machine
may be busy: trust the ratios, which come from one run. A ratio is theirs through ours; beside `aim` stands what it is
to be at least.
"""

import os
import tempfile
from pathlib import Path

import stages  # noqa: F401, first: one thread for BLAS, librosa's among it, has to be set before numpy is imported
from benchmarks import arrays, denoisers, generators, networks, pipeline, storage
from benchmarks.measure import HEADER, command


def main():
    """Print the table."""
    print(__doc__.split("\n\n")[1].strip() + f" This machine has {os.cpu_count()} cores.\n\n{HEADER}")
    with tempfile.TemporaryDirectory() as folder:
        for part in (arrays, pipeline, storage, networks, denoisers, generators):
            place = Path(folder) / part.__name__
            place.mkdir()
            part.main(place)


if __name__ == "__main__":
    command(main)
