"""Compares hearth with scikit-learn on a person's own tables: test accuracy on the very same splits.

    pip install scikit-learn
    python bench/own_tables.py configs/penguins.json configs/breast-cancer.json

For each config and split seed, asks hearth for the split of each row (`data describe --splits`), runs
hearth with the config's seeds, and fits scikit-learn's logistic regression and MLPClassifier (with its
defaults, and the same seeds) to the same training rows. Numbers are standardised and texts one-hot,
both fitted to the training rows; missing values are replaced as the config says. Needs a release build
of hearth.
"""

import argparse
import csv
import io
import json
import math
import os
import pathlib
import statistics
import subprocess
import tempfile
import warnings

import numpy
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = pathlib.Path(__file__).parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
MISSING = {"", "na", "n/a", "nan", "null"}


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def read(path, label):
    """Rows of features (numbers, texts or None) and their classes."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != label]
    features = []
    for row in rows:
        cells = [row[name].strip() for name in names]
        cells = [None if cell.lower() in MISSING else cell for cell in cells]
        features.append([float(cell) if cell and is_number(cell) else cell for cell in cells])
    return features, [row[label] for row in rows]


def preprocessing(features):
    """Replaces missing cells in the features and returns what turns them into numbers."""
    columns = range(len(features[0]))
    texts = [c for c in columns if any(isinstance(row[c], str) for row in features)]
    for row in features:
        for column in columns:
            if row[column] is None:
                row[column] = "" if column in texts else math.nan
    numbers = [c for c in columns if c not in texts]
    number = make_pipeline(SimpleImputer(), StandardScaler())
    text = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer([("numbers", number, numbers), ("texts", text, texts)])


def table(features):
    return numpy.array(features, dtype=object)


def hearth(binary, config, split_seed, seeds):
    key = f"data.table.split_seed={split_seed}"
    described = [binary, "data", "describe", config, "--splits", "--set", key]
    listed = subprocess.run(described, check=True, stdout=subprocess.PIPE, text=True).stdout
    splits = [row["split"] for row in csv.DictReader(io.StringIO(listed))]
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(
            [binary, "run", config, "--set", key, "--set", "expect={}", "--out", out]
            + ["--seeds", ",".join(map(str, seeds))],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        records = [json.loads(path.read_text()) for path in pathlib.Path(out).rglob("result.json")]
    return splits, [record["result"]["test"]["accuracy"] for record in records]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("configs", nargs="+", type=pathlib.Path)
    parser.add_argument("--binary", default=TARGET / "release/hearth")
    parser.add_argument("--splits", type=int, default=5)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    for path in arguments.configs:
        config = json.loads(path.read_text())
        data, seeds = config["data"]["table"], config["seeds"]
        features, classes = read(path.parent / data["train"], data["label"])
        columns = preprocessing(features)
        found = {"hearth": [], "logistic regression": [], "MLPClassifier": []}
        print(f"{path.stem}: test accuracy, mean of {len(seeds)} seeds")
        print("split_seed  " + "  ".join(found))
        for split_seed in range(arguments.splits):
            splits, accuracies = hearth(arguments.binary, path, split_seed, seeds)
            is_test = [split == "test" for split in splits]
            assert len(is_test) == len(features), "rows were dropped"
            half = lambda rows, test: [row for row, is_ in zip(rows, is_test) if is_ == test]
            train, test = table(half(features, False)), table(half(features, True))
            columns.fit(train)

            def score(model):
                model.fit(columns.transform(train), half(classes, False))
                return model.score(columns.transform(test), half(classes, True))

            found["hearth"].append(statistics.mean(accuracies))
            found["logistic regression"].append(score(LogisticRegression(max_iter=1000)))
            networks = [score(MLPClassifier(random_state=seed)) for seed in seeds]
            found["MLPClassifier"].append(statistics.mean(networks))
            shown = [f"{scores[-1]:.4f}".rjust(len(name)) for name, scores in found.items()]
            print(f"{split_seed:10}  " + "  ".join(shown))
        shown = [f"{statistics.mean(s):.4f}".rjust(len(name)) for name, s in found.items()]
        print(f"{'mean':>10}  " + "  ".join(shown) + "\n")


if __name__ == "__main__":
    main()
