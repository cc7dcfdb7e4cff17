"""Proposes a dataset file for your own recordings: python -m sourcewise propose data/raw/birds

Inspects a folder of recordings, or a table that lists them (CSV, TSV, XLSX, JSON): which part of the names is the
class, and which the source (speaker, song, session) that must not be split; how many recordings each has; sample rates,
durations, files that cannot be read. Writes data/datasets/<name>.yaml, which is a guess: check it before you rely on
any result.
"""

import os
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from sourcewise.core import params, registry
from sourcewise.core.errors import Stop, count
from sourcewise.core.markdown import markdown
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import DATASETS, RAW
from sourcewise.datasets import dataset_file, twins
from sourcewise.datasets.dataset_file import PARTS, Recording
from sourcewise.datasets.propose import headers, inputs, text
from sourcewise.datasets.propose.parts import NEEDED
from sourcewise.datasets.propose.text import some
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.files import write_text

SHOWN = 30  # classes
TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".json", ".parquet")
LONG_S = 20  # above which recordings are better cut into segments


def main(path, name=None, force=False, sounds=None):
    """Inspect, report, and write the dataset file."""
    path = Path(path)
    name = name or _name(path)
    file = _file(name, force)
    if sounds is not None and not path.is_file():
        raise Stop(f"dataset file: --sounds is for a table, and {path} is none")
    root, proposed = inputs.of_file(path, sounds) if path.is_file() else inputs.of_folder(path)
    keys = {"title": (name, "guessed by `python -m sourcewise propose`: check it, and correct what is wrong")}
    keys |= {
        "licence": ("not known", ""),
        "root": (_root(root, name), f"null: the recordings are in {RAW / name}"),
    } | proposed.keys
    table = _read(root, keys, file)
    print(f"dataset file: {count(len(table), 'recording')} in {root}\n")
    print("\n".join(f"  {line}" for line in text.lines_of(proposed.keys)))
    print(f"\n{_classes(table)}\n")
    found = () if proposed.keys["reader"][0] == "table" else _sounds(root, table, "cut" in proposed.keys)
    for sentence in [*proposed.notes, *found, *_warnings(table, proposed.source, "cut" in proposed.keys)]:
        print(f"dataset file: {sentence}")
    others = _others(proposed.others)
    if others:
        print("dataset file: what else is possible, also in the dataset file:", *others[2:], sep="\n")
    notes = [f"# {text.one_line(note)}" for note in proposed.notes]
    write_text(file, "\n".join([*notes, *text.lines_of(keys), *others]) + "\n")
    dataset_file.load(name)  # stops where it is not valid
    print(f"dataset file: wrote {file}: check it, and correct what is wrong\n\nNext: dvc exp run -S dataset={name}")


def _name(path):
    """A name for the dataset, from its folder or table."""
    name = path.resolve().stem if path.is_file() else path.resolve().name
    name = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return name if re.match("[a-z]", name) else f"set_{name}".rstrip("_")


def _file(name, force):
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise Stop(f"dataset file: --name is {name!r}: must be letters, digits, - and _, a letter first")
    if not DATASETS.is_dir():
        raise Stop(f"dataset file: there is no folder {DATASETS} here: run this in the repository's folder")
    file = dataset_file.path(name)
    if file.exists() and not force:
        raise Stop(f"dataset file: {file} exists: choose another --name, or pass --force to overwrite it")
    return file


def _root(root, name):
    """The key `root`: None for data/raw/<name>, relative within the repository, else absolute."""
    root = Path(os.path.abspath(root))
    if root == Path.cwd() / RAW / name:
        return None
    return root.relative_to(Path.cwd()).as_posix() if root.is_relative_to(Path.cwd()) else str(root)


def _read(root, keys, file):
    """Path, labels, source and part of the recordings that the reader gives, as a DataFrame."""
    content = {}
    for key, (value, _) in keys.items():
        section, last = text.nested(key)
        (content.setdefault(section, {}) if section else content)[last] = value
    reader = registry.module("datasets.readers", content["reader"])
    recordings = reader.read(root, params.check(reader.DatasetFile, content, str(file)))
    return pd.DataFrame([recording[:4] for recording in recordings], columns=Recording._fields[:4])


def _classes(table):
    """Recordings and sources of each class, as a table in Markdown."""
    each = _by_class(table)
    counts = pd.DataFrame({"recordings": each.size(), "sources": each["source"].nunique()})
    rows = [(text.one_line(name), f"{n:,}", f"{sources:,}") for name, n, sources in counts.itertuples()]
    rest = f"\n\nand {count(len(rows) - SHOWN, 'more class', 'more classes')}" if len(rows) > SHOWN else ""
    return markdown(["class", "recordings", "sources"], rows[:SHOWN]) + rest


