"""DVC stage `train_in_parallel`: makes all classifiers, generators and denoisers that are new side by side on the cores
of this machine, for the stages `train@`, `generate@` and `denoise@` to take; these make what is missing. It saves time
and changes no byte."""

import os

from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import SAMPLES, TRAINED
from sourcewise.extraction.generated import extract_generated
from sourcewise.models import ready
from sourcewise.storage.files import write_text


def main():
    """The output is the list of the fingerprints."""
    workers = params.load(ComputeParams, "compute").workers or os.cpu_count()
    names = {kind: list(params.load(dict[str, dict], section)) for kind, section in ready.SECTIONS.items()}
    fingerprints = ready.make(names, workers, settle=_extract)
    write_text(TRAINED, "".join(f"{kind}@{name} {each}\n" for (kind, name), each in fingerprints.items()))


def _extract(name, folder):
    """The features of the clips of a generator that is new, for the classifiers that train on them."""
    extract_generated(name, folder / SAMPLES / "generators" / name)


if __name__ == "__main__":
    run(main)
