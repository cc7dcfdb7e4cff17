import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.readers.table import DatasetFile, read, rows

COMMON = {"title": "t", "licence": "l", "reader": "table", "file": "table.csv"}
TEXT = "filename,length,tempo,label\nblues.00000.wav,661794,123.50,blues\nrock.00012.3.wav,661504,-0,rock\n"


@pytest.fixture
def dataset_file(tmp_path):
    """A function that writes the CSV and gives a dataset file with the keys that it is called with."""

    def make(text=TEXT, **keys):
        (tmp_path / "table.csv").write_text(text)
        columns = {"path": "filename", "label": "label", "source": "filename"}
        return params.check(DatasetFile, COMMON | {"columns": columns} | keys, "own.yaml")

    return make


def test_rows_are_recordings_and_their_source_is_part_of_a_column(tmp_path, dataset_file):
    recordings = read(tmp_path, dataset_file(source={"pattern": r"^([a-z]+\.\d+)\."}))
    assert [r[:4] for r in recordings] == [
        ("blues.00000.wav", "blues", "blues.00000", ""),
        ("rock.00012.3.wav", "rock", "rock.00012", ""),
    ]
    assert [r.source for r in read(tmp_path, dataset_file())] == ["blues.00000.wav", "rock.00012.3.wav"]


def test_features_are_all_other_columns_as_their_text(tmp_path, dataset_file):
    table = rows(tmp_path, dataset_file())
    assert table.columns.tolist() == ["length", "tempo"]
    assert table.index.tolist() == ["blues.00000.wav", "rock.00012.3.wav"]
    assert table.to_numpy().tolist() == [["661794", "123.50"], ["661504", "-0"]]
    assert rows(tmp_path, dataset_file(leave_out=["length"])).columns.tolist() == ["tempo"]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"source": {"pattern": r"^(\d+)"}}, "source: pattern .* gives no usable name for 2 of 2 rows"),
        ({"leave_out": ["lenght"]}, "leave_out: .*table.csv has no column lenght"),
        ({"leave_out": ["length", "tempo"]}, "no feature column is left"),
        (
            {"columns": {"path": "filename", "label": "tempo", "source": "filename"}},
            "the feature column 'label' has a reserved name",
        ),
        ({"columns": {"path": "name", "label": "label", "source": "name"}}, "has no column name"),
    ],
)
def test_a_wrong_dataset_file_is_named(tmp_path, dataset_file, keys, sentence):
    with pytest.raises(Stop, match=sentence):
        wrong = dataset_file(**keys)
        read(tmp_path, wrong)
        rows(tmp_path, wrong)


def test_a_split_that_others_drew_is_drawn_again(tmp_path, dataset_file):
    text = "filename,a,label\n" + "".join(f"{k},{k},x\n" for k in range(10))
    recordings = read(tmp_path, dataset_file(text, drawn={"test": 0.3, "validation": 0.1, "seed": 42}))
    # RandomState(42).permutation(10) begins with 8, 1, 5
    assert [r.path for r in recordings if r.given == "validation"] == ["8"]
    assert [r.path for r in recordings if r.given == "test"] == ["1", "5"]
    assert [r.path for r in recordings if r.given == "train"] == ["0", "2", "3", "4", "6", "7", "9"]
    assert (
        dataset_file(drawn={"test": 0.3, "validation": 0.1, "seed": 42}).gives_split and not dataset_file().gives_split
    )


def test_two_splits_are_refused(dataset_file):
    columns = {"path": "filename", "label": "label", "source": "filename", "split": "tempo"}
    with pytest.raises(Stop, match=r"drawn is set together with columns\.split or lists: set one of them"):
        dataset_file(columns=columns, drawn={"test": 0.3, "validation": 0.1, "seed": 42})


def test_two_rows_of_one_name_are_refused(tmp_path, dataset_file):
    with pytest.raises(Stop, match=r"1 row \(line 3\): names a file that an earlier row names"):
        read(tmp_path, dataset_file("filename,a,label\nx,1,y\nx,2,z\n"))
