"""DVC stage `external`: the recordings of the datasets that `external` of the dataset file names, predicted by all
trained classifiers; nothing is fitted or chosen on them. Without one it writes an empty list."""

import shutil

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import RAW
from sourcewise.datasets import dataset_file
from sourcewise.datasets.external import EXTERNAL, NAMES
from sourcewise.storage.files import write_json


def main():
    """Datasets whose recordings are missing are fetched."""
    external = dataset_file.external(dataset_file.chosen())
    names = [one.dataset for one in external]
    NAMES.unlink(missing_ok=True)
    for path in EXTERNAL.glob("*"):
        if path.name not in names:
            shutil.rmtree(path)
    if external:
        _predict(external)
    write_json(NAMES, names)


def _predict(external):
    from sourcewise.audits.duplicates import DuplicatesParams
    from sourcewise.compute.parallel import ComputeParams
    from sourcewise.core.params import AudioParams
    from sourcewise.datasets import fetch
    from sourcewise.datasets.ingest import IngestParams
    from sourcewise.datasets.task import Task
    from sourcewise.inference.external import predict

    names = params.load(dict[str, dict], "classifiers")
    settings = {
        "ingest": params.load(IngestParams, "ingest"),
        "audio": params.load(AudioParams, "audio"),
        "similarity": params.load(DuplicatesParams, "duplicates").similarity,
        "compute": params.load(ComputeParams, "compute").model_copy(update={"backend": "threads"}),
    }
    for one in external:
        if not (RAW / one.dataset).is_dir():
            fetch.recordings(one.dataset)
        predict(one, names, Task.read(), **settings)


if __name__ == "__main__":
    run(main)
