"""check: what fits only together. Single values are in tests/core/test_params.py, whole runs in test_pipeline.py."""

import pytest

from sourcewise.core.errors import Stop
from stages import check
from tests.conftest import change_params, small_corpus


def test_a_network_of_waves_has_the_rate_of_the_waves(in_tmp):
    small_corpus(in_tmp)
    check.main()
    change_params(in_tmp, {"features.wave.sr": 8000})
    with pytest.raises(Stop, match=r"params\.yaml: classifiers\.wavenet\.sr is 16000, but features\.wave\.sr is 8000$"):
        check.main()
    change_params(in_tmp, {"classifiers.wavenet.sr": 8000})
    check.main()
