"""Times how hearth reads a person's own data: a large table and a folder of photographs.

    pip install numpy pandas pillow
    python bench/own_reading.py

Writes a CSV file of a million rows and twenty columns, and 1,000 JPEG files of 1,600 x 1,200 pixels, to a
temporary folder (0.5 GB). Then times `hearth data describe` on them, with an empty cache, beside pandas
reading the CSV file, and Pillow decoding and scaling the photographs on as many processes as there are
cores. Prints medians. Needs a release build of hearth.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import pandas
from PIL import Image

HERE = pathlib.Path(__file__).parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
ROWS, COLUMNS, PHOTOS = 1_000_000, 20, 1_000


def write_table(path, random):
    numbers = random.normal(size=(ROWS, COLUMNS)).astype(numpy.float32)
    table = pandas.DataFrame(numbers, columns=[f"x{column}" for column in range(COLUMNS)])
    table["label"] = (numbers[:, 0] > 0).astype(int)
    table.to_csv(path, index=False, float_format="%.5f")


def write_photos(folder, random):
    for photo in range(PHOTOS):
        path = folder / f"class{photo % 2}" / f"{photo}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = random.integers(0, 256, (24, 32, 3), dtype=numpy.uint8)
        smooth = numpy.asarray(Image.fromarray(coarse).resize((1600, 1200), Image.BICUBIC), int)
        noisy = (smooth + random.integers(-8, 9, smooth.shape)).clip(0, 255).astype(numpy.uint8)
        Image.fromarray(noisy).save(path, quality=88)


def pillow(path):
    return Image.open(path).convert("L").resize((64, 48), Image.BILINEAR).tobytes()


def seconds(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--hearth", type=pathlib.Path, default=TARGET / "release" / "hearth")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    random = numpy.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_table(folder / "table.csv", random)
        write_photos(folder / "photos", random)
        photos = sorted((folder / "photos").rglob("*.jpg"))
        configs = {
            "table": {"table": {"train": "table.csv", "label": "label", "test_fraction": 0.2}},
            "photos": {"images": {"train": "photos", "test_fraction": 0.2, "size": [64, 64]}},
        }

        def hearth(name):
            path = folder / f"{name}.json"
            config = {
                "data": configs[name],
                "model": {"hidden_mlp": {"hidden": [16]}},
                "optimizer": {"adam": {}},
                "training": {"epochs": 1, "batch_size": 128},
            }
            path.write_text(json.dumps(config))
            command = [options.hearth, "data", "describe", path]
            with tempfile.TemporaryDirectory() as cache:
                environment = {**os.environ, "XDG_CACHE_HOME": cache}
                subprocess.run(command, env=environment, check=True, capture_output=True)

        with multiprocessing.Pool() as pool:
            contestants = {
                "table": ("pandas", lambda: pandas.read_csv(folder / "table.csv")),
                "photos": ("Pillow", lambda: pool.map(pillow, photos)),
            }
            for name, (other, action) in contestants.items():
                times = [(seconds(lambda: hearth(name)), seconds(action)) for _ in range(options.rounds)]
                ours, theirs = (statistics.median(side) for side in zip(*times))
                print(f"{name}: hearth {ours:.2f} s, {other} {theirs:.2f} s, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
