"""What was computed of a clip once is found again in .cache/, by the clip's content, the parameters and the code.

The cache makes a run faster and changes nothing else: it may be deleted or damaged at any time.
"""

import json
from contextlib import closing
from hashlib import blake2b

from stages.core import code
from stages.core.packed import pack, unpack
from stages.core.parallel import each
from stages.core.store import Store


def digest(*parts):
    """20 hex digits of what the results of a store depend on beside the items: Sections and what JSON holds, such as
    `code.of` a package; the versions of packages among it."""
    text = json.dumps([*parts, code.of("core/packed.py"), code.packages()], sort_keys=True, default=_content)
    return blake2b(text.encode(), digest_size=10).hexdigest()


def _content(section):
    return section.model_dump()


def remembered(function, items, keys, *, store, what, unit="clip", compute):
    """Yield function(item) for each item, in order; what `store` holds under the item's key is not computed.

    items: with a length and an index; keys: one an item, bytes that are the same only where the items are; store:
    a file's name, with the digest of all else that a result depends on. Results are as `packed.pack` takes them, and
    come as `packed.unpack` gives them, remembered or not. The rest is as of `parallel.each`; compute.cache_gb limits
    .cache/, where 0 remembers nothing.
    """
    n_done = 0
    with Store(store, limit=int(compute.cache_gb * 1e9)) as known:
        for value in _values(function, items, keys, known, what=what, unit=unit, compute=compute):
            yield unpack(value)
            n_done += 1
    rest = _Some(items, range(n_done, len(keys)))  # none, unless the store failed or is off
    for result in each(function, rest, what=what, unit=unit, compute=compute):
        yield unpack(pack(result))


def _values(function, items, keys, store, **how):
    """The packed result of each item, for as long as the store works."""
    known, at_once = store.known()
    rows = _new(keys, known)
    new = set(rows)
    with closing(each(function, _Some(items, rows), **how)) as computed:
        for first in range(0, len(keys), at_once):
            block = range(first, min(first + at_once, len(keys)))
            found = store.get([keys[row] for row in block if row not in new])
            if not store.works:
                return
            for row in block:
                key, value = keys[row], None
                if row not in new:
                    value = found.get(key) or store.get([key]).get(key)  # the latter where an earlier row made it
                if value is None:  # new, or damaged since it was written
                    value = pack(next(computed) if row in new else function(items[row]))
                    store.put(key, value)
                yield value


def _new(keys, known):
    """The rows whose key is neither known nor that of an earlier row."""
    rows = []
    for row, key in enumerate(keys):
        if key not in known:
            known.add(key)
            rows.append(row)
    return rows


class _Some:
    """The items in some rows, each read when its turn comes."""

    def __init__(self, items, rows):
        self._items, self._rows = items, rows

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return (self._items[row] for row in self._rows)
