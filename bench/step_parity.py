"""Compares two epochs of hearth with Keras, from the same weights on the same examples in order.

    python bench/step_parity.py --data-dir data

Keras writes its initial weights and hearth starts from them (`training.initial_weights`,
`training.shuffle` false, no dropout). Every loss must agree within a relative difference of 1e-4.
Needs a release build of hearth and the packages of `keras_run.py`.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from speed import HERE, TARGET

PERCEPTRON = '{"hidden_mlp":{"hidden":[128,128]}}'
CONVNET = '{"convnet":{"filters":[32,64],"dropout":0}}'
# The cases in which rounding errors stay small enough, judged by Keras against itself
# (TF_ENABLE_ONEDNN_OPTS=0 against 1). With RMSprop's default learning rate the perceptron's second
# epoch differs by 1e-2, so the rate here is a tenth of it. The convnet differs by 3e-5 with SGD, but
# by 9e-5 with that RMSprop and 5e-4 with Adam.
EXPERIMENTS = [
    (PERCEPTRON, '{"sgd":{}}'),
    (PERCEPTRON, '{"rmsprop":{"learning_rate":0.0001}}'),
    (PERCEPTRON, '{"adam":{}}'),
    (CONVNET, '{"sgd":{}}'),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--hearth", default=TARGET / "release" / "hearth", help="the binary")
    arguments = parser.parse_args()
    worst = 0
    for model, optimizer in EXPERIMENTS:
        with tempfile.TemporaryDirectory() as folder:
            worst = max(worst, compare(model, optimizer, pathlib.Path(folder), arguments))
    print(f"largest relative difference {worst:.1e}")
    sys.exit(worst > 1e-4)


def compare(model, optimizer, folder, arguments):
    weights = folder / "weights.safetensors"
    config = json.loads((HERE.parent / "configs" / "mnist-hidden-sgd.json").read_text())
    config["model"] = json.loads(model)
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
                f"{model:43} {optimizer:36} epoch {epoch + 1} {split:10} "
                f"hearth {found:.7f} Keras {expected:.7f} difference {difference:.1e}"
            )
    return worst


if __name__ == "__main__":
    main()
