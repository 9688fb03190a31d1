"""Trains a hearth config with PyTorch on the same data, eagerly or with `--compile`.

    python bench/torch_run.py configs/mnist-dropout-adam.json --data-dir data --device cuda

The data stay on the device, each batch is gathered by shuffled indices, and the host reads the
losses once per epoch. Prints one JSON object: the seconds and training loss of each epoch, the test
accuracy, and for reviews the digests of their tokens. Needs `pip install torch numpy`.
"""

import argparse
import json
import pathlib
import time

import torch
from torch import nn

import imdb_tokens
from mnist_idx import digits


class PooledEmbedding(nn.Module):
    """An embedding, dropout, and global max pooling over time."""

    def __init__(self, tokens, width, dropout):
        super().__init__()
        self.table = nn.Embedding(tokens, width)
        nn.init.uniform_(self.table.weight, -0.05, 0.05)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens):
        return self.dropout(self.table(tokens)).amax(1)


def as_keras(layer):
    """The layer with Keras's weight initialization."""
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def dense(inputs, units):
    return as_keras(nn.Linear(inputs, units))


def multilayer_perceptron(shape):
    layers, inputs = [], 784
    for units in shape["hidden"]:
        layers += [dense(inputs, units), nn.ReLU()]
        if "dropout" in shape:
            layers.append(nn.Dropout(shape["dropout"]))
        inputs = units
    return nn.Sequential(*layers, dense(inputs, 10))


def convnet(shape):
    kernel, pool = shape.get("kernel", 3), shape.get("pool", 2)
    layers, channels, side = [nn.Unflatten(1, (1, 28, 28))], 1, 28
    for filters in shape["filters"]:
        convolution = as_keras(nn.Conv2d(channels, filters, kernel))
        layers += [convolution, nn.ReLU(), nn.MaxPool2d(pool)]
        channels, side = filters, (side - kernel + 1) // pool
    layers += [nn.Flatten(), nn.Dropout(shape["dropout"])]
    return nn.Sequential(*layers, dense(channels * side * side, 10))


def embedding_classifier(shape, data):
    return nn.Sequential(
        PooledEmbedding(data["vocabulary_size"], shape["embedding"], shape["embedding_dropout"]),
        dense(shape["embedding"], shape["hidden"]),
        nn.ReLU(),
        nn.Dropout(shape["hidden_dropout"]),
        dense(shape["hidden"], 1),
        nn.Flatten(0),
    )


def optimizer_of(config, parameters):
    ((name, settings),) = config["optimizer"].items()
    rate = settings.get("learning_rate", 0.01 if name == "sgd" else 0.001)
    if name == "sgd":
        return torch.optim.SGD(parameters, rate, momentum=settings.get("momentum", 0))
    if name == "rmsprop":
        return torch.optim.RMSprop(parameters, rate, alpha=0.9, eps=1e-7)
    return torch.optim.Adam(parameters, rate, eps=1e-7)


def synchronize(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--compile", action="store_true", help="torch.compile the network")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="overrides the config's")
    parser.add_argument("--cache", type=pathlib.Path, help="folder for encoded reviews")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    training = config["training"]
    ((data_name, data),) = config["data"].items()
    ((family, shape),) = config["model"].items()
    device = torch.device(arguments.device)
    torch.manual_seed(arguments.seed)

    digests = {}
    if family == "embedding_classifier":
        size, length = data["vocabulary_size"], data["sequence_length"]
        sets = imdb_tokens.load(arguments.data_dir, size, length, arguments.cache)
        digests = {split: imdb_tokens.digest(*pair) for split, pair in sets.items()}
        model, loss_of = embedding_classifier(shape, data), nn.BCEWithLogitsLoss()
        label_type, is_right = torch.float32, lambda logits, labels: (logits > 0) == (labels > 0)
    else:
        folder = arguments.data_dir / data_name
        sets = {"train": digits(folder, "train"), "test": digits(folder, "t10k")}
        build = convnet if family == "convnet" else multilayer_perceptron
        model, loss_of = build(shape), nn.CrossEntropyLoss()
        label_type, is_right = torch.int64, lambda logits, labels: logits.argmax(1) == labels

    def on_device(pair):
        inputs, labels = pair
        return torch.tensor(inputs, device=device), torch.tensor(labels, device=device).to(label_type)

    inputs, labels = on_device(sets["train"])
    if not data.get("validate_on_test"):
        kept = int(len(labels) * (1 - data["validation_fraction"]))
        inputs, labels = inputs[:kept], labels[:kept]
    test_inputs, test_labels = on_device(sets["test"])
    model.to(device)
    if arguments.compile:
        model = torch.compile(model)
    optimizer = optimizer_of(config, model.parameters())
    seconds, train_losses = [], []
    for _ in range(arguments.epochs or training["epochs"]):
        synchronize(device)
        started = time.perf_counter()
        model.train()
        order = torch.randperm(len(labels), device=device)
        losses, right = [], []
        for batch in order.split(training["batch_size"]):
            optimizer.zero_grad()
            logits = model(inputs[batch])
            loss = loss_of(logits, labels[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            right.append(is_right(logits, labels[batch]).sum())
        train_losses.append(torch.stack(losses).mean().item())
        torch.stack(right).sum().item()
        seconds.append(time.perf_counter() - started)
    model.eval()
    with torch.no_grad():
        correct = sum(
            is_right(model(test_inputs[start : start + 1000]), test_labels[start : start + 1000]).sum()
            for start in range(0, len(test_labels), 1000)
        )
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
                "test": {"accuracy": correct.item() / len(test_labels)},
                "train_loss": train_losses,
                "train_s": seconds,
                "digests": digests,
            }
        )
    )


if __name__ == "__main__":
    main()
