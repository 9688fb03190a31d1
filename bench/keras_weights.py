"""Exports the weights of a Keras model under hearth's names."""

import json

import keras


def named_weights(model):
    """Arrays by name; the last dense layer is the output."""
    weights = {}
    for index, layer in enumerate(layers_of(model, keras.layers.Conv2D)):
        filters, bias = layer.get_weights()
        # From [rows, columns, in, out] to [out, in, rows, columns].
        weights[f"conv.{index}.weight"] = filters.transpose(3, 2, 0, 1)
        weights[f"conv.{index}.bias"] = bias
    dense = layers_of(model, keras.layers.Dense)
    for index, layer in enumerate(dense):
        name = "output" if layer is dense[-1] else f"hidden.{index}"
        weights[f"{name}.weight"], weights[f"{name}.bias"] = layer.get_weights()
    for index, layer in enumerate(layers_of(model, keras.layers.BatchNormalization)):
        names = ["gamma", "beta", "running_mean", "running_var"]
        for name, weight in zip(names, layer.get_weights()):
            weights[f"norm.{index}.{name}"] = weight
    return weights


def layers_of(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def write_weights(model, path):
    """Writes a safetensors file for hearth's `training.initial_weights`."""
    header, content = {}, b""
    for name, array in named_weights(model).items():
        values = array.astype("<f4").tobytes()
        place = [len(content), len(content) + len(values)]
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": place}
        content += values
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)
