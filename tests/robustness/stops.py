"""Bad lists, dataset files, parameters, archives and datasets, a row each: the case, what is planted, the outcome.

What becomes of it is the sentence that the run stops with; or, where it runs, {path: label} of what is taken.
"""

import codecs
import io
import tarfile
import zipfile
from typing import NamedTuple

from tests.robustness.made import wav

#: Files of the corpus, unless a case plants others.
SOUNDS = {"a/1.wav": wav(), "b/2.wav": wav(), "b/3.wav": wav()}
LIST = "f,c,s\na/1.wav,x,1\nb/2.wav,y,2\nb/3.wav,y,3\n"
TAKEN = {"a/1.wav": "x", "b/2.wav": "y", "b/3.wav": "y"}

PARAMS = (
    "dataset: own\naugment: {background: null}\naudio: {sr: 16000, segment_s: null, hop_s: null, pad: repeat}\n"
    "ingest: {min_s: 0.1, max_rejected: 0.9, keep_copies: true}\n"
    "compute: {backend: threads, workers: 1, address: null, cache_gb: 0}\n"
    "split: {method: source, merge_duplicates: false, fractions: {train: 0.6, validation: 0.2, test: 0.2}, "
    "folds: null, seed: 0}\n"
)
HEAD = "title: t\nlicence: l\n"
LISTED = HEAD + "reader: manifest\nfile: l.csv\ncolumns: {path: f, label: c, source: s}\n"
FOLDER = HEAD + "reader: folder\nlabel: parent\nsource: {pattern: '([0-9]+)(?:-.)?[.]wav$'}\n"
PACKED = FOLDER + "root: a.zip\n"


class Stops(NamedTuple):
    """A row of the table: what differs from a corpus that runs. runs: the stages, in order."""

    name: str
    outcome: str | dict
    dataset_file: str | bytes = FOLDER
    params: str | bytes = PARAMS
    sounds: dict = SOUNDS
    archive: bytes | None = None
    runs: tuple = ("ingest",)


def _list(name, content, outcome):
    content = content.encode() if isinstance(content, str) else content
    return Stops(name, outcome, dataset_file=LISTED, sounds=SOUNDS | {"l.csv": content})


def _params(name, old, new, outcome):
    assert old in PARAMS
    return Stops(name, f"params.yaml: {outcome}", params=PARAMS.replace(old, new))


def _dataset_file(name, content, outcome):
    return Stops(name, f"data/datasets/own.yaml{outcome}", dataset_file=content)


def _corpus(name, paths, outcome):
    return Stops(name, outcome, sounds=dict.fromkeys(paths, wav()), runs=("ingest", "split"))


def _archive(name, content, outcome):
    return Stops(name, outcome, dataset_file=PACKED, archive=content, runs=("fetch",))


