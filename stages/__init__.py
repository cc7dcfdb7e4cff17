"""One script a stage of dvc.yaml, run as `python -m stages.<name>`."""

import sourcewise  # noqa: F401, before all else
