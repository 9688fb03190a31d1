"""Makes optimizers.json: 20 steps of a small network with each optimizer, computed by Keras.

    pip install keras tensorflow-cpu numpy
    python optimizers.py > optimizers.json

The test beside it (src/optimizer.rs) starts from the same weights, takes the same batches and must
come to the same losses and final weights.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np

STEPS, BATCH, INPUTS, HIDDEN, CLASSES = 20, 16, 8, [7, 5], 4

OPTIMIZERS = {
    "sgd": (keras.optimizers.SGD, {"learning_rate": 0.1}),
    "rmsprop": (keras.optimizers.RMSprop, {"learning_rate": 0.01}),
    "adam": (keras.optimizers.Adam, {"learning_rate": 0.01}),
}


def network():
    layers = [keras.layers.Dense(units, activation="relu") for units in HIDDEN]
    layers.append(keras.layers.Dense(CLASSES))
    model = keras.Sequential([keras.Input((INPUTS,)), *layers])
    return model


def flat(arrays):
    return [[float(x) for x in np.asarray(a, np.float32).ravel()] for a in arrays]


random = np.random.default_rng(20)
inputs = random.random((STEPS, BATCH, INPUTS), dtype=np.float32)
labels = random.integers(0, CLASSES, (STEPS, BATCH))
model = network()
initial = [random.normal(0, 0.5, w.shape).astype(np.float32) for w in model.weights]

golden = {
    "keras": keras.__version__,
    "inputs": [row.ravel().tolist() for row in inputs],
    "labels": labels.tolist(),
    "initial_weights": flat(initial),
    "optimizers": {},
}
for name, (optimizer, settings) in OPTIMIZERS.items():
    model = network()
    model.set_weights(initial)
    model.compile(
        optimizer=optimizer(**settings),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    losses = []
    for x, y in zip(inputs, labels):
        model.reset_metrics()  # else the mean over all steps so far comes back
        losses.append(float(model.train_on_batch(x, y)))
    golden["optimizers"][name] = {
        "config": {name: settings},
        "losses": losses,
        "final_weights": flat(model.get_weights()),
    }

json.dump(golden, sys.stdout)
print()
