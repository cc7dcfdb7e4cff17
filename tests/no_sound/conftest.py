"""A repository for a dataset that is not sound, and functions that read its results."""

import pytest

from sourcewise.core import params
from sourcewise.core.paths import METRICS, REPORT
from sourcewise.storage.files import read_json
from stages import augment, check, duplicates, evaluate, explore, ingest, split
from tests.conftest import REPOSITORY, change_params

TABLE, PICTURES = "the dataset is a table of features, not sound", "the dataset is pictures, not sound"


@pytest.fixture
def repository(in_tmp):
    """A function that copies the repository's params.yaml, with few, small classifiers, and a dataset file."""

    def make(dataset, classifiers, **values):
        content = params.read_yaml(REPOSITORY / "params.yaml")
        few = {"classifiers": {name: content["classifiers"][name] for name in classifiers}}
        few |= {"generators": {name: content["generators"][name] for name in ("dcgan", "cgan_cnn")}}
        few |= {"denoisers": {"none": content["denoisers"]["none"]}}
        (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
        change_params(in_tmp, few | {"dataset": dataset} | {k.replace("__", "."): v for k, v in values.items()})
        for path in (f"data/datasets/{dataset}.yaml", "requirements.in", "requirements.txt"):
            (in_tmp / path).write_text((REPOSITORY / path).read_text())
        (in_tmp / "data/raw" / dataset).mkdir(parents=True)
        return in_tmp / "data/raw" / dataset

    return make


def to_the_split(*more):
    """Run the stages up to the split, and more."""
    for stage in (check, ingest, duplicates, split, augment, *more):
        stage.main()


def reasons(*paths):
    """The reasons in these files."""
    return {str(path): read_json(path).get("reason") or read_json(path).get("not_run") for path in paths}


def explored():
    """The figures of the stage `explore`."""
    return [figure["file"].removesuffix(".json") for figure in read_json("data/explored/figures.json")]


def evaluated():
    """The comparison and the report's page."""
    explore.main()
    evaluate.main()
    return (METRICS / "comparison.md").read_text(), (REPORT / "index.html").read_text()
