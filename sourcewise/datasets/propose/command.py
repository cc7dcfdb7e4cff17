"""Proposes a card for your own recordings: python -m sourcewise propose data/raw/birds

Looks at a folder of recordings, or at a CSV or TSV that lists them: which part of the names tells the class, which the
speaker, song, session or whatever must not be split; how many recordings each has; rates, lengths, what cannot be read.
Writes data/datasets/<name>.yaml, which is a guess: read it before you believe what comes of it.
"""

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from sourcewise.core import params, registry
from sourcewise.core.errors import Stop
from sourcewise.core.markdown import markdown
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import DATASETS, RAW
from sourcewise.datasets import dataset_file, tables
from sourcewise.datasets.dataset_file import PARTS, Recording
from sourcewise.datasets.propose import headers, proposal, text
from sourcewise.datasets.propose.parts import NEEDED
from sourcewise.datasets.propose.text import some
from sourcewise.datasets.readers import folder
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.files import write_text

SHOWN = 30  # classes
LONG_S = 20  # from which recordings are better cut


def main(path, name=None, force=False):
    """Look, report, and write the card."""
    path = Path(path)
    name = name or _name(path)
    place = _place(name, force)
    root, found = _of_table(path) if path.is_file() else _of_folder(path)
    keys = {"title": (name, "guessed by `python -m sourcewise propose`: read it, and change what is not so")}
    keys |= {
        "licence": ("not known", ""),
        "root": (_root(root, name), f"null: they lie in {RAW / name}"),
    } | found.keys
    table = _read(root, keys, place)
    print(f"dataset file: {len(table):,} recordings in {root}\n")
    print("\n".join(f"  {line}" for line in text.card(found.keys)))
    print(f"\n{_classes(table)}\n")
    for said in [*_sounds(root, table), *_warnings(table, found.source)]:
        print(f"dataset file: {said}")
    write_text(place, "\n".join([*text.card(keys), *_others(found.others)]) + "\n")
    dataset_file.load(name)  # whatever has been written can be read
    print(f"dataset file: wrote {place}: read it, and change what is not so\n\nNext: dvc exp run -S dataset={name}")


def _name(path):
    """A name for the dataset, from that of its folder or table."""
    name = path.resolve().stem if path.is_file() else path.resolve().name
    name = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return name if re.match("[a-z]", name) else f"set_{name}".rstrip("_")


def _place(name, force):
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise Stop(f"dataset file: --name is {name!r}: must be letters, digits, - and _, a letter first")
    if not DATASETS.is_dir():
        raise Stop(f"dataset file: there is no folder {DATASETS} here: run this in the repository's folder")
    place = dataset_file.path(name)
    if place.exists() and not force:
        raise Stop(f"dataset file: {place} exists: choose another --name, or say --force to write over it")
    return place


def _root(root, name):
    """As the card has it: None for data/raw/<name>, relative within the repository, else absolute."""
    root = Path(os.path.abspath(root))
    if root == Path.cwd() / RAW / name:
        return None
    return root.relative_to(Path.cwd()).as_posix() if root.is_relative_to(Path.cwd()) else str(root)


def _of_folder(root):
    """The folder, and the Proposal that its files' names make."""
    if not root.is_dir():
        raise Stop(f"dataset file: there is no folder or file {root}")
    files, others = folder.files(root)
    if not files:
        raise Stop(f"dataset file: no sound file below {root}, only {len(others)} others: {some(others)}")
    found = proposal.of_folder(files, _lists(root, others, set(files)))
    if found is None:
        raise Stop(
            f"dataset file: neither folders nor names tell the classes of the {len(files)} files in {root} (first: "
            f"{some(files)}): put each class into a folder of its own, or give a CSV with columns for path, label and "
            "source"
        )
    tables = [name for name in others if name.lower().endswith((".csv", ".tsv"))]
    if tables:
        print(f"dataset file: if one of these lists the recordings, give that instead of the folder: {some(tables)}")
    return root, found


def _lists(root, others, files):
    """{part: name} of lists of paths such as testing_list.txt."""
    found = {}
    for name in others:
        part = PARTS.get(re.match("[a-z]*", name.lower()).group())
        if part and re.fullmatch(r"[^/]+\.txt", name) and part not in found:
            lines = (root / name).read_text(encoding="utf-8", errors="replace").splitlines()
            if any(line.strip().removeprefix("./") in files for line in lines):
                found[part] = name
    return found if "test" in found else None


