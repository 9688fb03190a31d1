"""Kills runs at random times, restarts them, and compares the results with an uninterrupted run.

    python bench/kill.py configs/mnist-dropout-adam.json configs/imdb-embedding.json --data-dir data

Runs each config once without interruption. Then runs it again and sends SIGKILL after a random
time, at most the time to start and train two epochs, until there were `--kills` kills. If a run
finishes first, the next one starts in another folder. The digest and weights must be the same, the
metrics log must have one line per epoch, and no other files may remain. Exits with 1 at the first
difference. Needs a release build of hearth (`cargo build --release`).
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
# The most restarts of one run; more mean that it makes no progress.
MOST = 500


def whole(out):
    """Reads a finished run: its digest, weights and number of log lines, and its record."""
    (path,) = pathlib.Path(out).rglob("result.json")
    record = json.loads(path.read_text())
    log = path.with_name("metrics.jsonl").read_text().count("\n")
    left = sorted(file.name for file in path.parent.iterdir())
    files = ["config.json", "metrics.jsonl", "model.safetensors", "result.json"]
    assert [name for name in left if name != "vocabulary.txt"] == files, left
    return (record["digest"], path.with_name("model.safetensors").read_bytes(), log), record


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("configs", nargs="+")
    arguments.add_argument("--data-dir", required=True)
    arguments.add_argument("--epochs", type=int, default=3)
    arguments.add_argument("--kills", type=int, default=30)
    arguments.add_argument("--backend", default="flex")
    arguments.add_argument("--seed", type=int, help="of the kill times")
    arguments = arguments.parse_args()
    moments = random.Random(arguments.seed)

    for config in arguments.configs:
        command = [str(TARGET / "release/hearth"), "run", config, "--data-dir", arguments.data_dir]
        command += ["--backend", arguments.backend, "--set", "expect={}", "--checkpoint-every", "1"]
        command += ["--set", f"training.epochs={arguments.epochs}", "--out"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with tempfile.TemporaryDirectory() as folder:
            undisturbed = f"{folder}/undisturbed"
            started = time.monotonic()
            subprocess.run(command + [undisturbed], check=True, **quiet)
            took = time.monotonic() - started
            expected, record = whole(undisturbed)
            epochs = record["run"]["epochs"]
            epoch = max(epoch["train_s"] + epoch["validation_s"] for epoch in epochs)
            longest = max(took - epoch * len(epochs), 0) + 2 * epoch

            kills, runs, resumed = 0, 0, 0
            while kills < arguments.kills:
                runs += 1
                for _ in range(MOST):
                    run = subprocess.Popen(command + [f"{folder}/{runs}"], **quiet)
                    try:
                        enough = kills == arguments.kills
                        run.wait(None if enough else moments.uniform(0, longest))
                    except subprocess.TimeoutExpired:
                        run.kill()
                        run.wait()
                        kills += 1
                    else:
                        break
                if run.returncode != 0:
                    sys.exit(f"{config}: ended with {run.returncode}")
                found, record = whole(f"{folder}/{runs}")
                resumed += record["run"].get("resumed", 0)
                if found != expected:
                    sys.exit(f"{config}: {found[0]}, {found[2]} epochs; undisturbed {expected[0]}")
            print(
                f"{config}: {kills} kills, {runs} finished runs, resumed {resumed} times from a "
                f"checkpoint, all with digest {expected[0]} and the weights of the undisturbed run",
                flush=True,
            )


if __name__ == "__main__":
    main()
