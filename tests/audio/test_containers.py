"""Files whose header does not fit, whose channels do not add up, and files that are no sound at all."""

import struct

import numpy as np
import pytest
import soundfile

from sourcewise.audio.decode import Unreadable, decode
from tests.conftest import tone, write_av, write_wav

CANCEL = "channels that cancel each other: only the loudest was read"
SILENT_CHANNEL = "a silent channel: it was left out"
UNFINISHED = "a header that states no length: all that follows was read"
CUT_OFF = "a header that states more sound than there is: what is there was read"
SURPLUS = "more sound than its header states: the rest was not read"


def _rms(y):
    return np.sqrt(np.mean((y / 32768) ** 2))


def _noise(seed, n=16_000):
    return np.random.default_rng(seed).normal(0, 1e-3, n)


def _stereo(path, left, right, sr=16_000):
    if path.suffix == ".m4a":
        write_av(path, np.stack([left, right]), sr)
    else:
        write_wav(path, np.stack([left, right], axis=1), sr, "FLOAT")


@pytest.mark.parametrize("name", ["a.wav", "a.m4a"])
@pytest.mark.parametrize("hiss", [0, 1])
def test_of_channels_that_cancel_the_louder_is_kept(tmp_path, name, hiss):
    y = tone(1000, seconds=1)
    _stereo(tmp_path / name, 0.8 * y + hiss * _noise(0), -y + hiss * _noise(1))
    samples, _, remarks = decode(tmp_path / name, sr=16_000)
    assert remarks == (CANCEL,)
    assert _rms(samples[4000:12_000]) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_channels_that_cancel_are_resampled_like_others(tmp_path):
    y = tone(1000, seconds=1, sr=44_100)
    _stereo(tmp_path / "a.wav", y, -y, 44_100)
    samples, original, remarks = decode(tmp_path / "a.wav", sr=16_000)
    assert (len(samples), original, remarks) == (16_000, 44_100, (CANCEL,))
    assert _rms(samples[4000:12_000]) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("correlation", [1, 0.5, 0, -0.5, -0.8])
def test_channels_that_merely_differ_are_averaged(tmp_path, correlation):
    a, b = 100 * _noise(0), 100 * _noise(1)
    other = correlation * a + np.sqrt(1 - correlation**2) * b
    _stereo(tmp_path / "a.wav", a, other)
    samples, _, remarks = decode(tmp_path / "a.wav", sr=16_000)
    assert remarks == ()
    assert np.allclose(samples / 32768, (a + other) / 2, atol=1 / 32768)


@pytest.mark.parametrize("other", [np.zeros(16_000), np.full(16_000, 0.1), tone(50, seconds=1, peak=4e-4)])
def test_a_silent_channel_is_left_out_so_that_the_level_stays(tmp_path, other):
    _stereo(tmp_path / "a.wav", other, tone(1000, seconds=1))
    samples, _, remarks = decode(tmp_path / "a.wav", sr=16_000)
    assert remarks == (SILENT_CHANNEL,)
    assert np.allclose(samples / 32768, tone(1000, seconds=1), atol=1 / 32768)


def test_where_all_channels_are_silent_the_file_is(tmp_path):
    _stereo(tmp_path / "a.wav", np.zeros(16_000), np.full(16_000, 0.1))
    with pytest.raises(Unreadable, match="^is silent$"):
        decode(tmp_path / "a.wav", sr=8000)


def _restated(path, *, riff, data, keep=None, more=b""):
    """A WAV of a second at 16 kHz, 16 bits, with other lengths in its header; cut to `keep` bytes, or with more."""
    soundfile.write(path, tone(440, seconds=1), 16_000)
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = struct.pack("<I", riff), struct.pack("<I", data)
    path.write_bytes(bytes(content[:keep]) + more)


