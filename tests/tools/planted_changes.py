#!/usr/bin/env python3
"""planted_changes.py - directories in which one thing has changed, for --compare

Usage   planted_changes.py generate DIRECTORY SEED
        planted_changes.py check CASE REPORT
Shape   generate writes, for each case, CASE/old and CASE/new with CSV files, and CASE/sentence. Old and new are
        independent samples of the same distributions, except for what is planted. check reads a JSON report of CASE/new
        with the comparison, and fails unless every planted change is found beyond its rule, and nothing else is but
        what follows from it
Output  check: what is wrong
"""

import json
import math
import os
import random
import sys

ROWS = 4000


def base(r, n):
    """The columns of a table, as lists of the texts of cells."""
    states = ["CA", "NY", "TX", "WA", "OR"]
    countries = ["country %02d" % i for i in range(30)]
    return {
        "key": ["k%012x" % r.getrandbits(48) for _ in range(n)],
        "price": ["%.2f" % r.gauss(100, 10) for _ in range(n)],
        "quantity": [str(r.randint(0, 9)) for _ in range(n)],
        "state": [r.choice(states) for _ in range(n)],
        "country": [r.choice(countries) for _ in range(n)],
        "day": ["2024-%02d-%02d" % (r.randint(1, 12), r.randint(1, 28)) for _ in range(n)],
        "clock": ["%02d:%02d:00" % (r.randint(6, 11), r.randint(0, 59)) for _ in range(n)],
        "paid": [r.choice(["true", "false"]) for _ in range(n)],
        "income": ["%.0f" % math.exp(r.gauss(8, 1)) for _ in range(n)],
        "rating": ["" if r.random() < 0.1 else "%.1f" % r.uniform(0, 5) for _ in range(n)],
        "sensor": [repr(r.random()) for _ in range(n)],
    }


def other(r, n):
    """A table with other columns."""
    return {
        "station": ["station %d" % r.randint(1, 20) for _ in range(n)],
        "temperature": ["%.1f" % r.gauss(15, 5) for _ in range(n)],
        "pressure": ["%.0f" % r.gauss(1013, 8) for _ in range(n)],
    }


def rename(table, old, new):
    return {new if name == old else name: cells for name, cells in table.items()}


def change(column, function):
    """A plant that replaces cells of a column; the function gets a random generator and the cell."""
    def plant(r, old, new):
        new["data.csv"][column] = [function(r, cell) for cell in new["data.csv"][column]]
    return plant


def sometimes(share, text):
    return lambda r, cell: text if r.random() < share else cell


# ---- plants that are not about single cells ----


def lost(_, old, new):
    del new["data.csv"]["rating"]


def added(r, old, new):
    new["data.csv"]["discount"] = ["%d" % r.randint(0, 50) for _ in range(ROWS)]


def case_of_name(_, old, new):
    new["data.csv"] = rename(new["data.csv"], "price", "Price")


def typo_of_name(_, old, new):
    new["data.csv"] = rename(new["data.csv"], "quantity", "quantty")


def other_name_of_values(_, old, new):
    new["data.csv"] = rename(new["data.csv"], "state", "region")


def same_values(_, old, new):
    new["data.csv"]["sensor"] = old["data.csv"]["sensor"]
    new["data.csv"] = rename(new["data.csv"], "sensor", "voltage")


def clipped(_, old, new):
    new["data.csv"]["sensor"] = [min(cell, "0.8") for cell in new["data.csv"]["sensor"]]


def few_keys(r, old, new):
    new["data.csv"]["key"] = ["k%012x" % r.randint(0, 800) for _ in range(ROWS)]


def many_countries(r, old, new):
    new["data.csv"]["country"] = ["country %02d" % r.randint(0, 600) for _ in range(ROWS)]


def rows_of(function, n):
    def plant(r, old, new):
        new["data.csv"] = function(r, n)
    return plant


def swapped(_, old, new):
    table = new["data.csv"]
    table["price"], table["income"] = table["income"], table["price"]


def table_lost(r, old, new):
    old["weather.csv"] = other(r, ROWS)


def table_new(r, old, new):
    new["weather.csv"] = other(r, ROWS)


def within_a_table(r, old, new):
    old["weather.csv"] = other(r, ROWS)
    new["weather.csv"] = other(r, ROWS)
    new["weather.csv"]["temperature"] = ["%.1f" % r.gauss(19, 5) for _ in range(ROWS)]


