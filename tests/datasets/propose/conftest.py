"""From files as people have them to data/manifest.csv."""

import numpy as np
import openpyxl
import pytest
import soundfile

from sourcewise.datasets import manifest
from sourcewise.datasets.propose import command
from stages import fetch, ingest
from tests.conftest import REPOSITORY, change_params

SR = 8000


def write(path, content, k=0):
    """A file: text or bytes; None: half a second of noise, the k-th; a number: as many seconds; an array: samples at
    8 kHz; a list of rows: an XLSX."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, list):
        book = openpyxl.Workbook()
        for row in content:
            book.active.append(row)
        book.save(path)
    elif isinstance(content, str | bytes):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    else:
        seconds = 0.5 if content is None else content
        noise = np.random.default_rng(k).normal(0, 0.1, round(seconds * SR)) if np.isscalar(seconds) else seconds
        soundfile.write(path, noise, SR, format="WAV")


@pytest.fixture
def arrived(in_tmp, capsys):
    """A function that writes files below `given`, proposes `target` there, fetches and ingests; returns the manifest
    and what was printed. Texts may hold <root> for the absolute path of `given`."""
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    change_params(in_tmp, {"dataset": "own", "audio.sr": SR, "compute.workers": 1})

    def through(files, target=".", **options):
        for k, (name, content) in enumerate(files.items()):
            content = content.replace("<root>", str(in_tmp / "given")) if isinstance(content, str) else content
            write(in_tmp / "given" / name, content, k)
        command.main(in_tmp / "given" / target, name="own", **options)
        fetch.main()
        ingest.main()
        printed = capsys.readouterr()
        return manifest.read(), printed.out + printed.err

    return through
