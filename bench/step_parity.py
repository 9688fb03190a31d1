"""Holds two epochs of hearth to Keras's from the same weights, on the same examples in their order.

    python bench/step_parity.py --data-dir data

Keras writes its initial weights, hearth starts from them (`training.initial_weights`,
`training.shuffle` false, no dropout); every loss must agree to 1e-4, relatively. Needs a release
build of hearth and what `keras_run.py` needs.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from speed import HERE, TARGET

# RMSprop with a tenth of its usual learning rate: with all of it rounding grows so fast that Keras
# differs by a hundredth from itself in the second epoch (TF_ENABLE_ONEDNN_OPTS=0 against 1).
OPTIMIZERS = ['{"sgd":{}}', '{"rmsprop":{"learning_rate":0.0001}}', '{"adam":{}}']


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--hearth", default=TARGET / "release" / "hearth", help="the binary")
    arguments = parser.parse_args()
    worst = 0
    for optimizer in OPTIMIZERS:
        with tempfile.TemporaryDirectory() as folder:
            worst = max(worst, compare(optimizer, pathlib.Path(folder), arguments))
    print(f"largest relative difference {worst:.1e}")
    sys.exit(worst > 1e-4)


def compare(optimizer, folder, arguments):
    weights = folder / "weights.safetensors"
    config = json.loads((HERE.parent / "configs" / "mnist-hidden-sgd.json").read_text())
    config["optimizer"] = json.loads(optimizer)
    config["training"] |= {"epochs": 2, "shuffle": False}
    config.pop("expect")
    config.pop("$schema")
    (folder / "parity.json").write_text(json.dumps(config))
    common = [folder / "parity.json", "--data-dir", arguments.data_dir]
    done = subprocess.run(
        [sys.executable, HERE / "keras_run.py", *common, "--weights", weights],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    theirs = json.loads(done.stdout.splitlines()[-1])["history"]
    subprocess.run(
        [arguments.hearth, "run", *common, "--out", folder]
        + ["--set", f"training.initial_weights={weights}"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (path,) = folder.rglob("result.json")
    ours = json.loads(path.read_text())["result"]["epochs"]
    worst = 0
    for epoch in (0, 1):
        for split, key in (("train", "loss"), ("validation", "val_loss")):
            found, expected = ours[epoch][split]["loss"], theirs[key][epoch]
            difference = abs(found - expected) / expected
            worst = max(worst, difference)
            print(
                f"{optimizer:36} epoch {epoch + 1} {split:10} "
                f"hearth {found:.7f} Keras {expected:.7f} difference {difference:.1e}"
            )
    return worst


if __name__ == "__main__":
    main()
