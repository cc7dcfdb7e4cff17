"""train and evaluate as DVC starts them, once for each classifier: what they need not do, they do not."""

import os
import subprocess
import sys

from stages import augment, extract, train
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
    for kind in ("mfcc", "mel"):
        extract.main(kind)
    train.side_by_side(train._train_ahead, ["svm"], n=1, what="ahead", unit="classifier")
    found = folder / train.AHEAD / train._made_of.__wrapped__("svm")
    expected = (found / "predictions/probabilities.csv").read_bytes()
    imported = _imported("stages.train", "svm")
    assert "numpy" in imported and not imported & (HEAVY | {"pandas", "cv2"})
    assert (folder / "data/predictions/svm/probabilities.csv").read_bytes() == expected and not found.exists()
    imported = _imported("stages.evaluate", "svm")
    assert "pandas" in imported and not imported & HEAVY
    assert (folder / "metrics/each/svm.json").is_file()


def test_features_are_not_read_to_know_whether_a_result_lies_ready(small):
    folder = small()
    augment.main()
    extract.main("mfcc")
    key = train._made_of.__wrapped__("svm")
    for piece in (folder / "data/features/mfcc/pieces").iterdir():
        piece.unlink()
    assert train._made_of.__wrapped__("svm") == key
    (folder / "data/features/mfcc/digest.txt").write_text("another\n")
    assert train._made_of.__wrapped__("svm") != key
