"""Tables for people, in Markdown."""


def markdown(header, rows, left=1):
    """A Markdown table whose columns line up: the first `left` to the left, the others to the right."""
    rows = [header, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    lines = ["| " + " | ".join(_aligned(row, widths, left)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (w + 1) + ("-" if i < left else ":") for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def number(score):
    """The value of a score {value, low, high}, three digits; a dash where it has none."""
    return "-" if score["value"] is None else f"{score['value']:.3f}"


def between(score, sign=""):
    """The interval of a score, or why it has none."""
    if score["low"] is None:
        return f"none: {score['why']}"
    return f"{score['low']:{sign}.3f} to {score['high']:{sign}.3f}"


def _aligned(row, widths, left):
    return [cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))]


def span(values):
    """The smallest and the largest of some numbers as text: "3", or "3 to 5"."""
    ends = sorted(values)
    return f"{ends[0]}" if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]}"


def short(name, longest=40):
    """A name from the data on one line, cut to that many characters."""
    name = " ".join(name.split())
    return name if len(name) <= longest else name[: longest - 1] + "…"
