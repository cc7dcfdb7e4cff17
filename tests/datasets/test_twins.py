import pytest

from sourcewise.datasets.twins import sentence, twins


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["1", "01", "2", "10"], [["01", "1"]]),
        (["Anna", "anna ", "Bea"], [["Anna", "anna "]]),
        (["Dog", "dog", "DOG", "cat"], [["DOG", "Dog", "dog"]]),
        (["spk_1", "spk-01", "spk 1", "spk2"], [["spk 1", "spk-01", "spk_1"]]),
        (["\uff44og", "dog"], [["dog", "\uff44og"]]),
        (["0", "00", "a0b", "ab"], [["0", "00"]]),
        (["1-2", "12", "dog", "dogs"], []),
    ],
)
def test_names_that_may_mean_the_same(names, groups):
    assert twins(names) == groups == twins(reversed(names))


def test_the_warning_names_them():
    assert sentence(["Dog", "dog", "cat"], "classes") == (
        "classes that differ only in case, blanks, signs or leading zeros: 'Dog' and 'dog': where they are the same, "
        "write them alike, or they count as different"
    )
    assert sentence(["dog", "cat"], "classes") is None
