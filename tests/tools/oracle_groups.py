#!/usr/bin/env python3
"""oracle_groups.py - the groups of --group-by by the rules of the manual, for comparison with csv-report

Usage   oracle_groups.py [OPTION]... --group-by=ITEM,... --check REPORT PATH...
                                              compares with a report: JSON, csv, or tsv, as its suffix says; prints a line
                                              for each difference and exits with 1
        oracle_groups.py --self-test          runs cases computed by hand
        OPTION  those of oracle.py, and the statistics that the groups of the report have: --stats=NAME,... or --all

Shape   the rows of oracle.py, divided by their keys into dictionaries of its columns; every sum is exact. The
        statistics of all rows in a JSON report are compared, too
"""

import collections
import fnmatch
import itertools
import os
import re
import sys
from fractions import Fraction

import oracle

DEFAULT_STATISTICS = ["count", "missing", "invalid", "mean", "stddev", "min", "max"]
ALL_STATISTICS = list(oracle.COUNTS) + (
    "type distinct top top_count sum mean stddev stddev_pop variance skewness kurtosis min p1 p5 p25 median p75 p95 p99 max "
    "range iqr mad sem cv zeros negative ascending unique constant histogram min_length max_length mean_length").split()
FILE = b":file"
PLAIN_DECIMAL = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")
# Deviations are the root of a rounded quotient.
MOST_ULPS = {"variance": 1, "stddev": 1, "stddev_pop": 1, "skewness": 1, "sem": 1, "cv": 1}


# ---- items and keys ----

def fold(text):
    return min(oracle.folded([text])) if oracle.OPTIONS.folds_names else text


def as_name_number_or_glob(item, names):
    """The columns that an item matches if it has no number of bytes."""
    if fold(item) in names:
        return [names.index(fold(item))]
    if item.isdigit():
        return [int(item) - 1] if 1 <= int(item) <= len(names) else []
    pattern = fold(item).decode("latin-1")
    return [i for i, name in enumerate(names) if fnmatch.fnmatchcase(name.decode("latin-1"), pattern)]


class Place:
    """Where a file has the key of an item: the index of a column, or None; and how many bytes of it."""

    def __init__(self, columns, most_bytes=None):
        if len(columns) > 1:
            raise ValueError("an item matches several columns")
        self.index = columns[0] if columns else None
        self.most_bytes = most_bytes


def find(item, names):
    """The Place of an item that is not :file among the names of a file as written."""
    if fold(item) in names:
        return Place([names.index(fold(item))])
    match = re.fullmatch(rb"(.*):(\d{1,4})", item, re.S)
    if match and 1 <= int(match[2]) <= 1000:
        columns = as_name_number_or_glob(match[1], names)
        if columns:
            return Place(columns, int(match[2]))
    return Place(as_name_number_or_glob(item, names))


def is_refused(items, names):
    try:
        for item in items:
            if item != FILE:
                find(item, names)
    except ValueError:
        return True
    return False


def cut(text, most_bytes):
    """The start of a text, without a part of a character."""
    return text[:most_bytes].decode("utf-8", "ignore").encode() if most_bytes else text


def key_of_cell(row, place, name):
    """The key in a row, None if it is missing."""
    if place.index is None or place.index >= len(row.fields):
        return None
    text = oracle.in_utf8(oracle.trim(row.fields[place.index]))
    return None if oracle.classify(text, name).kind == "missing" else cut(text, place.most_bytes)


def order_of(keys):
    """A function that gives the order of a key, if these are all of its position."""
    texts = [key for key in keys if key is not None]
    if texts and all(PLAIN_DECIMAL.fullmatch(text) for text in texts):
        return lambda key: (key is None, Fraction(key.decode()) if key is not None else 0, key or b"")
    return lambda key: (key is None, key or b"")


# ---- groups ----

class GroupColumn(oracle.Column):
    """The cells of a column in one group. Its type, and how its values are written, are those of all rows."""

    def __init__(self, name, whole):
        super().__init__(name)
        self.whole = whole

    def type(self):
        return self.whole.type()

    def is_ascending(self):
        return None  # the order of rows in groups is not known

    def figures(self):
        self.notation = self.whole.notation
        return super().figures()


