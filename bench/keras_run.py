"""Trains a hearth config with Keras on the same data: the reference for figures and for speed.

    python bench/keras_run.py configs/mnist-hidden-sgd.json --data-dir data --seed 0 --epochs 5

Prints one JSON object: losses and accuracies per epoch, those of the test, the seconds of each
epoch's training part, and for reviews the digests of their tokens. Needs
`pip install keras tensorflow-cpu numpy`.
"""

import argparse
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf

import imdb_tokens
from mnist_idx import digits

OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
}


class SummedGradients(keras.optimizers.Adam):
    """Adam as it is written down, where an embedding's token occurs more than once in a batch.

    Keras 3 on TensorFlow squares the gradients of the occurrences one by one and adds the squares:
    the second moment of frequent words comes out too small and their steps too large.
    """

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(tf.convert_to_tensor(gradient), variable, learning_rate)


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


def multilayer_perceptron(shape, training):
    def dense(units):
        penalty = keras.regularizers.L1L2(training.get("l1", 0), training.get("l2", 0))
        return keras.layers.Dense(units, kernel_regularizer=penalty)

    layers = [keras.Input((784,))]
    for units in shape["hidden"]:
        layers.append(dense(units))
        if shape.get("batch_norm") is not None:
            layers.append(keras.layers.BatchNormalization(**shape["batch_norm"]))
        layers.append(keras.layers.Activation(shape.get("activation", "relu")))
        if "dropout" in shape:
            layers.append(keras.layers.Dropout(shape["dropout"]))
    layers += [dense(10), keras.layers.Activation("softmax")]
    return keras.Sequential(layers), "categorical_crossentropy"


def write_weights(model, path):
    """The weights of a multilayer perceptron as the safetensors file that hearth reads."""
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    header, content = {}, b""
    for index, layer in enumerate(dense):
        name = f"hidden.{index}" if layer is not dense[-1] else "output"
        for kind, array in zip(("weight", "bias"), layer.get_weights()):
            values = array.astype("<f4").tobytes()
            place = [len(content), len(content) + len(values)]
            header[f"{name}.{kind}"] = {
                "dtype": "F32",
                "shape": array.shape,
                "data_offsets": place,
            }
            content += values
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)


def embedding_classifier(shape, reviews):
    layers = [
        keras.Input((reviews["sequence_length"],)),
        keras.layers.Embedding(reviews["vocabulary_size"], shape["embedding"]),
        keras.layers.Dropout(shape["embedding_dropout"]),
        keras.layers.GlobalMaxPooling1D(),
        keras.layers.Dense(shape["hidden"], activation="relu"),
        keras.layers.Dropout(shape["hidden_dropout"]),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    return keras.Sequential(layers), "binary_crossentropy"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="instead of the config's")
    parser.add_argument("--sum-gradients", action="store_true", help="see SummedGradients")
    parser.add_argument("--weights", type=pathlib.Path, help="file for the initial weights")
    parser.add_argument("--cache", type=pathlib.Path, help="folder for encoded reviews")
    arguments = parser.parse_args()

    config = json.loads(arguments.config.read_text())
    training = config["training"]
    ((data_name, data),) = config["data"].items()
    ((family, shape),) = config["model"].items()
    keras.utils.set_random_seed(arguments.seed)
    digests = {}
    if family == "embedding_classifier":
        size, length = data["vocabulary_size"], data["sequence_length"]
        sets = imdb_tokens.load(arguments.data_dir, size, length, arguments.cache)
        train, test = sets["train"], sets["test"]
        digests = {split: imdb_tokens.digest(*pair) for split, pair in sets.items()}
        model, loss = embedding_classifier(shape, data)
    else:
        folder = arguments.data_dir / data_name
        train, test = (
            (images, keras.utils.to_categorical(labels, 10))
            for images, labels in (digits(folder, "train"), digits(folder, "t10k"))
        )
        model, loss = multilayer_perceptron(shape, training)
    if data.get("validate_on_test"):
        validation = {"validation_data": test}
    else:
        validation = {"validation_split": data["validation_fraction"]}
    ((name, settings),) = config["optimizer"].items()
    if arguments.weights:
        write_weights(model, arguments.weights)
    clip = training.get("clip_global_norm")
    rule = SummedGradients if arguments.sum_gradients else OPTIMIZERS[name]
    model.compile(loss=loss, optimizer=rule(**settings, global_clipnorm=clip), metrics=["accuracy"])
    timing = TrainingTime()
    history = model.fit(
        *train,
        batch_size=training["batch_size"],
        epochs=arguments.epochs or training["epochs"],
        shuffle=training.get("shuffle", True),
        **validation,
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
                "digests": digests,
            }
        )
    )


if __name__ == "__main__":
    main()
