"""Records training steps of small networks with Keras, in the format that hearth's tests read.

A model's crate contains the script `golden/steps.py`, which defines the networks, and its output,
`golden/steps.json`. hearth trains the same configs from the same weights on the same batches and
must reach the same losses, weights, running statistics, and inference logits.
"""

import json
import sys

# Must come before keras: it sets TensorFlow's environment.
from keras_run import OPTIMIZERS

import keras
import numpy as np

from keras_weights import named_weights


def case(config, model, inputs, labels):
    """Trains `model` batch by batch, with `config`'s optimizer and training settings.

    `inputs` is `[steps, batch, ...]`, `labels` is `[steps, batch]`; `model` outputs logits.
    """
    optimizer, training = config["optimizer"], config["training"]
    run = {"epochs": 1, "batch_size": labels.shape[1], "shuffle": False}
    initial = flat(named_weights(model))
    ((name, settings),) = optimizer.items()
    model.compile(
        optimizer=OPTIMIZERS[name](**settings, global_clipnorm=training.get("clip_global_norm")),
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
        "losses": losses,
        "final_weights": flat(named_weights(model)),
        "logits": model.predict(inputs[0], verbose=0).ravel().tolist(),
    }


def flat(weights):
    return {name: weight.astype(np.float32).ravel().tolist() for name, weight in weights.items()}


def write(shape, classes, inputs, labels, cases):
    """Prints the file. `shape` is the shape of one example, `inputs` a flat list."""
    golden = {
        "keras": keras.__version__,
        "spec": {
            "input": {"dense": {"shape": shape}},
            "classes": [str(index) for index in range(classes)],
        },
        "batch": labels.shape[1],
        "inputs": inputs,
        "labels": labels.ravel().tolist(),
        "cases": cases,
    }
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()
