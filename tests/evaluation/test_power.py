import numpy as np
import pytest

from benchmarks.power import PARTS, power
from sourcewise.datasets.assign import assign
from sourcewise.datasets.synthetic import events, genres, voices

OPTIONS = {"within": 0.3, "alike": 0.5, "datasets": 300, "seed": 0}
HOLD_OUT = [0.4, 0.2, 0.4]


def test_equal_classifiers_rarely_differ_and_many_sources_separate_two():
    assert power(0.75, 0, n_sources=29, n_clips=4, **OPTIONS) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert power(0.9, 0.15, n_sources=72, n_clips=4, **OPTIONS) >= 0.9
    assert power(0.9, 0.15, n_sources=10, n_clips=12, **OPTIONS) <= 0.6  # as many clips, of few sources


@pytest.mark.parametrize(
    ("corpus", "classes", "sources_of_each", "clips"),
    [("voices", 2, 36, len(voices.SENTENCES) // voices.TURNS), ("genres", 4, genres.ARTISTS, genres.PIECES)],
)
def test_as_many_sources_test_by_default_as_the_simulation_takes(corpus, classes, sources_of_each, clips):
    of_class = np.repeat(np.arange(classes), sources_of_each * clips)
    sources = np.repeat(np.arange(classes * sources_of_each), clips)
    part_of = assign(sources, np.eye(classes, dtype=bool)[of_class], fractions=HOLD_OUT, seed=0)
    n_tested = len(np.unique(sources[part_of == 2]))
    assert ((n_tested, clips), (classes * sources_of_each, clips)) == PARTS[corpus] and n_tested >= 20


def test_the_places_of_events_are_those_of_the_simulation():
    assert PARTS["events"][1] == (events.PLACES, events.SOUNDSCAPES)
