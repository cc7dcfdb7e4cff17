"""Runs that end before their time: killed, or by Ctrl-C, at random moments."""

import os
import signal
import subprocess
from typing import NamedTuple

import numpy as np

from tests.robustness.machine import END_S, is_same, left_over, lost, said

START_S = 2  # until DVC begins with the first stage; Ctrl-C before would be of Python's own start
AT_ONCE = 3  # stages at most that have to run again


class Ended(NamedTuple):
    """What became of a run that ended by a signal: the stages that had to run and the second at which it ended; which
    of machine.IN_PLACE had to be removed; the bytes that the next run left different; what is wrong, or nothing."""

    stages: list[str]
    at_s: float
    removed: list[str]
    lost_bytes: int
    fault: str


def ended(machine, before, n, by, seed=0):
    """Yield n Ended. Each time a few stages drawn by chance have to run again, the run gets the signal `by` at a moment
    drawn by chance, and the next one has to end with the same bytes; a run that ended before is not counted."""
    rng, first = np.random.default_rng(seed), START_S if by == signal.SIGINT else 0
    while n:
        stages = rng.choice(sorted(machine.took), rng.integers(1, AT_ONCE + 1), replace=False).tolist()
        at_s = round(rng.uniform(first, START_S + sum(machine.took[name] for name in stages)), 2)
        machine.forget(stages)
        run = machine.start()
        try:
            printed, _ = run.communicate(timeout=at_s)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, by)
            printed, _ = run.communicate(timeout=END_S)
        if run.returncode == 0:
            continue
        n -= 1
        removed, fault = _goes_on(machine, before, run, by, printed)
        yield Ended(stages, at_s, removed, lost(before, machine.state())[0], fault)


def _goes_on(machine, before, run, by, printed):
    """(What of machine.IN_PLACE was removed, what is wrong.)"""
    removed = []
    try:
        assert not (there := left_over(run.pid)), f"{', '.join(there)} still run"
        if by == signal.SIGINT:
            assert len(said(printed).split(" / ")) == 1 and said(printed), f"not one line: {said(printed)!r}"
        machine.go_on(removed)
        is_same(machine, before)
    except (AssertionError, subprocess.TimeoutExpired) as fault:
        return removed, str(fault)
    return removed, ""
