"""Writes 20 training steps of networks of every layer with Keras.

    pip install keras tensorflow-cpu numpy
    export PYTHONPATH=bench
    python models/sequential/golden/steps.py images > models/sequential/golden/images.json
    python models/sequential/golden/steps.py tokens > models/sequential/golden/tokens.json

bench/golden.py explains the format and purpose. The images are taller than wide and have two
channels, so a wrong order of rows, columns or channels is detected. Of the poolings and
convolutions with padding, some need more of it at one end. There is no dropout: hearth's masks
differ from Keras's.
"""

# Must come before keras: it sets TensorFlow's environment.
from keras_run import OPTIMIZERS, SummedGradients

import sys

import keras
import numpy as np

import golden
import keras_layers

STEPS, BATCH, CLASSES = 20, 8, 4
IMAGE = [9, 6, 2]
VOCABULARY, LENGTH = 12, 10

ADAM = {"adam": {"learning_rate": 0.01}}
# Before normalisation, a bias has no gradient but rounding error, which Adam would scale up.
UNBIASED = {"filters": 4, "kernel": 3, "use_bias": False}


def conv(**settings):
    return {"conv2d": {"filters": 3, "kernel": 3, **settings}}


def conv1d(**settings):
    return {"conv1d": {"filters": 4, "kernel": 3, **settings}}


ACTIVATIONS = ["relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus"]

IMAGES = {
    **{
        name: ["flatten", {"dense": {"units": 5, "activation": name}}, "output"]
        for name in ACTIVATIONS
    },
    "activation of images": [conv(), {"activation": "silu"}, "flatten", "output"],
    "dense without bias": ["flatten", {"dense": {"units": 5, "use_bias": False}}, "output"],
    "conv2d": [conv(activation="tanh"), "flatten", "output"],
    "conv2d, same": [conv(padding="same", kernel=[4, 3]), "flatten", "output"],
    "conv2d, stride": [conv(stride=2), "flatten", "output"],
    "conv2d, stride, same": [conv(stride=[2, 3], padding="same"), "flatten", "output"],
    "conv2d without bias": [conv(use_bias=False, kernel=[2, 3]), "flatten", "output"],
    "max_pool2d": [conv(), "max_pool2d", "flatten", "output"],
    "max_pool2d, overlapping": [
        conv(), {"max_pool2d": {"pool": [3, 2], "stride": 1}}, "flatten", "output",
    ],
    "max_pool2d, same": [conv(), {"max_pool2d": {"padding": "same"}}, "flatten", "output"],
    "average_pool2d": [conv(), "average_pool2d", "flatten", "output"],
    "average_pool2d, same": [
        conv(), {"average_pool2d": {"pool": 3, "stride": 2, "padding": "same"}}, "flatten", "output",
    ],
    "global_max_pool": [conv(filters=6), "global_max_pool", "output"],
    "global_average_pool": [conv(filters=6), "global_average_pool", "output"],
    "batch_norm of images": [{"conv2d": UNBIASED}, "batch_norm", "flatten", "output"],
    "batch_norm of inputs": [
        {"batch_norm": {"momentum": 0.8, "epsilon": 0.1}}, "flatten", "output",
    ],
    "batch_norm of features": [
        "flatten", {"dense": {"units": 5, "use_bias": False}}, "batch_norm", "output",
    ],
    "layer_norm of images": [{"conv2d": UNBIASED}, "layer_norm", "flatten", "output"],
    "layer_norm of features": [
        "flatten", {"dense": {"units": 5}}, {"layer_norm": {"epsilon": 0.1}}, "output",
    ],
    "residual": [
        conv(filters=2),
        {"residual": [conv(filters=2, padding="same"), {"activation": "relu"}]},
        "flatten",
        "output",
    ],
    "all": [
        {"conv2d": {**UNBIASED, "padding": "same"}},
        "batch_norm",
        {"activation": "gelu"},
        {
            "residual": [
                conv(filters=3, padding="same", activation="elu"),
                {"residual": [{"layer_norm": {}}, {"activation": "silu"}]},
                conv(filters=4, padding="same"),
            ]
        },
        "max_pool2d",
        {"average_pool2d": {"pool": 2, "stride": 1}},
        "global_average_pool",
        {"residual": [{"dense": {"units": 4, "activation": "softplus"}}]},
        {"dense": 6},
        {"activation": "leaky_relu"},
        "output",
    ],
}

TOKENS = {
    "embedding, global_max_pool": [{"embedding": 6}, "global_max_pool", "output"],
    "embedding, global_average_pool": [{"embedding": 6}, "global_average_pool", "output"],
    "embedding, flatten": [{"embedding": 3}, "flatten", "output"],
    "conv1d": [{"embedding": 3}, conv1d(activation="relu"), "global_max_pool", "output"],
    "conv1d, same": [{"embedding": 3}, conv1d(kernel=4, padding="same"), "flatten", "output"],
    "conv1d, stride": [
        {"embedding": 3}, conv1d(stride=2, use_bias=False), "global_average_pool", "output",
    ],
    "conv1d, stride, same": [
        {"embedding": 3}, conv1d(stride=3, padding="same"), "flatten", "output",
    ],
    "batch_norm, layer_norm": [
        {"embedding": 4}, "batch_norm", conv1d(), "layer_norm", "global_max_pool", "output",
    ],
    "residual": [
        {"embedding": 4},
        {"residual": [conv1d(padding="same"), {"activation": "gelu"}]},
        "global_average_pool",
        "output",
    ],
}

kind = sys.argv[1]
random = np.random.default_rng(22)
labels = random.integers(0, CLASSES, (STEPS, BATCH))
if kind == "images":
    networks, rules, vocabulary = IMAGES, OPTIMIZERS, None
    described = {"dense": {"shape": IMAGE}}
    inputs = random.integers(0, 100, (STEPS, BATCH, *IMAGE)) / 100
    batches = inputs.astype(np.float32)
else:
    networks, rules, vocabulary = TOKENS, {"adam": SummedGradients}, VOCABULARY
    described = {"tokens": {"vocabulary": VOCABULARY, "length": LENGTH}}
    inputs = batches = random.integers(0, VOCABULARY, (STEPS, BATCH, LENGTH))
cases = {}
for name, layers in networks.items():
    start = keras.Input(batches.shape[2:], dtype=batches.dtype)
    builder = keras_layers.Builder(CLASSES, {}, vocabulary)
    model = keras.Model(start, builder.follow(layers, start, "layers"))
    for layer in builder.placed.values():
        normalises = isinstance(
            layer, (keras.layers.BatchNormalization, keras.layers.LayerNormalization)
        )
        if not normalises:
            layer.set_weights([random.normal(0, 0.4, w.shape) for w in layer.get_weights()])
    config = {"model": {"sequential": layers}, "optimizer": ADAM, "training": {}}
    cases[name] = golden.case(config, model, batches, labels, builder.placed, rules)

golden.write(described, CLASSES, inputs.ravel().tolist(), labels, cases)
