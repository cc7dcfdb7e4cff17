"""Downloads: fetched once into data/downloads, unpacked into one folder alone, checked by a checksum."""

import hashlib
import http.client
import lzma
import os
import shutil
import tarfile
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from tqdm import tqdm

from sourcewise.core.errors import Stop
from sourcewise.core.paths import repository

DOWNLOADS = "data/downloads"
UNCHECKED_BYTES = 1 << 30  # unpacked size up to which any compression is accepted, such as that of silence
LARGEST_RATIO = 100  # above it, an archive that grows by more holds no dataset but was made to fill a disk
DEEPEST = 100  # folders: walking through a thousand would fail
#: What Python's readers of archives raise where one is damaged.
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, LookupError, ValueError)
SCHEMES = ("https://", "file://")


class Unusable(Exception):
    """A failed download, or a file that is no archive; the message says which and why."""


def download(url, *, timeout_s):
    """The path of the file behind a URL, https or file, downloaded unless an earlier run did.

    timeout_s: for the answer to begin, and for each pause after that. Raises Unusable.
    """
    path = download_path(url)
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with _answer(url, timeout_s) as answer, open(part, "wb") as file:
            size = int(answer.headers.get("Content-Length") or 0) or None
            with tqdm.wrapattr(answer, "read", total=size, desc="fetch", disable=None) as stream:
                shutil.copyfileobj(stream, file, 1 << 20)
            if size is not None and file.tell() != size:
                raise OSError(f"{file.tell()} of {size} bytes arrived")
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise Unusable(f"{url} could not be read ({error})") from None
    part.rename(path)
    return path


def download_path(url):
    """Where `download` keeps the file behind a URL."""
    name = hashlib.sha256(url.encode()).hexdigest()[:16] + "-" + url.split("?")[0].rsplit("/", 1)[-1]
    return repository() / DOWNLOADS / name


class _Encrypted(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only: nothing is requested in plain text."""

    def redirect_request(self, request, file, code, message, headers, url):
        if not url.startswith("https://"):
            raise Stop(f"{request.full_url} leads to {url}, which is not https")
        return super().redirect_request(request, file, code, message, headers, url)


def _answer(url, timeout_s):
    """The opened URL; on a thread, since a name's look-up and each address of a host wait for a time of their own."""
    answers = SimpleQueue()
    request = urllib.request.Request(url, headers={"User-Agent": "sourcewise"})  # some hosts refuse Python's own

    def ask():
        try:
            answers.put(urllib.request.build_opener(_Encrypted).open(request, timeout=timeout_s))
        except (Stop, http.client.HTTPException, OSError) as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except Empty:
        raise TimeoutError(f"no answer within {timeout_s:g} s") from None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def unpack(archive, folder):
    """All of a zip or tar into a folder, nothing outside it. Raises Unusable.

    Refused, before anything is written: members that lead out, and archives whose members would not fit on the disk or
    are, together, far larger than compressed sound can become. Links out of the archive, devices and the like are
    refused in a tar (Python's filter "data"); in a zip a link becomes a file that holds its target's name.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                members = file.infolist()
                _refuse([(member.filename, member.file_size) for member in members], archive, folder)
                file.extractall(folder)
        else:
            if not hasattr(tarfile, "data_filter"):
                raise Stop(f"{archive} cannot be unpacked safely by this Python: install 3.11.4 or later")
            with tarfile.open(archive) as file:
                _refuse([(member.name, member.size) for member in file.getmembers()], archive, folder)
                file.extractall(folder, filter="data")
    except (*DAMAGE, OSError, RuntimeError) as error:
        raise Unusable(f"cannot be unpacked: {' '.join(str(error).split())}") from None


def _refuse(members, archive, folder):
    for name, _ in members:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise Stop(f"the archive's member {name!r} leads out of it: not unpacked")
        if len(Path(name).parts) > DEEPEST:
            raise Stop(f"the archive nests more than {DEEPEST} folders: not unpacked")
    size, compressed = sum(size for _, size in members), Path(archive).stat().st_size
    if size > UNCHECKED_BYTES and size > LARGEST_RATIO * compressed:
        raise Stop(f"{archive} would grow from {compressed} to {size} bytes, as no sound does: not unpacked")
    free = shutil.disk_usage(Path(folder).parent).free
    if size > free:
        raise Stop(f"{archive} needs {size} bytes unpacked, but {free} are free on the disk: not unpacked")


def agrees(archive, published):
    """Whether an archive is the one whose checksum was published as `md5:<hex>` or `sha256:<hex>`."""
    algorithm, _, digest = published.partition(":")
    if algorithm not in ("md5", "sha256"):
        raise Stop(
            f"dataset file: checksum is {published!r}: must be 64 hexadecimal digits, or begin with md5: or sha256:"
        )
    with open(archive, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == digest.strip().lower()


def checksum(path):
    """SHA-256 of a file; of a folder, over the lines `<sha256>  ./<path>` of its files, in the order of their bytes.

    In a shell: find . -type f | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum
    """
    path = Path(path)
    if path.is_file():
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    lines = hashlib.sha256()
    names = {str(file.relative_to(path)) for file in path.rglob("*") if not file.is_dir()}
    for name in sorted(names, key=os.fsencode):
        lines.update(f"{checksum(path / name)}  ./".encode() + os.fsencode(name) + b"\n")
    return lines.hexdigest()
