import pandas as pd
import pytest

from sourcewise.datasets import resolver
from sourcewise.datasets.propose import columns, names, parts
from sourcewise.datasets.propose.parts import Part


def _rules(paths):
    candidates = names.parts(paths)
    label = parts.label(candidates)
    return label.rule, [part.rule for part in parts.sources(candidates, label)]


def test_the_rules_of_a_name_are_as_short_as_they_can_be():
    paths = [f"{digit}_{who}_{take}.wav" for digit in "012" for who in ("ann", "ben") for take in range(3)]
    assert [part.rule for part in names.parts(paths)] == ["^([^_]+)_", "^[^_]+_([^_]+)_", r"_([^_]+)\.[^/.]+$"]
    assert _rules(paths) == ("^([^_]+)_", ["^[^_]+_([^_]+)_"])


@pytest.mark.parametrize(
    ("values", "ends", "numbers_files"),
    [
        (["0", "1", "2"], True, True),
        (["01", "02", "04"], True, True),
        (["0", "1", "2"], False, False),  # something follows it
        (["17", "84", "251"], True, False),  # numbers of people, say
        (["a", "b"], True, False),
    ],
)
def test_a_counter_at_the_end_of_names_is_recognised(values, ends, numbers_files):
    assert Part.of("rule", "name", values, ends).numbers_files() == numbers_files


def test_a_counter_is_neither_label_nor_source():
    assert _rules([f"{c}/{k:03d}.wav" for c in ("cat", "dog") for k in range(9)]) == ("parent", [])


def test_a_value_that_differs_in_every_file_is_no_source():
    assert _rules([f"{c}/{c}{k * k + n}x.wav" for c, n in (("cat", 7), ("dog", 99)) for k in range(9)]) == (
        "parent",
        [],
    )


def test_of_folders_that_cross_the_one_with_fewer_names_is_the_label():
    by_mood = [f"{mood}/{who}/{k}.wav" for mood in ("sad", "gay") for who in ("ann", "ben", "cid") for k in range(2)]
    by_person = ["/".join(reversed(path.split("/")[:2])) + path[-6:] for path in by_mood]
    assert _rules(by_mood)[0] == "^([^/]+)/" and _rules(by_person)[0] == "parent"


def test_the_coarser_of_two_sources_comes_first():
    paths = [
        f"{c}/{who}/{who}{day}/{k}.wav" for c in ("x", "y") for who in ("an", "be", "ci") for day in "pq" for k in "zw"
    ]
    label, sources = _rules(paths)
    assert (label, sources[:2]) == ("^([^/]+)/", ["^[^/]+/([^/]+)/", "parent"])


def test_of_columns_that_group_alike_the_one_with_names_is_chosen():
    table = pd.DataFrame({"target": ["0", "1"] * 4, "category": ["dog", "rain"] * 4, "other": list("aabbccdd")})
    assert parts.label(columns.parts(table, None)).rule == "category"


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (["a.wav", "b.wav"], "file"),
        (["x/a.wav", "y/b.wav"], "file"),  # the resolver finds them where they are
        (["f1/a.wav", "f2/b.wav", "f2/a.wav", "f1/b.wav"], "f{fold}/{file}"),
        (["x/f1/a.wav", "x/f2/b.wav", "x/f2/a.wav", "x/f1/b.wav"], "x/f{fold}/{file}"),
        (["c.wav"], None),
    ],
)
def test_a_folder_is_joined_where_a_name_is_in_several(files, text):
    table = pd.DataFrame({"file": ["a.wav", "b.wav"], "fold": ["1", "2"], "label": ["p", "q"]})
    found = columns.paths(table, resolver.Paths(files))
    assert (found and found[:2]) == (("file", text) if text else None)


def test_equally_good_folders_are_told_and_the_first_is_taken():
    table = pd.DataFrame({"file": ["a.wav", "b.wav"]})
    files = resolver.Paths(["raw/a.wav", "raw/b.wav", "clean/a.wav", "clean/b.wav"])
    assert columns.paths(table, files) == ("file", "clean/{file}", ["clean/a.wav", "clean/b.wav"], ["raw/{file}"])


def test_a_path_may_lack_its_suffix():
    table = pd.DataFrame({"id": ["a", "b"]})
    files = resolver.Paths(["x/a.mp3", "x/b.mp3"])
    assert columns.paths(table, files) == ("id", "id", ["x/a.mp3", "x/b.mp3"], [])


@pytest.mark.parametrize(
    ("labels", "sign"),
    [
        (["dog", "dog;rain"], ";"),
        (["dog|rain", "cat"], "|"),
        (["a,b", "a", "b", "b,a"], ","),
        (["Crow, hooded", "Crow, carrion"], None),
    ],
)
def test_the_sign_between_labels(labels, sign):
    assert columns.separator(labels) == sign


@pytest.mark.parametrize("column", ["speaker", "client_id", "fsID", "Speakers", "srcFile"])
def test_a_column_may_say_that_it_is_the_source(column):
    assert Part.of(column, "column", ["x", "y"]).is_named_source()


@pytest.mark.parametrize("column", ["speakeasy", "id", "note"])
def test_another_does_not(column):
    assert not Part.of(column, "column", ["x", "y"]).is_named_source()
