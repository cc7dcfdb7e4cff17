"""The losses of a running training, written by DVCLive to a folder that is removed when the training ends:
`dvc plots show dvclive` draws them. No stage, output or dvc.yaml refers to it, as DVC reports every missing file that
dvc.yaml names as an error."""

import shutil
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from time import monotonic

LIVE = Path("dvclive")  # ignored by git, unknown to the stages
AFTER_S = 5  # DVCLive takes a second to start: too long for a shorter training
_name = ContextVar("name", default=None)


@contextmanager
def named(name):
    """Trainings within this context are shown in the folder of this name; others are not shown."""
    token = _name.set(name)
    try:
        yield
    finally:
        _name.reset(token)


class Curves:
    """Shows a training while it is open: `with Curves("train_loss", ...) as curves: ...; curves.update(rows)`."""

    def __init__(self, *columns):
        self._name, self._columns, self._start, self._live = _name.get(), columns, monotonic(), None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._live:  # its own `end` would ask git what is tracked
            shutil.rmtree(self._live.dir, ignore_errors=True)

    def update(self, rows):
        """rows: for every epoch so far, its number and a value for each column; further values are not shown."""
        if self._name is None or monotonic() - self._start < AFTER_S:
            return
        new = rows[-1:] if self._live else rows  # a resumed training has earlier ones
        self._live = self._live or self._started(LIVE / self._name)
        for epoch, *values in new:
            self._live.step = int(epoch)
            for column, value in zip(self._columns, values, strict=False):
                self._live.log_metric(column, value)

    def _started(self, folder):
        from dvclive import Live

        shutil.rmtree(folder, ignore_errors=True)
        return Live(str(folder), save_dvc_exp=False, dvcyaml=None)
