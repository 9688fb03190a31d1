"""Reads MNIST's IDX files for the frameworks that hearth is compared with."""

import gzip

import numpy as np


def idx(folder, name, header):
    plain, zipped = folder / name, folder / f"{name}.gz"
    content = plain.read_bytes() if plain.exists() else gzip.decompress(zipped.read_bytes())
    return np.frombuffer(content, np.uint8, offset=header)


def digits(folder, prefix):
    """Pixels from 0 to 1, `[examples, 784]`, and labels."""
    images = idx(folder, f"{prefix}-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = idx(folder, f"{prefix}-labels-idx1-ubyte", 8)
    return images.astype("float32") / 255, labels
