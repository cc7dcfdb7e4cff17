import pandas as pd

from sourcewise.audits import remarks

SILENT = "a silent channel: it was left out"


def test_a_finding_names_the_classes_with_the_most_and_the_fewest():
    clips = pd.DataFrame({"path": list("abcdef"), "labels": ["cat"] * 2 + ["dog"] * 3 + ["cat|dog"]})
    summary = remarks.summary(pd.DataFrame({"path": ["a", "b"], "remark": SILENT}), clips)
    assert summary == {SILENT: {"recordings": 2, "classes": {"cat": [2, 3], "dog": [0, 4]}}}
    (finding,) = remarks.findings(summary)
    assert finding.category == "sound"
    assert finding.text == (
        "2 recordings with a silent channel: it was left out (data/remarks.csv). These are 2 of the 3 of `cat`, "
        "and 0 of the 4 of `dog`: if the shares differ, a classifier may learn the fault instead of the class."
    )


def test_equal_shares_are_no_clue():
    clips = pd.DataFrame({"path": list("abcd"), "labels": ["cat", "cat", "dog", "dog"]})
    summary = remarks.summary(pd.DataFrame({"path": ["a", "c"], "remark": SILENT}), clips)
    assert remarks.findings(summary)[0].text.endswith("All classes have the same share of them.")


def test_without_remarks_there_is_no_finding():
    clips = pd.DataFrame({"path": ["a"], "labels": ["cat"]})
    assert remarks.findings(remarks.summary(pd.DataFrame({"path": [], "remark": []}), clips)) == []
