"""What `propose` is given, a folder or a file, and the Proposal for it."""

import re
import shlex

from sourcewise.core.errors import Stop, count
from sourcewise.core.formats import SUFFIXES
from sourcewise.datasets import dialects, resolver
from sourcewise.datasets.dataset_file import PARTS
from sourcewise.datasets.propose import copies, corpora, from_events, from_table, proposal, text
from sourcewise.datasets.propose.text import some

TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".json", ".parquet")


def of_file(path, sounds):
    """The folder of the dataset, and the Proposal for a table."""
    suffix = path.suffix.lower()
    dialects.beginning(path)  # stops at a pointer of Git LFS
    if suffix in SUFFIXES:
        raise Stop(
            f"dataset file: {path} is a recording: pass the folder of all recordings, or a table that lists them"
        )
    unpack = _unpack(path)
    if unpack:
        raise Stop(f"dataset file: {path} is an archive: unpack it, then propose the folder: {unpack}")
    return from_table.propose(path, sounds)


def _unpack(path):
    """The command that unpacks an archive beside it; None where it is none."""
    folder = shlex.quote(str(path.with_name(path.name.split(".")[0])))
    if path.suffix.lower() == ".zip":
        return f"python -m zipfile -e {shlex.quote(str(path))} {folder}"
    if re.search(r"\.(?:tar|tgz|tar\.\w+)$", path.name.lower()):
        return f"python -m tarfile -e {shlex.quote(str(path))} {folder}"
    return None


def of_folder(root):
    """The folder, and the Proposal for its files."""
    if not root.is_dir():
        raise Stop(f"dataset file: there is no folder or file {root}")
    found = resolver.listing(root)
    files, others = resolver.files(root)
    tables = [name for name in others if name.lower().endswith(TABLES)]
    if not files and len(tables) == 1:
        return from_table.propose(root / tables[0])
    if not files:
        raise Stop(f"dataset file: {root} {_without_sound(root, found)}")
    proposed = from_events.of_lists(root, files, others)
    if proposed is not None:
        return root, proposed
    again = copies.folder(root, files)
    proposed = proposal.of_folder(files, _lists(root, others, set(files)), again)
    if proposed is None and tables:
        return _of_tables(root, tables)
    if proposed is None:
        known = corpora.of_names(files)
        if known and known[0].label is None:
            raise Stop(f"dataset file: these look like {known[0].title} names: {known[0].caution}")
        raise Stop(
            f"dataset file: neither folders nor names hold classes for the {len(files)} files in {root} (first: "
            f"{some(files)}): put each class into a folder of its own, or give a CSV with columns for path, label and "
            "source"
        )
    if tables:
        print(f"dataset file: if one of these lists the recordings, pass it instead of the folder: {some(tables)}")
    if again:
        n = sum(path.startswith(again) for path in files)
        said = f"all {n:,} files in {again} are elsewhere in {root}, too: they are left out"
        proposed = proposed._replace(notes=(*proposed.notes, said))
    return root, proposed


def _of_tables(root, tables):
    """The Proposal for the table that lists most recordings, the first by name of equals."""
    proposed, stops = {}, []
    for name in sorted(tables):
        try:
            proposed[name] = from_table.propose(root / name)
        except Stop as stop:
            stops.append(stop)
    if not proposed:
        raise stops[0]
    best = min(proposed, key=lambda name: (-proposed[name][1].n, name))
    others = [f"{name} ({count(proposed[name][1].n, 'recording')})" for name in proposed if name != best]
    where, chosen = proposed[best]
    if others:
        note = f"{best} lists most recordings, {chosen.n:,}; left out is what only {', '.join(others)} lists"
        chosen = chosen._replace(notes=(*chosen.notes, note))
    return where, chosen


def _without_sound(root, found):
    """What a folder without sound holds, and what to do; found: its Listing."""
    others = [*found.others, *found.hidden]
    holds = f"holds {text.kinds(others)} and no sound" if others else "holds no sound" if found.outside else "is empty"
    linked = f": {resolver.outside(found.outside, root)}" if found.outside else ""
    unpack = next(filter(None, (_unpack(root / name) for name in found.others)), None)
    return f"{holds}{linked}" + (f": unpack it: {unpack}" if unpack else "")


def _lists(root, others, files):
    """{part: name} of lists of paths such as testing_list.txt."""
    lists = {}
    for name in others:
        part = PARTS.get(re.match("[a-z]*", name.lower()).group())
        if part and re.fullmatch(r"[^/]+\.txt", name) and part not in lists:
            lines = (root / name).read_text(encoding="utf-8", errors="replace").splitlines()
            if any(line.strip().removeprefix("./") in files for line in lines):
                lists[part] = name
    return lists if "test" in lists else None
