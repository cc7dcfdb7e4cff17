"""What was computed of a clip once is found again in .cache/, by the clip's content, the parameters and the code.

The cache makes a run faster and changes nothing else: it may be deleted or damaged at any time.
"""

from contextlib import closing, contextmanager
from functools import partial

from sourcewise.compute.parallel import each
from sourcewise.storage.cache import Store
from sourcewise.storage.serialise import pack, singly, unpack

BYTES_AT_ONCE = 1_000_000  # an eighth of it takes a seventh longer


def cached(function, items, keys, **how):
    """Yield function(item) for each item, in order: as `blocks`, of results as `packed.pack` takes them. They come as
    `packed.unpack` gives them, remembered or not."""
    with closing(blocks(partial(_packed, function), items, keys, **how)) as found:
        for result in singly(found):
            yield unpack(result)


def _packed(function, item):
    return pack(function(item))


def blocks(function, items, keys, *, store, what, unit="clip", compute):
    """Yield function(item), bytes, for each item, in order; what `store` holds under the item's key is not computed.
    They come as (the results of some consecutive items, one behind the other; the size of each), to be used before
    the next are asked for.

    items: with a length and an index; keys: one an item, 16 bytes that are the same only where the items are; store:
    a file's name, with the digest of all else that a result depends on. The rest is as of `parallel.each`;
    compute.cache_gb limits .cache/, where 0 remembers nothing.
    """
    with Store(store, limit=compute.cache_bytes) as known:
        steps, new = _steps(keys, known), _new(keys, known)
        computed = each(function, _Some(items, new), what=what, unit=unit, compute=compute)
        new, buffer = set(new), bytearray(BYTES_AT_ONCE)  # one for all: to get memory costs as much as to read
        with closing(computed):
            for first, places in steps:
                data = known.read(places, buffer) if places else None
                if data is not None:
                    yield data, [size for _, _, size, _ in places]
                    continue
                for row in range(first, first + max(1, len(places))):  # new, damaged, or what an earlier row made
                    value = None if row in new else known.get(keys[row])
                    if value is None:
                        value = next(computed) if row in new else function(items[row])
                        known.put(keys[row], value)
                    yield value, [len(value)]


@contextmanager
def kept(function, items, keys, *, store, what, unit="clip", compute):
    """A sequence of function(item), each read from the disk when it is asked for, by any thread; as `remembered`, but
    that all are computed first, and that compute.cache_gb only limits what stays in the end."""
    function = partial(_packed, function)
    with Store(store, limit=compute.cache_bytes, draft=True) as known:
        new = _new(keys, known)
        computed = each(function, _Some(items, new), what=what, unit=unit, compute=compute)
        for row, value in zip(new, computed, strict=True):
            known.put(keys[row], value)
        yield _Kept(function, items, keys, known)


def _steps(keys, store):
    """(A row, the places of its value and of those of the next rows that lie behind it in the file), over all rows.
    A row without a value is a step of its own, without a place."""
    steps, stop, full = [], None, 0
    for row, key in enumerate(keys):
        place = store.place(key)
        if place is None:
            steps.append((row, []))
            stop = None
            continue
        _, start, size, _ = place
        if start == stop and start + size <= full:
            steps[-1][1].append(place)
        else:
            steps.append((row, [place]))
            full = start + BYTES_AT_ONCE
        stop = start + size
    return steps


def _new(keys, store):
    """The rows without a value whose key is not that of an earlier row; all, where the store does not work."""
    if not store.works:
        return range(len(keys))
    first = {}
    for row, key in enumerate(keys):
        if not store.place(key):
            first.setdefault(key, row)
    return list(first.values())


class _Some:
    """The items in some rows, each read when its turn comes."""

    def __init__(self, items, rows):
        self._items, self._rows = items, rows

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return (self._items[row] for row in self._rows)


class _Kept:
    """What a store holds of each item, or would, had it not failed."""

    def __init__(self, function, items, keys, store):
        self._function, self._items, self._keys, self._store = function, items, keys, store

    def __len__(self):
        return len(self._keys)

    def __getitem__(self, row):
        value = self._store.get(self._keys[row])
        return unpack(self._function(self._items[row]) if value is None else value)
