"""Trains a hearth config with Keras on the same data: the reference for accuracy and speed.

    python bench/keras_run.py configs/mnist-hidden-sgd.json --data-dir data --seed 0 --epochs 5

Prints one JSON object: loss and accuracy per epoch and on the test set, the training seconds of
each epoch (without validation), and for reviews the digests of their tokens. Needs
`pip install keras tensorflow-cpu numpy`.
"""

import argparse
import json
import math
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf

import imdb_tokens
import keras_layers
from keras_layers import penalty
from keras_weights import placed, write_weights
from mnist_idx import digits

OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
}


def learning_rate(initial, schedule, steps):
    """Keras's schedule for a config's, whose last step has the final rate."""
    ((name, descent),) = schedule.items()
    final = descent["final_learning_rate"]
    if name == "linear":
        return keras.optimizers.schedules.PolynomialDecay(initial, steps - 1, final)
    assert name == "cosine", f"no Keras schedule for {name}"
    return keras.optimizers.schedules.CosineDecay(initial, steps - 1, alpha=final / initial)


class SummedGradients(keras.optimizers.Adam):
    """Adam as published, for tokens that occur more than once in a batch.

    Keras 3 on TensorFlow squares the gradient of each occurrence and adds the squares, so the
    second moment of frequent words is too small and their steps are too large.
    """

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(tf.convert_to_tensor(gradient), variable, learning_rate)


def shuffle_anew_each_epoch(seed):
    """Gives every epoch an order of its own.

    With a seed, Keras on TensorFlow repeats the order of the first epoch: `fit` starts a new iterator
    for each epoch, and with it the seeded `tf.random.shuffle`.
    """
    generator = tf.random.Generator.from_seed(seed)

    def shuffle(values, seed=None, name=None):
        return tf.random.experimental.stateless_shuffle(values, generator.make_seeds()[:, 0])

    tf.random.shuffle = shuffle


class TrainingTime(keras.callbacks.Callback):
    """Measures the seconds of each epoch up to the start of validation."""

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
        return keras.layers.Dense(units, kernel_regularizer=penalty(training))

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


def convnet(shape, training):
    """Keras's "Simple MNIST convnet": "valid" padding, channels last."""
    layers = [keras.Input((784,)), keras.layers.Reshape((28, 28, 1))]
    for filters in shape["filters"]:
        layers += [
            keras.layers.Conv2D(
                filters,
                shape.get("kernel", 3),
                activation=shape.get("activation", "relu"),
                kernel_regularizer=penalty(training),
            ),
            keras.layers.MaxPooling2D(shape.get("pool", 2)),
        ]
    layers += [
        keras.layers.Flatten(),
        keras.layers.Dropout(shape["dropout"]),
        keras.layers.Dense(10, kernel_regularizer=penalty(training)),
        keras.layers.Activation("softmax"),
    ]
    return keras.Sequential(layers), "categorical_crossentropy"


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


def sequential(shape, data_name, data, training):
    """The network of a config's layers, and these by the prefix of their tensors' names."""
    if data_name == "imdb":
        inputs = start = keras.Input((data["sequence_length"],))
        builder = keras_layers.Builder(1, training, data["vocabulary_size"])
        probabilities, loss = "sigmoid", "binary_crossentropy"
    else:
        inputs = keras.Input((784,))
        start = keras.layers.Reshape((28, 28, 1))(inputs)
        builder = keras_layers.Builder(10, training)
        probabilities, loss = "softmax", "categorical_crossentropy"
    logits = builder.follow(shape, start, "layers")
    outputs = keras.layers.Activation(probabilities)(logits)
    return keras.Model(inputs, outputs), builder.placed, loss


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="overrides the config's")
    parser.add_argument("--sum-gradients", action="store_true", help="see SummedGradients")
    parser.add_argument("--weights", type=pathlib.Path, help="file for the initial weights")
    parser.add_argument("--cache", type=pathlib.Path, help="folder for encoded reviews")
    arguments = parser.parse_args()

    config = json.loads(arguments.config.read_text())
    training = config["training"]
    ((data_name, data),) = config["data"].items()
    ((family, shape),) = config["model"].items()
    keras.utils.set_random_seed(arguments.seed)
    shuffle_anew_each_epoch(arguments.seed)
    digests = {}
    layers = None  # those of a named model
    if data_name == "imdb":
        size, length = data["vocabulary_size"], data["sequence_length"]
        sets = imdb_tokens.load(arguments.data_dir, size, length, arguments.cache)
        train, test = sets["train"], sets["test"]
        digests = {split: imdb_tokens.digest(*pair) for split, pair in sets.items()}
        if family == "embedding_classifier":
            model, loss = embedding_classifier(shape, data)
    else:
        folder = arguments.data_dir / data_name
        train, test = (
            (images, keras.utils.to_categorical(labels, 10))
            for images, labels in (digits(folder, "train"), digits(folder, "t10k"))
        )
        if family != "sequential":
            build = convnet if family == "convnet" else multilayer_perceptron
            model, loss = build(shape, training)
    if family == "sequential":
        model, layers, loss = sequential(shape, data_name, data, training)
    if data.get("validate_on_test"):
        validation = {"validation_data": test}
    else:
        validation = {"validation_split": data["validation_fraction"]}
    ((name, settings),) = config["optimizer"].items()
    if arguments.weights:
        write_weights(layers or placed(model), arguments.weights)
    epochs = arguments.epochs or training["epochs"]
    examples = len(train[0]) * (1 - validation.get("validation_split", 0))
    steps = epochs * math.ceil(round(examples) / training["batch_size"])
    schedule = training.get("learning_rate_schedule")
    if schedule:
        settings["learning_rate"] = learning_rate(settings["learning_rate"], schedule, steps)
    clip = training.get("clip_global_norm")
    rule = SummedGradients if arguments.sum_gradients else OPTIMIZERS[name]
    model.compile(loss=loss, optimizer=rule(**settings, global_clipnorm=clip), metrics=["accuracy"])
    timing = TrainingTime()
    history = model.fit(
        *train,
        batch_size=training["batch_size"],
        epochs=epochs,
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
