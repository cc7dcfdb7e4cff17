"""Rows of a table as people have them: separated text in any dialect and encoding, JSON, Excel's XLSX."""

import codecs
import csv
import io
import json
import os
import re
import zipfile

from sourcewise.core import messages
from sourcewise.core.errors import Stop
from sourcewise.core.formats import SUFFIXES
from sourcewise.datasets import resolver

DELIMITERS = "\t,;|"
SNIFFED = 200  # rows from which the delimiter is guessed
MOST_BYTES = 1 << 30  # of an XLSX once unpacked
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"


def rows(file, delimiter=None):
    """[(line number, cells)] of a table, the titles among them, without empty rows and comments; cells are texts, or
    lists of texts where JSON has lists. delimiter: of text, None: guessed. Raises Stop.

    Left out are: empty cells at the end of each row, Excel's first line `sep=;`, lines that begin with # before the
    first row (but for the last of them, where it has as many cells as that row: titles, as in AudioSet's lists), and
    Audacity's lines of frequencies, which begin with a backslash alone.
    """
    start = beginning(file)
    if start.startswith(OLD_EXCEL):
        raise Stop(f"{file} is in Excel's format before 2007: save it as .xlsx or as CSV")
    if start.startswith(ZIP):
        found = _xlsx(file)
    else:
        text = _text(file)
        found = _json(file, text) if _is_json(file, text) else _separated(file, text, delimiter)
    return [(line, _trimmed(cells)) for line, cells in found if any(map(_filled, cells)) and cells[0] != "\\"]


def items(text):
    """The texts of a list in a cell, as Python, JSON, numpy or R write them; None where it is no list."""
    text = text.strip()
    if len(text) < 2 or (text[0], text[-1]) not in {("[", "]"), ("(", ")"), ("{", "}")}:
        return None
    pattern = r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"\s][^,]*?))\s*(?:,|$|(?=['"]))"""
    found, end, inner = [], 0, text[1:-1].strip()
    while end < len(inner):
        match = re.compile(pattern).match(inner, end)
        if match is None:
            return None
        found.append(next(re.sub(r"\\(.)", r"\1", part) for part in match.groups() if part is not None))
        end = match.end()
    return found


def beginning(file):
    """The first bytes of a file; Stop where it cannot be opened, or only stands for another one."""
    try:
        with open(file, "rb") as stream:
            start = stream.read(200)
    except OSError as error:
        raise Stop(f"{file} cannot be opened: {error.strerror}") from None
    reason = resolver.pointer(start)
    if reason is not None:
        raise Stop(f"{file} {reason}")
    return start


def _filled(cell):
    return bool(cell.strip() if isinstance(cell, str) else cell)


def _trimmed(cells):
    while cells and not _filled(cells[-1]):
        cells = cells[:-1]
    return cells


def _text(file):
    """UTF-8 or UTF-16, with and without a mark at the start, else Windows-1252, which holds the letters of Latin-1."""
    data = file.read_bytes()
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _decoded(file, data, encoding)
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        other = data[offset:1000:2]
        if len(other) > 3 and other.count(0) > 0.6 * len(other):
            return _decoded(file, data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        messages.info(f"{file} is not in UTF-8: read as Latin-1 (Windows-1252)")
    if re.search("[\0-\x08\x0e-\x1a]", text):
        raise Stop(f"{file} cannot be read as a table: it is not text")
    return text


def _decoded(file, data, encoding):
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Stop(f"{file} cannot be read as a table in {encoding.upper()}: {error.reason}") from None


def _separated(file, text, delimiter):
    lines = text.splitlines(keepends=True) if "\n" not in text else text.split("\n")
    skipped = 0
    hint = re.fullmatch(r'"?sep=(.)"?\s*', lines[0], re.IGNORECASE) if lines else None
    if hint:
        delimiter, skipped = delimiter or hint[1], 1
    comments = []
    while skipped < len(lines) and (lines[skipped].startswith("#") or not lines[skipped].strip()):
        comments += [lines[skipped].strip()] * bool(lines[skipped].strip())
        skipped += 1
    body = ("\n" if "\n" in text else "").join(lines[skipped:])
    delimiter = delimiter or _delimiter(body)
    try:
        found = [(line + skipped, cells) for line, cells in _cells(body, delimiter)]
        titles = next(iter(_cells(comments[-1].lstrip("# "), delimiter)), (0, []))[1] if comments else []
    except csv.Error as error:
        raise Stop(f"{file} cannot be read as a CSV: {error}") from None
    if comments and found and len(titles) == len(found[0][1]) > 1:
        found.insert(0, (skipped, titles))
    elif comments and not found and len(titles) > 1:
        found = [(skipped, titles)]
    return found


def _cells(text, delimiter):
    """(line number, cells) of each row; csv.Error where quotes do not fit. Between tabs quotes are ordinary characters,
    as in Common Voice's sentences, unless they enclose all of a cell."""
    tabs = delimiter == "\t"
    quoting = csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL
    blank = delimiter == " " or f'{delimiter} "' in text  # AudioSet has blanks in front of its quotes
    lines = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True, skipinitialspace=blank
    )
    for row in lines:
        yield lines.line_num, [_unquoted(cell) for cell in row] if tabs else row


