"""Writes reference.json: the verdicts on all pairs of the MNIST experiments in results/reference, computed
from their records with NumPy and SciPy alone.

    pip install scipy==1.17.1 && python reference.py > reference.json

To be run again whenever the reference runs are.
"""

import itertools
import json
import pathlib

import numpy as np
from scipy import stats

RESULTS = pathlib.Path(__file__).parents[3] / "results" / "reference"
ALPHA, MARGIN = 0.05, 0.002


def accuracies(folder):
    records = [json.loads(path.read_text()) for path in sorted(folder.glob("*/result.json"))]
    assert all(record["result"]["status"] == "completed" for record in records)
    data = {record["result"]["data"]["test"]["digest"] for record in records}
    values = {record["seed"]: record["result"]["test"]["accuracy"] for record in records}
    assert len(data) == 1 and len(values) == len(records), folder
    return data.pop(), values, records[0]["result"]["data"]["test"]["examples"]


def tested(baseline, group, step):
    """The difference with its standard error and degrees of freedom."""
    common = [(baseline[seed], group[seed]) for seed in baseline if seed in group]
    if len(common) > 1 and 2 * len(common) >= 0.75 * (len(baseline) + len(group)):
        differences = np.array([b - a for a, b in common])
        variance = max(np.var(differences, ddof=1), step**2 / 6)
        return np.mean(differences), np.sqrt(variance / len(common)), len(common) - 1
    a, b = np.array(list(baseline.values())), np.array(list(group.values()))
    variances = [max(np.var(one, ddof=1), step**2 / 12) / len(one) for one in (a, b)]
    return np.mean(b) - np.mean(a), np.sqrt(sum(variances)), min(len(a), len(b)) - 1


def holm(p):
    order, largest, corrected = np.argsort(p), 0.0, np.zeros(len(p))
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[index]))
        corrected[index] = largest
    return corrected


def main():
    folders = sorted(path for path in RESULTS.glob("mnist-*") if path.name != "mnist-folders")
    read = {folder.name: accuracies(folder) for folder in folders}
    assert len({data for data, _, _ in read.values()}) == 1
    pairs = list(itertools.combinations(read, 2))
    found = [tested(read[a][1], read[b][1], 1 / read[a][2]) for a, b in pairs]
    p = holm([2 * stats.t.sf(abs(d) / error, freedom) for d, error, freedom in found])
    equivalence = holm([stats.t.sf((MARGIN - abs(d)) / error, freedom) for d, error, freedom in found])
    golden = []
    for (a, b), (difference, _, _), p, equivalence in zip(pairs, found, p, equivalence):
        if equivalence < ALPHA:
            verdict = "equivalent"
        elif p < ALPHA:
            verdict = "better" if difference > 0 else "worse"
        else:
            verdict = "undecided"
        golden.append(
            {
                "baseline": a,
                "group": b,
                "difference": difference,
                "p": p,
                "equivalence": equivalence,
                "verdict": verdict,
            }
        )
    print(json.dumps(golden, indent=1))


main()
