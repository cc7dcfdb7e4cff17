"""Results that lie ready: train and evaluate, as DVC starts them once for each classifier, take them without what
training needs."""

import os
import subprocess
import sys

from sourcewise.models import ready, training
from sourcewise.storage.files import write_json
from stages import augment, extract
from tests.conftest import REPOSITORY
from tests.test_graph import HEAVY


def _imported(*arguments):
    """The modules that a script imports, which has to end well."""
    command = [sys.executable, "-X", "importtime", *arguments]
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    return {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}


def test_what_lies_ready_is_taken_and_scored_without_what_training_needs(small):
    folder = small(split__folds=3)
    augment.main()
    for features in ("mfcc", "mel"):
        extract.main(features)
    ready.make({"train": ["svm"], "generate": [], "denoise": []}, workers=2, settle=None)
    lies = folder / ready.READY / training.fingerprint("svm")
    expected = (lies / "joined/data/predictions/svm/probabilities.csv").read_bytes()
    imported = _imported("-m", "stages.train", "svm")
    assert "numpy" in imported and not imported & (HEAVY | {"pandas", "cv2"})
    assert (folder / "data/predictions/svm/probabilities.csv").read_bytes() == expected and not lies.exists()
    write_json("metrics/audit.json", {"leakage": {}, "findings": []})
    imported = _imported("-c", "from stages import evaluate; evaluate.write_scores(['svm'])")
    assert "pandas" in imported and not imported & HEAVY
    assert (folder / "metrics/classifiers/svm.json").is_file()


def test_features_are_not_read_to_know_whether_a_result_lies_ready(small):
    folder = small()
    augment.main()
    extract.main("mfcc")
    key = training.fingerprint("svm")
    for shard in (folder / "data/features/mfcc/shards").iterdir():
        shard.unlink()
    assert training.fingerprint("svm") == key
    (folder / "data/features/mfcc/digest.txt").write_text("another\n")
    assert training.fingerprint("svm") != key
