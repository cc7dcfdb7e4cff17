"""Bad recordings, a row each: the case, its path in the corpus, how it is made, what becomes of it.

What becomes of it is the reason in data/rejected.csv; or a Taken; or nothing, where it is left out and told.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from tests.conftest import tone, write_av, write_wav
from tests.robustness.made import EXTENSIBLE, HUM, PCM, coded, floats, overwritten, wav, with_picture


class Taken(NamedTuple):
    """A row of the manifest: its seconds, with a tolerance of a coder's frame; the file's own rate in Hz; the loudest
    frequency, in Hz, and the level of what is heard, RMS in dB re full scale."""

    seconds: float = 0.5
    sr: int = 16_000
    hz: float = 300
    db: float = -9.03


class Case(NamedTuple):
    """A row of the table."""

    name: str
    path: str
    make: Callable[[Path], None]
    outcome: str | Taken | None


def _bytes(content):
    return lambda path: path.write_bytes(content)


def _sound(**how):
    return lambda path: coded(path, **how)


def _half(path, **how):
    content = coded(path, **how)
    path.write_bytes(content[: len(content) // 2])


def _renamed(suffix):
    """A file of another format than its name says."""

    def make(path):
        coded(path.with_suffix(suffix))
        path.with_suffix(suffix).rename(path)

    return make


def _chained(path):
    path.write_bytes(coded(path) + coded(path, tone(600), 16_000))


def _mp3(path, broken=False):
    sound = coded(path, tone(300, seconds=2))
    path.write_bytes(with_picture(overwritten(sound, len(sound) // 2) if broken else sound))


def _three_hours(path):
    minute = tone(300, seconds=60, sr=8000)
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="ALAW") as file:
        for _ in range(180):
            file.write(minute)


def _no_sound(path):
    import av

    with av.open(str(path.with_suffix(".mp4")), "w") as file:
        picture = file.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        file.mux([*picture.encode(frame), *picture.encode(None)])
    path.with_suffix(".mp4").rename(path)


def _cut_m4a(path):
    write_av(path, HUM, 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _unreadable(path):
    path.write_bytes(wav())
    path.chmod(0)


def _outside(path):
    write_wav(path.parents[4] / "secret.wav", HUM)
    path.symlink_to("../../../../secret.wav")


TEXT = "cannot be decoded: it is a text"
NOT_MPEG4 = "cannot be decoded: Invalid data found when processing input"
HUGE = "goes {} times beyond full scale: its samples are not scaled to [-1, 1]"

FILES = [
    Case("empty", "cats/empty.wav", _bytes(b""), "cannot be decoded: it is an empty file"),
    Case("truncated header", "cats/header.wav", _bytes(wav()[:30]), "cannot be decoded: Error in WAV file"),
    Case("header without samples", "cats/none.wav", _bytes(wav(b"")), "is empty"),
    Case("truncated data", "cats/half.wav", _half, Taken(0.25)),
    Case("truncated FLAC", "cats/half.flac", _half, "cannot be decoded: Error : flac decoder lost sync"),
    Case("truncated OGG", "cats/half.ogg", _half, "cannot be decoded: Supported file format but file is malformed"),
    Case("truncated M4A", "cats/half.m4a", _cut_m4a, NOT_MPEG4),
    Case("text renamed to .wav", "cats/text.wav", _bytes(b"not a sound"), TEXT),
    Case("text renamed to .m4a", "cats/text.m4a", _bytes(b"not a sound"), TEXT),
    Case("FLAC named .wav", "cats/flac.wav", _renamed(".flac"), Taken()),
    Case("OGG named .flac", "cats/ogg.flac", _renamed(".ogg"), Taken()),
    Case("WAV named .mp3", "cats/wav.mp3", _renamed(".wav"), Taken()),
    Case("WAV named .m4a", "cats/wav.m4a", _renamed(".wav"), "cannot be decoded: it is WAV: change its suffix to .wav"),
    Case("header that claims 4 GB", "cats/4gb.wav", _bytes(wav(size=0xFFFFFFF0)), Taken()),
    Case("0 Hz", "cats/0hz.wav", _bytes(wav(rate=0)), "cannot be decoded: "),
    Case("1 Hz", "cats/1hz.wav", _bytes(wav(rate=1)), "has a sample rate of 1 Hz, which no sound has: "),
    Case("10 MHz", "cats/10mhz.wav", _bytes(wav(rate=10_000_000)), "has a sample rate of 10000000 Hz, which no sound"),
    Case("4 GHz", "cats/4ghz.wav", _bytes(wav(rate=0xFFFFFFFF)), "cannot be decoded: "),
    Case("0 channels", "cats/0.wav", _bytes(wav(channels=0)), "cannot be decoded: Channel count is zero"),
    Case(
        "64 channels",
        "cats/64.wav",
        _bytes(wav(np.repeat(np.frombuffer(PCM, "<i2"), 64).tobytes(), channels=64)),
        Taken(),
    ),
    Case("65,535 channels", "cats/65535.wav", _bytes(wav(channels=65_535)), "cannot be decoded: Too many channels"),
    Case("samples of NaN", "cats/nan.wav", _bytes(floats([0.1, np.nan] * 4000)), "holds NaN or infinity"),
    Case("samples of infinity", "cats/inf.wav", _bytes(floats([0.1, np.inf] * 4000)), "holds NaN or infinity"),
    Case("beyond float32", "cats/1e300.wav", _bytes(floats(HUM * 1e300, "<f8")), "holds NaN or infinity"),
    Case("near the end of float32", "cats/3e38.wav", _bytes(floats(np.sign(HUM) * 3e38)), HUGE.format("3e+38")),
    Case(
        "the same at another rate",
        "cats/3e38-44.wav",
        _bytes(floats(np.sign(HUM) * 3e38, rate=44_100)),
        HUGE.format("3e+38"),
    ),
    Case("floats on the scale of 16 bits", "cats/scale.wav", _bytes(floats(HUM * 65_536)), HUGE.format("3.277e+04")),
    Case("beyond full scale", "cats/loud.wav", _bytes(floats(HUM * 4)), Taken(db=-1.15)),
    Case("all zeros", "cats/zeros.wav", _bytes(wav(bytes(16_000))), "is silent"),
    Case("direct current only", "cats/dc.wav", _bytes(wav(b"\0\x20" * 8000)), "is silent"),
    Case("one sample", "cats/one.wav", _bytes(wav(b"\0\x20")), "is silent"),
    Case("shorter than ingest.min_s", "cats/short.wav", _bytes(wav(PCM[:1600])), "is shorter than 0.1 s"),
    Case("full-scale square", "cats/square.wav", _bytes(floats(np.where(HUM < 0, -1, 1))), Taken(db=0)),
    Case(
        "24 bits in 32",
        "cats/24.wav",
        _bytes(wav((HUM * 2**31).astype("<i4").tobytes(), bits=32, tag=0xFFFE, extra=EXTENSIBLE)),
        Taken(),
    ),
    Case("no bits", "cats/bits.wav", _bytes(wav(bits=0)), "cannot be decoded: File contains data in an unimplemented"),
    Case("A-law", "cats/alaw.wav", _sound(subtype="ALAW"), Taken()),
    Case("GSM", "cats/gsm.wav", _sound(y=tone(300, sr=8000), sr=8000, subtype="GSM610"), Taken(0.56, 8000, db=-9.6)),
    Case("3 hours", "cats/long.wav", _three_hours, Taken(10_800, sr=8000)),
    Case("MP3 with a picture", "cats/picture.mp3", _mp3, Taken(2)),
    Case("and a broken frame", "cats/broken.mp3", lambda path: _mp3(path, broken=True), Taken(1.73, db=-10.3)),
    Case("M4A without audio", "cats/video.m4a", _no_sound, "has no audio stream"),
    Case(
        "OGG with two streams", "cats/two.ogg", _chained, "holds 2 streams of sound, of which only one would be read: "
    ),
    Case("unreadable permissions", "cats/mine.wav", _unreadable, "cannot be opened: Permission denied"),
    Case("a directory named a.wav", "cats/a.wav", Path.mkdir, None),
    Case("a FIFO", "cats/pipe.wav", os.mkfifo, "is not a regular file"),
    Case(
        "a broken link",
        "cats/dead.wav",
        lambda path: path.symlink_to("nowhere.wav"),
        "is a link to nowhere.wav, which does not exist",
    ),
    Case(
        "a link to itself",
        "cats/loop.wav",
        lambda path: path.symlink_to("loop.wav"),
        "cannot be opened: Too many levels of",
    ),
    Case("a link to the parent", "cats/up", lambda path: path.symlink_to(".."), None),
    Case(
        "a link to the parent, named .wav", "cats/up.wav", lambda path: path.symlink_to(".."), "is not a regular file"
    ),
    Case("a link out of the corpus", "cats/out.wav", _outside, "leads out of the dataset's folder"),
    Case("a hidden file", "cats/.hidden.wav", _bytes(wav()), None),
    *(
        Case(name, path, _bytes(wav()), Taken())
        for name, path in (
            ("a newline", "cats/a\nb.wav"),
            ("a return", "cats/a\rb.wav"),
            ("quotes", "cats/a\"b'c.wav"),
            ("a comma and a semicolon", "cats/a,b;c.wav"),
            ("an emoji", "cats/🐈.wav"),
            ("right to left", "cats/\u202eقطة.wav"),
            ("255 bytes", f"cats/{'é' * 125}b.wav"),
            ("a leading dash", "cats/-rf.wav"),
            ("dots in a name", "cats/a..b..wav"),
            ("a space at the end", "cats/a .WAV"),
            ("a backslash", "cats/a\\b.wav"),
            ("a formula", "cats/=1+1.wav"),
            ("names that differ in case, small", "cats/case.wav"),
            ("names that differ in case, large", "cats/CASE.wav"),
            ("the same name in another folder", "dogs/case.wav"),
            ("a label of HTML", "<script>alert(1)<!--/a.wav"),
            ("a label of dots", ".../a.wav"),
        )
    ),
    Case("a name that is not UTF-8", os.fsdecode(b"cats/r\xe9.wav"), _bytes(wav()), "has a name that is not UTF-8"),
]
