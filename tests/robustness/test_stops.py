"""Each bad list, dataset file, parameter, archive or dataset ends with its sentence, or runs and says what it took."""

from importlib import import_module

import pandas as pd
import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split
from sourcewise.storage import archives
from tests.robustness.files import FILES
from tests.robustness.limit import limit
from tests.robustness.stops import STOPS


def _run(root, case):
    for name, content in (("params.yaml", case.params), ("data/datasets/own.yaml", case.dataset_file)):
        (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for path, content in case.sounds.items() if case.archive is None else ():
        file = root / "data/raw/own" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    if case.archive is not None:
        (root / "a.zip").write_bytes(case.archive)
    with limit(60):
        for name in case.runs:
            import_module(f"stages.{name}").main()


@pytest.mark.parametrize("case", STOPS, ids=lambda case: case.name)
def test_bad_lists_cards_parameters_archives_and_corpora(in_tmp, monkeypatch, case):
    monkeypatch.setattr(archives, "UNCHECKED_BYTES", 2_000_000)
    if isinstance(case.outcome, str):
        with pytest.raises(Stop) as stopped:
            _run(in_tmp, case)
        sentence = str(stopped.value).strip()
        assert sentence.removeprefix("sourcewise: ").replace(f"{in_tmp}/", "").startswith(case.outcome)
        assert "\n" not in sentence
        assert not list(in_tmp.parent.rglob("x.wav"))  # what archives would have left
        return
    _run(in_tmp, case)
    taken = manifest.read().set_index("path")["labels"].to_dict()
    rejected = pd.read_csv("data/rejected.csv", keep_default_na=False)["path"]
    assert taken | dict.fromkeys(rejected) == case.outcome


def test_a_thousand_classes_of_three_sources_are_split(in_tmp):
    (case,) = (case for case in STOPS if case.name == "1,000 classes")
    paths = [f"c{k:03}/{3 * k + source}.wav" for k in range(1000) for source in range(3)]
    _run(in_tmp, case._replace(sounds=dict.fromkeys(paths, case.sounds["c000/0.wav"])))
    split = Split.read().of_fold(0)
    assert split.groupby("split")["labels"].nunique().to_dict() == {"test": 1000, "train": 1000, "validation": 1000}
    assert (split.groupby("source")["split"].nunique() == 1).all()


def test_the_names_of_all_cases_differ():
    names = [case.name for case in [*FILES, *STOPS]]
    assert len(names) == len(set(names)) >= 40
