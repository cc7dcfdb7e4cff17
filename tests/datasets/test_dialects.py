"""Tables in dialects: what is written in any of them is read back."""

import csv
import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcewise.datasets import dialects, tables

TITLES = ("file", "start", "label", "who is it")
#: Any text without control characters and surrogates, which no dialect has to distinguish at its ends from none.
CELL = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), max_size=12).map(str.strip)
NAME = st.from_regex(r"[a-zé][a-z0-9_é ,;]{0,8}[a-z]\.wav", fullmatch=True)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def _write(rows, sign, *, quoted, end, hint, comment, trailing, encoding):
    """Rows as spreadsheets, pandas and people write them."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=sign, quoting=quoting, lineterminator=end).writerows(rows)
    text = out.getvalue()
    if trailing:
        text = "".join(f"{line}{sign * 2}{end}" for line in text.split(end)[:-1]) + f"{sign * len(TITLES)}{end}" * 2
    return (f"# {comment}{end}" * bool(comment) + f"sep={sign}{end}" * hint + text).encode(encoding)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(NAME, st.integers(0, 99).map(str), CELL, CELL), min_size=2, max_size=8),
    st.sampled_from(",;\t"),
    st.fixed_dictionaries(
        {
            "quoted": st.booleans(),
            "end": st.sampled_from(("\n", "\r\n")),
            "hint": st.booleans(),
            "comment": st.sampled_from(("", "made by hand")),
            "trailing": st.booleans(),
            "encoding": st.sampled_from(ENCODINGS),
        }
    ),
)
def test_what_is_written_in_any_dialect_is_read_back(tmp_path_factory, rows, sign, how):
    if how["hint"]:
        how["comment"] = ""  # Excel's hint is the first line
    file = tmp_path_factory.getbasetemp() / "list.csv"
    file.write_bytes(_write([TITLES, *rows], sign, **how))
    table = tables.whole(file)
    assert table.columns.tolist() == list(TITLES)
    assert list(table.itertuples(index=False, name=None)) == rows


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("['dog', 'cat']", ["dog", "cat"]),
        ('["dog", "cat"]', ["dog", "cat"]),
        ("['dog' 'cat']", ["dog", "cat"]),
        ("('dog',)", ["dog"]),
        ("{'dog', 'cat'}", ["dog", "cat"]),
        ("[dog, small cat]", ["dog", "small cat"]),
        ('["it\'s", "a, b"]', ["it's", "a, b"]),
        (r"['it\'s']", ["it's"]),
        ("[1, 02]", ["1", "02"]),
        ("[]", []),
        ("dog", None),
        ("[dog", None),
        ("", None),
    ],
)
def test_lists_in_cells(cell, items):
    assert dialects.items(cell) == items


@pytest.mark.parametrize(
    ("column", "read"),
    [
        (["1,5", "2", "-0,25"], ["1.5", "2", "-0.25"]),
        (["1.5", "2,5"], ["1.5", "2,5"]),
        (["1,000,000", "2"], ["1,000,000", "2"]),
        (["a,b", "1"], ["a,b", "1"]),
        (["", "1,5"], ["", "1.5"]),
    ],
)
def test_decimal_commas(column, read):
    import pandas as pd

    assert tables.with_points(pd.Series(column, dtype=object)).tolist() == read


def test_audacitys_lines_of_frequencies_are_left_out(tmp_path):
    (tmp_path / "a.txt").write_text("0.5\t1.0\tdog\n\\\t100.0\t900.0\n2.0\t3.0\tcat\n")
    assert dialects.rows(tmp_path / "a.txt") == [(1, ["0.5", "1.0", "dog"]), (3, ["2.0", "3.0", "cat"])]


def test_a_delimiter_is_found_whatever_order_rows_have():
    rows = ["a.wav;1,5;dog", "b.wav;2,5;cat, small", "c.wav;3;x"]
    for some in itertools.permutations(rows):
        assert dialects._delimiter("\n".join(some)) == ";"