def _others(others):
    """Comments with the alternatives."""
    lines = [f"# {line}" for key, *value in others for line in text.lines_of({text.nested(key)[1]: value})]
    return ["", "# Alternatives:", *lines] if lines else []


def _by_class(table):
    return table.assign(labels=table["labels"].str.split(SEPARATOR)).explode("labels").groupby("labels")


def _sounds(root, table, is_cut):
    """Sentences about the headers of the files. is_cut: whether recordings are parts of them."""
    table = table.drop_duplicates("path", ignore_index=True)
    paths, audio = table["path"].tolist(), params.load(AudioParams, "audio")
    read = headers.read(root, paths, sr=audio.sr)
    if read.n < len(paths):
        yield f"read the headers of {read.n:,} of {len(paths):,} files, drawn at random"
    rates = ", ".join(f"{n:,} at {rate} Hz" for rate, n in Counter(read.rates.values()).most_common(5))
    if len(read.durations_s):
        shortest, median, longest = np.quantile(read.durations_s, [0, 0.5, 1])
        yield f"{rates} (audio.sr resamples to {audio.sr} Hz); {shortest:.2f} to {longest:.2f} s, median {median:.2f} s"
        if longest > LONG_S and not is_cut and audio.segment_s is None:
            yield f"some are longer than {LONG_S} s: cut them into segments, for example with -S audio.segment_s=5"
    yield from _rates_of_classes(table, read.rates)
    first = [f"{table['path'][row]!r} {why}" for row, why in read.bad[:5]]
    if read.bad and len(read.bad) == read.n:
        shown = first if len({why for _, why in read.bad}) > 1 else first[:1]
        raise Stop(f"dataset file: none of the {count(read.n, 'file')} can be read, the first: {'; '.join(shown)}")
    if read.bad:
        yield f"WARNING: {len(read.bad)} of {read.n:,} files cannot be read: {'; '.join(first)}"


def _rates_of_classes(table, rates):
    """A warning where the sample rate of the files alone tells a class from all others."""
    rows = _by_class(table.iloc[list(rates)].assign(rate=list(rates.values())))
    rates_of = {name: set(rows_of["rate"]) for name, rows_of in rows}
    for name, own in rates_of.items():
        others = set().union(*(of for other, of in rates_of.items() if other != name))
        if others and own.isdisjoint(others):
            hz = ", ".join(map(str, sorted(own)))
            yield f"WARNING: class {name!r} alone has files at {hz} Hz: classifiers may learn the device, not the class"
            return


def _warnings(table, source, is_cut):
    """Sentences about the sources, on which the scores depend. is_cut: whether recordings are parts of files."""
    counts = table.groupby("source")["path"].size()
    if source is None:
        yield (
            "WARNING: no source (speaker, song, session, animal or device) was recognised, so each "
            f"{'file' if is_cut else 'recording'} counts as its own. Where several share a source, some will be in "
            "train and others in test, so scores will be too high. If you know the sources, put them into the files' "
            "names or into a column of a CSV"
        )
    else:
        n = f"{counts.min():,}" if counts.min() == counts.max() else f"{counts.min():,} to {counts.max():,}"
        yield (
            f"{count(len(counts), 'source')} of {n} recordings: is each of them ({some(counts.index)}) one speaker, "
            "song, session, animal or device? If not, change the key source: train and test must not share a source"
        )
    labels = sorted(_by_class(table).groups)
    for names, noun in ((labels, "classes"), (counts.index, "sources")):
        told = twins.sentence(names, noun)
        if told:
            yield f"WARNING: {told}"
    named = [name for name in labels if name.strip().lower() in PARTS]
    if len({PARTS[name.strip().lower()] for name in named}) > 1:
        yield f"WARNING: {some(named)} are among the classes, but are what the parts of a split are called"
    few = [name for name, n in _by_class(table)["source"].nunique().items() if n < NEEDED]
    if few:
        yield f"WARNING: the split needs {NEEDED} sources of each class; these have fewer: {some(few)}"


def arguments(parser):
    """The arguments of the command line."""
    parser.add_argument("path", metavar="PATH", help="a folder of recordings, or a table that lists them")
    parser.add_argument("--name", help="of the dataset and its file; default: that of the folder or table")
    parser.add_argument("--sounds", metavar="FOLDER", help="the folder of the recordings, where a table lies elsewhere")
    parser.add_argument("--force", action="store_true", help="overwrite a dataset file of that name")
