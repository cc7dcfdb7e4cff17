"""Drawing a computation graph: each value is a box with its number and its gradient, in columns from the inputs to
the result."""

from html import escape

BOX, GAP = (118, 34), (32, 8)  # width and height of a box; between columns, between rows
TOP = 64
FILL = {"input": "#d9efd9", "parameter": "#d9e6f7", "operation": "#ffffff", "result": "#fbe3c2"}


def draw(leaves, tape, *, title):
    """An SVG of the computation of the last value of a tape, whose gradients are known.

    leaves: (name, role, value) of the values that were not computed; role is "input" or "parameter".
    """
    nodes = [(value, name, role) for name, role, value in leaves]
    nodes += [(value, value._op, "operation") for value in tape[:-1]] + [(tape[-1], tape[-1]._op, "result")]
    number = {id(value): i for i, (value, _, _) in enumerate(nodes)}
    used = [sorted(number[id(child)] for child in value._prev) for value, _, _ in nodes]
    columns, rows = _positions(used)
    x = [round((max(columns) - column) * (BOX[0] + GAP[0]) + GAP[0], 1) for column in columns]
    y = [round((row - min(rows)) * (BOX[1] + GAP[1]) + TOP, 1) for row in rows]
    width, height = max(x) + BOX[0] + GAP[0], max(y) + BOX[1] + GAP[0]
    lines = [_line(x[child], y[child], x[i], y[i]) for i, children in enumerate(used) for child in children]
    boxes = [_box(x[i], y[i], value, name, FILL[role]) for i, (value, name, role) in enumerate(nodes)]
    legend = "in each box: what it is, its value, and (d) the derivative of the result with respect to it"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" font-family="Helvetica, Arial, sans-serif" font-size="11">',
            f"<title>{escape(title)}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            f'<text x="{GAP[0]}" y="26" font-size="18">{escape(title)}</text>',
            f'<text x="{GAP[0]}" y="46" font-size="13" fill="#555555">{legend}</text>',
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def _positions(used):
    """Columns, counted from the result, and rows; used[i]: the numbers of the operands of i, all lower.

    Each value is placed right before its first user, and as close as possible to the height of its users.
    """
    n = len(used)
    columns, users = [0] * n, [[] for _ in range(n)]
    for i in reversed(range(n)):
        for child in used[i]:
            columns[child] = max(columns[child], columns[i] + 1)
            users[child].append(i)
    rows = [0.0] * n
    for column in range(1, max(columns) + 1):
        members = [i for i in range(n) if columns[i] == column]
        wanted = {i: sum(rows[user] for user in users[i]) / len(users[i]) for i in members}
        members.sort(key=lambda i: (wanted[i], i))
        row = -float("inf")
        for i in members:
            rows[i] = row = max(wanted[i], row + 1)
        drift = sum(rows[i] - wanted[i] for i in members) / len(members)
        for i in members:
            rows[i] -= drift
    return columns, rows


def _line(x0, y0, x1, y1):
    x0, y0, y1 = x0 + BOX[0], y0 + BOX[1] / 2, y1 + BOX[1] / 2
    middle = (x0 + x1) / 2
    return f'<path d="M{x0:g} {y0:g}C{middle:g} {y0:g} {middle:g} {y1:g} {x1:g} {y1:g}" fill="none" stroke="#9a9a9a"/>'


def _box(x, y, value, name, fill):
    width, height = BOX
    numbers = f"{value.data:.3g}, d {value.grad:.2g}"
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width}" height="{height}" rx="4" fill="{fill}" stroke="#555555"/>'
        f'<text x="{x + width / 2:g}" y="{y + 14:g}" text-anchor="middle" font-weight="bold">{escape(name)}</text>'
        f'<text x="{x + width / 2:g}" y="{y + 28:g}" text-anchor="middle">{numbers}</text>'
    )
