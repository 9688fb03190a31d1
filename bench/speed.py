"""Times hearth and other programs in turns on the same config and data, and prints a table of ratios.

    python bench/speed.py configs/mnist-hidden-sgd.json --data-dir data --against jax,torch,keras
    python bench/speed.py configs/mnist-hidden-sgd.json --data-dir data --against torch --backend cuda

Takes the median of a process's seconds per training epoch. The first epoch does not count: JAX and Keras
compile in it, and GPU kernels are selected. The programs take turns because machines are noisy: the
ratio is reproducible, the seconds are not. Needs a release build of hearth (`cargo build --release`) and
the packages of `jax_run.py`, `torch_run.py` and `keras_run.py`. PyTorch uses a GPU if hearth's backend does.

`--write bench/README.md` puts the table between `<!-- speed: NAME -->` and `<!-- speed: end -->`, where
NAME is that of the first config.
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


# What each is called, the script that runs it, and the script's options.
PROGRAMS = {
    "jax": ("JAX", "jax", []),
    "torch": ("PyTorch", "torch", []),
    "torch-compiled": ("compiled PyTorch", "torch", ["--compile"]),
    "keras": ("Keras", "keras", []),
}


def other(program, config, backend, data_dir, epochs, cache):
    """Seconds per epoch, the digests of the data if the program prints them, and its version."""
    _, script, options = PROGRAMS[program]
    if script == "torch":
        device = "cpu" if backend in ("flex", "ndarray") else "cuda"
        options = [*options, "--device", device]
    done = subprocess.run(
        [sys.executable, HERE / f"{script}_run.py", config]
        + ["--data-dir", data_dir, "--epochs", str(epochs), "--cache", cache]
        + options,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    run = json.loads(done.stdout.splitlines()[-1])
    return median_epoch(run["train_s"]), run["digests"], run[script]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+")
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--against", default="keras", help=f"one of {', '.join(PROGRAMS)}, or several with commas")
    parser.add_argument("--backend", default="flex", help="hearth's backend")
    parser.add_argument("--hearth", default=TARGET / "release" / "hearth", help="the binary")
    parser.add_argument("--write", type=pathlib.Path, help="a Markdown file to put the table into")
    arguments = parser.parse_args()
    programs = arguments.against.split(",")
    for program in programs:
        if program not in PROGRAMS:
            parser.error(f"--against {program}: one of {', '.join(PROGRAMS)}")
    names = [PROGRAMS[program][0] for program in programs]
    versions = {}
    lines = [
        "| config | hearth, seconds an epoch | " + " | ".join(names) + " |",
        "|---" * (2 + len(programs)) + "|",
    ]
    with tempfile.TemporaryDirectory() as cache:
        for config in arguments.configs:
            lines.append(compare(config, programs, versions, cache, arguments))
    used = ", ".join(f"{name} {versions[program]}" for name, program in zip(names, programs))
    lines += [
        "",
        f"How many times as fast hearth ({arguments.backend}) is, medians of {arguments.rounds} rounds and "
        f"their range; {os.cpu_count()} cores, {used}.",
    ]
    table = "\n".join(lines)
    print(table)
    if arguments.write:
        write(arguments.write, pathlib.Path(arguments.configs[0]).stem, table)


def compare(config, programs, versions, cache, arguments):
    """A line of the table."""
    backend, data_dir, epochs = arguments.backend, arguments.data_dir, arguments.epochs
    own, ratios = [], {program: [] for program in programs}
    for _ in range(arguments.rounds):
        ours, our_data = hearth(arguments.hearth, config, data_dir, epochs, backend)
        own.append(ours)
        said = f"{config}: hearth {ours:.3f} s"
        for program in programs:
            theirs, their_data, versions[program] = other(
                program, config, backend, data_dir, epochs, cache
            )
            assert not their_data or their_data == our_data, "the data differ"
            ratios[program].append(theirs / ours)
            said += f", {program} {theirs:.3f} s ({theirs / ours:.2f})"
        print(said, flush=True)
    cells = [f"`{pathlib.Path(config).stem}`", f"{statistics.median(own):.3f}"]
    for found in ratios.values():
        cells.append(f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})")
    return "| " + " | ".join(cells) + " |"


def write(path, name, table):
    """Puts the table into a Markdown file, between its marks."""
    text = path.read_text()
    begin, end = f"<!-- speed: {name} -->\n", "<!-- speed: end -->"
    before, found, rest = text.partition(begin)
    if not found or end not in rest:
        sys.exit(f"{path} has no {begin.strip()} with {end} after it")
    path.write_text(f"{before}{begin}{table}\n{rest[rest.index(end):]}")


if __name__ == "__main__":
    main()
