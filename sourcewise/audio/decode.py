"""Sound files to arrays: any channel count to mono, any rate to one rate, at the level they have."""

import mmap
import re
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr

from sourcewise.audio import containers
from sourcewise.core.formats import FFMPEG

BLOCK = 1 << 19  # samples decoded and resampled at a time; of a long file only the 16-bit result is held
PACKETS = 512  # the same of FFmpeg, which gives a thousand or two at once
RATES_HZ = (1000, 1_000_000)  # accepted in a header: a file of 1 Hz would grow a thousandfold
LOUDEST = 1000  # times full scale, 60 dB above it: beyond that, samples are not on the scale of sound
#: The first page of each stream of sound in an OGG file (RFC 3533): its flags, and in front the codec's own name.
OGG_STREAM = re.compile(rb"OggS\0[\x02\x06].{20}\x01.(?:\x01vorbis|OpusHead|\x7fFLAC|Speex   )", re.DOTALL)


#: What is remarked of a file that is read all the same: what it has, and what was done.
CANCEL = "channels that cancel each other: only the loudest was read"
SILENT_CHANNEL = "a silent channel: it was left out"
CLIPPED = "values beyond full scale: they were clipped"
CANCELLED = 0.1  # power of the mean of the channels, relative to that of unrelated ones: 2 with a correlation of -0.9
SILENT = 1e-6  # power of a silent channel relative to the loudest: 60 dB below it


class Unreadable(Exception):
    """Why a file gives no usable sound, as a short sentence."""


class Decoded(NamedTuple):
    """samples: (n_samples,) int16; sr_original: the file's own sample rate in Hz; remarks: the phrases above, and those
    of `containers`, that hold of the file."""

    samples: np.ndarray
    sr_original: int
    remarks: tuple[str, ...]


def decode(path, *, sr, longest_s=np.inf):
    """A sound file as Decoded at the sample rate `sr`, in Hz.

    Mono is the mean of the channels, without silent ones; of channels that cancel each other the loudest is taken.
    Resampled by soxr HQ (alias below -140 dB). The level is untouched: a 16-bit mono file at `sr` comes back sample by
    sample. Beyond full scale (float files, overshoot) is clipped there.
    The suffix chooses the decoder; of a file with video the first audio stream is taken.
    Raises Unreadable where the file cannot be decoded, or holds no sample, NaN, infinity, values beyond LOUDEST, or one
    constant value; where its rate lies outside RATES_HZ; where it is an OGG with several streams, of which libsndfile
    reads only the first; and where it lasts longer than longest_s, beyond which nothing is decoded.
    """
    file = _File(path, sr)
    decoded = _mono_at(file, sr, longest_s)
    kept, remark = file.channels.usable()
    if remark is not None:
        file = _File(path, sr, kept)
        decoded = _mono_at(file, sr, longest_s)
    if not len(decoded.samples):
        raise Unreadable("is empty")
    if file.channels.constant or decoded.samples.min() == decoded.samples.max():
        raise Unreadable("is silent")
    remarks = (remark, *file.remarks, *decoded.remarks)
    return decoded._replace(remarks=tuple(text for text in remarks if text is not None))


def _mono_at(file, sr, longest_s):
    """The file as Decoded, possibly without samples; its only remark is CLIPPED."""
    samples, rates, clipped = bytearray(), [0], False  # bytes grow where they are: no second copy of a long file
    for y, rate in _resampled(file.blocks(), sr):
        block, beyond = _sixteen_bit(y)
        samples += block.data
        if len(samples) > longest_s * sr * block.itemsize:
            raise Unreadable(f"is longer than {longest_s / 3600:g} hours")
        rates, clipped = (rates if rates[0] else [rate]), clipped or beyond
    return Decoded(np.frombuffer(samples, np.int16), rates[0], (CLIPPED,) * clipped)


class Channels:
    """The power of each channel of a file and of their mean, over all of its blocks.

    constant: whether their mean has one value throughout.
    """

    def __init__(self):
        self._sums, self._low, self._high = [], np.inf, -np.inf

    def add(self, y, mono):
        """A block y, (n_channels, n_samples), and its mean, (n_samples,)."""
        if not len(mono):
            return
        self._low, self._high = min(self._low, mono.min()), max(self._high, mono.max())
        if len(y) > 1:
            rows = [np.asarray(row, np.float64) for row in (*y, mono)]
            self._sums.append([(len(row), row.sum(), np.square(row).sum()) for row in rows])

    @property
    def constant(self):
        """Whether the mean of the channels is one value."""
        return self._low == self._high

    def usable(self):
        """(the channels to take the mean of, None for all; the remark, None where nothing is to be said)."""
        if len({len(sums) for sums in self._sums}) != 1:  # one channel, or a stream that changes on the way
            return None, None
        n, sums, squares = np.sum(self._sums, axis=0).T  # (n_channels + 1,)
        *power, mixed = squares / np.maximum(n, 1) - (sums / np.maximum(n, 1)) ** 2
        live = np.flatnonzero(np.array(power) > SILENT * max(power))
        mixed *= (len(power) / max(len(live), 1)) ** 2  # of the mean of the live ones
        if len(live) > 1 and mixed < CANCELLED * np.mean(np.array(power)[live]) / len(live):
            return [int(np.argmax(power))], CANCEL
        return (live.tolist(), SILENT_CHANNEL) if 0 < len(live) < len(power) else (None, None)


