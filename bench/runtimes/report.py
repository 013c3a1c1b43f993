"""report.py - mid.c in Python: reads files sequentially, in threads or in processes

Usage   python3 report.py sequential|threads|processes DIRECTORY WORKERS

The input must contain plain numbers only: float() accepts some words and underscores
that strtod does not.
"""
import math
import os
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def read_file(path):
    """Return the column names, and the count, sum, minimum and maximum of each column."""
    with open(path, encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split(",")
        columns = [(0, 0.0, math.inf, -math.inf)] * len(names)
        for line in file:
            for i, cell in enumerate(line.rstrip("\n").split(",")):
                try:
                    x = float(cell)
                except ValueError:
                    continue
                n, total, low, high = columns[i]
                columns[i] = (n + 1, total + x, x if x < low else low, x if x > high else high)
    return names, columns


def merge(a, b):
    return a[0] + b[0], a[1] + b[1], min(a[2], b[2]), max(a[3], b[3])


def read_files(mode, paths, n_workers):
    """Return the results in the order of the files."""
    if mode == "threads":
        with ThreadPoolExecutor(n_workers) as pool:
            return list(pool.map(read_file, paths))
    if mode == "processes":
        with ProcessPoolExecutor(n_workers) as pool:
            return list(pool.map(read_file, paths))
    return [read_file(path) for path in paths]


def main():
    mode, directory, n_workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
    names = sorted(name for name in os.listdir(directory) if name.endswith(".csv"))
    results = read_files(mode, [os.path.join(directory, name) for name in names], n_workers)
    header, total = results[0]
    for _, columns in results[1:]:
        total = [merge(a, b) for a, b in zip(total, columns)]
    print("column\tcount\tmean\tmin\tmax")
    for name, (n, total_sum, low, high) in zip(header, total):
        print(f"{name}\t{n}\t{total_sum / n:.4f}\t{low:.4f}\t{high:.4f}")


if __name__ == "__main__":  # processes of the pool may import this file
    main()
