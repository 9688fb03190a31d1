"""Times hearth and Keras or PyTorch alternately on the same config and data, and prints the ratio.

    python bench/speed.py configs/mnist-hidden-sgd.json --data-dir data --rounds 5
    python bench/speed.py configs/mnist-hidden-sgd.json --data-dir data --against torch --backend cuda

Takes the median of a process's seconds per training epoch. The first epoch does not count: Keras
compiles in it, and GPU kernels are selected. The programs alternate because machines are noisy: the
ratio is reproducible, the seconds are not. Needs a release build of hearth
(`cargo build --release`) and the packages of `keras_run.py` or `torch_run.py`. PyTorch uses a GPU
if hearth's backend does.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))


def median_epoch(seconds):
    return statistics.median(seconds[1:])


def hearth(binary, config, data_dir, epochs, backend):
    """Seconds per epoch, and the digests of the data."""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(
            [binary, "run", config, "--data-dir", data_dir, "--out", out]
            + ["--backend", backend, "--set", f"training.epochs={epochs}", "--set", "expect={}"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        (path,) = pathlib.Path(out).rglob("result.json")
        record = json.loads(path.read_text())
        seconds = median_epoch([epoch["train_s"] for epoch in record["run"]["epochs"]])
        data = record["result"]["data"]
        return seconds, {split: data[split]["digest"] for split in ("train", "test")}


def other(program, config, data_dir, epochs, cache, device):
    """Seconds per epoch, and the digests of the data if the program prints them."""
    done = subprocess.run(
        [sys.executable, HERE / f"{program}_run.py", config]
        + ["--data-dir", data_dir, "--epochs", str(epochs), "--cache", cache]
        + device,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    run = json.loads(done.stdout.splitlines()[-1])
    return median_epoch(run["train_s"]), run["digests"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+")
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--against", choices=["keras", "torch"], default="keras")
    parser.add_argument("--backend", default="flex", help="hearth's backend")
    parser.add_argument("--hearth", default=TARGET / "release" / "hearth", help="the binary")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        for config in arguments.configs:
            compare(config, cache, arguments)


def compare(config, cache, arguments):
    program, backend = arguments.against, arguments.backend
    data_dir, epochs = arguments.data_dir, arguments.epochs
    device = []
    if program == "torch":
        device = ["--device", "cpu" if backend in ("flex", "ndarray") else "cuda"]
    ratios = []
    for _ in range(arguments.rounds):
        ours, our_data = hearth(arguments.hearth, config, data_dir, epochs, backend)
        theirs, their_data = other(program, config, data_dir, epochs, cache, device)
        assert not their_data or their_data == our_data, "the data differ"
        ratios.append(theirs / ours)
        print(
            f"{config}: hearth {ours:.3f} s, {program} {theirs:.3f} s, ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(
        f"{config}: hearth on {backend} is {statistics.median(ratios):.2f} times as fast as {program} "
        f"(median of {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )


if __name__ == "__main__":
    main()
