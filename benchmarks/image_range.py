"""Which range of dB images of mel spectrograms should have: python -m benchmarks.image_range

Prints the accuracy on validation sources of two linear classifiers on images, mean of three splits, for several ranges
(`features.png.range_db`): on bundled datasets, and on real recordings where they lie beside the repository.
"""

import tempfile
import warnings
from pathlib import Path

import cv2
import numpy as np

from benchmarks.measure import command
from sourcewise.audio.decode import decode
from sourcewise.audio.mel_image import colours, image, indexed
from sourcewise.audio.samples import to_float
from sourcewise.audio.spectral import log_mel
from sourcewise.datasets.assign import assign
from sourcewise.datasets.synthetic import genres, voices
from tests.conftest import FSDD

RANGES = [(-90, 10), (-80, 0), (-70, 10), (-60, 0), (-60, 20), (-50, 20), (-40, 20)]
SR, SIZE, SEEDS = 16_000, (35, 50), 3


def main():
    """A column a dataset, a row a range."""
    with tempfile.TemporaryDirectory() as folder:
        datasets = {name: _dataset(*of) for name, of in _datasets(Path(folder)).items()}
    print("range_db      " + "".join(f"{name:>9}" for name in datasets) + "     mean")
    for ends in RANGES:
        accuracies = [_accuracy(*of, ends) for of in datasets.values()]
        print(f"{ends[0]:4} to {ends[1]:3}   " + "".join(f"{a:9.3f}" for a in (*accuracies, np.mean(accuracies))))


def _datasets(folder):
    """{name: (files, label of each, source of each)}."""
    for name, make in (("voices", voices.make), ("genres", genres.make)):
        make(folder / name)
    datasets = {}
    for name in ("voices", "genres"):  # <class>/<source>/<number>.wav
        files = sorted((folder / name).rglob("*.wav"))
        datasets[name] = files, [p.parts[-3] for p in files], [p.parts[-2] for p in files]
    if FSDD.is_dir():
        files = [p for p in sorted(FSDD.rglob("*.wav")) if int(p.stem.split("_")[2]) < 12]
        datasets["fsdd"] = files, *zip(*(p.stem.split("_")[:2] for p in files), strict=True)
        files = sorted((FSDD.parent / "esc10").glob("*/*.ogg"))
        datasets["esc10"] = files, [p.parent.name for p in files], [p.stem for p in files]
    return datasets


def _dataset(files, labels, sources):
    """Images in dB (n, height, width), the number of each one's class, the sources."""
    images = []
    for file in files:
        y = to_float(decode(file, sr=SR)[0])
        images.append(image(log_mel(y, sr=SR, n_fft=1024, hop_length=128, n_mels=128), width=256))
    return np.stack(images), np.unique(labels, return_inverse=True)[1], np.array(sources)


def _accuracy(images, y, sources, ends):
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    palette, scores = colours("magma"), []
    x = [palette[indexed(db, low_db=ends[0], high_db=ends[1])] for db in images]
    x = np.stack([cv2.resize(rgb, SIZE, interpolation=cv2.INTER_AREA).ravel() / np.float32(255) for rgb in x])
    for seed in range(SEEDS):
        part = assign(sources, np.eye(y.max() + 1, dtype=bool)[y], fractions=[0.4, 0.2, 0.4], seed=seed)
        for model in (LogisticRegression(max_iter=200), LinearSVC(C=0.01)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scores.append(model.fit(x[part == 0], y[part == 0]).score(x[part == 1], y[part == 1]))
    return np.mean(scores)


if __name__ == "__main__":
    command(main)
