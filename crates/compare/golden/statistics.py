"""Writes statistics.json, the reference values for the tests of `compare::statistics`.

    pip install scipy==1.17.1 && python statistics.py > statistics.json

The values are SciPy's where SciPy has the function. The formulas of Bonett and Price, Hedges and
Holm are implemented here, independently of the crate.
"""

import json
import math

import numpy as np
from scipy import special, stats


def t_test(result, tail):
    return {
        "p": result.pvalue,
        "freedom": result.df,
        "interval_95": list(result.confidence_interval(0.95)),
        "interval_90": list(result.confidence_interval(0.90)),
        # The larger of the two one-sided tests' p-values, at a margin of a quarter.
        "equivalence": max(tail("greater", -0.25).pvalue, tail("less", 0.25).pvalue),
    }


def permutation(baseline, group, kind, ways):
    if ways > 20_000:
        return None
    difference = lambda a, b, axis: np.mean(b, axis=axis) - np.mean(a, axis=axis)
    data = (baseline, group)
    return stats.permutation_test(
        data, difference, permutation_type=kind, n_resamples=np.inf, vectorized=True
    ).pvalue


def hedges(baseline, group):
    n, m = len(baseline), len(group)
    freedom = n + m - 2
    squares = (n - 1) * np.var(baseline, ddof=1) + (m - 1) * np.var(group, ddof=1)
    bias = special.gamma(freedom / 2) / (
        math.sqrt(freedom / 2) * special.gamma((freedom - 1) / 2)
    )
    return bias * (np.mean(group) - np.mean(baseline)) / math.sqrt(squares / freedom)


def groups(generator):
    """Pairs of groups, in steps of 1/1024, which are exact: ties are ties everywhere."""
    sizes = [(2, 2), (2, 3), (2, 9), (3, 3), (3, 7), (4, 4), (5, 5), (5, 8), (7, 7), (10, 10)]
    for n, m in sizes * 4 + [(12, 12), (40, 30), (100, 100), (101, 100)]:
        # Some have few distinct values, for ties; some are far apart.
        steps = generator.choice([8, 64, 4096])
        apart = generator.choice([0.0, 0.5, 3.0])
        spread = generator.choice([0.5, 1.0, 2.0])
        draw = lambda mean, spread, count: (
            np.round(generator.normal(mean, spread, count) * steps) / steps
        )
        yield draw(1.0, 1.0, n), draw(1.0 + apart, spread, m)


def of_groups(baseline, group):
    n, m = len(baseline), len(group)
    case = {
        "baseline": list(baseline),
        "group": list(group),
        "mean": np.mean(group),
        "deviation": np.std(group, ddof=1),
        "welch": t_test(
            stats.ttest_ind(group, baseline, equal_var=False),
            lambda tail, at: stats.ttest_ind(
                group - at, baseline, equal_var=False, alternative=tail
            ),
        ),
        "relabelling": permutation(baseline, group, "independent", math.comb(n + m, n)),
        "hedges_g": hedges(baseline, group),
        "superiority": stats.mannwhitneyu(group, baseline).statistic / (n * m),
    }
    if n == m and np.std(group - baseline) > 0:
        differences = group - baseline
        case["paired"] = t_test(
            stats.ttest_rel(group, baseline),
            lambda tail, at: stats.ttest_1samp(differences, at, alternative=tail),
        )
        case["sign_flips"] = permutation(baseline, group, "samples", 2**n)
        case["cohen_d_z"] = np.mean(differences) / np.std(differences, ddof=1)
    return case


def of_discordant(examples, baseline, group):
    def interval(level):
        a, b = (baseline + 1) / (examples + 2), (group + 1) / (examples + 2)
        error = math.sqrt((a + b - (b - a) ** 2) / (examples + 2))
        half = stats.norm.ppf(0.5 + level / 2) * error
        return [b - a - half, b - a + half]

    # SciPy needs at least one discordant example.
    p = stats.binomtest(baseline, baseline + group).pvalue if baseline + group else 1.0
    return {
        "examples": examples,
        "only_baseline_correct": baseline,
        "only_group_correct": group,
        "p": p,
        "interval_95": interval(0.95),
        "interval_90": interval(0.90),
    }


def holm(p):
    p = np.array(p)
    return [
        min(1.0, max(np.sum(p >= q) * q for q in p if q <= own)) for own in p
    ]


def seeds(effect, alpha):
    """The fewest pairs that detect a mean difference of `effect` deviations with a power of 0.8."""
    for n in range(2, 1001):
        critical = stats.t.ppf(1 - alpha / 2, n - 1)
        if stats.nct.sf(critical, n - 1, effect * math.sqrt(n)) >= 0.8:
            return n
    return None


def main():
    generator = np.random.default_rng(20260101)
    discordant = [(50, 0, 0), (48, 4, 26), (21, 7, 1), (100, 0, 1), (100, 0, 6), (200, 30, 30)]
    discordant += [(10_000, 92, 70), (10_000, 150, 40), (25_000, 1_400, 1_310), (25_000, 9_000, 8_700)]
    for _ in range(20):
        counts = generator.integers(0, 300, 2)
        discordant.append((10_000, int(counts[0]), int(counts[1])))
    p = [sorted(generator.uniform(0, 0.2, count)) for count in (1, 2, 5)]
    p += [list(generator.uniform(0, 0.1, 8)), [0.01, 0.02, 0.03, 0.04], [0.9, 0.001, 0.5]]
    sizes = [(0.15, 0.05), (0.3, 0.05), (0.5, 0.05), (0.8, 0.05), (1.5, 0.05), (3.0, 0.05), (0.5, 0.01)]
    golden = {
        "groups": [of_groups(*pair) for pair in groups(generator)],
        "discordant": [of_discordant(*counts) for counts in discordant],
        "holm": [{"p": values, "corrected": holm(values)} for values in p],
        "seeds": [{"effect": e, "alpha": a, "seeds": seeds(e, a)} for e, a in sizes],
    }
    print(json.dumps(golden, indent=1, default=float))


main()
