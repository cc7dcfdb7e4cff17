"""DVC stage `ingest`: every recording of the dataset decoded into one flat file; the manifest; the events of each clip,
where the dataset has any; the rejected files."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import CLIPS
from sourcewise.datasets import dataset_file
from sourcewise.datasets.ingest import IngestParams, ingest
from sourcewise.storage.files import write_digest


def main():
    """Stop where too many files, or all files of a class, are rejected."""
    p, audio = params.load(IngestParams, "ingest"), params.load(AudioParams, "audio")
    ingest(dataset_file.chosen(), p, audio)
    write_digest(CLIPS)


if __name__ == "__main__":
    run(main)
