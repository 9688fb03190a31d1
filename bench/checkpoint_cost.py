"""Times runs with and without checkpoints, alternately, and prints the ratio.

    python bench/checkpoint_cost.py configs/mnist-dropout-adam.json --data-dir data --epochs 30

Uses the default checkpoint interval, or `--checkpoint-every N` if `--every N` is given. Measures a
run's `total_s`. Needs a release build of hearth (`cargo build --release`).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))


def total_s(command, every):
    with tempfile.TemporaryDirectory(dir=".") as out:
        subprocess.run(
            command + ["--out", out] + every,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        (path,) = pathlib.Path(out).rglob("result.json")
        return json.loads(path.read_text())["run"]["total_s"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("config")
    arguments.add_argument("--data-dir", required=True)
    arguments.add_argument("--epochs", type=int, default=30)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--every", type=int)
    arguments = arguments.parse_args()

    command = [TARGET / "release/hearth", "run", arguments.config]
    command += ["--data-dir", arguments.data_dir, "--set", "expect={}"]
    command += ["--set", f"training.epochs={arguments.epochs}"]
    written = ["--checkpoint-every", str(arguments.every)] if arguments.every else []
    none = ["--checkpoint-every", str(arguments.epochs + 1)]
    ratios = []
    for turn in range(arguments.rounds):
        turns = [written, none] if turn % 2 else [none, written]
        seconds = [total_s(command, every) for every in turns]
        with_them, without = seconds if turn % 2 else reversed(seconds)
        ratios.append(with_them / without)
    print(
        f"{arguments.config}: {statistics.median(ratios):.3f} of the time without checkpoints "
        f"(median of {len(ratios)}, {min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()