def zipped(members):
    """A zip, as bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def tarred(name, data=b"", **known):
    """A gzipped tar of one member, as bytes."""
    file, member = io.BytesIO(), tarfile.TarInfo(name)
    member.size = len(data)
    for key, value in known.items():
        setattr(member, key, value)
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def _exploding():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefghi", "bcdefghij", strict=True)]
    return "\n".join([*lines, "title: *j\n"])


CSV = "data/raw/own/l.csv"
OUT = "leads out of it: not unpacked"
LEFT_OUT = "leads out of the dataset's folder"

STOPS = [
    _list("a CSV with BOM and CRLF", codecs.BOM_UTF8 + LIST.replace("\n", "\r\n").encode(), TAKEN),
    _list("a CSV with CR alone", LIST.replace("\n", "\r"), TAKEN),
    _list("a CSV in Latin-1", LIST.replace("x", "é").encode("latin-1"), TAKEN | {"a/1.wav": "é"}),
    _list("a CSV in UTF-16", LIST.encode("utf-16"), TAKEN),
    _list("an empty CSV", "", f"{CSV} cannot be read as a CSV: it is empty"),
    _list("a CSV without rows", "f,c,s\n", "no recording found in data/raw/own (t)"),
    _list("a CSV without a column", LIST.replace("c,", "d,", 1), f"{CSV} has no column c; it has: f, d, s"),
    _list("a row that is too long", f"{LIST}a,b,c,d\n", f"{CSV}: 1 row (line 5): has more than 3 columns"),
    _list("a quote without an end", f'{LIST}"a', f"{CSV} cannot be read as a CSV: unexpected end of data"),
    _list("a field of 200 kB", f"{LIST}{'x' * 200_000},x,1\n", f"{CSV} cannot be read as a CSV: field larger"),
    _list(
        "duplicate rows", f"{LIST}./a//1.wav,x,1\n", f"{CSV}: 1 row (line 5): names a file that an earlier row names"
    ),
    _list("a missing file", f"{LIST}4.wav,x,1\n", TAKEN | {"4.wav": None}),
    _list("a folder in a list", f"{LIST}a,x,1\n", TAKEN | {"a": None}),
    _list("an absolute path", f"{LIST}/etc/passwd,x,1\n", TAKEN | {"/etc/passwd": None}),
    _list("an escaping path", f"{LIST}../../datasets/own.yaml,x,1\n", TAKEN | {"../../datasets/own.yaml": None}),
    _list("a path with NUL", f"{LIST}a\0.wav,x,1\n", f"{CSV} cannot be read as a table: it is not text"),
    _list("a path of 5,000 signs", f"{LIST}{'a' * 5000},x,1\n", TAKEN | {"a" * 5000: None}),
    _list("a label with /", LIST.replace("x", "../x"), TAKEN | {"a/1.wav": "../x"}),
    _list("a label <script>", LIST.replace("x", "<script>"), TAKEN | {"a/1.wav": "<script>"}),
    _list("a label of two lines, quoted", LIST.replace("x", '"x\n""y"""'), TAKEN | {"a/1.wav": 'x\n"y"'}),
    _list("a label with |", LIST.replace("x", "x|y"), f"{CSV}: 1 row (line 2): has a label with |"),
    _list("an empty label", LIST.replace("x", ""), f"{CSV}: 1 row (line 2): lacks a path, a label or a source"),
    _list("a label of spaces", LIST.replace("x", "  "), f"{CSV}: 1 row (line 2): holds no label"),
    Stops(
        "Parquet that is damaged",
        "data/raw/own/l.parquet cannot be read as Parquet: it is damaged",
        dataset_file=LISTED.replace("l.csv", "l.parquet"),
        sounds=SOUNDS | {"l.parquet": b"PAR1" + bytes(100) + b"PAR1"},
    ),
    Stops(
        "a list of a split in Latin-1",
        "dataset file: lists: test: data/raw/own/t.txt is not text in UTF-8: ",
        dataset_file=f"{FOLDER}lists: {{test: t.txt}}\n",
        sounds=SOUNDS | {"t.txt": b"caf\xe9.wav"},
    ),
    Stops(
        "a list outside the corpus",
        "dataset file: file is '../../datasets/own.yaml': there is no such file in data/raw/own",
        dataset_file=LISTED.replace("l.csv", "../../datasets/own.yaml"),
    ),
    _dataset_file(
        "anchors that explode", _exploding(), " is not valid YAML: its aliases make it endless, or too large"
    ),
    _dataset_file(
        "an anchor within itself", "title: &a [*a]", " is not valid YAML: its aliases make it endless, or too large"
    ),
    _dataset_file(
        "a tag that runs code", "a: !!python/object/apply:os.system [exit]", " is not valid YAML: could not determine"
    ),
    _dataset_file(
        "a tag that does not fit", "title: !!int x", " is not valid YAML: invalid literal for int() with base 10: 'x'"
    ),
    _dataset_file(
        "a number of 5,000 digits", f"title: {'1' * 5000}", " is not valid YAML: Exceeds the limit (4300 digits)"
    ),
    _dataset_file("5,000 brackets", f"title: {'[' * 5000}", " is not valid YAML: maximum recursion depth exceeded"),
    _dataset_file(
        "a dataset file in Latin-1", "title: é".encode("latin-1"), " is not valid YAML: 'utf-8' codec can't decode byte"
    ),
    _dataset_file(
        "a dataset file of 1 MB",
        "a" * 1_000_000,
        " is larger than 300000 bytes: a list of recordings belongs into a CSV",
    ),
    _dataset_file(
        "NUL in a dataset file", 'title: "\\0"', " is not valid YAML: '\\x00' holds a character that no name can have"
    ),
    _dataset_file(
        "a surrogate in a dataset file",
        'title: "\\ud800"',
        " is not valid YAML: '\\ud800' holds a character that no name can",
    ),
    _dataset_file("two equal keys", "title: a\ntitle: b", " is not valid YAML: while constructing a mapping in"),
    _dataset_file("a key that is a number", f"{FOLDER}1: 2", ": 1 is 1: keys should be strings"),
    _dataset_file("an empty dataset file", "", " must hold keys and values"),
    _dataset_file(
        "a pattern that is none",
        FOLDER.replace("([0-9]+)(?:-.)?[.]wav$", "(a{99999999999})"),
        ": source.pattern is '(a{99999999999})': is no regular expression: the repetition number is too large",
    ),
    Stops(
        "a pattern that would take a lifetime",
        "dataset file: source: pattern '((?:[0-9]+)+)x' takes more than 2 s for 'a/",
        dataset_file=FOLDER.replace("([0-9]+)(?:-.)?[.]wav$", "((?:[0-9]+)+)x"),
        sounds={f"a/{'1' * 60}.wav": wav()},
    ),
    _params("text for a number", "sr: 16000", "sr: fast", "audio.sr is 'fast': must be a whole number"),
    _params("a share in percent", "0.9,", "90,", "ingest.max_rejected is 90: must be less than 1"),
    _params("NaN", "min_s: 0.1", "min_s: .nan", "ingest.min_s is nan: must be a finite number"),
    _params("infinity", "min_s: 0.1", "min_s: 1e999", "ingest.min_s is inf: must be a finite number"),
    _params("a negative length", "min_s: 0.1", "min_s: -1", "ingest.min_s is -1: must be greater than 0"),
    _params("an absurd length", "min_s: 0.1", "min_s: 1e300", "ingest.min_s is 1e+300: must lie from -4294967295 to"),
    _params("clips of 3 years", "segment_s: null", "segment_s: 1e8", "audio.segment_s is 100000000.0: must be"),
    _params("an absurd rate", "sr: 16000", "sr: 16000000", "audio.sr is 16000000: must be at most"),
    _params(
        "a list for a section",
        "{min_s: 0.1, max_rejected: 0.9, keep_copies: true}",
        "[1]",
        "ingest is [1]: must be keys and v",
    ),
    _params("a key too many", "min_s: 0.1", "min_s: 0.1, max_s: 1", "ingest.max_s is not a known key"),
    _params(
        "another dataset",
        "dataset: own",
        "dataset: ../own",
        "dataset is '../own', which has no dataset file. Did you mean own",
    ),
    _archive("a zip with ../", zipped([("../x.wav", b"x")]), f"the archive's member '../x.wav' {OUT}"),
    _archive("a zip with an absolute path", zipped([("/x.wav", b"x")]), f"the archive's member '/x.wav' {OUT}"),
    _archive("a tar with ../", tarred("a/../../x.wav", b"x"), f"the archive's member 'a/../../x.wav' {OUT}"),
    _archive(
        "a tar with a link out of it",
        tarred("a.wav", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        "a.zip cannot be unpacked: 'a.wav' is a link to an absolute path",
    ),
    _archive(
        "a tar with a FIFO",
        tarred("a.wav", type=tarfile.FIFOTYPE),
        "a.zip cannot be unpacked: 'a.wav' is a special file",
    ),
    _archive(
        "a bomb of 1000:1",
        zipped([("x.wav", bytes(3_000_000))]),
        "a.zip would grow from ",
    ),
    _archive("1,500 folders in one another", zipped([(f"{'a/' * 1500}x", b"")]), "the archive nests more than "),
    _archive("half a zip", zipped([("x.wav", wav())])[:200], "a.zip cannot be unpacked: "),
    _archive("no archive", b"text", "a.zip cannot be unpacked: "),
    _corpus("1,000 classes", [f"c{k:03}/{k}.wav" for k in range(1000)], "class 'c000' has 1 source, needs 3, "),
    _corpus("one clip a class", ["a/1.wav", "b/2.wav"], "class 'a' has 1 source, needs 3, one for each part: "),
    _corpus(
        "one source a class",
        [f"{label}/{k}-{clip}.wav" for k, label in enumerate("abc") for clip in range(9)],
        "class 'a' has 1 source, needs 3, one for each part: record more, leave the class out, or merge it",
    ),
    _corpus(
        "all clips of one source",
        [f"{label}/1-{clip}.wav" for label in "ab" for clip in range(9)],
        "class 'a' has 1 source, needs 3, one for each part: record more, leave the class out, or merge it",
    ),
    _corpus("one class", [f"a/{k}.wav" for k in range(9)], "labels: 1 class found (a), at least 2 are needed"),
]
