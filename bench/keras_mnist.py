"""Trains a hearth config with Keras on the same files: the reference for figures and for speed.

    python bench/keras_mnist.py configs/mnist-hidden-sgd.json --data-dir data --seed 0 --epochs 5

Prints one JSON object: losses and accuracies per epoch, those of the test, and the seconds of each
epoch's training part. Needs `pip install keras tensorflow-cpu numpy`.
"""

import argparse
import gzip
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np

OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
}


class TrainingTime(keras.callbacks.Callback):
    """Seconds of each epoch up to the beginning of its validation."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()
        self.measured = False

    def on_test_begin(self, logs=None):
        if not self.measured:
            self.seconds.append(time.perf_counter() - self.started)
            self.measured = True


def idx(folder, name, header):
    plain, zipped = folder / name, folder / f"{name}.gz"
    content = plain.read_bytes() if plain.exists() else gzip.decompress(zipped.read_bytes())
    return np.frombuffer(content, np.uint8, offset=header)


def split(folder, prefix):
    images = idx(folder, f"{prefix}-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = idx(folder, f"{prefix}-labels-idx1-ubyte", 8)
    return images.astype("float32") / 255, keras.utils.to_categorical(labels, 10)


def network(config):
    ((family, shape),) = config["model"].items()
    assert family in ("hidden_mlp", "dropout_mlp"), family
    model = keras.Sequential([keras.Input((784,))])
    for units in shape["hidden"]:
        model.add(keras.layers.Dense(units, activation="relu"))
        if family == "dropout_mlp":
            model.add(keras.layers.Dropout(shape["dropout"]))
    model.add(keras.layers.Dense(10, activation="softmax"))
    ((name, settings),) = config["optimizer"].items()
    model.compile(
        loss="categorical_crossentropy",
        optimizer=OPTIMIZERS[name](**settings),
        metrics=["accuracy"],
    )
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="instead of the config's")
    arguments = parser.parse_args()

    config = json.loads(arguments.config.read_text())
    training = config["training"]
    train = split(arguments.data_dir / "mnist", "train")
    test = split(arguments.data_dir / "mnist", "t10k")
    keras.utils.set_random_seed(arguments.seed)
    model = network(config)
    timing = TrainingTime()
    history = model.fit(
        *train,
        batch_size=training["batch_size"],
        epochs=arguments.epochs or training["epochs"],
        validation_split=config["data"]["mnist"]["validation_fraction"],
        callbacks=[timing],
        verbose=0,
    ).history
    loss, accuracy = model.evaluate(*test, batch_size=training["batch_size"], verbose=0)
    print(
        json.dumps(
            {
                "keras": keras.__version__,
                "seed": arguments.seed,
                "parameters": model.count_params(),
                "test": {"loss": loss, "accuracy": accuracy},
                "history": history,
                "train_s": timing.seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
