import av
import numpy as np
import pytest
import soundfile

from sourcewise.audio import decode as module
from sourcewise.audio.decode import Unreadable, decode
from sourcewise.core.formats import SUFFIXES
from tests.conftest import tone, write_av, write_wav


def test_16_bit_at_its_own_rate_comes_back_sample_by_sample(tmp_path):
    y = np.random.default_rng(0).integers(-32768, 32768, 5000).astype(np.int16)
    write_wav(tmp_path / "a.wav", y)
    decoded, sr, remarks = decode(tmp_path / "a.wav", sr=16_000)
    assert decoded.dtype == np.int16
    assert decoded.tolist() == y.tolist()
    assert (sr, remarks) == (16_000, ())


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
    y = np.stack([tone(440), -tone(440) / 2, tone(1000)], axis=1)
    write_wav(tmp_path / "a.wav", y, subtype="FLOAT")
    decoded, *_ = decode(tmp_path / "a.wav", sr=16_000)
    assert np.allclose(decoded / 32768, (tone(440) / 2 + tone(1000)) / 3, atol=1 / 32768)


def test_blocks_leave_no_seam(tmp_path, monkeypatch):
    y = np.random.default_rng(0).normal(0, 0.1, 40_000)
    write_wav(tmp_path / "a.wav", y, 22_050)
    whole, *_ = decode(tmp_path / "a.wav", sr=16_000)
    monkeypatch.setattr(module, "BLOCK", 1000)
    blocks, *_ = decode(tmp_path / "a.wav", sr=16_000)
    assert len(whole) == len(blocks)
    assert np.abs(whole.astype(int) - blocks).max() <= 1


def test_samples_beyond_full_scale_are_clipped_and_reported(tmp_path):
    write_wav(tmp_path / "a.wav", tone(440, peak=2), subtype="FLOAT")
    y, _, remarks = decode(tmp_path / "a.wav", sr=16_000)
    assert remarks == ("values beyond full scale: they were clipped",)
    assert (y.min(), y.max()) == (-32768, 32767)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff", "au"])
def test_formats(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(1000, seconds=1), 16_000)
    y, *_ = decode(path, sr=16_000)
    assert f".{suffix}" in SUFFIXES
    middle = y[4000:12_000] / 32768
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.04)  # MP3 adds 3 %


def test_opus(tmp_path):
    soundfile.write(tmp_path / "a.opus", tone(1000, seconds=1, sr=48_000), 48_000, format="OGG", subtype="OPUS")
    y, sr, _ = decode(tmp_path / "a.opus", sr=16_000)
    assert sr == 48_000
    assert np.sqrt(np.mean((y[4000:12_000] / 32768) ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.04)


@pytest.mark.parametrize(
    ("suffix", "subtype", "expected"),
    [
        ("wav", "PCM_U8", [0, 16384, -16384, 256, -256, -32768]),
        ("wav", "PCM_16", [0, 16384, -16384, 257, -257, -32768]),
        ("wav", "PCM_24", [0, 16384, -16384, 257, -257, -32768]),
        ("wav", "PCM_32", [0, 16384, -16384, 257, -257, -32768]),
        ("wav", "FLOAT", [0, 16384, -16384, 257, -257, -32768]),
        ("wav", "DOUBLE", [0, 16384, -16384, 257, -257, -32768]),
        ("flac", "PCM_S8", [0, 16384, -16384, 256, -256, -32768]),
        ("flac", "PCM_16", [0, 16384, -16384, 257, -257, -32768]),
        ("flac", "PCM_24", [0, 16384, -16384, 257, -257, -32768]),
        ("aiff", "PCM_S8", [0, 16384, -16384, 256, -256, -32768]),
        ("aiff", "PCM_16", [0, 16384, -16384, 257, -257, -32768]),
        ("au", "PCM_16", [0, 16384, -16384, 257, -257, -32768]),
    ],
)
def test_depths_are_exact(tmp_path, suffix, subtype, expected):
    y = np.array([0, 16384, -16384, 257, -257, -32768]) / 32768
    y = np.round(y * 128) / 128 if subtype.endswith("8") else y  # libsndfile itself would cut off, not round
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, y, 16_000, subtype=subtype)
    assert decode(path, sr=16_000)[0].tolist() == expected
    soundfile.write(path, np.stack([y, y], axis=1), 16_000, subtype=subtype)  # through float
    assert decode(path, sr=16_000)[0].tolist() == expected


