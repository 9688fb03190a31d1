"""Exports the weights of a Keras model under hearth's names.

    hearth init --from-keras model.keras --to model.json
    python bench/keras_weights.py model.keras model.json weights.safetensors

writes those of a Sequential for `training.initial_weights` of the config, whose layers must be the same.
Needs the packages of `keras_run.py`.
"""

import argparse
import json
import pathlib

import keras
import numpy as np


def placed(model):
    """The layers of one of hearth's named models by the prefix of their tensors' names."""
    layers = {}
    for index, layer in enumerate(layers_of(model, keras.layers.Conv2D)):
        layers[f"conv.{index}"] = layer
    dense = layers_of(model, keras.layers.Dense)
    for index, layer in enumerate(dense):
        layers["output" if layer is dense[-1] else f"hidden.{index}"] = layer
    for index, layer in enumerate(layers_of(model, keras.layers.BatchNormalization)):
        layers[f"norm.{index}"] = layer
    return layers


def layers_of(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def named_weights(layers):
    """Arrays by hearth's names, from layers by the prefix of these."""
    return named(layers, lambda layer: layer.weights)


def named(layers, of_layer):
    """Arrays by name; `of_layer` gives a layer's arrays, in the order of its weights."""
    return {
        f"{prefix}.{name}": order(np.asarray(array))
        for prefix, layer in layers.items()
        for (name, order), array in zip(tensors(layer), of_layer(layer))
    }


def tensors(layer):
    """The name of each of a layer's weights, and what brings it into hearth's order of dimensions."""
    if isinstance(layer, keras.layers.BatchNormalization):
        names = ["gamma", "beta", "running_mean", "running_var"]
    elif isinstance(layer, keras.layers.LayerNormalization):
        names = ["gamma", "beta"]
    else:
        names = ["weight", "bias"]
    if isinstance(layer, (keras.layers.Conv1D, keras.layers.Conv2D)):
        # From [..., in, out] to [out, in, ...].
        last = (-1, -2)
        orders = [lambda kernel: np.moveaxis(kernel, last, (0, 1)), lambda bias: bias]
    else:
        orders = [lambda weight: weight] * len(names)
    return zip(names, orders)


def write_weights(layers, path):
    """Writes a safetensors file for hearth's `training.initial_weights`."""
    header, content = {}, b""
    for name, array in named_weights(layers).items():
        if name.startswith("output.") and array.shape[-1] == 2:
            # A softmax of two logits is the sigmoid of their difference, hearth's one logit.
            array = array[..., 1:] - array[..., :1]
        values = array.astype("<f4").tobytes()
        place = [len(content), len(content) + len(values)]
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": place}
        content += values
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)


WEIGHTED = {"dense", "conv1d", "conv2d", "embedding", "batch_norm", "layer_norm", "output"}


def prefixes(layers, prefix="layers"):
    """The prefixes of the tensors of a config's layers, in their order."""
    for place, layer in enumerate(layers):
        kind, settings = (layer, None) if isinstance(layer, str) else next(iter(layer.items()))
        if kind == "residual":
            yield from prefixes(settings, f"{prefix}.{place}")
        elif kind in WEIGHTED:
            yield "output" if kind == "output" else f"{prefix}.{place}"


def weighted(model):
    """The layers with weights of a model and the models within it, in their order."""
    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            yield from weighted(layer)
        elif layer.weights:
            yield layer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a .keras file")
    parser.add_argument("config", type=pathlib.Path, help="the config of the same network")
    parser.add_argument("to", type=pathlib.Path, help="the safetensors file to write")
    arguments = parser.parse_args()
    layers = list(weighted(keras.saving.load_model(arguments.model, compile=False)))
    config = json.loads(arguments.config.read_text(encoding="utf-8"))
    places = list(prefixes(config["model"]["sequential"]))
    if len(layers) != len(places):
        parser.error(f"{len(layers)} layers with weights in the model, {len(places)} in the config")
    write_weights(dict(zip(places, layers)), arguments.to)


if __name__ == "__main__":
    main()