class Group:
    def __init__(self):
        self.n_rows = 0
        self.columns = {}


class Groups:
    """Those of a table, whose oracle.Report has the statistics of all rows."""

    def __init__(self, report, items, is_listed=None):
        self.report = report
        self.items = items
        self.members = [file for file in report.members if file.rows]
        self.places = {id(file): [None if item == FILE else find(item, file.written_names) for item in items]
                       for file in self.members}
        self.key_names = {file.names[place.index] for file in self.members for place in self.places[id(file)]
                          if place is not None and place.index is not None}
        self.exist = bool(self.key_names) or FILE in items and bool(self.members)
        self.titles = list(map(self.title_of, range(len(items))))
        self.column_names = [name for name, column in report.columns.items() if name not in self.key_names and (
            oracle.OPTIONS.selected is not None or column.type() in oracle.TYPES_WITH_VALUES)]
        self.groups = collections.defaultdict(Group)
        self.files_without = [[] for _ in items]
        for file in self.members:
            self.add(file)

    def title_of(self, at):
        if self.items[at] == FILE:
            return b"file"
        names = set()
        for file in self.members:
            place = self.places[id(file)][at]
            if place.most_bytes:
                return self.items[at]
            if place.index is not None:
                names.add(file.written_names[place.index])
        return names.pop() if len(names) == 1 else self.items[at]

    def add(self, file):
        places = self.places[id(file)]
        oracle.OPTIONS.decimal = file.decimal
        for place, files in zip(places, self.files_without):
            if place is not None and place.index is None:
                files.append(file)
        for row in file.rows:
            key = tuple(os.fsencode(file.path) if place is None else
                        key_of_cell(row, place, place.index is not None and file.names[place.index])
                        for place in places)
            group = self.groups[key]
            group.n_rows += 1
            for i, name in enumerate(file.names):
                if name in self.column_names:
                    if name not in group.columns:
                        group.columns[name] = GroupColumn(name, self.report.columns[name])
                    text = row.fields[i] if i < len(row.fields) else b""
                    text = text if i in row.too_long else oracle.in_utf8(oracle.trim(text))
                    group.columns[name].add(text, file.path, row.line, i in row.too_long, group.n_rows)

    def in_order(self):
        """(key, Group) of each, in the order of the report."""
        orders = [order_of([key[at] for key in self.groups]) for at in range(len(self.items))]
        return sorted(self.groups.items(), key=lambda item: [order(text) for order, text in zip(orders, item[0])])

    def columns_of(self, group):
        return [group.columns.get(name) or GroupColumn(name, self.report.columns[name])
                for name in self.column_names]


# ---- comparison ----

def shown(text):
    return None if text is None else text.decode("utf-8", "replace")


def compare_value(column, expected, found, key, complain, n_columns):
    """One statistic of a column in a group; `n_columns` are those of all groups."""
    most_exact = oracle.most_exact_values(n_columns, {"zeros": 0})
    is_complete = expected["distinct"] <= most_exact
    if key == "distinct":
        margin = 0 if is_complete else 5 * expected[key] / (most_exact - 1) ** 0.5
        if abs(found[key] - expected[key]) > margin:
            complain(f"{key}: {expected[key]} expected, {found[key]} found")
    elif key == "top":
        oracle.compare_top(expected[key], column, found, complain, most_exact, False)
    elif key == "histogram":
        oracle.compare_histogram(column, found, complain, is_complete)
    elif key == "unique":
        oracle.compare_unique(column, found, complain, most_exact)
    elif key in ("iqr", "mad") or oracle.percentile_of(key):
        some = {name: value for name, value in found.items() if name in ("name", key, key + "_approximate")}
        oracle.compare_quantiles(column, some, complain, n_columns, is_complete, are_requested=True)
    elif key == "top_count":
        top = expected["top"]
        if is_complete and found[key] != (top[0]["count"] if top else None):
            complain(f"{key}: {top[:1]} expected, {found[key]} found")
    elif key not in expected:
        complain(f"{key}: unknown")
    elif not oracle.same_value(expected[key], oracle.fact_of(found[key]), MOST_ULPS.get(key, 0)):
        complain(f"{key}: {expected[key]!r} expected, {found[key]!r} found")


