from functools import partial

import pytest

from stages import audit, augment, extract, ingest, split
from stages.audits import gap
from stages.core import manifest, params
from stages.core.examples import Examples, read_features
from stages.core.task import Task
from stages.zoo import svm
from tests.conftest import REPOSITORY


def test_the_gap_of_real_speakers(in_tmp, fsdd):
    # its README gives, for an SVM on means and deviations of 20 MFCC: 0.986 by clip, 0.519 by speaker
    text = (REPOSITORY / "params.yaml").read_text().replace("sr: 16000", "sr: 8000").replace("voices", "fsdd")
    (in_tmp / "params.yaml").write_text(text)
    (in_tmp / "data/cards/fsdd.yaml").write_text((REPOSITORY / "data/cards/fsdd.yaml").read_text())
    (in_tmp / "data/raw").mkdir()
    (in_tmp / "data/raw/fsdd").symlink_to(fsdd)
    ingest.main()
    split.main()
    augment.main()
    extract.main("mfcc")
    clips, task = manifest.read(), Task.read()
    targets = task.targets(clips["labels"])
    p = params.classifier(svm.Params, "svm")
    fit = partial(audit._fit, svm, p, Examples(read_features("mfcc"), targets, clips["source"].to_numpy()), task)
    groups = {"by_clip": clips["clip_id"], "by_source": clips["source"]}
    probabilities = {way: gap.out_of_fold(fit, of, targets, folds=5, seed=0) for way, of in groups.items()}
    found = gap.gap(probabilities, clips["source"], targets, task, resamples=500, seed=0)
    assert found["by_clip"]["value"] == pytest.approx(0.986, abs=0.01)
    assert found["by_source"]["value"] == pytest.approx(0.52, abs=0.08)
    assert found["gap"]["low"] > 0.3
