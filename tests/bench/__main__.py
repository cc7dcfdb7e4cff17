"""make bench: what the repository takes, beside what its users would otherwise run."""

import tempfile
from pathlib import Path

import stages  # first: one thread for BLAS, ours and librosa's
from tests.bench import arrays
from tests.bench.measure import HEADER

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(HEADER)
        arrays.main(Path(folder))
