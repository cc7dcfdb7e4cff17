"""Sourcewise: from labelled recordings to an honest comparison of what learns from them."""

from sourcewise.compute import determinism  # noqa: F401, before all else
