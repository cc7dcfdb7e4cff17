"""The losses of a training while it runs, as DVCLive writes them, in a folder that is gone when the training ends:
`dvc plots show dvclive` draws them. No stage and no output knows of it, nor does dvc.yaml, as DVC says of all that
is named there and absent that it failed to load it."""

import shutil
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from time import monotonic

LIVE = Path("dvclive")  # ignored by git, unknown to the stages
AFTER_S = 5  # a shorter training is not worth the second that DVCLive takes to start
_name = ContextVar("name", default=None)


@contextmanager
def named(name):
    """What is trained in here is shown in the folder of this name; what is trained elsewhere is not shown."""
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
        if self._live:  # whose own end would ask git what is tracked
            shutil.rmtree(self._live.dir, ignore_errors=True)

    def update(self, rows):
        """rows: of every epoch so far, its number and a value for each column; what lies behind these is not shown."""
        if self._name is None or monotonic() - self._start < AFTER_S:
            return
        new = rows[-1:] if self._live else rows  # after a stop there are earlier ones
        self._live = self._live or self._begun(LIVE / self._name)
        for epoch, *values in new:
            self._live.step = int(epoch)
            for column, value in zip(self._columns, values, strict=False):
                self._live.log_metric(column, value)

    def _begun(self, folder):
        from dvclive import Live

        shutil.rmtree(folder, ignore_errors=True)
        return Live(str(folder), save_dvc_exp=False, dvcyaml=None)
