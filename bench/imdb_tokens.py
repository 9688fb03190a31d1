"""Encodes the reviews as hearth does: an independent implementation, and the input for Keras.

Converts text to lower case, replaces Keras's filter characters by spaces, and splits at spaces.
Words get ids by their count in the training split, with ties ordered by word. Id 0 is padding, 1
start, 2 unknown; words start at 4. A review keeps its last tokens and is padded at the front.
Examples are sorted by id and label.
"""

import collections
import hashlib
import pathlib
import re
import tarfile

import numpy as np

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
SPACES = str.maketrans(FILTERS, " " * len(FILTERS))
MEMBER = re.compile(r"(?:\./)?aclImdb/(train|test)/(neg|pos)/(\d+)_\d+\.txt")


def reviews(archive):
    """The sorted reviews of each split, as `(id, label, words)`."""
    splits = {"train": [], "test": []}
    with tarfile.open(archive) as members:
        for member in members:
            if match := MEMBER.fullmatch(member.name):
                text = members.extractfile(member).read().decode()
                words = [word for word in text.lower().translate(SPACES).split(" ") if word]
                label = int(match[2] == "pos")
                splits[match[1]].append((int(match[3]), label, words))
    return {split: sorted(found) for split, found in splits.items()}


def encode(archive, vocabulary_size, sequence_length):
    """The tokens, int32 `[examples, sequence_length]`, and labels, uint8, of each split."""
    splits = reviews(archive)
    counts = collections.Counter(word for *_, words in splits["train"] for word in words)
    ranked = sorted(counts, key=lambda word: (-counts[word], word.encode()))
    ids = {word: 4 + rank for rank, word in enumerate(ranked[: vocabulary_size - 4])}
    sets = {}
    for split, found in splits.items():
        tokens = np.zeros((len(found), sequence_length), "<i4")
        for row, (*_, words) in zip(tokens, found):
            review = ([1] + [ids.get(word, 2) for word in words])[-sequence_length:]
            row[sequence_length - len(review) :] = review
        sets[split] = tokens, np.array([label for _, label, _ in found], np.uint8)
    return sets


def digest(tokens, labels):
    """The digest, as in hearth's results."""
    hash = hashlib.sha256()
    for size in tokens.shape:
        hash.update(size.to_bytes(8, "little"))
    hash.update(tokens.astype("<i4").tobytes())
    hash.update(labels.tobytes())
    return f"sha256:{hash.hexdigest()}"


def load(data_dir, vocabulary_size, sequence_length, cache=None):
    """The encoded splits; with a cache folder, they are encoded only once."""
    name = f"imdb-{vocabulary_size}-{sequence_length}.npz"
    path = pathlib.Path(cache) / name if cache else None
    if path and path.exists():
        stored = np.load(path)
        return {split: (stored[f"{split}_x"], stored[f"{split}_y"]) for split in ("train", "test")}
    archive = pathlib.Path(data_dir) / "imdb" / "aclImdb_v1.tar.gz"
    sets = encode(archive, vocabulary_size, sequence_length)
    if path:
        arrays = {f"{split}_{x}": a for split, pair in sets.items() for x, a in zip("xy", pair)}
        np.savez(path, **arrays)
    return sets
