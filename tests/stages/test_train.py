"""train and evaluate as DVC starts them, once for each classifier: what they need not do, they do not."""

import os
import subprocess
import sys

from sourcewise.compute.processes import side_by_side
from sourcewise.models import training
from stages import augment, extract
from tests.conftest import REPOSITORY
from tests.test_graph import HEAVY


def _imported(*arguments):
    """The modules that a script imports, which has to end well."""
    command = [sys.executable, "-X", "importtime", "-m", *arguments]
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    return {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}


def test_what_lies_ready_is_taken_and_scored_without_what_training_needs(small):
    folder = small()
    augment.main()
    for features in ("mfcc", "mel"):
        extract.main(features)
    errors = side_by_side(training.train_ready, ["svm"], n=1, title="train", unit="classifier")
    assert errors == {"svm": None}
    ready = folder / training.READY / training.fingerprint.__wrapped__("svm")
    expected = (ready / "predictions/probabilities.csv").read_bytes()
    imported = _imported("stages.train", "svm")
    assert "numpy" in imported and not imported & (HEAVY | {"pandas", "cv2"})
    assert (folder / "data/predictions/svm/probabilities.csv").read_bytes() == expected and not ready.exists()
    imported = _imported("stages.evaluate", "svm")
    assert "pandas" in imported and not imported & HEAVY
    assert (folder / "metrics/each/classifiers/svm.json").is_file()


def test_features_are_not_read_to_know_whether_a_result_lies_ready(small):
    folder = small()
    augment.main()
    extract.main("mfcc")
    key = training.fingerprint.__wrapped__("svm")
    for shard in (folder / "data/features/mfcc/shards").iterdir():
        shard.unlink()
    assert training.fingerprint.__wrapped__("svm") == key
    (folder / "data/features/mfcc/digest.txt").write_text("another\n")
    assert training.fingerprint.__wrapped__("svm") != key
