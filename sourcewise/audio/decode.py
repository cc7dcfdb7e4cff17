"""Sound files to arrays: any channel count to mono, any rate to one rate, at the level they have."""

import mmap
import re
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from pathlib import Path

import numpy as np
import soundfile
import soxr

#: Suffixes that FFmpeg decodes: AAC and the other formats of MPEG-4 files from phones.
FFMPEG = {".m4a", ".mp4", ".aac", ".3gp"}
#: All suffixes that are decoded; all but the former by libsndfile.
SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd", ".w64", ".caf"}
SUFFIXES |= FFMPEG
BLOCK = 1 << 19  # samples decoded and resampled at a time; of a long file only the 16-bit result is held
PACKETS = 512  # the same of FFmpeg, which gives a thousand or two at once
RATES_HZ = (1000, 1_000_000)  # accepted in a header: a file of 1 Hz would grow a thousandfold
LOUDEST = 1000  # times full scale, 60 dB above it: beyond that, samples are not on the scale of sound
#: The first page of each stream of sound in an OGG file (RFC 3533): its flags, and in front the codec's own name.
OGG_STREAM = re.compile(rb"OggS\0[\x02\x06].{20}\x01.(?:\x01vorbis|OpusHead|\x7fFLAC|Speex   )", re.DOTALL)


class Unreadable(Exception):
    """Why a file gives no usable sound, as a short sentence."""


def decode(path, *, sr, longest_s=np.inf):
    """A sound file as ((n_samples,) int16, its own sample rate, whether it exceeded full scale).

    Mono is the mean of the channels. Resampled by soxr HQ (alias below -140 dB). The level is untouched: a 16-bit
    mono file at `sr` comes back sample by sample. Beyond full scale (float files, overshoot) is clipped there.
    The suffix chooses the decoder; of a file with video the first audio stream is taken.
    Raises Unreadable where the file cannot be decoded, or holds no sample, NaN, infinity, values beyond LOUDEST, or one
    constant value; where its rate lies outside RATES_HZ; where it is an OGG with several streams, of which libsndfile
    reads only the first; and where it lasts longer than longest_s, beyond which nothing is decoded.
    """
    read = _by_ffmpeg(path) if Path(path).suffix.lower() in FFMPEG else _by_libsndfile(path, sr)
    samples, rates, clipped = bytearray(), [], False  # bytes grow where they are: no second copy of a long file
    for y, rate in _resampled(read, sr):
        block, beyond = _sixteen_bit(y)
        samples += block.data
        if len(samples) > longest_s * sr * block.itemsize:
            raise Unreadable(f"is longer than {longest_s / 3600:g} hours")
        rates, clipped = rates or [rate], clipped or beyond
    y = np.frombuffer(samples, np.int16)
    if not len(y):
        raise Unreadable("is empty")
    if y.min() == y.max():
        raise Unreadable("is silent")
    return y, rates[0], clipped


def _by_libsndfile(path, sr):
    """Blocks of a file as (mono, its rate): float32, or int16 if it needs no conversion."""
    try:
        with soundfile.SoundFile(path) as file:
            _refuse_rate(file.samplerate)
            if file.format == "OGG":
                _refuse_several(path)
            n = max(1, BLOCK // file.channels)
            unchanged = file.channels == 1 and file.samplerate == sr and file.subtype in {"PCM_16", "PCM_S8", "PCM_U8"}
            while True:
                y = file.read(n, dtype="int16" if unchanged else "float32", always_2d=True)
                yield _mono(y.T), file.samplerate
                if len(y) < n:
                    return
    except (soundfile.LibsndfileError, OSError) as error:
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        raise Unreadable(f"cannot be decoded: {reason.strip().rstrip('.')}") from None


def _refuse_rate(hz):
    if not RATES_HZ[0] <= hz <= RATES_HZ[1]:
        raise Unreadable(f"has a sample rate of {hz} Hz, which no sound has: {RATES_HZ[0]} to {RATES_HZ[1]} are read")


def _refuse_several(path):
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        n = sum(1 for _ in OGG_STREAM.finditer(content))
    if n > 1:
        raise Unreadable(f"holds {n} streams of sound, of which only one would be read: save each as a file of its own")


def _by_ffmpeg(path):
    """Blocks of a file as (mono float32, rate). FFmpeg itself leaves out what an MPEG-4 file marks as padding."""
    import av  # imported only for such a file; prints nothing by default

    # no playlists, no other files or hosts
    only = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,aac", "protocol_whitelist": "file"}
    try:
        with av.open(str(path), container_options=only, metadata_errors="replace") as file:
            if not file.streams.audio:
                raise Unreadable("has no audio stream")
            if file.streams.audio[0].codec_context is None:
                raise Unreadable("cannot be decoded: its audio is encrypted or of an unknown format")
            for rate, frames in groupby(file.decode(file.streams.audio[0]), key=attrgetter("sample_rate")):
                _refuse_rate(rate)
                while waves := [_wave(frame) for frame in islice(frames, PACKETS)]:
                    yield np.concatenate(waves), rate
    except av.ArgumentError:
        raise Unreadable("cannot be decoded: it is neither MPEG-4 nor AAC") from None
    except av.FFmpegError as error:
        raise Unreadable(f"cannot be decoded: {error.strerror}") from None


def _wave(frame):
    """A decoded FFmpeg frame as mono float32."""
    y = frame.to_ndarray()  # (channels, n) where it is planar, else (1, n * channels)
    y = y.reshape(-1, frame.layout.nb_channels).T if not frame.format.is_planar else y
    if y.dtype.kind in "iu":
        y = y / 2.0 ** (8 * y.itemsize - 1) - (y.dtype.kind == "u")
    return _mono(y.astype(np.float32, copy=False))


def _mono(y):
    """Mean of the channels, y (channels, n); one channel as it is. By rows: three times as fast as y.mean(axis=0)."""
    if y.dtype != np.int16:
        loudest = max(y.max(initial=0), -y.min(initial=0))  # NaN where there is one
        if not np.isfinite(loudest):
            raise Unreadable("holds NaN or infinity")
        if loudest > LOUDEST:
            raise Unreadable(f"goes {loudest:.4g} times beyond full scale: its samples are not scaled to [-1, 1]")
    return y[0] if len(y) == 1 else sum(y[1:], start=y[0]) / np.float32(len(y))


def _resampled(blocks, sr):
    """Blocks (y, rate) resampled to `sr`, each with its original rate; a stream may change its rate on the way."""
    for rate, same in groupby(blocks, key=itemgetter(1)):
        if rate == sr:
            yield from same
            continue
        stream = soxr.ResampleStream(rate, sr, 1, dtype="float32")
        for y, _ in _varying(same):
            yield stream.resample_chunk(y), rate
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True), rate


def _varying(blocks):
    """The same blocks; raises Unreadable at the end if all samples have one value, which a resampler would let ring."""
    low, high = np.inf, -np.inf
    for y, rate in blocks:
        low, high = min(low, y.min(initial=np.inf)), max(high, y.max(initial=-np.inf))
        yield y, rate
    if low == high:
        raise Unreadable("is silent")


def _sixteen_bit(y):
    """A block as int16, and whether it exceeded full scale."""
    if y.dtype == np.int16:
        return y, False
    beyond = bool(max(y.max(initial=0), -y.min(initial=0)) > 1)
    scaled = np.rint(y * np.float32(32768))
    return np.clip(scaled, -32768, 32767, out=scaled).astype(np.int16), beyond