@pytest.mark.parametrize(
    ("lengths", "seconds", "remarks"),
    [
        ({"riff": 32_036, "data": 32_000}, 1, ()),
        ({"riff": 0, "data": 0}, 1, (UNFINISHED,)),
        ({"riff": 36, "data": 0}, 1, (UNFINISHED,)),
        ({"riff": 0xFFFFFFFF, "data": 0xFFFFFFFF}, 1, (UNFINISHED,)),
        ({"riff": 0x7FFFFFFF, "data": 0x7FFFFFDB}, 1, (UNFINISHED,)),
        ({"riff": 32_036, "data": 32_000, "keep": 16_044}, 0.5, (CUT_OFF,)),
        ({"riff": 32_036, "data": 16_000}, 0.5, (SURPLUS,)),
        ({"riff": 32_036 + 12, "data": 32_000, "more": b"LIST\4\0\0\0INFO"}, 1, ()),
        ({"riff": 32_036, "data": 32_000, "more": b"LIST\xa0\x0f\0\0" + bytes(4000)}, 1, ()),
        ({"riff": 32_036, "data": 32_000, "more": bytes(1000)}, 1, ()),
    ],
)
def test_a_header_that_misstates_the_length(tmp_path, lengths, seconds, remarks):
    _restated(tmp_path / "a.wav", **lengths)
    y, _, found = decode(tmp_path / "a.wav", sr=16_000)
    assert (len(y) / 16_000, found) == (seconds, remarks)
    assert np.allclose(y / 32768, tone(440, seconds=seconds), atol=1 / 32768)


@pytest.mark.parametrize("suffix", ["aiff", "au", "sph"])
def test_other_formats_that_are_cut_off(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(440, seconds=1), 16_000, format="NIST" if suffix == "sph" else None)
    path.write_bytes(path.read_bytes()[:-16_000])
    y, _, remarks = decode(path, sr=16_000)
    assert (len(y), remarks) == (8000, (CUT_OFF,))


def _sphere(path, y, coding="-s3 pcm", order="01"):
    """NIST SPHERE as on TIMIT's disc."""
    header = (
        f"NIST_1A\n   1024\ndatabase_id -s5 TIMIT\nchannel_count -i 1\nsample_count -i {len(y)}\nsample_rate -i 16000\n"
        f"sample_n_bytes -i 2\nsample_byte_format -s2 {order}\nsample_coding {coding}\nend_head\n"
    )
    path.write_bytes(header.encode().ljust(1024) + np.asarray(y, "<i2" if order == "01" else ">i2").tobytes())


@pytest.mark.parametrize(("name", "order"), [("SA1.WAV", "01"), ("sa1.sph", "10")])
def test_nist_sphere_is_decoded(tmp_path, name, order):
    y = np.random.default_rng(0).integers(-32768, 32768, 1600)
    _sphere(tmp_path / name, y, order=order)
    samples, sr, remarks = decode(tmp_path / name, sr=16_000)
    assert (samples.tolist(), sr, remarks) == (y.tolist(), 16_000, ())


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 72862\n"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.wav", POINTER, "it is a Git LFS pointer: run `git lfs pull` in its repository"),
        ("a.m4a", POINTER, "it is a Git LFS pointer: run `git lfs pull` in its repository"),
        ("a.mp3", b"<!DOCTYPE html><html>", "it is a web page, not the sound: download the file again"),
        ("a.wav", b"\0\x05\x16\x07\0\x02", "it is what macOS keeps beside a file, not the sound: remove it"),
        ("a.wav", b"PK\x03\x04" + bytes(99), "it is an archive: unpack it"),
        ("a.wav", b"%PDF-1.7 \xff", "it is a PDF"),
        ("a.wav", b"\x89PNG\r\n" + bytes(99), "it is a picture"),
        ("a.wav", b"\0\0\0\x20ftypM4A " + bytes(99), "it is MPEG-4: change its suffix to .m4a"),
        ("a.mp3", b"\x1aE\xdf\xa3" + bytes(99), "it is Matroska or WebM: convert it to FLAC or WAV"),
        ("a.m4a", b"fLaC" + bytes(99), "it is FLAC: change its suffix to .flac"),
        ("a.wav", b"0.1 0.2 0.3\n", "it is a text"),
        ("a.wav", b"", "it is an empty file"),
        ("a.wav", bytes(range(256)), "Format not recognised"),
    ],
)
def test_what_is_no_sound_is_named(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable) as raised:
        decode(tmp_path / name, sr=16_000)
    assert str(raised.value) == f"cannot be decoded: {sentence}"


def test_sphere_that_is_compressed_names_the_tool(tmp_path):
    _sphere(tmp_path / "a.wav", [0], coding="-s26 pcm,embedded-shorten-v2.00")
    with pytest.raises(Unreadable, match="^cannot be decoded: it is NIST SPHERE compressed with shorten: "):
        decode(tmp_path / "a.wav", sr=16_000)
