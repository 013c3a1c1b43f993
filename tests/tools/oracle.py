#!/usr/bin/env python3
"""oracle.py - a slow and simple second implementation of the manual, for comparison with csv-report

Usage   oracle.py PATH...                     prints the statistics as JSON
        oracle.py --check REPORT.json PATH... compares with a report of csv-report; prints a line for
                                              each difference and exits with 1
        oracle.py --self-test                 runs cases computed by hand

Shape   bytes -> records (a state machine) -> cells -> Fractions -> statistics; it shares no code with the
        C sources, and every sum is exact
Limits  default options only; no comments, no unterminated quotes, no UTF-16
Source  the sections "records", "cells" and "exactness" of the manual
"""

import csv
import io
import json
import math
import os
import re
import sys
from fractions import Fraction

NULLS = {b"NA", b"N/A", b"NULL", b"null", b"None"}
NUMBER = re.compile(rb"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
CLASSES = ("count", "missing", "nan", "infinite", "invalid")

# A cell with digits below this power of ten is rounded to a double.
LAST_EXACT_EXPONENT = -1100


# ---- records ----

class Record:
    """One record: the line in which it starts, and the texts of its fields without quotes. A blank
    line has no fields."""

    def __init__(self, line, fields):
        self.line = line
        self.fields = fields


def read_records(data, delimiter, newline):
    """Yields every Record. `data` has no byte order mark."""
    # States of the current field.
    start, plain, quoted, quote_seen = range(4)
    state = start
    fields, text = [], bytearray()
    line = record_line = 1
    record_begin = position = 0
    while position < len(data):
        byte = data[position:position + 1]
        is_end = byte == newline
        step = 1
        if newline == b"\n" and data[position:position + 2] == b"\r\n":
            is_end, step = True, 2
        if position + 1 == len(data) and byte == b"\r":
            is_end = True  # a CRLF whose LF was truncated
        if state == quoted:
            if byte == b'"':
                state = quote_seen
            else:
                text += byte
                line += byte == newline
            position += 1
            continue
        if state == quote_seen and byte == b'"':
            text += byte
            state = quoted
        elif state == start and byte == b'"':
            state = quoted
        elif byte == delimiter:
            fields.append(bytes(text))
            text.clear()
            state = start
        elif is_end:
            if position > record_begin:
                fields.append(bytes(text))
            yield Record(record_line, fields)
            fields, text, state = [], bytearray(), start
            line += 1
            record_line = line
            record_begin = position + step
            position += step
            continue
        else:
            text += byte
            state = plain
        position += 1
    if state == quoted:
        raise ValueError("unterminated quote")
    if position > record_begin:
        fields.append(bytes(text))
        yield Record(record_line, fields)


def newline_of(data):
    """A lone CR ends a line only in a file without LF."""
    return b"\r" if b"\n" not in data and b"\r" in data else b"\n"


def delimiter_of(path, data, newline):
    """Tab for .tsv, else the most frequent one outside quotes in the first record."""
    if path.lower().endswith(".tsv"):
        return b"\t"
    data = data.lstrip(b"\r\n")
    counts = dict.fromkeys((b",", b";", b"\t", b"|"), 0)
    in_quotes = False
    for i in range(len(data)):
        byte = data[i:i + 1]
        if byte == b'"':
            in_quotes = not in_quotes
        elif not in_quotes:
            if byte == newline:
                break
            if byte in counts:
                counts[byte] += 1
    return max(counts, key=lambda byte: counts[byte])


# ---- cells ----

def trim(text):
    return text.strip(b" \t")


def decimal_of(match):
    """The exact value of a number, or None if it rounds to infinity."""
    sign, whole, point, exponent = match.groups()
    point = point or b""
    exponent = int(exponent or 0) - len(point)
    digits = (whole + point).lstrip(b"0")
    significant = digits.rstrip(b"0")
    exponent += len(digits) - len(significant)
    if not significant:
        return Fraction(0)
    magnitude = len(significant) + exponent  # the value is below 10^magnitude
    if magnitude > 400:
        return None
    if magnitude < -400:
        value = Fraction(0)  # far below half the smallest double
        if exponent >= LAST_EXACT_EXPONENT:
            value = Fraction(int(significant)) / 10 ** -exponent
    else:
        value = Fraction(int(significant)) * Fraction(10) ** exponent
        nearest = to_double(value)
        if math.isinf(nearest):
            return None
        if exponent < LAST_EXACT_EXPONENT:
            value = Fraction(nearest)
    return -value if sign == b"-" else value


def classify(text):
    """(class, value) of a cell's text."""
    text = trim(text)
    if not text or text in NULLS:
        return "missing", None
    match = NUMBER.fullmatch(text)
    if match and (match.group(2) or match.group(3)):
        value = decimal_of(match)
        return ("infinite", None) if value is None else ("count", value)
    word = re.fullmatch(rb"[+-]?(nan|inf|infinity)", text.lower())
    if word:
        return ("nan" if word.group(1) == b"nan" else "infinite"), None
    return "invalid", None


# ---- statistics ----

def to_double(value):
    """The nearest double, ties to even."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def root_to_double(value):
    """The double nearest to the square root of a Fraction."""
    if value == 0:
        return 0.0
    # Enough bits that the integer root has at least 64. A last bit marks a truncated rest, so that a
    # truncated value does not look like a tie.
    shift = max(0, 140 + value.denominator.bit_length() - value.numerator.bit_length())
    shift += shift % 2
    scaled, rest = divmod(value.numerator << shift, value.denominator)
    root = math.isqrt(scaled)
    is_truncated = rest != 0 or root * root != scaled
    return to_double(Fraction(2 * root + is_truncated, 2 << (shift // 2)))


def difference_to_double(a, b):
    """The double nearest to a - b, two finite doubles."""
    return to_double(Fraction(a) - Fraction(b))


class Column:
    def __init__(self):
        self.cells = dict.fromkeys(CLASSES, 0)
        self.values = []
        self.texts = set()  # of invalid cells
        self.files = 0
        self.rows = 0
        self.first_invalid = None

    def figures(self):
        n = len(self.values)
        result = dict(self.cells, files=self.files, rows=self.rows)
        names = ("sum", "mean", "stddev", "stddev_pop", "variance", "skewness", "kurtosis", "min",
                 "max", "range", "sem", "cv", "zeros", "negative")
        result.update(dict.fromkeys(names))
        result["distinct"] = len(set(self.values)) + len(self.texts)
        if n == 0:
            return result
        scale = 1
        for value in self.values:
            scale = math.lcm(scale, value.denominator)
        integers = [value.numerator * (scale // value.denominator) for value in self.values]
        total = sum(integers)
        spread = n * sum(i * i for i in integers) - total * total
        result["sum"] = to_double(Fraction(total, scale))
        result["mean"] = to_double(Fraction(total, scale * n))
        result["stddev_pop"] = root_to_double(Fraction(spread, scale * scale * n * n))
        if n > 1:
            variance = Fraction(spread, scale * scale * n * (n - 1))
            result["variance"] = to_double(variance)
            result["stddev"] = root_to_double(variance)
            result["sem"] = root_to_double(variance / n)
            if total != 0:
                mean = Fraction(total, scale * n)
                result["cv"] = root_to_double(variance / mean ** 2)
        deviations = [n * i - total for i in integers]
        second, third, fourth = (Fraction(sum(d ** k for d in deviations), n) for k in (2, 3, 4))
        if n > 2 and second > 0:
            skewness = third ** 2 / second ** 3 * n * (n - 1) / (n - 2) ** 2
            root = root_to_double(skewness)
            result["skewness"] = -root if third < 0 else root
        if n > 3 and second > 0:
            excess = fourth / second ** 2 - 3
            result["kurtosis"] = to_double(((n + 1) * excess + 6) * (n - 1)
                                           / ((n - 2) * (n - 3)))
        result["min"] = to_double(min(self.values))
        result["max"] = to_double(max(self.values))
        result["range"] = difference_to_double(result["max"], result["min"])
        result["zeros"] = sum(value == 0 for value in self.values)
        result["negative"] = sum(value < 0 for value in self.values)
        return result


# ---- files ----

def column_names(fields):
    """An empty name becomes column_3, a duplicate a.2; names as written come first."""
    names = [trim(field) or b"column_%d" % (i + 1) for i, field in enumerate(fields)]
    used = set(names)
    seen = set()
    for i, name in enumerate(names):
        if name in seen:
            number = 2
            while b"%s.%d" % (name, number) in used:
                number += 1
            names[i] = b"%s.%d" % (name, number)
            used.add(names[i])
        seen.add(name)
    return names


class Report:
    def __init__(self):
        self.columns = {}  # by name, in the order in which they first occur
        self.rows = 0
        self.files = 0
        self.bytes = 0
        self.problems = {}  # kind: [count, first (path, line)]

    def note(self, kind, path, line, count=1):
        location = (os.fsencode(path), line)
        entry = self.problems.setdefault(kind, [0, location])
        entry[0] += count
        entry[1] = min(entry[1], location)

    def add_file(self, path):
        with open(path, "rb") as stream:
            self.add_text(path, stream.read())

    def add_text(self, path, data):
        """Adds the text of a file. One that is not CSV raises ValueError and adds nothing."""
        n_bytes = len(data)
        if data.startswith(b"\xef\xbb\xbf"):
            data = data[3:]
        newline = newline_of(data)
        delimiter = delimiter_of(path, data, newline)
        records = list(read_records(data, delimiter, newline))
        cross_check(path, data, delimiter, newline, records)
        self.files += 1
        self.bytes += n_bytes
        for record in records:
            if not record.fields:
                self.note("blank_lines", path, record.line)
        records = [record for record in records if record.fields]
        if not records:
            self.note("empty_file", path, 0)
            return
        names = self.parse_header(records)
        if not records:
            self.note("header_only_file", path, 0)
            return
        self.add_rows(path, names, records)

    @staticmethod
    def parse_header(records):
        """Removes the header, if the first record is one, from `records`; returns the names."""
        first = records[0].fields
        cells = [classify(field) for field in first if trim(field)]
        if all(kind == "count" for kind, _ in cells):
            return [b"column_%d" % (i + 1) for i in range(len(first))]
        del records[0]
        return column_names(first)

    def add_rows(self, path, names, rows):
        width = len(names)
        columns = [self.columns.setdefault(name, Column()) for name in names]
        trailing = all(len(row.fields) == width + 1 and not row.fields[-1] for row in rows)
        self.rows += len(rows)
        for column in columns:
            column.files += 1
            column.rows += len(rows)
        for row in rows:
            if len(row.fields) < width:
                self.note("short_rows", path, row.line)
            if len(row.fields) > width and not trailing:
                self.note("long_rows", path, row.line)
                self.note("extra_fields", path, row.line, len(row.fields) - width)
            for i, column in enumerate(columns):
                kind, value = classify(row.fields[i] if i < len(row.fields) else b"")
                column.cells[kind] += 1
                if kind == "count":
                    column.values.append(value)
                if kind == "invalid":
                    column.texts.add(trim(row.fields[i]))
                    location = (os.fsencode(path), row.line)
                    column.first_invalid = min(column.first_invalid or location, location)

    def as_dict(self):
        columns = [dict(column.figures(), name=name.decode("utf-8", "replace"))
                   for name, column in self.columns.items()]
        return {"columns": columns, "files": self.files, "rows": self.rows, "bytes": self.bytes}


def cross_check(path, data, delimiter, newline, records):
    """Python's csv module must find the same records, unless it reads the line ends differently."""
    if newline == b"\n" and re.search(rb"\r(?!\n)", data):
        return
    if b"\0" in data and sys.version_info < (3, 11):
        return  # older versions refuse NUL bytes
    csv.field_size_limit(1 << 30)
    lines = io.StringIO(data.decode("latin-1"), newline="")
    theirs = list(csv.reader(lines, delimiter=delimiter.decode()))
    ours = [[field.decode("latin-1") for field in record.fields] for record in records]
    if theirs != ours:
        raise AssertionError(f"{path}: this reader and Python's csv module disagree")


def files_below(path):
    """The files that csv-report reads in a directory, in bytewise order."""
    if not os.path.isdir(path):
        return [path]
    found = []
    for directory, directories, names in os.walk(path):
        directories[:] = [name for name in directories if not name.startswith(".")]
        found += [os.path.join(directory, name) for name in names
                  if name.endswith((".csv", ".tsv")) and not name.startswith(".")]
    return sorted(found, key=os.fsencode)


def report_of(paths):
    report = Report()
    for path in paths:
        for file in files_below(path):
            report.add_file(file)
    return report


# ---- comparison ----

def same_double(ours, theirs, ulps):
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if isinstance(theirs, str) or math.isinf(ours):
        # A value beyond the largest double is the text "inf" in JSON.
        return isinstance(theirs, str) and float(theirs) == ours
    return abs(Fraction(ours) - Fraction(theirs)) <= ulps * Fraction(math.ulp(ours))


def compare_first_invalid(expected, found, complain):
    location = expected["first_invalid"]
    found_location = found["first_invalid"]
    if found_location is not None:
        found_location = (os.fsencode(found_location["file"]), found_location["line"])
    if location != found_location:
        complain(f"{found['name']!r}: first invalid cell: {location} expected, {found_location} found")


def most_exact_values(n_columns):
    """How many distinct values of a column are counted exactly."""
    return 4096 if n_columns <= 256 else 1024 if n_columns <= 1024 else 256


def compare_distinct(expected, found, complain, most_exact, has_marks):
    """More values than `most_exact` are estimated, with a standard error of 1 / sqrt(most_exact - 1).
    Without marks, `found` does not say whether it is an estimate."""
    is_approximate = expected > most_exact
    margin = 5 * expected / math.sqrt(most_exact - 1) if is_approximate else 0
    if (abs(expected - found["distinct"]) > margin
            or (has_marks and is_approximate != found.get("distinct_approximate", False))):
        complain(f"{found['name']!r}: distinct: {expected} expected, {found['distinct']} found")


def compare_columns(report, theirs, complain, has_locations=True):
    """Without locations, `theirs` is from a report without rows and locations of invalid cells."""
    ours = [name.decode("utf-8", "replace") for name in report.columns]
    names = [column["name"] for column in theirs["columns"]]
    if ours != names:
        complain(f"columns: {ours} expected, {names} found")
        return
    for column, found in zip(report.columns.values(), theirs["columns"]):
        expected = dict(column.figures(), first_invalid=column.first_invalid)
        for key in CLASSES + (("files", "rows") if has_locations else ("files",)):
            if expected[key] != found[key]:
                complain(f"{found['name']!r}: {key}: {expected[key]} expected, {found[key]} found")
        if has_locations:
            compare_first_invalid(expected, found, complain)
        if "distinct" in found and "distinct" in expected:
            compare_distinct(expected["distinct"], found, complain, most_exact_values(len(names)),
                             has_locations)
        for key in ("zeros", "negative"):
            if key in found and expected[key] != found[key]:
                complain(f"{found['name']!r}: {key}: {expected[key]} expected, {found[key]} found")
        for key, ulps in (("sum", 0), ("mean", 0), ("min", 0), ("max", 0), ("variance", 1),
                          ("stddev", 1), ("stddev_pop", 1), ("skewness", 1), ("kurtosis", 0),
                          ("range", 0), ("sem", 1), ("cv", 1)):
            if key in ("skewness", "kurtosis") and key not in found:
                continue  # they were not requested
            if not same_double(expected[key], found[key], ulps):
                complain(f"{found['name']!r}: {key}: {expected[key]!r} expected, "
                         f"{found[key]!r} found")


def compare_problems(report, theirs, complain):
    found = {}
    for problem in theirs["problems"]:
        found.setdefault(problem["kind"], []).append(problem)
    for kind in ("short_rows", "long_rows", "blank_lines"):
        count, location = report.problems.get(kind, (0, None))
        first = found.get(kind, [{"count": 0}])[0]
        if count != first["count"]:
            complain(f"{kind}: {count} expected, {first['count']} found")
        elif count and location != (os.fsencode(first["file"]), first["line"]):
            complain(f"{kind}: first at {location} expected, {first['file']}:{first['line']} found")
    for kind in ("empty_file", "header_only_file"):
        count = report.problems.get(kind, (0, None))[0]
        if count != len(found.get(kind, [])):
            complain(f"{kind}: {count} expected, {len(found.get(kind, []))} found")


def check(report_path, paths):
    with open(report_path, "rb") as stream:
        theirs = json.loads(stream.read().decode("utf-8"))
    report = report_of(paths)
    complaints = []
    for key in ("files", "rows", "bytes"):
        if getattr(report, key) != theirs[key]:
            complaints.append(f"{key}: {getattr(report, key)} expected, {theirs[key]} found")
    compare_columns(report, theirs, complaints.append)
    compare_problems(report, theirs, complaints.append)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


# ---- cases computed by hand ----

def self_test():
    def fields(data, delimiter=b","):
        records = list(read_records(data, delimiter, newline_of(data)))
        cross_check("-", data, delimiter, newline_of(data), records)
        return [record.fields for record in records]

    assert fields(b"a,b\n1,2") == [[b"a", b"b"], [b"1", b"2"]]
    assert fields(b"a\r\n\r\n\"b\r\n\"\"c\"\r\n") == [[b"a"], [], [b'b\r\n"c']]
    assert fields(b'"1"2,3"4, "5"\n') == [[b"12", b'3"4', b' "5"']]
    assert fields(b"1\r2\r\r3") == [[b"1"], [b"2"], [], [b"3"]]
    assert fields(b"1\r2\n") == [[b"1\r2"]]
    assert fields(b"1\r\n2\r") == [[b"1"], [b"2"]]
    assert fields(b'"",\n""\n') == [[b"", b""], [b""]]
    for text, kind in ((b"1", "count"), (b"+1", "count"), (b".5", "count"), (b"5.", "count"),
                       (b"-0", "count"), (b"1E+2", "count"), (b".", "invalid"), (b"", "missing"),
                       (b"1e", "invalid"), (b"e1", "invalid"), (b"+", "invalid"),
                       (b"0x10", "invalid"), (b"1_0", "invalid"), (b" NA\t", "missing"),
                       (b"na", "invalid"), (b"-NaN", "nan"), (b"+Infinity", "infinite"),
                       (b"1e400", "infinite"), (b"1.7976931348623157e308", "count"),
                       (b"1.7976931348623159e308", "infinite"), (b"1e-400", "count"),
                       (b"0e999999999", "count"), (b"1\0", "invalid"), (b"1\n", "invalid")):
        assert classify(text)[0] == kind, text
    assert column_names([b"a", b" a", b"", b"a.2"]) == [b"a", b"a.3", b"column_3", b"a.2"]
    assert root_to_double(Fraction(2)) == math.sqrt(2)
    assert root_to_double(Fraction(1, 100)) == 0.1
    assert root_to_double(Fraction(9) / 10 ** 800) == 0.0
    assert root_to_double(Fraction(9) / 10 ** 640) == 3e-320
    column = Column()
    column.values = [Fraction(12, 10)] + [Fraction(11 + 2 * (i % 2), 10) for i in range(1000)]
    figures = column.figures()
    assert figures["mean"] == 1.2 and figures["stddev"] == 0.1 and figures["distinct"] == 3
    column.values = [Fraction(i) for i in (1, 2, 3, 4, 10)]
    figures = column.figures()  # deviations -3, -2, -1, 0, 6: sums of powers 50, 180, 1394
    assert figures["skewness"] == root_to_double(Fraction(36 ** 2 * 20, 10 ** 3 * 3 ** 2))
    assert figures["kurtosis"] == to_double((6 * (Fraction(1394, 5) / 100 - 3) + 6) * 4 / 6)


def main(arguments):
    if arguments == ["--self-test"]:
        self_test()
        return 0
    if len(arguments) >= 3 and arguments[0] == "--check":
        return check(arguments[1], arguments[2:])
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    json.dump(report_of(arguments).as_dict(), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
