"""Sourcewise: one script a DVC stage, run as `python -m stages.<name>`."""

from stages.core import begin  # noqa: F401, before all else
