"""How much better a wave is without its noise: gains in SNR and SI-SDR, STOI, PESQ."""

import numpy as np

from sourcewise.core.markdown import markdown

#: What is told of each clip: the first two in dB, STOI from 0 to 1, PESQ (MOS-LQO) from 1 to 4.64.
MEASURES = ("snr_gain", "si_sdr_gain", "stoi", "pesq")

#: What pystoi gives, with a warning, where there is too little sound.
TOO_SHORT = 1e-5


def snr(wanted, found):
    """Signal-to-noise ratio in dB: the power of the wanted wave over that of the difference."""
    return _decibels(np.sum(np.square(wanted)), np.sum(np.square(wanted - found)))


def si_sdr(wanted, found):
    """Scale-invariant signal-to-distortion ratio in dB: neither louder nor softer is worse.

    J. Le Roux et al., SDR: half-baked or well done?, ICASSP 2019.
    """
    target = wanted * (np.dot(found, wanted) / np.dot(wanted, wanted))
    return _decibels(np.sum(np.square(target)), np.sum(np.square(target - found)))


def scores(wanted, noisy, found, *, sr, pesq):
    """{measure: value} of one clip, of those in MEASURES that can be taken. Waves (n_samples,), none of them silent.

    STOI (C. Taal et al., 2011) needs about 0.4 s of sound. pesq: whether to take PESQ (ITU-T P.862), narrow band at
    8,000 Hz and wide band at 16,000 Hz, for which `without_pesq` has to find no reason against it.
    """
    wanted, noisy, found = (np.asarray(y, np.float64) for y in (wanted, noisy, found))
    values = {
        "snr_gain": snr(wanted, found) - snr(wanted, noisy),
        "si_sdr_gain": si_sdr(wanted, found) - si_sdr(wanted, noisy),
        "stoi": _stoi(wanted, found, sr),
        "pesq": _pesq(wanted, found, sr) if pesq else None,
    }
    return {name: float(value) for name, value in values.items() if value is not None}


def without_pesq(sr):
    """Why there is no PESQ, as a sentence; None where there is."""
    try:
        import pesq  # noqa: F401
    except ImportError:
        return "PESQ needs the package pesq, which needs a C compiler: pip install pesq==0.0.4"
    return None if sr in (8000, 16_000) else f"PESQ is defined for 8,000 and 16,000 Hz, not for {sr:,} Hz (audio.sr)"


def _stoi(wanted, found, sr):
    from pystoi import stoi

    try:
        value = stoi(wanted, found, sr)
    except ValueError:
        return None
    return value if value > TOO_SHORT else None


def _pesq(wanted, found, sr):
    from pesq import PesqError, pesq

    value = pesq(sr, wanted, found, "wb" if sr == 16_000 else "nb", on_error=PesqError.RETURN_VALUES)
    return value if value >= 1 else None  # -1: it finds no utterance


def _decibels(signal, noise):
    """Not above 100: nothing is left of the noise."""
    return 10 * np.log10(max(signal, 1e-30) / max(noise, 1e-10 * signal, 1e-30))


def lines(each):
    """What is said of denoisers, {name: what the stage `denoise` wrote}, as lines of Markdown; nothing of none."""
    if not each:
        return []
    some = next(iter(each.values()))  # all are of the same clips and the same noise
    ratios = [ratio for ratio in next(iter(some["kinds"].values())) if ratio != "all"]
    header = ["denoiser", "noise", *(f"at {ratio} dB" for ratio in ratios), "STOI", "PESQ"]
    rows = [(name, kind, *_cells(found, ratios)) for name, of in each.items() for kind, found in of["kinds"].items()]
    said = (
        "Denoisers: SI-SDR gained, in dB, with its 95 % over sources, by signal-to-noise ratio of what they are given: "
        f"{some['clips']} test clips of {some['sources']} sources that none has heard; STOI and PESQ over all ratios."
    )
    why = [f"{sentence}.\n" for sentence in some.get("not_measured", {}).values()]
    return [said, "", markdown(header, rows, left=2), "", *why]


def _cells(found, ratios):
    gains = [found[ratio]["si_sdr_gain"] for ratio in ratios]
    for gain in gains:
        ends = "" if gain["low"] is None else f" ({gain['low']:+.1f} to {gain['high']:+.1f})"
        yield f"{gain['value']:+.1f}{ends}"
    for measure in ("stoi", "pesq"):
        yield f"{found['all'][measure]['value']:.3f}" if measure in found["all"] else "-"