# The sentence, the plant, the changes that must be found, and the kinds of the same columns that may be found, too.
ANY_VALUE = {"values", "shares", "distinct", "mean", "quantiles", "range"}
CASES = [
    ("nothing", lambda r, old, new: None, [], set()),
    ("a lost column", lost, [("rating", "lost")], set()),
    ("a new column", added, [("discount", "new")], set()),
    ("a name in another case", case_of_name, [("Price", "renamed")], set()),
    ("a typing error in a name", typo_of_name, [("quantty", "renamed")], set()),
    ("another name of the same frequent values", other_name_of_values, [("region", "renamed")], set()),
    ("another name of the same numbers", same_values, [("voltage", "renamed")], set()),
    ("decimals among integers", change("quantity", lambda r, cell: cell + ".5" if r.random() < 0.001 else cell),
     [("quantity", "type")], set()),
    ("words instead of integers", change("quantity", lambda r, cell: "level " + cell), [("quantity", "type")], set()),
    ("dates in another notation", change("day", lambda r, cell: cell.replace("2024-", "") + " 2024"),
     [("day", "type")], set()),
    ("dates with a time of day", change("day", lambda r, cell: cell + " 00:00:00"), [("day", "type")], ANY_VALUE),
    ("integers instead of booleans", change("paid", lambda r, cell: "1" if cell == "true" else "0"),
     [("paid", "type")], set()),
    ("integers and words mixed", change("quantity", sometimes(0.4, "many")), [("quantity", "type")], set()),
    ("missing cells that were 10% and are 20%", change("rating", sometimes(0.11, "")), [("rating", "missing")], set()),
    ("missing cells where there were none", change("state", sometimes(0.03, "NA")), [("state", "missing")], set()),
    ("no missing cells where there were some", change("rating", lambda r, cell: cell or "2.5"),
     [("rating", "missing")], ANY_VALUE),
    ("a column that is empty now", change("income", lambda r, cell: ""), [("income", "missing"), ("income", "type")],
     set()),
    ("nan among numbers", change("sensor", sometimes(0.04, "nan")), [("sensor", "nan")], set()),
    ("infinite among numbers", change("sensor", sometimes(0.04, "inf")), [("sensor", "nan")], set()),
    ("invalid cells", change("price", sometimes(0.02, "ask")), [("price", "invalid")], {"values"}),
    ("values above the old maximum", change("price", lambda r, cell: "999.5" if r.random() < 0.04 else cell),
     [("price", "range")], ANY_VALUE),
    ("values below the old minimum", change("income", sometimes(0.03, "-1")), [("income", "range")], ANY_VALUE),
    ("values that are clipped", clipped, [("sensor", "range")], ANY_VALUE),
    ("a mean that is greater by half a standard deviation",
     change("price", lambda r, cell: "%.2f" % (float(cell) + 5)), [("price", "mean"), ("price", "quantiles")],
     {"range"}),
    ("a mean that is less by a third of a standard deviation",
     change("price", lambda r, cell: "%.2f" % (float(cell) - 3.3)), [("price", "mean"), ("price", "quantiles")],
     {"range"}),
    ("twice the standard deviation", change("price", lambda r, cell: "%.2f" % (2 * float(cell) - 100)),
     [("price", "quantiles")], {"range", "distinct"}),
    ("another unit", change("price", lambda r, cell: "%.0f" % (100 * float(cell))), [("price", "range")], {"type"}),
    ("zeros for unknown numbers", change("price", sometimes(0.1, "0")), [("price", "range")], ANY_VALUE),
    ("a new value", change("state", sometimes(0.04, "ZZ")), [("state", "values")], {"shares"}),
    ("a new code", change("quantity", sometimes(0.04, "99")), [("quantity", "range")], ANY_VALUE),
    ("a value that is gone", change("state", lambda r, cell: "TX" if cell == "OR" else cell), [("state", "values")],
     {"shares"}),
    ("values in another case", change("state", lambda r, cell: cell.lower()), [("state", "values")], set()),
    ("a value that is more frequent", change("state", sometimes(0.2, "NY")), [("state", "shares")], set()),
    ("booleans that are true more often", change("paid", sometimes(0.3, "true")), [("paid", "shares")], set()),
    ("keys that are not unique any more", few_keys, [("key", "distinct")], set()),
    ("many more distinct values", many_countries, [("country", "distinct")], ANY_VALUE),
    ("three times the rows", rows_of(base, 3 * ROWS), [(None, "rows")], set()),
    ("a third of the rows", rows_of(base, ROWS // 3), [(None, "rows")], set()),
    ("dates of another year", change("day", lambda r, cell: cell.replace("2024", "2025")), [("day", "range")], set()),
    ("one date in all rows", change("day", lambda r, cell: "2024-07-01"), [("day", "quantiles")], ANY_VALUE),
    ("times in another time zone", change("clock", lambda r, cell: "%02d%s" % (int(cell[:2]) + 2, cell[2:])),
     [("clock", "quantiles")], ANY_VALUE),
    ("two columns that were swapped", swapped, [("price", "quantiles"), ("income", "quantiles")],
     ANY_VALUE | {"type"}),
    ("a lost table", table_lost, [(None, "lost")], set()),
    ("a new table", table_new, [(None, "new")], set()),
    ("a mean in one of two tables", within_a_table, [("temperature", "mean"), ("temperature", "quantiles")],
     {"range"}),
]


def write(directory, tables):
    os.makedirs(directory)
    for name, table in tables.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as out:
            out.write(",".join(table) + "\n")
            for row in zip(*table.values()):
                out.write(",".join(row) + "\n")


def generate(directory, seed):
    r = random.Random(seed)
    for i, (sentence, plant, _, _) in enumerate(CASES):
        case = os.path.join(directory, "%02d" % i)
        old, new = {"data.csv": base(r, ROWS)}, {"data.csv": base(r, ROWS)}
        plant(r, old, new)
        write(os.path.join(case, "old"), old)
        write(os.path.join(case, "new"), new)
        with open(os.path.join(case, "sentence"), "w", encoding="utf-8") as out:
            out.write(sentence + "\n")


def check(case, report):
    _, _, required, allowed = CASES[int(os.path.basename(case))]
    with open(report, encoding="utf-8") as text:
        changes = json.load(text)["comparison"]["changes"]
    found = {(change["column"], change["kind"]) for change in changes if change["beyond"]}
    columns = {column for column, _ in required}
    may_be = {(column, kind) for column in columns for kind in allowed}
    wrong = [("not found", change) for change in required if change not in found]
    wrong += [("not planted", change) for change in found - set(required) - may_be]
    for what, (column, kind) in wrong:
        print("%s: %s of %s" % (what, kind, column or "a table"))
    for change in changes if wrong else []:
        print("  %(column)s: %(kind)s: %(message)s" % change)
    return 1 if wrong else 0


if sys.argv[1] == "generate":
    generate(sys.argv[2], int(sys.argv[3]))
else:
    sys.exit(check(sys.argv[2], sys.argv[3]))
