"""DVC stage `train_in_parallel`: trains all classifiers that are new in parallel on the cores of this machine, for the
stages `train@<name>` to take; these train what is missing. It saves time and changes no byte."""

import os

from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import TRAINED
from sourcewise.models.training import train_in_parallel
from sourcewise.storage.files import write_text


def main():
    """The output is the list of the classifiers' fingerprints."""
    workers = params.load(ComputeParams, "compute").workers or os.cpu_count()
    fingerprints = train_in_parallel(params.load(dict[str, dict], "classifiers"), workers)
    write_text(TRAINED, "".join(f"{name} {fingerprint}\n" for name, fingerprint in fingerprints.items()))


if __name__ == "__main__":
    run(main)