def compare_column(column, found, statistics, n_columns, complain):
    expected = column.figures()
    for key in statistics:
        if key not in found:
            complain(f"{key} is missing")
    for key in found:
        if key not in ("name", "bins") and not key.endswith("_approximate"):
            compare_value(column, expected, found, key, complain, n_columns)


def compare_groups(groups, theirs, statistics, n_columns, complain):
    """`theirs` are the groups of a table as JSON has them; `n_columns` are those of all tables."""
    expected = groups.in_order()
    n_columns *= len(expected)
    ours = [list(map(shown, key)) for key, _ in expected]
    keys = [group["key"] for group in theirs]
    if ours != keys:
        wrong = next(((a, b) for a, b in itertools.zip_longest(ours, keys) if a != b))
        complain(f"{len(ours)} groups expected, {len(keys)} found; the first that differs: {wrong}")
        return
    for (_, group), found in zip(expected, theirs):
        def complain_of(text, found=found):
            complain(f"group {found['key']!r}: {text}")

        if found.get("rows", group.n_rows) != group.n_rows:
            complain_of(f"rows: {group.n_rows} expected, {found['rows']} found")
        names = list(map(shown, groups.column_names))
        if names != [column["name"] for column in found["columns"]]:
            complain_of(f"columns: {names} expected, {[column['name'] for column in found['columns']]} found")
            continue
        for column, figures in zip(groups.columns_of(group), found["columns"]):
            compare_column(column, figures, statistics, n_columns,
                           lambda text, name=figures["name"]: complain_of(f"{name!r}: {text}"))


def compare_absence(groups, theirs, complain):
    """The files without the column of an item, and their rows."""
    expected = [[shown(title), len(files), sum(len(file.rows) for file in files)]
                for title, files in zip(groups.titles, groups.files_without) if files]
    found = [[problem["column"], problem["count"], int(re.findall(r" (\d+) rows? ", problem["message"])[-1])]
             for problem in theirs["problems"] if problem["kind"] == "no_key_column"]
    if expected != found:
        complain(f"no_key_column: {expected} expected, {found} found")


def compare_json(path, paths, items, statistics):
    theirs, tables = oracle.read_report(path), oracle.tables_of(paths)
    complaints = oracle.complaints_about(theirs, tables)
    found = theirs.get("tables", []) if tables.are_several else [theirs]
    for report, table in zip(tables.reports, found):
        def complain(text, table=table):
            complaints.append(f"table {table.get('name')!r}: {text}")

        groups = Groups(report, items)
        if not groups.exist:
            if table.get("groups"):
                complain("groups, but no file has a key")
            continue
        if table.get("group_by") != list(map(shown, groups.titles)):
            complain(f"group_by: {groups.titles} expected, {table.get('group_by')} found")
        compare_absence(groups, table, complain)
        compare_groups(groups, table.get("groups", []), statistics, tables.n_columns(), complain)
    return complaints


# ---- the formats csv and tsv ----

def column_of_line(line, n_before):
    """A column of a group as JSON has it; the keys and the table are the first `n_before` fields."""
    found = {"name": line[n_before][1]}
    for key, text in line[n_before + 1:]:
        if key not in ("top", "histogram"):
            found[key] = int(text) if key in oracle.COUNTS else oracle.value_of(text)
    return found


