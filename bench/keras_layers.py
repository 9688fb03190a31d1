"""Builds the network of a config's `sequential` with Keras."""

import keras

# A setting's name in hearth, and in Keras.
NAMES = {"kernel": "kernel_size", "stride": "strides", "pool": "pool_size"}
# The setting that a single value stands for.
MAIN = {"dense": "units", "embedding": "output_dim", "dropout": "rate", "activation": "function"}
PLAIN = {
    "dense": keras.layers.Dense,
    "conv1d": keras.layers.Conv1D,
    "conv2d": keras.layers.Conv2D,
    "max_pool2d": keras.layers.MaxPooling2D,
    "average_pool2d": keras.layers.AveragePooling2D,
    "flatten": keras.layers.Flatten,
    "batch_norm": keras.layers.BatchNormalization,
    "layer_norm": keras.layers.LayerNormalization,
    "dropout": keras.layers.Dropout,
}
PENALISED = {"dense", "conv1d", "conv2d"}


def penalty(training):
    return keras.regularizers.L1L2(training.get("l1", 0), training.get("l2", 0))


class Builder:
    """Applies layers, up to the logits; `placed` are those by the prefix of their tensors' names."""

    def __init__(self, logits, training, vocabulary=None):
        self.logits, self.training, self.vocabulary = logits, training, vocabulary
        self.placed = {}

    def follow(self, layers, tensor, prefix):
        for place, layer in enumerate(layers):
            name, settings = (layer, {}) if isinstance(layer, str) else next(iter(layer.items()))
            tensor = self.apply(name, settings, tensor, f"{prefix}.{place}")
        return tensor

    def apply(self, name, settings, tensor, prefix):
        if name == "residual":
            return keras.layers.Add()([tensor, self.follow(settings, tensor, prefix)])
        if name == "output":
            name, settings, prefix = "dense", {"units": self.logits}, "output"
        if not isinstance(settings, dict):
            settings = {MAIN[name]: settings}
        settings = {NAMES.get(key, key): value for key, value in settings.items() if key != "name"}
        made = self.make(name, settings, len(tensor.shape))
        self.placed[prefix] = made
        return made(tensor)

    def make(self, name, settings, rank):
        if name in PENALISED:
            settings["kernel_regularizer"] = penalty(self.training)
        if name == "average_pool2d":  # the only pooling without a default in Keras
            settings.setdefault("pool_size", 2)
        if name in PLAIN:
            return PLAIN[name](**settings)
        if name == "activation":
            return keras.layers.Activation(settings["function"])
        if name == "embedding":
            return keras.layers.Embedding(self.vocabulary, **settings)
        kinds = {
            ("global_max_pool", 3): keras.layers.GlobalMaxPooling1D,
            ("global_max_pool", 4): keras.layers.GlobalMaxPooling2D,
            ("global_average_pool", 3): keras.layers.GlobalAveragePooling1D,
            ("global_average_pool", 4): keras.layers.GlobalAveragePooling2D,
        }
        return kinds[name, rank]()
