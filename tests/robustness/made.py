"""Bytes of files that no well-meaning program writes."""

import struct

import numpy as np
import soundfile

from tests.conftest import tone

HUM = tone(300)  # half a second at 16 kHz, peak 0.5
PCM = (HUM * 32767).astype("<i2").tobytes()
EXTENSIBLE = struct.pack("<HHI", 22, 24, 4) + bytes.fromhex("0100000000001000800000aa00389b71")  # 24 of 32 bits


def wav(data=PCM, *, rate=16_000, channels=1, bits=16, tag=1, extra=b"", size=None):
    """A WAV by hand; size: that the header claims the data to have."""
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits) + extra
    size = len(data) if size is None else size
    whole = min(len(form) + size + 20, 0xFFFFFFFF)
    head = struct.pack("<4sI8sI", b"RIFF", whole, b"WAVEfmt ", len(form)) + form
    return head + struct.pack("<4sI", b"data", size) + data


def floats(y, dtype="<f4", **header):
    """A WAV of floats."""
    data = np.asarray(y, dtype)
    return wav(data.tobytes(), bits=8 * data.itemsize, tag=3, **header)


def coded(path, y=HUM, sr=16_000, **how):
    """The bytes of y as libsndfile writes it by the end of the name."""
    soundfile.write(path, y, sr, **how)
    return path.read_bytes()


def with_picture(mp3):
    """An MP3 behind a picture of 100 kB (ID3v2.3, APIC)."""
    picture = b"\0image/jpeg\0\3\0" + bytes(range(256)) * 400
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + frame + mp3


def overwritten(data, start, n=300):
    """The bytes with n zeros from `start` on."""
    return data[:start] + bytes(n) + data[start + n :]