def _of_table(file):
    """The folder that paths are relative to, that of the table or the one above, and the Proposal of its columns."""
    if file.suffix.lower() == tables.PARQUET:
        raise Stop(f"dataset file: {file} is Parquet: copy data/datasets/own.yaml, and name its columns there")
    table = tables.whole(file)
    for root in (file.absolute().parent, file.absolute().parent.parent):
        found = proposal.of_table(table, folder.files(root)[0], file.absolute().relative_to(root).as_posix())
        if found is not None:
            return root, found
    raise Stop(
        f"dataset file: {file}: found no column with the paths of recordings beside the table and one with their "
        f"classes; the columns are: {', '.join(table.columns)}"
    )


def _read(root, keys, place):
    """What the reader makes of it: a table of Recordings, as `ingest` will have it."""
    content = {}
    for key, (value, _) in keys.items():
        section, _, last = key.rpartition(".")
        (content.setdefault(section, {}) if section else content)[last] = value
    reader = registry.module("datasets.readers", content["reader"])
    found = reader.read(root, params.check(reader.DatasetFile, content, str(place)))
    return pd.DataFrame(found, columns=Recording._fields)


def _classes(table):
    """Recordings and sources of each class, as a table in Markdown."""
    each = _by_class(table)
    counts = pd.DataFrame({"recordings": each.size(), "sources": each["source"].nunique()})
    rows = [(text.one_line(name), f"{n:,}", f"{sources:,}") for name, n, sources in counts.itertuples()]
    rest = f"\n\n{len(rows) - SHOWN} classes more" if len(rows) > SHOWN else ""
    return markdown(["class", "recordings", "sources"], rows[:SHOWN]) + rest


def _others(others):
    """Comments with what else the card might say."""
    lines = [f"# {line}" for key, *said in others for line in text.card({key.split(".")[-1]: said})]
    return ["", "# What else may be meant:", *lines] if lines else []


def _by_class(table):
    return table.assign(labels=table["labels"].str.split(SEPARATOR)).explode("labels").groupby("labels")


def _sounds(root, table):
    """What the headers say, a sentence each."""
    paths = [root / path for path in table["path"]]
    look = headers.look(paths)
    audio = params.load(AudioParams, "audio")
    if look.n < len(paths):
        yield f"of {len(paths):,} files {look.n:,} were looked into, drawn at random"
    rates = ", ".join(f"{n:,} at {rate} Hz" for rate, n in look.rates.most_common(5))
    if len(look.durations_s):
        shortest, middle, longest = np.quantile(look.durations_s, [0, 0.5, 1])
        yield f"{rates} (audio.sr brings all to {audio.sr}); {shortest:.2f} to {longest:.2f} s, median {middle:.2f} s"
        if longest > LONG_S and audio.segment_s is None:
            yield f"some are longer than {LONG_S} s: better cut, as with -S audio.segment_s=5"
    if look.bad:
        first = "; ".join(f"{table['path'][row]!r} {why}" for row, why in look.bad[:5])
        yield f"WARNING: {len(look.bad)} of {look.n:,} files cannot be read: {first}"


def _warnings(table, source):
    """What a reader of the scores should know, a sentence each."""
    counts = table.groupby("source")["path"].size()
    if source is None:
        yield (
            "WARNING: nothing tells the source of a recording: the speaker, song, session, animal or device. Each "
            "recording is taken as a source of its own. Where several come from one source, some will be trained on "
            "and others tested on, and the scores will be better than on anything new. If you know the sources, name "
            "the files by them, or list them in a CSV"
        )
    else:
        n = f"{counts.min():,}" if counts.min() == counts.max() else f"{counts.min():,} to {counts.max():,}"
        yield (
            f"{len(counts):,} sources of {n} recordings: is each of them ({some(counts.index)}) one speaker, song, "
            "session, animal or device? If not, change what the card says of the source: it is what training and test "
            "must not share"
        )
    few = [name for name, n in _by_class(table)["source"].nunique().items() if n < NEEDED]
    if few:
        yield f"WARNING: the split needs {NEEDED} sources of each class; fewer have: {some(few)}"


def arguments(parser):
    """Of the command line."""
    parser.add_argument("path", metavar="PATH", help="a folder of recordings, or a CSV or TSV that lists them")
    parser.add_argument("--name", help="of the dataset and its file; else that of the folder or table")
    parser.add_argument("--force", action="store_true", help="write over a dataset file of that name")
