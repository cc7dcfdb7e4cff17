"""A map over clips whose results are cached in .cache/, by the clip's content, the parameters and the code.

The cache makes a run faster and changes nothing else: it may be deleted or damaged at any time.
"""

from contextlib import closing
from functools import partial

from sourcewise.compute.parallel import each
from sourcewise.storage.cache import Store
from sourcewise.storage.serialise import from_bytes, singly, to_bytes

BYTES_AT_ONCE = 1_000_000  # with an eighth of it, reading takes a seventh longer


def cached(function, items, keys, **options):
    """Yield function(item) for each item, in order: as `blocks`, of results that `serialise.to_bytes` takes. They are
    what `serialise.from_bytes` gives, whether cached or not."""
    with closing(blocks(partial(_serialised, function), items, keys, **options)) as results:
        for result in singly(results):
            yield from_bytes(result)


def _serialised(function, item):
    return to_bytes(function(item))


def blocks(function, items, keys, *, store, title, unit="clip", compute):
    """Yield function(item), bytes, for each item, in order; what `store` holds under the item's key is not computed.
    Each yield is (the concatenated results of some consecutive items, the size of each), to be used before the next.

    items: with a length and an index; keys: one an item, 16 bytes that are equal only if the items are; store: a
    file's name, with the digest of all else that a result depends on. The rest is as in `parallel.each`;
    compute.cache_gb limits .cache/, and 0 caches nothing.
    """
    with Store(store, limit=compute.cache_bytes) as known:
        steps, new = _steps(keys, known), _new(keys, known)
        computed = each(function, _Subset(items, new), title=title, unit=unit, compute=compute)
        new, buffer = set(new), bytearray(BYTES_AT_ONCE)  # one for all: allocating costs as much as reading
        with closing(computed):
            for first, records in steps:
                data = known.read(records, buffer) if records else None
                if data is not None:
                    yield data, [size for _, _, size, _ in records]
                    continue
                for row in range(first, first + max(1, len(records))):  # new, damaged, or written by an earlier row
                    value = None if row in new else known.get(keys[row])
                    if value is None:
                        value = next(computed) if row in new else function(items[row])
                        known.put(keys[row], value)
                    yield value, [len(value)]


def _steps(keys, store):
    """(A row, the records of its value and of those of the next rows that are adjacent in the file), over all rows.
    A row without a value is a step of its own, without records."""
    steps, stop, full = [], None, 0
    for row, key in enumerate(keys):
        record = store.record(key)
        if record is None:
            steps.append((row, []))
            stop = None
            continue
        _, start, size, _ = record
        if start == stop and start + size <= full:
            steps[-1][1].append(record)
        else:
            steps.append((row, [record]))
            full = start + BYTES_AT_ONCE
        stop = start + size
    return steps


def _new(keys, store):
    """The rows without a value whose key is not that of an earlier row; all rows if the store does not work."""
    if not store.works:
        return range(len(keys))
    first = {}
    for row, key in enumerate(keys):
        if not store.record(key):
            first.setdefault(key, row)
    return list(first.values())


class _Subset:
    """The items in some rows, each read in its turn."""

    def __init__(self, items, rows):
        self._items, self._rows = items, rows

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return (self._items[row] for row in self._rows)
