"""Writes networks as Keras describes them, for the tests beside this script.

    python crates/keras/tests/golden/models.py

Needs the package keras 3 with one of its backends.
"""

import pathlib

import keras
from keras import layers, regularizers

HERE = pathlib.Path(__file__).parent


def notebook_mlp():
    return [
        layers.Dense(128, input_shape=(784,)),
        layers.Activation("relu"),
        layers.Dropout(0.3),
        layers.Dense(128),
        layers.Activation("relu"),
        layers.Dropout(0.3),
        layers.Dense(10),
        layers.Activation("softmax"),
    ]


def notebook_reviews():
    return [
        layers.Embedding(10000, 256, input_length=200),
        layers.Dropout(0.3),
        layers.GlobalMaxPooling1D(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(1, activation="sigmoid"),
    ]


def penalised():
    penalty = regularizers.L1L2(l1=0.0001, l2=0.01)
    return [
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(64, activation="relu", kernel_regularizer=penalty),
        layers.BatchNormalization(momentum=0.9),
        layers.Dense(10, activation="softmax", kernel_regularizer=penalty),
    ]


def images():
    return [
        keras.Input((32, 48, 3)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, (3, 5), strides=2, padding="same", activation="gelu", name="stem"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 3, use_bias=False),
        layers.LayerNormalization(epsilon=1e-5),
        layers.LeakyReLU(negative_slope=0.2),
        layers.AveragePooling2D((2, 3), strides=1, padding="same"),
        keras.Sequential([layers.ELU(), layers.Dropout(0.25)]),
        layers.GlobalAveragePooling2D(),
        layers.Dense(12, activation="silu", use_bias=False),
        layers.Dense(5, name="classes"),
    ]


def tokens():
    return [
        keras.Input((50,)),
        layers.Embedding(500, 16),
        layers.Conv1D(8, 5, activation="tanh"),
        layers.Conv1D(8, 3, strides=2, padding="same", activation="softplus"),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2),
        layers.Softmax(),
    ]


def trained_otherwise():
    return [
        keras.Input((7,)),
        layers.Dense(4, kernel_initializer="he_normal", bias_regularizer="l2"),
        layers.BatchNormalization(trainable=False),
        layers.Dense(4, kernel_regularizer="l2", kernel_constraint="non_neg"),
        layers.Dense(3, activation="softmax"),
    ]


for make in [notebook_mlp, notebook_reviews, penalised, images, tokens, trained_otherwise]:
    model = keras.Sequential(make(), name=make.__name__)
    (HERE / f"{make.__name__}.json").write_text(model.to_json(indent=1) + "\n")
