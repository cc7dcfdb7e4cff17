"""Results of a clip as bytes: an array, or a tuple of arrays and JSON values."""

import json
from functools import lru_cache
from struct import Struct
from struct import error as StructError

import numpy as np

from sourcewise.core.errors import Stop

_LENGTH = Struct("<I")


def to_bytes(result):
    """The bytes of an array of numbers of any shape, or of a tuple of such arrays and JSON values."""
    parts = result if isinstance(result, tuple) else (result,)
    layout, data = [], []
    for part in parts:
        if isinstance(part, np.ndarray):
            if part.dtype.hasobject or part.dtype.names:
                raise TypeError(f"an array of {part.dtype} cannot be cached, only one of numbers")
            layout.append([part.dtype.str, part.shape])
            data.append(np.ascontiguousarray(part).reshape(-1).view(np.uint8))  # not copied before they are joined
        else:
            layout.append(json.dumps(part))
    header = json.dumps([isinstance(result, tuple), layout]).encode()
    return b"".join([_LENGTH.pack(len(header)), header, *data])


def from_bytes(data):
    """The result that `to_bytes` serialised, in new, writeable arrays. Stop for bytes that `to_bytes` cannot have made:
    of objects, say, which would be read as memory addresses."""
    try:
        return _parsed(data)
    except (ValueError, TypeError, StructError) as fault:
        raise Stop(f"the cache holds bytes that no stage wrote ({fault}): remove .cache") from None


def _parsed(data):
    start = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    is_tuple, layout = _layout(bytes(data[_LENGTH.size : start]))
    parts = []
    for part in layout:
        if isinstance(part, str):
            parts.append(json.loads(part))
        else:
            dtype, shape, n_bytes = part
            parts.append(np.ndarray(shape, dtype, data, start).copy())
            start += n_bytes
    return tuple(parts) if is_tuple else parts[0]


@lru_cache(maxsize=4096)
def _layout(header):
    """Parsed once for all clips of a shape."""
    is_tuple, layout = json.loads(header)
    return is_tuple, [part if isinstance(part, str) else _array(*part) for part in layout]


def _array(dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.hasobject or dtype.names:
        raise TypeError(f"an array of {dtype}")
    return dtype, tuple(shape), dtype.itemsize * int(np.prod(shape, dtype=np.int64))


def singly(blocks):
    """Yield each result of `cached_map.blocks` by itself."""
    for data, sizes in blocks:
        start, view = 0, memoryview(data)
        for size in sizes:
            yield view[start : start + size]
            start += size
