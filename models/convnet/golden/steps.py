"""Writes steps.json: 20 training steps of small convolutional networks with Keras.

    pip install keras tensorflow-cpu numpy
    PYTHONPATH=bench python models/convnet/golden/steps.py > models/convnet/golden/steps.json

bench/golden.py explains the format and purpose. The images are taller than wide and the flattened
feature maps have several pixels, so a wrong order of rows, columns or channels is detected. There
is no dropout: hearth's masks differ from Keras's.
"""

# Must come before keras: it sets TensorFlow's environment.
from keras_run import penalty

import keras
import numpy as np

import golden

STEPS, BATCH, SHAPE, CLASSES = 20, 8, [14, 10, 1], 4

SGD = {"sgd": {"learning_rate": 0.05}}
ADAM = {"adam": {"learning_rate": 0.01}}
TWO = {"filters": [3, 4], "dropout": 0}

# Parts of a config: model.convnet, optimizer, training.
CASES = {
    "sgd": (TWO, SGD, {}),
    "sgd, momentum": (TWO, {"sgd": {"learning_rate": 0.05, "momentum": 0.9}}, {}),
    "rmsprop": (TWO, {"rmsprop": {"learning_rate": 0.01}}, {}),
    "adam": (TWO, ADAM, {}),
    "l2": (TWO, ADAM, {"l2": 0.02}),
    "tanh, kernel of 2": ({**TWO, "kernel": 2, "activation": "tanh"}, ADAM, {}),
    "one convolution, windows of 3": ({"filters": [3], "dropout": 0, "pool": 3}, SGD, {"l1": 0.01}),
}


def network(shape, training):
    layers = [keras.Input(SHAPE)]
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
        keras.layers.Dense(CLASSES, kernel_regularizer=penalty(training)),
    ]
    return keras.Sequential(layers)


random = np.random.default_rng(21)
inputs = random.integers(0, 100, (STEPS, BATCH, *SHAPE)) / 100
labels = random.integers(0, CLASSES, (STEPS, BATCH))
cases = {}
for name, (shape, optimizer, training) in CASES.items():
    model = network(shape, training)
    model.set_weights([random.normal(0, 0.4, w.shape) for w in model.get_weights()])
    config = {"model": {"convnet": shape}, "optimizer": optimizer, "training": training}
    cases[name] = golden.case(config, model, inputs.astype(np.float32), labels)

golden.write({"dense": {"shape": SHAPE}}, CLASSES, inputs.ravel().tolist(), labels, cases)
