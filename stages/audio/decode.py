"""Sound files to arrays: any channel count to mono, any rate to one rate, at the level they have."""

from itertools import groupby, islice
from operator import attrgetter, itemgetter
from pathlib import Path

import numpy as np
import soundfile
import soxr

#: What FFmpeg decodes, by the end of the name: AAC and what else phones put into MPEG-4 files.
FFMPEG = {".m4a", ".mp4", ".aac", ".3gp"}
#: What is decoded at all; all but the former by libsndfile.
SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd", ".w64", ".caf"}
SUFFIXES |= FFMPEG
BLOCK = 1 << 19  # samples decoded and resampled at a time; of a long file only the 16-bit result is held
PACKETS = 512  # the same of FFmpeg, which gives a thousand or two at once


class Unreadable(Exception):
    """Why a file gives no usable sound, as a short sentence."""


def decode(path, *, sr):
    """A sound file as ((n_samples,) int16, its own sample rate, whether it went beyond full scale).

    Mono is the mean of the channels. Resampled by soxr HQ (alias below -140 dB). The level is untouched: a 16-bit
    mono file at `sr` comes back sample by sample. Beyond full scale (float files, overshoot) is clipped there.
    What decodes a file is chosen by its suffix; of a file with pictures or video the first audio stream is taken.
    Raises Unreadable where the file cannot be decoded, or holds no sample, NaN, infinity, or one constant value.
    """
    read = _by_ffmpeg(path) if Path(path).suffix.lower() in FFMPEG else _by_libsndfile(path, sr)
    blocks = [(*_sixteen_bit(y), rate) for y, rate in _resampled(read, sr)]  # one at a time, but for the result
    y = np.concatenate([block for block, _, _ in blocks]) if blocks else np.zeros(0, np.int16)
    if not len(y):
        raise Unreadable("is empty")
    if y.min() == y.max():
        raise Unreadable("is silent")
    return y, blocks[0][2], any(beyond for _, beyond, _ in blocks)


def _by_libsndfile(path, sr):
    """Blocks of a file as (mono, its rate): float32, or int16 where nothing is to be computed."""
    try:
        with soundfile.SoundFile(path) as file:
            as_it_is = file.channels == 1 and file.samplerate == sr and file.subtype in {"PCM_16", "PCM_S8", "PCM_U8"}
            while True:
                y = file.read(BLOCK, dtype="int16" if as_it_is else "float32", always_2d=True)
                yield _mono(y.T), file.samplerate
                if len(y) < BLOCK:
                    return
    except (soundfile.LibsndfileError, OSError) as error:
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        raise Unreadable(f"cannot be decoded: {reason.strip().rstrip('.')}") from None


def _by_ffmpeg(path):
    """Blocks of a file as (mono float32, rate). FFmpeg itself leaves out what an MPEG-4 file marks as padding."""
    import av  # only where such a file is met; says nothing on the terminal unless told to

    # no playlists, nothing from elsewhere
    only = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,aac", "protocol_whitelist": "file"}
    try:
        with av.open(str(path), container_options=only, metadata_errors="replace") as file:
            if not file.streams.audio:
                raise Unreadable("has no audio stream")
            if file.streams.audio[0].codec_context is None:
                raise Unreadable("cannot be decoded: its audio is encrypted or of an unknown kind")
            for rate, frames in groupby(file.decode(file.streams.audio[0]), key=attrgetter("sample_rate")):
                while waves := [_wave(frame) for frame in islice(frames, PACKETS)]:
                    yield np.concatenate(waves), rate
    except av.ArgumentError:
        raise Unreadable("cannot be decoded: it is neither MPEG-4 nor AAC") from None
    except av.FFmpegError as error:
        raise Unreadable(f"cannot be decoded: {error.strerror}") from None


def _wave(frame):
    """What FFmpeg decoded from one packet, as mono float32."""
    y = frame.to_ndarray()  # (channels, n) where it is planar, else (1, n * channels)
    y = y.reshape(-1, frame.layout.nb_channels).T if not frame.format.is_planar else y
    if y.dtype.kind in "iu":
        y = y / 2.0 ** (8 * y.itemsize - 1) - (y.dtype.kind == "u")
    return _mono(y.astype(np.float32, copy=False))


def _mono(y):
    """Mean of the channels, y (channels, n); one channel as it is. By rows: three times as fast as y.mean(axis=0)."""
    if y.dtype != np.int16 and not np.isfinite(y).all():
        raise Unreadable("holds NaN or infinity")
    return y[0] if len(y) == 1 else sum(y[1:], start=y[0]) / np.float32(len(y))


def _resampled(blocks, sr):
    """Blocks (y, rate) at `sr`, each with the rate that it had; a stream may change its rate on its way."""
    for rate, same in groupby(blocks, key=itemgetter(1)):
        if rate == sr:
            yield from same
            continue
        stream = soxr.ResampleStream(rate, sr, 1, dtype="float32")
        for y, _ in same:
            yield stream.resample_chunk(y), rate
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True), rate


def _sixteen_bit(y):
    """A block as int16, and whether it went beyond full scale."""
    if y.dtype == np.int16:
        return y, False
    beyond = bool(max(y.max(initial=0), -y.min(initial=0)) > 1)
    scaled = np.rint(y * np.float32(32768))
    return np.clip(scaled, -32768, 32767, out=scaled).astype(np.int16), beyond
