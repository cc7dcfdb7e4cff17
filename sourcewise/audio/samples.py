"""Between 16-bit samples and floats in [-1, 1]."""

import numpy as np

FULL_SCALE = 32768


def to_float(samples):
    """int16 samples as float32 in [-1, 1): exact."""
    return np.multiply(samples, np.float32(1 / FULL_SCALE), dtype=np.float32)


def to_int16(y):
    """Floats as int16: rounded, and clipped beyond full scale."""
    return np.clip(np.rint(y * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
