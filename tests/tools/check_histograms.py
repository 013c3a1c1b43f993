#!/usr/bin/env python3
"""check_histograms.py - compares the histograms of a report with those of all values

Usage   check_histograms.py make SEED FILE     writes a CSV file of random columns
        check_histograms.py check FILE <JSON   compares it with a report in JSON; `check FILE exact` accepts no estimates

A bin is [min + i * (max - min) / 40, min + (i + 1) * (max - min) / 40), the last one with the maximum. Values are
integers of some scale here, so that the bin of each value is exact. A report must have the counts, or counts that differ
from them by at most `max_error`, and all of them together must be the number of values.

Output  a line for each column that is wrong, then the number of columns, of those with estimates, and the greatest
        max_error and the greatest error as shares of the values
Exit    1 if a column is wrong
"""
import json
import random
import sys

N_BINS = 40
N_COLUMNS = 320
N_ROWS = 1500


def shapes(rng):
    """Functions of one value each: of an integer and its scale."""
    mean, width = rng.randint(-10**6, 10**6), rng.randint(1, 10**6)
    few = [rng.randint(-10**4, 10**4) for _ in range(rng.randint(2, 30))]
    scale = rng.randint(0, 6)
    return [
        lambda: (rng.randint(mean, mean + width), scale),
        lambda: (int(rng.gauss(mean, width)), scale),
        lambda: (int(rng.lognormvariate(8, 2)), 3),
        lambda: (int(rng.gauss(mean + 20 * width * rng.randint(0, 1), width)), scale),
        lambda: (mean, scale),
        lambda: (rng.choice(few), 1),
        lambda: (0 if rng.random() < 0.9 else rng.randint(0, width), scale),
        lambda: (10**12 if rng.random() < 0.002 else rng.randint(0, 10**5), 0),
        lambda: (-int(rng.expovariate(1 / width)), scale),
        lambda: (rng.randint(0, N_BINS) * 25, 2),
    ]


def decimal(integer, scale):
    digits = str(abs(integer)).rjust(scale + 1, "0")
    sign = "-" if integer < 0 else ""
    return sign + (digits[:-scale] + "." + digits[-scale:] if scale else digits)


def make(seed, path):
    rng = random.Random(seed)
    makers = []
    for i in range(N_COLUMNS):
        all_shapes = shapes(rng)
        makers.append(all_shapes[i % len(all_shapes)])
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join("c%d" % i for i in range(N_COLUMNS)) + "\n")
        for _ in range(N_ROWS):
            cells = []
            for maker in makers:
                cells.append("NA" if rng.random() < 0.01 else decimal(*maker()))
            file.write(",".join(cells) + "\n")


def integer(text, scale):
    """The number as an integer of that scale."""
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.ljust(scale, "0"))


def counts_of(cells):
    scale = max(len(cell.partition(".")[2]) for cell in cells)
    values = [integer(cell, scale) for cell in cells]
    low, high = min(values), max(values)
    if low == high:
        return [len(values)]
    counts = [0] * N_BINS
    for value in values:
        counts[min((value - low) * N_BINS // (high - low), N_BINS - 1)] += 1
    return counts


def check(path, is_exact):
    with open(path, encoding="ascii") as file:
        rows = [line.rstrip("\n").split(",") for line in file]
    report = {column["name"]: column for column in json.load(sys.stdin)["columns"]}
    n_wrong = n_estimates = 0
    widest = actual = 0.0
    for i, name in enumerate(rows[0]):
        expected = counts_of([row[i] for row in rows[1:] if row[i] != "NA"])
        histogram = report[name]["histogram"]
        found, error = histogram["counts"], histogram.get("max_error", 0)
        n_estimates += error > 0
        widest = max(widest, error / sum(expected))
        actual = max([actual] + [abs(a - b) / sum(expected) for a, b in zip(found, expected)])
        if (len(found) != len(expected) or sum(found) != sum(expected) or (is_exact and error > 0)
                or any(abs(a - b) > error for a, b in zip(found, expected))):
            n_wrong += 1
            print("%s: max_error %d\n  expected %s\n  found    %s" % (name, error, expected, found))
    print("%d columns, %d with estimates, max_error at most %.2f%%, errors at most %.2f%% of the values"
          % (len(rows[0]), n_estimates, 100 * widest, 100 * actual))
    return n_wrong


def main():
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), sys.argv[3])
        return 0
    return 1 if check(sys.argv[2], sys.argv[3:] == ["exact"]) else 0


sys.exit(main())
