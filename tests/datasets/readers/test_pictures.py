from sourcewise.core import params
from sourcewise.datasets.readers.pictures import DatasetFile, read


def test_pictures_and_no_other_files_are_read(tmp_path, capsys):
    for name in ("Animals/cats/0 1.JPG", "Animals/dogs/0 1.png", "Animals/dogs/bark.wav", "Animals/dogs/.hidden.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    keys = {"title": "t", "licence": "l", "reader": "pictures", "label": "parent", "source": {"pattern": "(.+)"}}
    animals = params.check(DatasetFile, keys, "data/datasets/animals.yaml")
    assert [r[:4] for r in read(tmp_path, animals)] == [
        ("Animals/cats/0 1.JPG", "cats", "Animals/cats/0 1.JPG", ""),
        ("Animals/dogs/0 1.png", "dogs", "Animals/dogs/0 1.png", ""),
    ]
    assert animals.modality == "pictures"
    assert "left out 2 files (not pictures): Animals/dogs/.hidden.png" in capsys.readouterr().out
