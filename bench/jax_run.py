"""Trains a hearth config with JAX on the same data, written for speed: an epoch is one jitted scan over its
batches, and the data stay on the device.

    python bench/jax_run.py configs/mnist-dropout-adam.json --data-dir data

Prints one JSON object: the seconds and training loss of each epoch, the test accuracy, and for reviews
the digests of their tokens. Needs `pip install jax optax numpy`.
"""

import argparse
import json
import pathlib
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

import imdb_tokens
from mnist_idx import digits


def glorot(key, shape, fan_in, fan_out):
    limit = (6 / (fan_in + fan_out)) ** 0.5
    return jax.random.uniform(key, shape, jnp.float32, -limit, limit)


def dense(key, inputs, units):
    return glorot(key, (inputs, units), inputs, units), jnp.zeros(units)


def drop(key, activations, rate):
    if key is None or not rate:
        return activations
    kept = jax.random.bernoulli(key, 1 - rate, activations.shape)
    return jnp.where(kept, activations / (1 - rate), 0)


def split(key, count):
    return [None] * count if key is None else jax.random.split(key, count)


class MultilayerPerceptron:
    def __init__(self, shape):
        self.widths, self.rate = shape["hidden"], shape.get("dropout", 0)

    def init(self, key):
        widths = [784, *self.widths, 10]
        keys = jax.random.split(key, len(widths))
        return [dense(*layer) for layer in zip(keys, widths, widths[1:])]

    def logits(self, weights, inputs, key):
        keys = split(key, len(weights))
        for key, (weight, bias) in zip(keys, weights[:-1]):
            inputs = drop(key, jax.nn.relu(inputs @ weight + bias), self.rate)
        weight, bias = weights[-1]
        return inputs @ weight + bias


class Convnet:
    def __init__(self, shape):
        self.filters, self.rate = shape["filters"], shape["dropout"]
        self.kernel, self.pool = shape.get("kernel", 3), shape.get("pool", 2)

    def init(self, key):
        keys = jax.random.split(key, len(self.filters) + 1)
        weights, channels, side, area = [], 1, 28, self.kernel**2
        for key, filters in zip(keys, self.filters):
            shape = (self.kernel, self.kernel, channels, filters)
            weights.append((glorot(key, shape, area * channels, area * filters), jnp.zeros(filters)))
            channels, side = filters, (side - self.kernel + 1) // self.pool
        return [*weights, dense(keys[-1], channels * side * side, 10)]

    def logits(self, weights, inputs, key):
        images = inputs.reshape(-1, 28, 28, 1)
        window = (1, self.pool, self.pool, 1)
        for weight, bias in weights[:-1]:
            images = jax.lax.conv_general_dilated(
                images, weight, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
            )
            images = jax.nn.relu(images + bias)
            images = jax.lax.reduce_window(images, -jnp.inf, jax.lax.max, window, window, "VALID")
        weight, bias = weights[-1]
        return drop(key, images.reshape(len(images), -1), self.rate) @ weight + bias


class EmbeddingClassifier:
    def __init__(self, shape, data):
        self.shape, self.tokens = shape, data["vocabulary_size"]

    def init(self, key):
        keys = jax.random.split(key, 3)
        width, hidden = self.shape["embedding"], self.shape["hidden"]
        table = jax.random.uniform(keys[0], (self.tokens, width), jnp.float32, -0.05, 0.05)
        return [table, dense(keys[1], width, hidden), dense(keys[2], hidden, 1)]

    def logits(self, weights, tokens, key):
        table, (hidden, hidden_bias), (output, output_bias) = weights
        keys = split(key, 2)
        pooled = drop(keys[0], table[tokens], self.shape["embedding_dropout"]).max(1)
        activations = jax.nn.relu(pooled @ hidden + hidden_bias)
        activations = drop(keys[1], activations, self.shape["hidden_dropout"])
        return (activations @ output + output_bias)[:, 0]


def optimizer_of(config):
    ((name, settings),) = config["optimizer"].items()
    rate = settings.get("learning_rate", 0.01 if name == "sgd" else 0.001)
    if name == "sgd":
        return optax.sgd(rate, momentum=settings.get("momentum"))
    if name == "rmsprop":
        return optax.rmsprop(rate, decay=0.9, eps=1e-7)
    return optax.adam(rate, eps=1e-7)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="overrides the config's")
    parser.add_argument("--cache", type=pathlib.Path, help="folder for encoded reviews")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    training = config["training"]
    ((data_name, data),) = config["data"].items()
    ((family, shape),) = config["model"].items()

    digests = {}
    if family == "embedding_classifier":
        size, length = data["vocabulary_size"], data["sequence_length"]
        sets = imdb_tokens.load(arguments.data_dir, size, length, arguments.cache)
        digests = {split: imdb_tokens.digest(*pair) for split, pair in sets.items()}
        model, loss_of = EmbeddingClassifier(shape, data), optax.sigmoid_binary_cross_entropy
        is_right = lambda logits, labels: (logits > 0) == (labels > 0)
    else:
        folder = arguments.data_dir / data_name
        sets = {"train": digits(folder, "train"), "test": digits(folder, "t10k")}
        model = Convnet(shape) if family == "convnet" else MultilayerPerceptron(shape)
        loss_of = optax.softmax_cross_entropy_with_integer_labels
        is_right = lambda logits, labels: logits.argmax(1) == labels

    inputs, labels = map(jnp.asarray, sets["train"])
    if not data.get("validate_on_test"):
        kept = int(len(labels) * (1 - data["validation_fraction"]))
        inputs, labels = inputs[:kept], labels[:kept]
    optimizer, batch = optimizer_of(config), training["batch_size"]

    def step(state, places):
        weights, memory, key = state
        key, dropout_key = jax.random.split(key)

        def loss(weights):
            logits = model.logits(weights, inputs[places], dropout_key)
            return loss_of(logits, labels[places]).mean(), is_right(logits, labels[places]).sum()

        (mean, right), gradients = jax.value_and_grad(loss, has_aux=True)(weights)
        updates, memory = optimizer.update(gradients, memory, weights)
        return (optax.apply_updates(weights, updates), memory, key), (mean, right)

    @jax.jit
    def epoch(weights, memory, key):
        key, order_key = jax.random.split(key)
        order = jax.random.permutation(order_key, len(labels))
        whole = len(labels) // batch * batch
        state, (losses, right) = jax.lax.scan(
            step, (weights, memory, key), order[:whole].reshape(-1, batch)
        )
        if whole < len(labels):
            state, _ = step(state, order[whole:])
        return *state, losses.mean(), right.sum()

    key = jax.random.key(arguments.seed)
    weights = model.init(key)
    memory = optimizer.init(weights)
    seconds, train_losses = [], []
    for _ in range(arguments.epochs or training["epochs"]):
        started = time.perf_counter()
        weights, memory, key, loss, right = epoch(weights, memory, key)
        train_losses.append(loss.item())
        right.item()
        seconds.append(time.perf_counter() - started)
    test_inputs, test_labels = sets["test"]
    correct = 0
    for start in range(0, len(test_labels), 1000):
        batch_inputs = jnp.asarray(test_inputs[start : start + 1000])
        logits = model.logits(weights, batch_inputs, None)
        correct += is_right(logits, jnp.asarray(test_labels[start : start + 1000])).sum().item()
    print(
        json.dumps(
            {
                "jax": jax.__version__,
                "device": str(jax.devices()[0]),
                "test": {"accuracy": correct / len(test_labels)},
                "train_loss": train_losses,
                "train_s": seconds,
                "digests": digests,
            }
        )
    )


if __name__ == "__main__":
    main()
