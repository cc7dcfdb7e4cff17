"""How far long work has come: a bar on a terminal, a few plain lines in a log, nothing where it is soon done."""

import sys
from time import monotonic

from tqdm import tqdm

BAR_AFTER_S = 2
LINE_AFTER_S = 5
ENOUGH = 0.01  # of all must be done for an estimate: the first may have waited for kernels to be compiled
LINES_APART_S = (10, 300)  # and each line half as late again as the one before


class Progress:
    """Reports on stderr while it is open: `with Progress(...) as bar: ...; bar.update()`.

    total: how many there are, `done` of them before the start; what: the work; unit: one of them, in the singular.
    """

    def __init__(self, *, total, what, unit, done=0):
        self._total, self._what, self._unit = total, what, unit
        self._before = self._done = done
        self._start = monotonic()
        self._next = self._start + LINE_AFTER_S
        on_terminal = sys.stderr.isatty()
        self._bar = tqdm(
            total=total, initial=done, desc=what, unit=unit, delay=BAR_AFTER_S, disable=not on_terminal, file=sys.stderr
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._bar.close()

    def update(self, n=1, note=""):
        """n more are done; `note` is shown behind the figures."""
        self._done += n
        if not self._bar.disable:
            if note:
                self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(n)
        elif monotonic() >= self._next:
            self._write_line(monotonic() - self._start, note)

    def _write_line(self, elapsed, note):
        rate = (self._done - self._before) / elapsed
        said = [f"{self._done:,} of {self._total:,} {self._unit}s"]
        if self._done - self._before >= ENOUGH * self._total:
            said += [_rate(rate), f"{_duration((self._total - self._done) / rate)} left"]
        print(f"{self._what}: {', '.join(said + [note] * bool(note))}", file=sys.stderr, flush=True)
        least, most = LINES_APART_S
        self._next = self._start + elapsed + min(max(elapsed / 2, least), most)


def progress(iterable, *, total, what, unit):
    """Yield what `iterable` yields, and report on it."""
    with Progress(total=total, what=what, unit=unit) as bar:
        for item in iterable:
            yield item
            bar.update()


def _rate(a_second):
    if a_second >= 1:
        rate, period = a_second, "a second"
    elif a_second * 60 >= 1:
        rate, period = a_second * 60, "a minute"
    else:
        rate, period = a_second * 3600, "an hour"
    return f"{rate:,.0f} {period}" if rate >= 10 else f"{rate:.2g} {period}"


def _duration(seconds):
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"
