#!/usr/bin/env python3
"""compare_samples.py - pairs of samples of one distribution, for false alarms of --compare

Usage   compare_samples.py PROGRAM DIRECTORY SEED N_PAIRS [ROWS...]
Shape   tables of COLUMNS columns, each with a distribution of its own that both samples share; pairs of all
        combinations of the numbers of rows. Writes CSV files, saves the first as a state, and compares the second
Output  "PAIRS COLUMNS CHANGES BEYOND", then a line for each change
"""

import json
import math
import random
import subprocess
import sys

# Each returns a function that draws the text of a cell.


def normal(r):
    mean, deviation = r.choice([0, 100, 1e6, 1.7e9]), r.choice([1, 10])
    return lambda: repr(r.gauss(mean, deviation))


def lognormal(r):
    sigma = r.choice([1, 2, 4])
    return lambda: repr(math.exp(r.gauss(0, sigma)))


def cauchy(r):
    return lambda: repr(math.tan(math.pi * (r.random() - 0.5)))


def pareto(r):
    alpha = r.choice([0.5, 1.1, 2])
    return lambda: repr(r.paretovariate(alpha))


def digits(r):
    most = r.choice([1, 2, 9, 50, 1000])
    return lambda: str(r.randint(0, most))


def rounded(r):
    return lambda: "%.1f" % r.gauss(5, 1)


def rare_event(r):
    share, size = r.choice([0.001, 0.01, 0.1]), r.choice([1, 1000, 10**9])
    return lambda: str(size if r.random() < share else 0)


def rare_missing(r):
    share = r.choice([0.001, 0.02, 0.5])
    return lambda: "" if r.random() < share else str(r.randint(1, 6))


def rare_nan(r):
    share = r.choice([0.001, 0.02])
    return lambda: "nan" if r.random() < share else str(r.randint(1, 6))


def rare_invalid(r):
    share = r.choice([0.001, 0.02])
    return lambda: "12 kg" if r.random() < share else str(r.randint(1, 6))


def categories(r):
    n, power = r.choice([2, 5, 30, 300]), r.choice([0, 1, 2])
    names = ["value %d" % i for i in range(n)]
    weights = [1 / (i + 1) ** power for i in range(n)]
    return lambda: r.choices(names, weights)[0]


def long_tail(r):
    return lambda: "item %d" % int(r.paretovariate(0.8))


def identifiers(r):
    return lambda: "%08x" % r.getrandbits(32)


def birthdays(r):
    return lambda: "person %d" % r.randint(1, 2000)


def booleans(r):
    share = r.choice([0.01, 0.5])
    return lambda: "true" if r.random() < share else "false"


def dates(r):
    return lambda: "%d-%02d-%02d" % (r.randint(2000, 2024), r.randint(1, 12), r.randint(1, 28))


def datetimes(r):
    return lambda: "2024-05-%02dT%02d:%02d:%02d" % (
        r.randint(1, 28), r.randint(0, 23), r.randint(0, 59), r.randint(0, 59))


def times(r):
    return lambda: "%02d:%02d:%02d" % (r.randint(0, 23), r.randint(0, 59), r.randint(0, 59))


def constant(r):
    return lambda: "7"


def spikes(r):
    return lambda: repr(r.choice([0.0, 1.5, r.random()]) if r.random() < 0.9 else 1e12 * r.random())


def wide(r):
    return lambda: repr(10 ** r.uniform(-250, 250))


KINDS = [normal, lognormal, cauchy, pareto, digits, rounded, rare_event, rare_missing, rare_nan,
         rare_invalid, categories, long_tail, identifiers, birthdays, booleans, dates, datetimes,
         times, constant, spikes, wide]
COLUMNS = 2 * len(KINDS)


def write(path, draws, n_rows):
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join("c%d_%s" % (i, name) for i, (name, _) in enumerate(draws)) + "\n")
        for _ in range(n_rows):
            out.write(",".join(draw() for _, draw in draws) + "\n")


def main():
    program, directory = sys.argv[1:3]
    seed, n_pairs = int(sys.argv[3]), int(sys.argv[4])
    sizes = [int(text) for text in sys.argv[5:]] or [3, 20, 100, 1000]
    r = random.Random(seed)
    n_changes = n_beyond = 0
    lines = []
    old, new = directory + "/old.csv", directory + "/new.csv"
    state = directory + "/old.state"
    for pair in range(n_pairs):
        draws = [(kind.__name__, kind(r)) for kind in KINDS * 2]
        rows = (r.choice(sizes), r.choice(sizes))
        write(old, draws, rows[0])
        write(new, draws, rows[1])
        options = ["--header=yes", "--delimiter=,", "--threads=1"]
        subprocess.run([program, old, "--all", "--format=state", "--output=" + state] + options, check=True)
        run = subprocess.run([program, new, "--compare=" + state, "--format=json"] + options, check=True, stdout=subprocess.PIPE)
        for change in json.loads(run.stdout)["comparison"]["changes"]:
            # Numbers of rows are compared as they are.
            if change["kind"] == "rows":
                continue
            n_changes += 1
            n_beyond += change["beyond"]
            lines.append("%d %s %s: %s: %s" % (pair, rows, change["column"], change["kind"], change["message"]))
    print(n_pairs, n_pairs * COLUMNS, n_changes, n_beyond)
    print("\n".join(lines))


main()
