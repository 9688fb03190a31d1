"""Writes statistics.json, the reference values for the tests of `compare::statistics`.

    pip install scipy==1.17.1 statsmodels==0.14.5 && python statistics.py > statistics.json

The values are SciPy's where SciPy has the function. Tango's score test, Hedges' g, Holm's correction and
the chances of the verdicts are implemented here, independently of the crate.
"""

import json
import math

import numpy as np
import pandas
from scipy import integrate, optimize, special, stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm


def t_test(difference, error, freedom):
    t = stats.t(freedom)
    interval = lambda level: [difference + sign * t.ppf(0.5 + level / 2) * error for sign in (-1, 1)]
    return {
        "p": 2 * t.sf(abs(difference) / error),
        "freedom": freedom,
        "interval_95": interval(0.95),
        "interval_90": interval(0.90),
        # The larger of the two one-sided tests' p-values, at a margin of a quarter.
        "equivalence": max(t.sf((difference + 0.25) / error), t.cdf((difference - 0.25) / error)),
    }


def welch(baseline, group):
    """SciPy's, with the degrees of freedom of the smaller group."""
    result = stats.ttest_ind(group, baseline, equal_var=False)
    difference = np.mean(group) - np.mean(baseline)
    fewest = min(len(baseline), len(group))
    test = t_test(difference, difference / result.statistic, result.df)
    assert math.isclose(test["p"], result.pvalue, rel_tol=1e-9)
    return t_test(difference, difference / result.statistic, fewest - 1)


def paired(baseline, group):
    result = stats.ttest_rel(group, baseline)
    difference = np.mean(group - baseline)
    test = t_test(difference, stats.sem(group - baseline), result.df)
    assert math.isclose(test["p"], result.pvalue, rel_tol=1e-9)
    return test


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
        "welch": welch(baseline, group),
        "relabelling": permutation(baseline, group, "independent", math.comb(n + m, n)),
        "hedges_g": hedges(baseline, group),
        "superiority": stats.mannwhitneyu(group, baseline).statistic / (n * m),
    }
    if n == m and np.std(group - baseline) > 0:
        differences = group - baseline
        case["paired"] = paired(baseline, group)
        case["sign_flips"] = permutation(baseline, group, "samples", 2**n)
        case["cohen_d_z"] = np.mean(differences) / np.std(differences, ddof=1)
    return case


def score(examples, baseline, group, difference):
    """Tango's score: its nuisance parameter is where the likelihood is greatest."""
    rest = examples - group - baseline

    def slope(only_baseline):
        """Of the logarithm of the likelihood, times the probabilities of the cells."""
        p, q = only_baseline, 1 - 2 * only_baseline - difference
        return (group * p + baseline * (p + difference)) * q - 2 * rest * p * (p + difference)

    low, high = max(0, -difference), (1 - difference) / 2
    inside = slope(low + 1e-15) > 0
    only_baseline = optimize.brentq(slope, low + 1e-15, high, xtol=1e-18, rtol=1e-15) if inside else low
    variance = examples * (2 * only_baseline + difference - difference**2)
    return (group - baseline - examples * difference) / math.sqrt(variance)


def of_discordant(examples, baseline, group):
    margin = 0.002
    equivalence = max(
        stats.norm.cdf(score(examples, baseline, group, margin)),
        stats.norm.sf(score(examples, baseline, group, -margin)),
    )

    # SciPy needs at least one discordant example.
    p = stats.binomtest(baseline, baseline + group).pvalue if baseline + group else 1.0
    return {
        "examples": examples,
        "only_baseline_correct": baseline,
        "only_group_correct": group,
        "p": p,
        "equivalence": equivalence,
    }


def holm(p):
    p = np.array(p)
    return [
        min(1.0, max(np.sum(p >= q) * q for q in p if q <= own)) for own in p
    ]


def chances(seeds, difference, margin, comparisons):
    """The chances of "better or worse" and of "equivalent" for paired differences of deviation 1."""
    alpha, freedom, error = 0.05 / comparisons, seeds - 1, 1 / math.sqrt(seeds)
    differs, equals = stats.t.ppf(1 - alpha / 2, freedom), stats.t.ppf(1 - alpha, freedom)
    within = lambda distance: np.diff(stats.norm.cdf([-distance, distance], difference, error))[0]
    equivalent = lambda ratio: max(margin - equals * ratio * error, 0)
    chi = stats.chi(freedom, scale=1 / math.sqrt(freedom))
    knee = margin / (equals * error)
    crossing = margin / ((equals + differs) * error)
    expected = lambda function: sum(
        integrate.quad(lambda r: function(r) * chi.pdf(r), a, b, epsabs=1e-13, limit=500)[0]
        for a, b in zip((0, crossing, knee), (crossing, knee, max(knee, 1) + 12))
    )
    return {
        "equivalence": expected(lambda r: within(equivalent(r))),
        "difference": expected(lambda r: 1 - within(max(differs * r * error, equivalent(r)))),
    }


def of_seeds(seeds, difference, margin, comparisons):
    return {
        "seeds": seeds,
        "effect": difference,
        "margin": margin,
        "comparisons": comparisons,
        **chances(seeds, difference, margin, comparisons),
    }


