"""Records training steps of small networks with Keras, in the format that hearth's tests read.

A model's crate contains the script `golden/steps.py`, which defines the networks, and its output,
a JSON file in the same folder. hearth trains the same configs from the same weights on the same
batches and must reach the same gradients, losses, weights, running statistics, and inference logits.
"""

import json
import sys

# Must come before keras: it sets TensorFlow's environment.
from keras_run import OPTIMIZERS

import keras
import numpy as np
import tensorflow as tf

from keras_weights import named, named_weights, placed


def case(config, model, inputs, labels, layers=None, rules=OPTIMIZERS):
    """Trains `model` batch by batch, with `config`'s optimizer and training settings.

    `inputs` is `[steps, batch, ...]`, `labels` is `[steps, batch]`; `model` outputs logits. `layers`
    are its layers by the prefix of their tensors' names, by default those of a named model. `rules`
    are the optimizers by name.
    """
    optimizer, training = config["optimizer"], config["training"]
    run = {"epochs": 1, "batch_size": labels.shape[1], "shuffle": False}
    layers = layers or placed(model)
    initial = flat(named_weights(layers))
    gradients = flat(first_gradients(model, layers, inputs[0], labels[0]))
    ((name, settings),) = optimizer.items()
    model.compile(
        optimizer=rules[name](**settings, global_clipnorm=training.get("clip_global_norm")),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    losses = []
    for x, y in zip(inputs, labels):
        model.reset_metrics()  # otherwise the loss is a mean over all steps so far
        losses.append(float(model.train_on_batch(x, y)))
    return {
        "model": config["model"],
        "optimizer": optimizer,
        "training": run | training,
        "initial_weights": initial,
        "gradients": gradients,
        "losses": losses,
        "final_weights": flat(named_weights(layers)),
        "logits": numbers(model.predict(inputs[0], verbose=0)),
    }


def first_gradients(model, layers, inputs, labels):
    """The gradients of the first batch's loss, without penalties, before any step."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # Training updates running statistics.
    before = model.get_weights()
    with tf.GradientTape() as tape:
        value = loss(labels, model(inputs, training=True))
    variables = [weight.value for layer in layers.values() for weight in layer.trainable_weights]
    gradients = tape.gradient(value, variables)
    model.set_weights(before)
    by_variable = {id(v): tf.convert_to_tensor(g) for v, g in zip(variables, gradients)}
    return named(
        layers, lambda layer: [by_variable[id(w.value)] for w in layer.trainable_weights]
    )


def flat(weights):
    return {name: numbers(weight) for name, weight in weights.items()}


def numbers(array):
    """The entries with nine digits, which tell every 32-bit number from its neighbours."""
    return [float(f"{value:.9g}") for value in array.astype(np.float32).ravel()]


def write(input, classes, inputs, labels, cases):
    """Prints the file. `input` describes one example as hearth does; `inputs` is a flat list."""
    golden = {
        "keras": keras.__version__,
        "spec": {
            "input": input,
            "classes": [str(index) for index in range(classes)],
        },
        "batch": labels.shape[1],
        "inputs": inputs,
        "labels": labels.ravel().tolist(),
        "cases": cases,
    }
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()
