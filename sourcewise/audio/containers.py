"""What the headers of sound files state, what the files hold, and what a file is that no decoder reads."""

import io
import os
import re
import struct
from contextlib import contextmanager

from sourcewise.core.formats import LIBSNDFILE

#: What is remarked of a file whose header does not fit it, and what is read of it.
UNFINISHED = "a header that states no length: all that follows was read"
CUT_OFF = "a header that states more sound than there is: what is there was read"
SURPLUS = "more sound than its header states: the rest was not read"
UNKNOWN = 0x7FFFF000  # bytes from which on a program that could not go back has stated "as long as can be"
SURPLUS_S = 0.1  # of other bytes that may follow a sound unremarked

#: First bytes (regular expressions), what they begin, with what can be done about it, and the suffixes that fit.
CONTENTS = (
    (rb"version https://git-lfs\.github\.com/", "a Git LFS pointer: run `git lfs pull` in its repository", ""),
    (rb"\0\x05\x16\x07", "what macOS keeps beside a file, not the sound: remove it", ""),
    (rb"NIST_1A.{0,1000}shorten", "NIST SPHERE compressed with shorten: decompress it with sph2pipe", ""),
    (rb"\s*(?i:<!doctype html|<html)", "a web page, not the sound: download the file again", ""),
    (rb"%PDF", "a PDF", ""),
    (rb"\xff\xd8\xff|\x89PNG|GIF8", "a picture", ""),
    (rb"PK\x03\x04|\x1f\x8b|Rar!|7z\xbc\xaf", "an archive: unpack it", ""),
    (rb".{4}ftyp", "MPEG-4: change its suffix to .m4a", ".m4a .mp4 .3gp"),
    (rb"\x1aE\xdf\xa3", "Matroska or WebM: convert it to FLAC or WAV", ""),
    (rb"0&\xb2u", "Windows Media: convert it to FLAC or WAV", ""),
    (rb"#!AMR", "AMR: convert it to FLAC or WAV", ""),
    (rb"RIFF.{4}WAVE", "WAV: change its suffix to .wav", LIBSNDFILE),
    (rb"fLaC", "FLAC: change its suffix to .flac", LIBSNDFILE),
    (rb"OggS", "Ogg: change its suffix to .ogg", LIBSNDFILE),
)


def fault(path, error):
    """The reason for which a file cannot be decoded, as the end of a sentence about it. error: the decoder's."""
    reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return what(path) or f"cannot be decoded: {reason.strip().rstrip('.')}"


def what(path):
    """The same where its first bytes show that it is something else than its suffix says; None where they do not."""
    try:
        with open(path, "rb") as file:
            start = file.read(2048)
    except OSError:
        return None
    if not start:
        return "cannot be decoded: it is an empty file"
    suffix = os.path.splitext(path)[1].lower()
    for pattern, description, suffixes in CONTENTS:
        if re.match(pattern, start, re.DOTALL) and suffix not in suffixes.split():
            return f"cannot be decoded: it is {description}"
    return "cannot be decoded: it is a text" if _is_text(start) else None


def _is_text(start):
    try:
        return start.decode("utf-8").replace("\n", "").replace("\r", "").replace("\t", "").isprintable()
    except UnicodeDecodeError:
        return False


@contextmanager
def opened(path):
    """(what libsndfile is to open: the path, or a stream whose header states the true length; the remark, or None)."""
    with open(path, "rb") as file:
        start, n = file.read(12), os.fstat(file.fileno()).st_size
        if start[:4] == b"RIFF" and start[8:] == b"WAVE":
            remark, at = _of_wav(file, n)
            file.seek(0)
            stream = str(path) if at is None else _Restated(file, at, struct.pack("<I", n - at - 4))
            yield stream, remark
            return
        of = {b"FORM": _of_aiff, b"NIST": _of_sphere, b".snd": _of_au}.get(start[:4])
        stated = of(file, start) if of else 0
        yield str(path), CUT_OFF if stated > n else None


class _Restated(io.RawIOBase):
    """A file in which some bytes are replaced."""

    def __init__(self, file, at, new):
        super().__init__()
        self._file, self._at, self._new = file, at, new

    def seekable(self):
        return True

    def readable(self):
        return True

    def seek(self, offset, whence=os.SEEK_SET):
        return self._file.seek(offset, whence)

    def tell(self):
        return self._file.tell()

    def readinto(self, buffer):
        first = self._file.tell()
        n = self._file.readinto(buffer)
        for k, value in enumerate(self._new):
            if first <= self._at + k < first + n:
                buffer[self._at + k - first : self._at + k - first + 1] = bytes([value])
        return n


def _of_wav(file, n):
    """The remark on a WAV file of n bytes, and where its length has to be restated for libsndfile to read it."""
    per_s, at = 0, 12
    while at + 8 <= n:
        file.seek(at)
        name, size = struct.unpack("<4sI", file.read(8))
        if name == b"fmt ":
            per_s = struct.unpack("<I", file.read(12)[8:].ljust(4, b"\0"))[0]
        if name == b"data":
            break
        at += 8 + size + size % 2
    else:
        return None, None
    there = n - at - 8
    if size == 0 and there and not _is_chunk(file, at + 8, n):
        return UNFINISHED, at + 4
    if size > there:
        return UNFINISHED if size >= UNKNOWN else CUT_OFF, None
    rest = at + 8 + size + size % 2
    surplus = n - rest > SURPLUS_S * max(per_s, 1) and not _is_chunk(file, rest, n)
    return SURPLUS if surplus else None, None


def _is_chunk(file, at, n):
    """Whether a chunk of a RIFF file begins there, which ends within its n bytes."""
    file.seek(at)
    name, size = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
    return bool(re.fullmatch(rb"[A-Za-z][\w ]{3}|ID3.|TAG.", name, re.DOTALL)) and at + 8 + size <= n + 1


def _of_aiff(file, start):
    """The bytes that an AIFF file should have."""
    at = 12
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return 0
        name, size = struct.unpack(">4sI", head)
        if name == b"SSND":
            return at + 8 + size
        at += 8 + size + size % 2


def _of_sphere(file, start):
    """The same of NIST SPHERE."""
    file.seek(0)
    text = file.read(1024)
    found = [re.search(rb"%s -i (\d+)" % key, text) for key in (b"sample_count", b"channel_count", b"sample_n_bytes")]
    header = re.match(rb"NIST_1A\n\s*(\d+)", text)
    if header is None or None in found:
        return 0
    count, channels, width = (int(match.group(1)) for match in found)
    return int(header.group(1)) + count * channels * width


def _of_au(file, start):
    """The same of AU, which may state that it does not know."""
    offset, size = struct.unpack(">II", start[4:12].ljust(8, b"\0"))
    return 0 if size >= UNKNOWN else offset + size
