"""A dataset synthesised again under other conditions."""

import os
import subprocess
import sys

from sourcewise.storage.archives import checksum

#: What numpy dispatches to; without it exp, tanh and powers differ in their last bit, as on an older processor.
WITHOUT = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"


def same_bytes_elsewhere(corpus, settings, made, folder):
    """Assert that sourcewise/datasets/synthetic/<corpus>.py, its constants being `settings`, makes what is in `made`
    in a process with one core, another locale and time zone, without numpy's widest instructions."""
    code = (
        f"import os; os.cpu_count = lambda: 1; from sourcewise.datasets.synthetic import {corpus} as c; "
        f"vars(c).update({settings!r}); c.make({str(folder)!r})"
    )
    env = os.environ | {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C", "OMP_NUM_THREADS": "1"}
    env |= {"OPENBLAS_NUM_THREADS": "1", "NPY_DISABLE_CPU_FEATURES": WITHOUT}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, env=env)
    assert checksum(folder) == checksum(made)
