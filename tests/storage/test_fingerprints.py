from stages.core import code
from stages.core.memo import digest
from stages.core.parallel import THREADS


def test_the_digest_tells_what_a_result_depends_on():
    p = {"hop_length": 160, "n_fft": 512}
    one = digest(code.of("audio"), THREADS, p)
    assert one == digest(code.of("audio"), THREADS, dict(reversed(p.items()))) and len(one) == 20
    assert one.isalnum()
    others = [
        digest(code.of("features"), THREADS, p),
        digest(code.of("audio"), THREADS.model_copy(update={"cache_gb": 1}), p),
    ]
    others += [digest(code.of("audio"), THREADS, p | {"n_fft": 1024}), digest(code.of("audio"), THREADS)]
    assert len({one, *others}) == 5


def test_the_code_of_a_package_is_that_of_its_files():
    assert len({code.of("audio"), code.of("audio/spectral.py"), code.of("audio/median.py"), code.of(".")}) == 4
