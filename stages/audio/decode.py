"""Sound files to arrays: any channel count to mono, any rate to one rate, at the level they have."""

import numpy as np
import soundfile
import soxr

#: What libsndfile decodes, by the end of the name.
SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd", ".w64", ".caf"}
BLOCK = 1 << 19  # frames decoded and resampled at a time; of a long file only the 16-bit result is held


class Unreadable(Exception):
    """Why a file gives no usable sound, as a short sentence."""


def decode(path, *, sr):
    """A sound file as ((n_samples,) int16, its own sample rate, whether it went beyond full scale).

    Mono is the mean of the channels. Resampled by soxr HQ (alias below -140 dB). The level is untouched: a 16-bit
    mono file at `sr` comes back sample by sample. Beyond full scale (float files, overshoot) is clipped there.
    Raises Unreadable where the file cannot be decoded, or holds no sample, NaN, infinity, or one constant value.
    """
    try:
        with soundfile.SoundFile(path) as file:
            sr_original = file.samplerate
            blocks = list(_resampled(file, sr))
    except (soundfile.LibsndfileError, OSError) as error:
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        raise Unreadable(f"cannot be decoded: {reason.strip().rstrip('.')}") from None
    y = np.concatenate([block for block, _ in blocks]) if blocks else np.zeros(0, np.int16)
    if not len(y):
        raise Unreadable("is empty")
    if y.min() == y.max():
        raise Unreadable("is silent")
    return y, sr_original, any(beyond for _, beyond in blocks)


def _resampled(file, sr):
    """Blocks of int16 at `sr`, each with whether it went beyond full scale."""
    stream = None if file.samplerate == sr else soxr.ResampleStream(file.samplerate, sr, 1, dtype="float32")
    while True:
        y = file.read(BLOCK, dtype="float32", always_2d=True)
        last = len(y) < BLOCK
        if not np.isfinite(y).all():
            raise Unreadable("holds NaN or infinity")
        y = y[:, 0] if y.shape[1] == 1 else y.mean(axis=1)
        if stream is not None:
            y = stream.resample_chunk(y, last=last)
        scaled = np.rint(y * 32768)
        yield np.clip(scaled, -32768, 32767).astype(np.int16), bool(np.abs(y).max(initial=0) > 1)
        if last:
            return