def power(seeds, effect):
    """With no margin, the chance of a difference is the power of the t-test."""
    critical = stats.t.ppf(0.975, seeds - 1)
    noncentral = stats.nct(seeds - 1, effect * math.sqrt(seeds))
    exact = noncentral.sf(critical) + noncentral.cdf(-critical)
    assert math.isclose(chances(seeds, effect, 1e-9, 1)["difference"], exact, rel_tol=1e-6)


def of_failures(baseline, runs, group, others):
    p = stats.fisher_exact([[baseline, runs - baseline], [group, others - group]]).pvalue
    return {"baseline": [baseline, runs], "group": [group, others], "p": p}


def two_way(baseline, group, is_paired):
    """The difference over seeds (rows) and examples (columns), by analyses of variance."""
    tables = [group - baseline] if is_paired else [baseline, group]
    seeds, rest, terms, means = 0.0, 0.0, 0.0, []
    for table in tables:
        n, m = table.shape
        frame = pandas.DataFrame(
            {
                "y": table.ravel().astype(float),
                "seed": np.repeat(np.arange(n), m),
                "example": np.tile(np.arange(m), n),
            }
        )
        anova = anova_lm(ols("y ~ C(seed) + C(example)", frame).fit())
        of = lambda name: anova.loc[name, "mean_sq"] / (n * m)
        seeds, rest = seeds + of("C(seed)"), rest + of("Residual")
        terms += of("C(seed)") ** 2 / (n - 1) + of("Residual") ** 2 / ((n - 1) * (m - 1))
        means.append(table.mean(axis=0))
    by_example = means[0] if is_paired else means[1] - means[0]
    m = len(by_example)
    examples = np.var(by_example, ddof=1) / m
    variance = max(seeds + examples - rest, seeds, examples)
    freedom = variance**2 / (terms + examples**2 / (m - 1))
    fewest = min(len(baseline), len(group))
    if fewest < 10:
        freedom = min(freedom, fewest - 1)
    return {
        "baseline": baseline.tolist(),
        "group": group.tolist(),
        "paired": is_paired,
        "of_examples": math.sqrt(max(examples - rest, 0)),
        **t_test(np.mean(group) - np.mean(baseline), math.sqrt(variance), freedom),
    }


def two_ways(generator):
    for n, m, examples in [(2, 2, 8), (3, 3, 20), (5, 5, 30), (5, 3, 30), (12, 12, 25), (15, 11, 40)]:
        hard = generator.normal(1, 1, examples)
        rows = lambda count: (
            hard + generator.normal(0, 0.5, examples) + generator.normal(0, 0.7, (count, examples)) > 0
        ).astype(int)
        baseline, group = rows(n), rows(m)
        yield two_way(baseline, group, False)
        if n == m:
            yield two_way(baseline, group, True)


def looks(generator, after):
    """The level at which the smallest p-value of a sequence of looks is wrong in 5 % of two million."""
    smallest = []
    for _ in range(40):
        values = generator.standard_normal((50_000, max(after)))
        p = [stats.ttest_1samp(values[:, :look], 0, axis=1).pvalue for look in after]
        smallest.append(np.min(p, axis=0))
    return {"after": after, "level": np.quantile(np.concatenate(smallest), 0.05)}


def main():
    generator = np.random.default_rng(20260101)
    discordant = [(50, 0, 0), (48, 4, 26), (21, 7, 1), (100, 0, 1), (100, 0, 6), (200, 30, 30)]
    discordant += [(10_000, 92, 70), (10_000, 150, 40), (25_000, 1_400, 1_310), (25_000, 9_000, 8_700)]
    for _ in range(20):
        counts = generator.integers(0, 300, 2)
        discordant.append((10_000, int(counts[0]), int(counts[1])))
    p = [sorted(generator.uniform(0, 0.2, count)) for count in (1, 2, 5)]
    p += [list(generator.uniform(0, 0.1, 8)), [0.01, 0.02, 0.03, 0.04], [0.9, 0.001, 0.5]]
    sizes = [(2, 1.5, 0.5, 1), (3, 1.0, 1.5, 1), (5, 0.0, 1.0, 1), (5, 1.2, 1.0, 2), (10, 0.6, 1.0, 3)]
    sizes += [(12, 0.9, 1.5, 1), (30, 0.3, 0.7, 10), (34, -0.5, 0.86, 1), (100, -0.2, 0.4, 1)]
    for size in (3, 10, 30):
        power(size, 0.8)
    failures = [(0, 5, 5, 5), (0, 5, 4, 5), (1, 10, 0, 10), (2, 30, 9, 30), (0, 3, 3, 3), (4, 10, 1, 7)]
    golden = {
        "groups": [of_groups(*pair) for pair in groups(generator)],
        "discordant": [of_discordant(*counts) for counts in discordant],
        "holm": [{"p": values, "corrected": holm(values)} for values in p],
        "seeds": [of_seeds(*size) for size in sizes],
        "failures": [of_failures(*counts) for counts in failures],
        "two_way": list(two_ways(generator)),
        "looks": [looks(generator, after) for after in ([5, 10], [5, 10, 20, 30], [5, 10, 20, 30, 50])],
    }
    print(json.dumps(golden, indent=1, default=float))


main()
