"""Makes steps.json: 20 steps of small networks by Keras, one for whatever a config can ask for.

    pip install keras tensorflow-cpu numpy
    python steps.py > steps.json

The test beside it (src/golden.rs) trains the same configs from the same weights on the same batches
and must come to the same losses, weights, running statistics, and logits in inference.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np

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
    # Without Adam: the gradient of a bias that is normalised away is rounding alone, and Adam makes
    # steps of it as long as of any other.
    "batch normalisation": ({"batch_norm": {}}, SGD, {}),
    "batch normalisation, other settings": (
        {"batch_norm": {"momentum": 0.8, "epsilon": 0.1}, "activation": "sigmoid"},
        {"sgd": {"learning_rate": 0.1, "momentum": 0.5}},
        {"l2": 0.01},
    ),
}
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
}


def network(shape, training):
    def dense(units):
        penalty = keras.regularizers.L1L2(training.get("l1", 0), training.get("l2", 0))
        return keras.layers.Dense(units, kernel_regularizer=penalty)

    layers = [keras.Input((INPUTS,))]
    for units in HIDDEN:
        layers.append(dense(units))
        if "batch_norm" in shape:
            layers.append(keras.layers.BatchNormalization(**shape["batch_norm"]))
        layers.append(keras.layers.Activation(shape.get("activation", "relu")))
    layers.append(dense(CLASSES))
    return keras.Sequential(layers)


def named(model):
    """Weights by the names that hearth gives them."""
    weights = {}
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    for index, layer in enumerate(dense):
        name = f"hidden.{index}" if index < len(HIDDEN) else "output"
        weights[f"{name}.weight"], weights[f"{name}.bias"] = layer.get_weights()
    norms = [l for l in model.layers if isinstance(l, keras.layers.BatchNormalization)]
    for index, layer in enumerate(norms):
        for name, weight in zip(["gamma", "beta", "running_mean", "running_var"], layer.get_weights()):
            weights[f"norm.{index}.{name}"] = weight
    return {name: np.asarray(w, np.float32).ravel().tolist() for name, w in weights.items()}


random = np.random.default_rng(20)
inputs = random.random((STEPS, BATCH, INPUTS), dtype=np.float32)
labels = random.integers(0, CLASSES, (STEPS, BATCH))
golden = {
    "keras": keras.__version__,
    "inputs": inputs.ravel().tolist(),
    "labels": labels.ravel().tolist(),
    "cases": {},
}
for case, (shape, optimizer, training) in CASES.items():
    model = network(shape, training)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            layer.set_weights([random.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    initial = named(model)
    ((name, settings),) = optimizer.items()
    model.compile(
        optimizer=OPTIMIZERS[name](**settings, global_clipnorm=training.get("clip_global_norm")),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    losses = []
    for x, y in zip(inputs, labels):
        model.reset_metrics()  # else the mean over all steps so far comes back
        losses.append(float(model.train_on_batch(x, y)))
    golden["cases"][case] = {
        "model": {"hidden": HIDDEN, **shape},
        "optimizer": optimizer,
        "training": {"epochs": 1, "batch_size": BATCH, "shuffle": False, **training},
        "initial_weights": initial,
        "losses": losses,
        "final_weights": named(model),
        "logits": model.predict(inputs[0], verbose=0).ravel().tolist(),
    }

json.dump(golden, sys.stdout)
print()
