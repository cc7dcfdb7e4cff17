from sourcewise.compute.parallel import THREADS
from sourcewise.storage import fingerprints
from sourcewise.storage.fingerprints import digest


def test_the_digest_tells_what_a_result_depends_on():
    p = {"hop_length": 160, "n_fft": 512}
    one = digest(fingerprints.of("sourcewise/audio"), THREADS, p)
    assert one == digest(fingerprints.of("sourcewise/audio"), THREADS, dict(reversed(p.items()))) and len(one) == 20
    assert one.isalnum()
    others = [
        digest(fingerprints.of("sourcewise/features"), THREADS, p),
        digest(fingerprints.of("sourcewise/audio"), THREADS.model_copy(update={"cache_gb": 1}), p),
    ]
    others += [
        digest(fingerprints.of("sourcewise/audio"), THREADS, p | {"n_fft": 1024}),
        digest(fingerprints.of("sourcewise/audio"), THREADS),
    ]
    assert len({one, *others}) == 5


def test_the_code_of_a_package_is_that_of_its_files():
    assert (
        len(
            {
                fingerprints.of("sourcewise/audio"),
                fingerprints.of("sourcewise/audio/spectral.py"),
                fingerprints.of("sourcewise/audio/median.py"),
                fingerprints.of(*fingerprints.CODE),
            }
        )
        == 4
    )
