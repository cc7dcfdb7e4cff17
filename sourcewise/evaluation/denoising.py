"""Scores of denoised clips: gains in SNR and SI-SDR, STOI, PESQ."""

import numpy as np

from sourcewise.core.errors import count
from sourcewise.core.markdown import markdown

#: Measures of each clip: the first two in dB, STOI from 0 to 1, PESQ (MOS-LQO) from 1 to 4.64.
MEASURES = ("snr_gain", "si_sdr_gain", "stoi", "pesq")

#: The value that pystoi returns, with a warning, for clips with too little sound.
TOO_SHORT = 1e-5


def snr(clean, denoised):
    """Signal-to-noise ratio in dB: the power of the clean wave over that of the difference."""
    return _decibels(np.sum(np.square(clean)), np.sum(np.square(clean - denoised)))


def si_sdr(clean, denoised):
    """Scale-invariant signal-to-distortion ratio in dB: the level does not count.

    J. Le Roux et al., SDR: half-baked or well done?, ICASSP 2019.
    """
    target = clean * (np.dot(denoised, clean) / np.dot(clean, clean))
    return _decibels(np.sum(np.square(target)), np.sum(np.square(target - denoised)))


def scores(clean, noisy, denoised, *, sr, pesq):
    """{measure: value} of one clip, for each of MEASURES that is defined for it. Waves (n_samples,), none silent.

    STOI (C. Taal et al., 2011) needs about 0.4 s of sound. pesq: whether to compute PESQ (ITU-T P.862), narrow band
    at 8,000 Hz and wide band at 16,000 Hz; only where `without_pesq` returns None.
    """
    clean, noisy, denoised = (np.asarray(y, np.float64) for y in (clean, noisy, denoised))
    values = {
        "snr_gain": snr(clean, denoised) - snr(clean, noisy),
        "si_sdr_gain": si_sdr(clean, denoised) - si_sdr(clean, noisy),
        "stoi": _stoi(clean, denoised, sr),
        "pesq": _pesq(clean, denoised, sr) if pesq else None,
    }
    return {name: float(value) for name, value in values.items() if value is not None}


def without_pesq(sr):
    """Why PESQ cannot be computed, as a sentence; None where it can."""
    try:
        import pesq  # noqa: F401
    except ImportError:
        return "PESQ needs the package pesq, which needs a C compiler: pip install pesq==0.0.4"
    return None if sr in (8000, 16_000) else f"PESQ is defined for 8,000 and 16,000 Hz, not for {sr:,} Hz (audio.sr)"


def _stoi(clean, denoised, sr):
    from pystoi import stoi

    try:
        value = stoi(clean, denoised, sr)
    except ValueError:
        return None
    return value if value > TOO_SHORT else None


def _pesq(clean, denoised, sr):
    from pesq import PesqError, pesq

    value = pesq(sr, clean, denoised, "wb" if sr == 16_000 else "nb", on_error=PesqError.RETURN_VALUES)
    return value if value >= 1 else None  # -1: no utterance detected


def _decibels(signal, noise):
    """At most 100 dB, where no noise is left."""
    return 10 * np.log10(max(signal, 1e-30) / max(noise, 1e-10 * signal, 1e-30))


def paragraphs(each):
    """The comparison of denoisers, {name: what the stage `denoise` wrote}, as Markdown paragraphs; [] for none."""
    if not each:
        return []
    some = next(iter(each.values()))  # all are scored on the same clips and the same noise
    ratios = [ratio for ratio in next(iter(some["kinds"].values())) if ratio != "all"]
    header = ["denoiser", "noise", *(f"at {ratio} dB" for ratio in ratios), "STOI", "PESQ"]
    cases = [(name, noise, of) for name, scores in each.items() for noise, of in scores["kinds"].items()]
    rows = [(name, noise, *_cells(of, ratios)) for name, noise, of in cases]
    caption = (
        "Denoisers: SI-SDR gain in dB with its 95 % CI over sources, by the signal-to-noise ratio of the input, on "
        f"{count(some['clips'], 'test clip')} of {count(some['sources'], 'source')} unseen in training; STOI and PESQ "
        "are means over all ratios."
    )
    return [caption, markdown(header, rows, left=2), *(f"{why}." for why in some.get("not_measured", {}).values())]


def _cells(scores, ratios):
    gains = [scores[ratio]["si_sdr_gain"] for ratio in ratios]
    for gain in gains:
        ends = "" if gain["low"] is None else f" ({gain['low']:+.1f} to {gain['high']:+.1f})"
        yield f"{gain['value']:+.1f}{ends}"
    for measure in ("stoi", "pesq"):
        yield f"{scores['all'][measure]['value']:.3f}" if measure in scores["all"] else "-"