@pytest.mark.parametrize(("suffix", "subtype"), [("wav", "PCM_U8"), ("aiff", "PCM_S8")])
def test_every_value_of_8_bits_is_that_of_the_float_route(tmp_path, suffix, subtype):
    soundfile.write(tmp_path / f"a.{suffix}", np.arange(-128, 128) / 128, 16_000, subtype=subtype)
    y, *_ = decode(tmp_path / f"a.{suffix}", sr=16_000)
    assert y.tolist() == list(range(-32768, 32768, 256))


def test_what_is_no_file_says_why(tmp_path):
    for path in (tmp_path, tmp_path / "missing.wav"):
        with pytest.raises(Unreadable, match="cannot be decoded: "):
            decode(path, sr=16_000)


def _write_video(path, y, sr):
    """A second of moving picture, with the wave y, if any, as its sound."""
    with av.open(str(path), "w") as file:
        picture = file.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound = None if y is None else file.add_stream("aac", rate=sr, layout="mono")
        for shade in range(0, 200, 20):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), shade, np.uint8), format="rgb24")
            file.mux(picture.encode(frame))
        file.mux(picture.encode(None))
        if sound is not None:
            frame = av.AudioFrame.from_ndarray(y.astype(np.float32)[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = sr, 0
            file.mux([*sound.encode(frame), *sound.encode(None)])


@pytest.mark.parametrize(("suffix", "options"), [("m4a", {}), ("mp4", {}), ("3gp", {}), ("aac", {"format": "adts"})])
@pytest.mark.parametrize("sr", [16_000, 44_100])
def test_aac_keeps_pitch_and_level(tmp_path, suffix, options, sr):
    path = tmp_path / f"a.{suffix}"
    write_av(path, tone(1000, seconds=1, sr=sr), sr, **options)
    y, original, remarks = decode(path, sr=16_000)
    assert f".{suffix}" in SUFFIXES
    assert (y.dtype, original, remarks) == (np.int16, sr, ())
    middle = y[4000:12_000] / 32768
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert np.abs(np.fft.rfft(middle)).argmax() * 16_000 / len(middle) == 1000


def test_what_the_aac_encoder_puts_in_front_is_left_out(tmp_path):
    y = np.random.default_rng(0).normal(0, 0.001, 88_200)
    y[44_100:44_120] = 0.9
    write_av(tmp_path / "a.m4a", y, 44_100)
    decoded, *_ = decode(tmp_path / "a.m4a", sr=44_100)
    assert abs(np.abs(decoded).argmax() - 44_110) <= 44  # a millisecond
    assert 88_200 <= len(decoded) < 88_200 + 1024  # one AAC frame


def test_blocks_of_aac_leave_no_seam(tmp_path, monkeypatch):
    write_av(tmp_path / "a.m4a", np.random.default_rng(0).normal(0, 0.1, 44_100), 44_100)
    whole, *_ = decode(tmp_path / "a.m4a", sr=16_000)
    monkeypatch.setattr(module, "PACKETS", 3)
    blocks, *_ = decode(tmp_path / "a.m4a", sr=16_000)
    assert len(whole) == len(blocks)
    assert np.abs(whole.astype(int) - blocks).max() <= 1


def test_channels_of_aac_are_averaged(tmp_path):
    write_av(tmp_path / "a.m4a", np.stack([tone(1000, seconds=1), tone(1000, seconds=1) / 2]), 16_000)
    y, *_ = decode(tmp_path / "a.m4a", sr=16_000)
    assert np.sqrt(np.mean((y[4000:12_000] / 32768) ** 2)) == pytest.approx(0.375 / np.sqrt(2), rel=0.02)


def test_apple_lossless_comes_back_sample_by_sample(tmp_path):
    y = np.random.default_rng(0).integers(-32768, 32768, 4096)
    write_av(tmp_path / "a.m4a", y / 32768, 16_000, codec="alac")
    assert decode(tmp_path / "a.m4a", sr=16_000)[0].tolist() == y.tolist()


def test_the_sound_of_a_video_is_taken(tmp_path):
    _write_video(tmp_path / "a.mp4", tone(1000, seconds=1), 16_000)
    y, *_ = decode(tmp_path / "a.mp4", sr=16_000)
    assert np.sqrt(np.mean((y[4000:12_000] / 32768) ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_rate_and_channels_may_change_on_the_way(tmp_path):
    write_av(tmp_path / "1.aac", tone(1000, seconds=1, sr=44_100), 44_100, format="adts")
    write_av(tmp_path / "2.aac", np.stack([tone(1000, seconds=1, sr=22_050)] * 2), 22_050, format="adts")
    (tmp_path / "a.aac").write_bytes((tmp_path / "1.aac").read_bytes() + (tmp_path / "2.aac").read_bytes())
    y, sr, _ = decode(tmp_path / "a.aac", sr=16_000)
    assert sr == 44_100
    assert len(y) == pytest.approx(32_000, abs=2000)
    for part in (y[4000:12_000], y[22_000:30_000]):
        assert np.abs(np.fft.rfft(part)).argmax() * 16_000 / len(part) == 1000


def _cut_in_two(path, **options):
    write_av(path, tone(440), 16_000, **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (lambda path: _write_video(path.with_suffix(".mp4"), None, 16_000), "has no audio stream"),
        (_cut_in_two, "cannot be decoded: Invalid data found when processing input"),
        (
            lambda path: _cut_in_two(path, options={"movflags": "faststart"}),
            "cannot be decoded: Invalid data found when processing input",
        ),
        (lambda path: path.write_text("not a sound"), "cannot be decoded: it is a text"),
        (lambda path: path.write_bytes(b""), "cannot be decoded: it is an empty file"),
        (
            lambda path: soundfile.write(path, tone(440), 16_000, format="WAV"),
            "cannot be decoded: it is WAV: change its suffix to .wav",
        ),
        (lambda path: write_av(path, np.zeros(16_000), 16_000), "is silent"),
        (lambda path: path.mkdir(), "cannot be decoded: Is a directory"),
        (lambda path: None, "cannot be decoded: No such file or directory"),
    ],
    ids=["no sound", "cut off", "cut off, index first", "text", "empty file", "WAV", "zeros", "folder", "missing"],
)
def test_what_ffmpeg_cannot_use_says_why(tmp_path, capfd, fill, reason):
    fill(tmp_path / "a.m4a")
    if (tmp_path / "a.mp4").exists():
        (tmp_path / "a.mp4").rename(tmp_path / "a.m4a")
    capfd.readouterr()
    with pytest.raises(Unreadable, match=f"^{reason}"):
        decode(tmp_path / "a.m4a", sr=16_000)
    assert capfd.readouterr() == ("", "")


def test_real_recordings(fsdd):
    y, sr, remarks = decode(fsdd / "7_jackson_32.wav", sr=8000)
    assert (sr, remarks) == (8000, ())
    assert y.tolist() == soundfile.read(fsdd / "7_jackson_32.wav", dtype="int16")[0].tolist()


@pytest.mark.parametrize("suffix", ["wav", "m4a"])
def test_no_more_is_decoded_than_is_asked_for(tmp_path, suffix):
    write_wav(tmp_path / "a.wav", tone(440, seconds=72), subtype="PCM_24")
    write_av(tmp_path / "a.m4a", tone(440, seconds=72), 16_000)
    assert len(decode(tmp_path / f"a.{suffix}", sr=16_000, longest_s=72)[0]) == 72 * 16_000
    with pytest.raises(Unreadable, match=r"^is longer than 0\.0195 hours$"):
        decode(tmp_path / f"a.{suffix}", sr=16_000, longest_s=70.2)
