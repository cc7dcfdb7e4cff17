from xml.etree import ElementTree

import pandas as pd
import pytest
from scipy.stats import friedmanchisquare

from sourcewise.evaluation.critical_difference import diagram, friedman, groups, mean_ranks
from sourcewise.evaluation.significance import pairs


def _tallies(right):
    return {name: {f"s{k:02d}": [10, r] for k, r in enumerate(rights)} for name, rights in right.items()}


TALLIES = _tallies({"bad": [1] * 16, "good": [9] * 15 + [8], "<&fine>": [9] * 14 + [8, 9]})


def test_ranks_are_means_over_sources_and_ties_share():
    assert mean_ranks(TALLIES) == {"<&fine>": 1.5, "good": 1.5, "bad": 3.0}
    assert mean_ranks(_tallies({"a": [1, 5], "b": [2, 5]})) == {"b": 1.25, "a": 1.75}


def test_friedman_is_scipys_and_none_where_it_cannot_be_computed():
    rows = {"a": [1, 5, 3, 4], "b": [2, 5, 4, 6], "c": [0, 1, 3, 2]}
    assert friedman(_tallies(rows)) == pytest.approx(friedmanchisquare(*rows.values()).pvalue)
    assert friedman(_tallies({"a": [1, 2], "b": [2, 2]})) is None
    assert friedman(_tallies({"a": [1, 2], "b": [1, 2], "c": [1, 2]})) is None


def _table(*significant):
    return pd.DataFrame([(*pair, True) for pair in significant], columns=["classifier", "other", "significant"])


def test_groups_are_the_longest_runs_without_a_significant_difference():
    assert groups("abcd", _table()) == [(0, 3)]
    assert groups("abcd", _table(("a", "d"))) == [(0, 2), (1, 3)]
    assert groups("abcd", _table(("c", "a"), ("b", "d"), ("a", "d"))) == [(0, 1), (1, 2), (2, 3)]
    assert groups("abc", _table(("a", "b"), ("b", "c"), ("a", "c"))) == []


def test_the_diagram_shows_every_name_and_bar_and_is_deterministic():
    svg = diagram(TALLIES, pairs(TALLIES))
    assert svg == diagram(TALLIES, pairs(TALLIES))
    elements = list(ElementTree.fromstring(svg).iter())
    texts = [element.text for element in elements if element.tag.endswith("text")]
    assert {"bad", "good", "<&fine>", "1.50", "3.00"} <= set(texts)
    assert len([element for element in elements if element.tag.endswith("circle")]) == 3
    assert len([element for element in elements if element.get("stroke-width") == "4"]) == 1  # good and <&fine>


def test_one_classifier_of_one_source_is_drawn_too():
    ElementTree.fromstring(diagram(_tallies({"a": [3]}), pairs(_tallies({"a": [3]}))))