class _File:
    """A file that is decoded in blocks. kept: the channels that the mean is taken of, None for all.

    channels: its Channels; remarks: of its header. Both are complete once all blocks are read.
    """

    def __init__(self, path, sr, kept=None):
        self._path, self._sr, self._kept = path, sr, kept
        self.channels, self.remarks = Channels(), []

    def blocks(self):
        """Blocks as (mono, their rate): float32, or int16 where nothing is converted."""
        is_ffmpeg = Path(self._path).suffix.lower() in FFMPEG
        for y, rate in self._by_ffmpeg() if is_ffmpeg else self._by_libsndfile():
            y = y if self._kept is None else y[self._kept]
            mono = _mono(y)
            self.channels.add(y, mono)
            yield mono, rate

    def _by_libsndfile(self):
        """Blocks as ((n_channels, n_samples) float32, or int16 if it needs no conversion; rate)."""
        path, read = self._path, 0
        try:
            with containers.opened(path) as (stream, remark), soundfile.SoundFile(stream) as file:
                _refuse_rate(file.samplerate)
                if file.format == "OGG":
                    _refuse_several(path)
                n = max(1, BLOCK // file.channels)
                mono, exact = file.channels == 1, {"PCM_16", "PCM_S8", "PCM_U8"}
                unchanged = mono and file.samplerate == self._sr and file.subtype in exact
                while True:
                    y = file.read(n, dtype="int16" if unchanged else "float32", always_2d=True)
                    read += len(y)
                    yield y.T, file.samplerate
                    if len(y) < n:
                        break
                cut_off = file.format == "FLAC" and read < file.frames
                self.remarks += [containers.CUT_OFF] * cut_off or [remark] * (remark is not None)
        except (soundfile.LibsndfileError, OSError) as error:
            raise Unreadable(containers.fault(path, error)) from None

    def _by_ffmpeg(self):
        """The same as float32. FFmpeg itself leaves out what an MPEG-4 file marks as padding."""
        import av  # imported only for such a file; prints nothing by default

        # no playlists, no other files or hosts
        only = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,aac", "protocol_whitelist": "file"}
        try:
            with av.open(str(self._path), container_options=only, metadata_errors="replace") as file:
                if not file.streams.audio:
                    raise Unreadable("has no audio stream")
                if file.streams.audio[0].codec_context is None:
                    raise Unreadable("cannot be decoded: its audio is encrypted or of an unknown format")
                frames = file.decode(file.streams.audio[0])
                for (rate, _), same in groupby(frames, key=attrgetter("sample_rate", "layout.nb_channels")):
                    _refuse_rate(rate)
                    while waves := [_wave(frame) for frame in islice(same, PACKETS)]:
                        yield np.concatenate(waves, axis=1), rate
        except av.ArgumentError:
            raise Unreadable(containers.what(self._path) or "cannot be decoded: it is neither MPEG-4 nor AAC") from None
        except av.FFmpegError as error:
            raise Unreadable(containers.fault(self._path, error)) from None


def _refuse_rate(hz):
    if not RATES_HZ[0] <= hz <= RATES_HZ[1]:
        raise Unreadable(f"has a sample rate of {hz} Hz, which no sound has: {RATES_HZ[0]} to {RATES_HZ[1]} are read")


def _refuse_several(path):
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        n = sum(1 for _ in OGG_STREAM.finditer(content))
    if n > 1:
        raise Unreadable(f"holds {n} streams of sound, of which only one would be read: save each as a file of its own")


def _wave(frame):
    """A decoded FFmpeg frame as (n_channels, n) float32."""
    y = frame.to_ndarray()  # (channels, n) where it is planar, else (1, n * channels)
    y = y.reshape(-1, frame.layout.nb_channels).T if not frame.format.is_planar else y
    if y.dtype.kind in "iu":
        y = y / 2.0 ** (8 * y.itemsize - 1) - (y.dtype.kind == "u")
    return y.astype(np.float32, copy=False)


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
        for y, _ in same:
            yield stream.resample_chunk(y), rate
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True), rate


def _sixteen_bit(y):
    """A block as int16, and whether it exceeded full scale."""
    if y.dtype == np.int16:
        return y, False
    beyond = bool(max(y.max(initial=0), -y.min(initial=0)) > 1)
    scaled = np.rint(y * np.float32(32768))
    return np.clip(scaled, -32768, 32767, out=scaled).astype(np.int16), beyond