def compare_lines(path, paths, items, statistics):
    """csv and tsv have lines of groups and columns alone; a key that is missing is an empty field."""
    tables, complaints = oracle.tables_of(paths), []
    lines = [list(line) for line in read_fields(path)]
    n_before = len(items) + tables.are_several
    all_titles = set()
    for name, report in zip(tables.names, tables.reports):
        groups = Groups(report, items)
        if not groups.exist:
            continue
        all_titles.add(tuple(groups.titles))
        mine = [line for line in lines if not tables.are_several or line[0][1] == shown(name)]
        theirs = []
        for key, some in itertools.groupby(mine, lambda line: [text for _, text in line[tables.are_several:n_before]]):
            theirs.append({"key": [text or None for text in key],
                           "columns": [column_of_line(line, n_before) for line in some]})
        if groups.column_names:
            compare_groups(groups, theirs, statistics, tables.n_columns(), complaints.append)
    titles = ["table"] * tables.are_several + [shown(title) for title in common_titles(items, all_titles)] + ["column"]
    if lines and [title for title, _ in lines[0]][:len(titles)] != titles:
        complaints.append(f"titles: {titles} expected, {[title for title, _ in lines[0]]} found")
    return complaints


def common_titles(items, all_titles):
    """Those of all tables; an item whose columns have several names is as written."""
    for item, titles in zip(items, zip(*all_titles)):
        yield titles[0] if len(set(titles)) == 1 else item


def read_fields(path):
    """Each line as a list of titles and fields."""
    rows = oracle.read_fields(path)
    for row in rows[1:]:
        yield list(zip(rows[0], row))


# ---- cases computed by hand ----

def self_test():
    names = [b"city", b"date", b"2", b"state", b"station", b"a:1"]
    assert [find(item, names).index for item in (b"city", b"1", b"2", b"3", b"9", b"c*", b"a:1", b"x", b"date:4")] == [
        0, 0, 2, 2, None, 0, 5, None, 1]
    assert find(b"date:4", names).most_bytes == 4 and find(b"a:1", names).most_bytes is None
    assert is_refused([b"x", b"st*"], names) and not is_refused([b"sta*e", FILE], names)
    assert cut("aé".encode(), 2) == b"a" and cut("aé".encode(), 3) == "aé".encode() and cut(b"abc", None) == b"abc"
    for keys, expected in (([b"10", b"2", None, b"02", b"-.5"], [b"-.5", b"02", b"2", b"10", None]),
                           ([b"10", b"2", None, b"x"], [b"10", b"2", b"x", None]),
                           ([b"1e1", b"2", b"."], [b".", b"1e1", b"2"])):
        assert sorted(keys, key=order_of(keys)) == expected, keys
    report = oracle.Report()
    report.add_text("a.csv", b'k,v,w\n"b, ""c""",1,x\n a ,2.5,y\nNA,,z\na,4,\n')
    report.add_text("b.csv", b"v,k\n7\n8,a\n")
    report.add_text("c.csv", b"v,w\n9,x\n")
    groups = Groups(report, [b"k"])
    found = [(key, group.n_rows, [column.figures()["sum"] for column in groups.columns_of(group)])
             for key, group in groups.in_order()]
    assert found == [((b"a",), 3, [Fraction(29, 2)]), ((b'b, "c"',), 1, [1]), ((None,), 3, [16])], found
    assert groups.titles == [b"k"] and groups.column_names == [b"v"]
    assert [file.path for file in groups.files_without[0]] == ["c.csv"]
    groups = Groups(report, [FILE, b"3:2"])
    assert [key for key, _ in groups.in_order()] == [
        (b"a.csv", b"x"), (b"a.csv", b"y"), (b"a.csv", b"z"), (b"a.csv", None), (b"b.csv", None), (b"c.csv", None)]
    assert groups.titles == [b"file", b"3:2"]


# ---- command line ----

def main(arguments):
    items, statistics = [], DEFAULT_STATISTICS
    while arguments and arguments[0] not in ("--check", "--self-test"):
        name, _, value = arguments.pop(0).partition("=")
        if name == "--group-by":
            items += os.fsencode(value).split(b",")
        elif name == "--stats":
            statistics = value.split(",")
        elif name == "--all":
            statistics = ALL_STATISTICS
        else:
            oracle.OPTIONS.set(name, os.fsencode(value))
    if arguments == ["--self-test"]:
        self_test()
        return 0
    if len(arguments) < 3 or not items:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    oracle.OPTIONS.refuses = lambda names: is_refused(items, names)
    path, paths = arguments[1], arguments[2:]
    compare = compare_json if path.endswith(".json") else compare_lines
    complaints = compare(path, paths, items, statistics)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
