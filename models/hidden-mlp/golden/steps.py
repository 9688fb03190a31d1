"""Writes steps.json: 20 training steps of small perceptrons with Keras, one case per config option.

    pip install keras tensorflow-cpu numpy
    PYTHONPATH=bench python models/hidden-mlp/golden/steps.py > models/hidden-mlp/golden/steps.json

bench/golden.py explains the format and purpose.
"""

# Must come before keras: it sets TensorFlow's environment.
from keras_run import penalty

import keras
import numpy as np

import golden

STEPS, BATCH, INPUTS, HIDDEN, CLASSES = 20, 16, 8, [7, 5], 4

ADAM = {"adam": {"learning_rate": 0.01}}
SGD = {"sgd": {"learning_rate": 0.1}}

# Parts of a config: model.hidden_mlp, optimizer, training.
CASES = {
    "sgd": ({}, SGD, {}),
    "sgd, momentum": ({}, {"sgd": {"learning_rate": 0.1, "momentum": 0.9}}, {}),
    "sgd, Nesterov": ({}, {"sgd": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}}, {}),
    "rmsprop": ({}, {"rmsprop": {"learning_rate": 0.01}}, {}),
    "adam": ({}, ADAM, {}),
    "adamw": ({}, {"adamw": {"learning_rate": 0.01, "weight_decay": 0.1}}, {}),
    "l1": ({}, ADAM, {"l1": 0.01}),
    "l2": ({}, ADAM, {"l2": 0.02}),
    "elastic": ({}, SGD, {"l1": 0.01, "l2": 0.02}),
    "clipping": ({}, SGD, {"clip_global_norm": 0.5}),
    "clipping with a penalty": ({}, ADAM, {"clip_global_norm": 0.3, "l2": 0.05}),
    "sigmoid": ({"activation": "sigmoid"}, SGD, {}),
    "tanh": ({"activation": "tanh"}, ADAM, {}),
    # Not Adam: batch normalisation cancels the bias, so its gradient is only rounding error, which
    # Adam would scale up to a full step.
    "batch normalisation": ({"batch_norm": {}}, SGD, {}),
    "batch normalisation, other settings": (
        {"batch_norm": {"momentum": 0.8, "epsilon": 0.1}, "activation": "sigmoid"},
        {"sgd": {"learning_rate": 0.1, "momentum": 0.5}},
        {"l2": 0.01},
    ),
}


def network(shape, training):
    def dense(units):
        return keras.layers.Dense(units, kernel_regularizer=penalty(training))

    layers = [keras.Input((INPUTS,))]
    for units in HIDDEN:
        layers.append(dense(units))
        if "batch_norm" in shape:
            layers.append(keras.layers.BatchNormalization(**shape["batch_norm"]))
        layers.append(keras.layers.Activation(shape.get("activation", "relu")))
    layers.append(dense(CLASSES))
    return keras.Sequential(layers)


random = np.random.default_rng(20)
inputs = random.random((STEPS, BATCH, INPUTS), dtype=np.float32)
labels = random.integers(0, CLASSES, (STEPS, BATCH))
cases = {}
for name, (shape, optimizer, training) in CASES.items():
    model = network(shape, training)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            layer.set_weights([random.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    config = {
        "model": {"hidden_mlp": {"hidden": HIDDEN, **shape}},
        "optimizer": optimizer,
        "training": training,
    }
    cases[name] = golden.case(config, model, inputs, labels)

golden.write({"dense": {"shape": [INPUTS]}}, CLASSES, inputs.ravel().tolist(), labels, cases)
