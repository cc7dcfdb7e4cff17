"""check: what fits only together. Single values are in tests/core/test_params.py, whole runs in test_pipeline.py."""

import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.core.paths import PER_FOLD, SETTINGS, TRAINING
from sourcewise.storage.files import read_json
from stages import check
from tests.conftest import change_params, small_corpus


def test_a_network_of_waves_has_the_rate_of_the_waves(in_tmp):
    small_corpus(in_tmp)
    check.main()
    change_params(in_tmp, {"features.wave.sr": 8000})
    with pytest.raises(Stop, match=r"params\.yaml: classifiers\.wavenet\.sr is 16000, but features\.wave\.sr is 8000$"):
        check.main()
    change_params(in_tmp, {"classifiers.wavenet.sr": 8000})
    check.main()


@pytest.mark.parametrize("folds", [3, "all"])
def test_folds_do_not_go_with_a_denoiser_that_is_trained(in_tmp, folds):
    small_corpus(in_tmp, split__folds=folds, denoise__apply="mask")
    with pytest.raises(
        Stop,
        match=r"denoise\.apply is 'mask', which is trained on clips that other folds test: set it to a denoiser that "
        r"is not trained, or split\.folds to null$",
    ):
        check.main()
    for denoiser in ("spectral_gating", "none"):
        change_params(in_tmp, {"denoise.apply": denoiser})
        check.main()
    change_params(in_tmp, {"denoise.apply": "mask", "split.folds": None})
    check.main()


def test_generators_whose_clips_a_classifier_reads_are_listed(in_tmp):
    small_corpus(in_tmp)
    content = params.read_yaml(in_tmp / "params.yaml")
    check.main()
    assert read_json(PER_FOLD) == ["cgan_cnn", "cgan_fcn", "cgan_fcn_4s"]
    assert len(content["generators"]) > 3
    settings, of_training = read_json(SETTINGS), read_json(TRAINING)
    assert settings.pop("dataset_file")["title"] == "t"
    assert settings == {key: value for key, value in content.items() if key != "compute"}
    assert of_training == {key: content[key] for key in of_training} and {"classifiers", "train"} <= set(of_training)
    few = {name: entry for name, entry in content["classifiers"].items() if not entry["features"].startswith("mfcc_")}
    change_params(in_tmp, {"classifiers": few})
    check.main()
    assert read_json(PER_FOLD) == []


@pytest.mark.parametrize(
    ("folds", "printed"),
    [
        (6, "1 classifier on 6 folds: about 6 fits, which take about 10 times as long as with one split"),
        ("all", "1 classifier on up to 20 folds: up to 20 fits, which take up to 45 times as long as with one split"),
    ],
)
def test_what_a_cross_validation_costs_is_printed_before_any_work(in_tmp, capsys, folds, printed):
    # (folds - 2) / folds of the clips train in each fold, 0.4 of them with one split
    small_corpus(in_tmp, split__folds=folds)
    content = params.read_yaml(in_tmp / "params.yaml")
    change_params(in_tmp, {"classifiers": {"svm": content["classifiers"]["svm"]}})
    check.main()
    assert printed in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ensemble", "majority", "procedure", "source"])
def test_no_classifier_has_the_name_of_a_row_of_the_results(in_tmp, name):
    small_corpus(in_tmp)
    content = params.read_yaml(in_tmp / "params.yaml")
    change_params(in_tmp, {"classifiers": {name: content["classifiers"]["svm"]}})
    with pytest.raises(Stop, match=rf"params.yaml: classifiers.{name}: the name is that of a row of the results"):
        check.main()