def _unquoted(cell):
    inner = cell[1:-1].replace('""', "")
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner:
        return cell[1:-1].replace('""', '"')
    return cell


def _delimiter(text):
    """The sign that cuts most rows into the same number of cells, and the first row into as many; of several, the one
    that cuts into most. Between comma and semicolon, where both do, a comma between digits only is a decimal one. Where
    none cuts, blanks do, if they cut all rows alike, as in the lists of ASVspoof and Kaldi."""
    best, chosen = (False, 0.0, 1), ","
    for sign in DELIMITERS:
        widths = []
        try:
            for _, cells in _cells(text, sign):
                if any(map(_filled, cells)):
                    widths.append(len(_trimmed(cells)))
                if len(widths) == SNIFFED:
                    break
        except csv.Error:
            pass
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        if common < 2:
            continue
        score = (widths[0] == common, widths.count(common) / len(widths), common)
        decimal = sign == ";" and chosen == "," and score == best and not re.search(r"\D,|,\D", text)
        if score > best or decimal:
            best, chosen = score, sign
    if best[2] == 1:
        widths = {len(line.split()) for line in text.splitlines() if line.strip()}
        chosen = " " if len(widths) == 1 and widths.pop() > 1 else chosen
    return chosen


def _is_json(file, text):
    start = text.lstrip("\ufeff \t\r\n")[:1]
    return start == "{" or (start == "[" and file.suffix.lower() in (".json", ".jsonl", ".ndjson"))


def _json(file, text):
    """The rows of a list of objects, which may lie in an object; of an object of objects, whose keys become the first
    column; of an object of columns; of an object from paths to labels; or of an object a line. What lies deeper has
    the names on the way, with points: `audio.path`. All numbers stay as they are written."""
    load = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).decode
    try:
        try:
            content = load(text)
        except ValueError:
            content = [load(line) for line in text.splitlines() if line.strip()]
        content = [_flat(row) if isinstance(row, dict) else row for row in _objects(content)]
    except (ValueError, RecursionError) as error:
        raise Stop(f"{file} cannot be read as JSON: {error}") from None
    if not all(isinstance(row, dict) for row in content):
        raise Stop(f"{file} cannot be read as a table: it must hold a list of objects, or an object a line")
    names = list(dict.fromkeys(name for row in content for name in row))
    return [(1, names)] + [(k, [_of_json(row.get(name)) for name in names]) for k, row in enumerate(content, 1)]


def _objects(content):
    """What JSON holds as a list of rows."""
    if isinstance(content, list):
        return content
    inner = list(content.values())
    lists = [value for value in inner if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(lists) == 1:
        return lists[0]
    if inner and all(isinstance(value, dict) for value in inner):
        if all(value.keys() == inner[0].keys() for value in inner) and all(map(str.isdecimal, inner[0])):
            return [{name: column[k] for name, column in content.items()} for k in inner[0]]  # as pandas writes it
        return [{"key": key} | value for key, value in content.items()]
    if inner and all(isinstance(value, list) and len(value) == len(inner[0]) > 1 for value in inner):
        return [dict(zip(content, row, strict=True)) for row in zip(*inner, strict=True)]
    if content and all(os.path.splitext(key)[1].lower() in SUFFIXES for key in content):
        return [{"key": key, "value": value} for key, value in content.items()]
    return [content]


def _flat(row, start=""):
    flat = {}
    for name, value in row.items():
        flat |= _flat(value, f"{start}{name}.") if isinstance(value, dict) else {f"{start}{name}": value}
    return flat


def _of_json(value):
    if isinstance(value, list):
        return [_of_json(part) for part in value if not isinstance(part, list | dict)]
    return "" if value is None else str(value)


def _xlsx(file):
    """The first sheet with two rows and two columns, else the first; formulas are what they last came to."""
    from openpyxl import load_workbook  # imported only for such a file
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise Stop(f"{file} cannot be read: it is larger than 1 GB once unpacked")
        with open(file, "rb") as stream:
            sheets = load_workbook(stream, read_only=True, data_only=True).worksheets
            tables = [[list(map(_of_excel, row)) for row in sheet.iter_rows()] for sheet in sheets]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, EOFError, OSError, SyntaxError):
        raise Stop(f"{file} cannot be read as an Excel table: it is another format, or damaged") from None
    wide = [sum(sum(map(_filled, cells)) > 1 for cells in rows) > 1 for rows in tables]
    number = wide.index(True) if any(wide) else 0
    if number:
        messages.info(f"{file}: read sheet {sheets[number].title!r}, the first that holds a table")
    return list(enumerate(tables[number], 1))


def _of_excel(cell):
    """A cell as Excel shows it: whole numbers without a point, with the leading zeros of their format."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and re.fullmatch("0+", cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))
    return str(value)
