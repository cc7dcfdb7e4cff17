import numpy as np
import pytest
import soundfile

from stages.audio import decode as module
from stages.audio.decode import Unreadable, decode
from tests.conftest import tone, write_wav


def test_16_bit_at_its_own_rate_comes_back_sample_by_sample(tmp_path):
    y = np.random.default_rng(0).integers(-32768, 32768, 5000).astype(np.int16)
    write_wav(tmp_path / "a.wav", y)
    decoded, sr, beyond = decode(tmp_path / "a.wav", sr=16_000)
    assert decoded.dtype == np.int16
    assert decoded.tolist() == y.tolist()
    assert (sr, beyond) == (16_000, False)


@pytest.mark.parametrize("sr", [8_000, 22_050, 44_100, 48_000])
def test_resampling_keeps_pitch_level_and_length(tmp_path, sr):
    write_wav(tmp_path / "a.wav", tone(1000, seconds=1, sr=sr), sr)
    y, original, _ = decode(tmp_path / "a.wav", sr=16_000)
    assert original == sr
    assert abs(len(y) - 16_000) <= 1
    middle = y[4000:12_000] / 32768
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=2e-3)
    assert np.abs(np.fft.rfft(middle)).argmax() * 16_000 / len(middle) == 1000


def test_what_lies_above_half_the_new_rate_is_gone(tmp_path):
    write_wav(tmp_path / "a.wav", tone(12_000, seconds=1, sr=44_100), 44_100, "FLOAT")
    y, *_ = decode(tmp_path / "a.wav", sr=16_000)
    assert np.abs(y[4000:12_000]).max() <= 1  # one step of 16 bits: below -90 dB


def test_channels_are_averaged(tmp_path):
    y = np.stack([tone(440), -tone(440) / 2, np.zeros(8000)], axis=1)
    write_wav(tmp_path / "a.wav", y, subtype="FLOAT")
    decoded, *_ = decode(tmp_path / "a.wav", sr=16_000)
    assert np.allclose(decoded / 32768, tone(440) / 6, atol=1 / 32768)


def test_blocks_leave_no_seam(tmp_path, monkeypatch):
    y = np.random.default_rng(0).normal(0, 0.1, 40_000)
    write_wav(tmp_path / "a.wav", y, 22_050)
    whole, *_ = decode(tmp_path / "a.wav", sr=16_000)
    monkeypatch.setattr(module, "BLOCK", 1000)
    blocks, *_ = decode(tmp_path / "a.wav", sr=16_000)
    assert len(whole) == len(blocks)
    assert np.abs(whole.astype(int) - blocks).max() <= 1


def test_beyond_full_scale_is_clipped_and_told(tmp_path):
    write_wav(tmp_path / "a.wav", tone(440, peak=2), subtype="FLOAT")
    y, _, beyond = decode(tmp_path / "a.wav", sr=16_000)
    assert beyond
    assert (y.min(), y.max()) == (-32768, 32767)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff", "au"])
def test_formats(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(1000, seconds=1), 16_000)
    y, *_ = decode(path, sr=16_000)
    assert f".{suffix}" in module.SUFFIXES
    middle = y[4000:12_000] / 32768
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.04)  # MP3 adds 3 %


def _nan(path):
    write_wav(path, np.array([0.1, np.nan, 0.2]), subtype="FLOAT")


def _infinite(path):
    write_wav(path, np.array([0.1, np.inf, 0.2]), subtype="FLOAT")


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (lambda path: path.write_bytes(b""), "cannot be decoded"),
        (lambda path: path.write_text("not a sound"), "cannot be decoded"),
        (lambda path: path.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt "), "cannot be decoded"),
        (lambda path: write_wav(path, np.zeros(0)), "is empty"),
        (lambda path: write_wav(path, np.zeros(8000)), "is silent"),
        (lambda path: write_wav(path, np.full(8000, 0.25)), "is silent"),
        (_nan, "holds NaN or infinity"),
        (_infinite, "holds NaN or infinity"),
        (lambda path: path.mkdir(), "cannot be decoded"),
        (lambda path: None, "cannot be decoded"),
    ],
    ids=[
        "empty file",
        "text",
        "header only",
        "no samples",
        "zeros",
        "constant",
        "NaN",
        "infinity",
        "folder",
        "missing",
    ],
)
def test_what_cannot_be_used_says_why(tmp_path, fill, reason):
    fill(tmp_path / "a.wav")
    with pytest.raises(Unreadable, match=reason):
        decode(tmp_path / "a.wav", sr=16_000)


def test_a_truncated_file_gives_what_it_holds(tmp_path):
    write_wav(tmp_path / "a.wav", tone(440))
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[: len(whole) // 2])
    y, *_ = decode(tmp_path / "a.wav", sr=16_000)
    assert 3900 < len(y) <= 4000


def test_real_recordings(fsdd):
    y, sr, beyond = decode(fsdd / "7_jackson_32.wav", sr=8000)
    assert (sr, beyond) == (8000, False)
    assert y.tolist() == soundfile.read(fsdd / "7_jackson_32.wav", dtype="int16")[0].tolist()
