"""Progress of long work: a bar on a terminal, a few plain lines in a log, nothing for short work."""

import sys
from time import monotonic

from tqdm import tqdm

from sourcewise.core.errors import count

BAR_AFTER_S = 2
LINE_AFTER_S = 5
ENOUGH = 0.01  # share that must be done for an estimate: the first items may have waited for compilation
LINES_APART_S = (10, 300)  # the waits between lines grow by half each


class Progress:
    """Reports on stderr while it is open: `with Progress(...) as bar: ...; bar.update()`.

    total: how many there are, `done` of them before the start; title: of the work; unit: of one, in the singular.
    """

    def __init__(self, *, total, title, unit, done=0):
        self._total, self._title, self._unit = total, title, unit
        self._before = self._done = done
        self._start = monotonic()
        self._next = self._start + LINE_AFTER_S
        on_terminal = sys.stderr.isatty()
        self._bar = tqdm(
            total=total,
            initial=done,
            desc=title,
            unit=unit,
            delay=BAR_AFTER_S,
            disable=not on_terminal,
            file=sys.stderr,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._bar.close()

    def add(self, n):
        """There are n more to do."""
        self._total += n
        self._bar.total = self._total

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
        parts = [f"{self._done:,} of {count(self._total, self._unit)}"]
        if self._done - self._before >= ENOUGH * self._total:
            parts += [_rate(rate), f"{_duration((self._total - self._done) / rate)} left"]
        print(f"{self._title}: {', '.join(parts + [note] * bool(note))}", file=sys.stderr, flush=True)
        least, most = LINES_APART_S
        self._next = self._start + elapsed + min(max(elapsed / 2, least), most)


def progress(iterable, *, total, title, unit):
    """Yield what `iterable` yields, and report on it."""
    with Progress(total=total, title=title, unit=unit) as bar:
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
