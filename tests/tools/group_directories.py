#!/usr/bin/env python3
"""group_directories.py - directories whose rows have keys, and laws of the groups in reports on them

usage: group_directories.py make SEED DIRECTORY ROWS
       group_directories.py make-large SEED DIRECTORY ROWS
       group_directories.py totals PLAIN.json GROUPED.json
       group_directories.py sums GROUPED.json
       group_directories.py figures GROUPED.json
       group_directories.py alone GROUPED.json PROGRAM ITEM DIRECTORY N

make    writes files of up to ROWS rows: keys of 0 to 200 bytes, in quotes with delimiters, quotes and line ends, in
        Windows-1252, equal in their last 24 bytes; numbers of many scales and lengths, dates, times and texts; cells that
        are missing or invalid; ragged rows; files without keys, of other tables, and bad ones
make-large  writes two files of ROWS rows with few keys, and numbers of magnitudes at which sums of squares need more bits
totals  the reports are the same but for the groups
sums    the counts of all groups add up to those of all rows
figures prints the groups, with their columns in the order of names
alone   N groups of the key ITEM have the statistics of a report on their rows alone, but whether they ascend, for columns
        of the same type

The others print each difference and exit with 1.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

import oracle
import oracle_groups

COLUMNS = ["station", "code", "day", "n", "price", "long", "mixed", "when", "took", "note", "flag"]
COUNTS = ("count", "missing", "nan", "infinite", "invalid")
ENDING = "the same twenty-four bytes"


# ---- cells ----

def stations(rng):
    """The texts of keys, some of which are equal once they are unquoted, trimmed or converted."""
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(1, 12))) for _ in range(8)]
    keys = words + [word.upper() for word in words[:2]] + [word + " " + word for word in words[2:4]]
    keys += [rng.choice("xyz") * rng.choice((7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 63, 64, 65, 89, 200))
             for _ in range(4)]
    keys += [prefix + ENDING for prefix in ("", "a", "b", "ab" * 10, "ba" * 10, "a" * 40, "a" * 39 + "b")]
    keys += ["", "NA", "-", "1", "1.0", "caf\u00e9", "\u00e9", "\u20acuro", "zo\u00eb \u00fcber"]
    keys += ["a,b", "a;b", 'a"b', '"', "two\nlines", 'x,"y"\n1,2,3\n', "\u6e29\u5ea6\u6e29\u5ea6\u6e29\u5ea6\u6e29\u5ea6\u6e29"]
    return keys


def number(rng, n_decimals):
    digits = rng.choice((1, 2, 3, 5, 6, 9))
    return "%.*f" % (n_decimals, rng.uniform(-10, 10) * 10 ** (digits - 1))


def date(rng):
    return "20%02d-%02d-%02d" % (rng.randint(19, 21), rng.randint(1, 12), rng.randint(1, 28))


def cell(rng, name, keys):
    if rng.random() < 0.05:
        return rng.choice(("", "", " ", "NA", "null"))
    if name == "station":
        return rng.choice(keys)
    if name == "code":
        return rng.choice(("1", "2", "10", "02", "1.0", "-3", "+3", ".5", "100"))
    if name == "day":
        return date(rng)
    if name == "n":
        return str(rng.randint(-50, 50) * rng.choice((1, 1, 1, 1000, 10 ** 9)))
    if name == "price":
        return number(rng, rng.choice((0, 1, 2, 2, 2, 3, 8)))
    if name == "long":
        return rng.choice((number(rng, 2), "%d%030d.%d" % (rng.randint(1, 9), rng.getrandbits(90), rng.randint(0, 9)),
                           number(rng, 3) + "e%d" % rng.randint(-30, 30), "1e400", "nan", "-inf"))
    if name == "mixed":
        return rng.choice((str(rng.randint(0, 99)), number(rng, 1), "x%d" % rng.randint(0, 9), date(rng)))
    if name == "when":
        return date(rng) + rng.choice(("", "T%02d:30" % rng.randint(0, 23), "T12:00:00.25", " 01:00:00"))
    if name == "took":
        return "%d:%02d:%02d" % (rng.randint(0, 40), rng.randint(0, 59), rng.randint(0, 59))
    if name == "note":
        return rng.choice(("red", "green", 'say "hi"', "a,b", "one\n2,3\n\"4\",5\nsix", "NA", "7"))
    return rng.choice(("true", "false"))


def encode(text, charset):
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        return text.encode()


class Form:
    """How the cells of a file are written."""

    def __init__(self, rng):
        self.rng = rng
        self.delimiter = rng.choice((b",", b",", b",", b";", b"\t"))
        self.line_end = rng.choice((b"\n", b"\n", b"\r\n"))
        self.charset = rng.choice(("utf-8", "utf-8", "cp1252"))
        self.quotes = rng.choice((0, 0, 0.1, 1))
        self.blanks = rng.choice((0, 0, 0.1))

    def cell(self, text):
        data = encode(text, self.charset)
        blank = b" " if self.rng.random() < self.blanks else b""
        if any(byte in data for byte in (b",", b";", b"\t", b"\n", b'"')) or self.rng.random() < self.quotes:
            # After a text of several lines, a blank before the delimiter would be nothing that is quoted.
            data = b'"' + data.replace(b'"', b'""') + b'"'
            return data if b"\n" in data else blank + data + blank
        return blank + data + blank

    def record(self, cells):
        return self.delimiter.join(map(self.cell, cells)) + self.line_end


# ---- files ----

def rows_of(rng, form, names, keys, n_rows, raggedness=0.03):
    out = form.record(names)
    for _ in range(n_rows):
        cells = [cell(rng, name.strip(), keys) for name in names]
        if rng.random() < raggedness:
            cells = cells[:rng.randint(1, len(cells))] if rng.random() < 0.7 else cells + ["7"]
        out += form.record(cells)
    return out


def write(directory, name, data):
    os.makedirs(os.path.dirname(os.path.join(directory, name)), exist_ok=True)
    with open(os.path.join(directory, name), "wb") as stream:
        stream.write(data)


def make(seed, directory, most_rows):
    rng = random.Random(seed)
    keys = stations(rng)
    some = rng.sample(keys, 8)
    for i in range(6):
        names = COLUMNS[:]
        if i % 2:
            rng.shuffle(names)
        if i == 2:
            names.remove("station")
        if i == 4:
            names.remove("code")
        write(directory, "%sdata %d.csv" % (rng.choice(("", "old/", "\u00e9/")), i),
              rows_of(rng, Form(rng), names, keys if i % 3 else some, rng.randint(1, most_rows)))
    plain = Form(rng)
    plain.delimiter, plain.quotes, plain.blanks = b",", 0, 0
    write(directory, "same.csv", rows_of(rng, plain, COLUMNS, [keys[0]], 20, 0))
    write(directory, "header.csv", plain.record(COLUMNS))
    write(directory, "other/a.csv", rows_of(rng, plain, ["station", "took", "height", "width", "depth"], some, 15))
    write(directory, "keyless.csv", rows_of(rng, plain, ["left", "right", "n"], keys, 9))
    write(directory, "bad.csv", rows_of(rng, plain, COLUMNS, keys, most_rows, 0) + b'x,"open')
    write(directory, "several.csv", rows_of(rng, plain, COLUMNS + ["stationary"], keys, 9, 0))


def make_large(seed, directory, n_rows):
    """Magnitudes change within a column, and one of its groups may have all that are large."""
    rng = random.Random(seed)
    magnitudes = [1 << 15, 1 << 20, 1 << 25, 1 << 26, 1 << 30, (1 << 31) - 1, 1 << 31, 10 ** 15, 10 ** 17, 10 ** 18 - 1]
    names = ["key", "same", "rising", "some", "scales"]
    for number in range(2):
        out = ",".join(names) + "\n"
        for i in range(n_rows):
            key = rng.randrange(5)
            same, rising = (1 << 25) + rng.randrange(1 << 24), magnitudes[i * len(magnitudes) // n_rows]
            some = magnitudes[9] if key == 3 and i % 7 == 0 else rng.randrange(1000)
            cells = [key, rng.choice((same, -same)), rng.randint(-rising, rising), some,
                     "%.*f" % (rng.choice((0, 1, 1, 2, 6)), rng.uniform(-1, 1) * rng.choice(magnitudes[:6]))]
            out += ",".join(map(str, cells)) + "\n"
        write(directory, "%d.csv" % number, out.encode())


# ---- laws ----

def read(path):
    """A report; its numbers remain texts."""
    with open(path, encoding="utf-8") as stream:
        return json.load(stream, parse_float=str, parse_int=str)


def tables_of(report):
    return report.get("tables", [report])


def totals(plain, grouped):
    for table in {id(table): table for table in tables_of(grouped) + [grouped]}.values():
        table.pop("group_by", None)
        table.pop("groups", None)
        table["problems"] = [problem for problem in table["problems"] if problem["kind"] != "no_key_column"]
    if json.dumps(plain) != json.dumps(grouped):
        yield "the statistics of all rows are not those without groups"


def sums(grouped):
    for table in tables_of(grouped):
        if not table.get("groups"):
            continue
        n_rows = sum(int(group["rows"]) for group in table["groups"])
        if n_rows != int(table["rows"]):
            yield f"{n_rows} rows in groups, {table['rows']} in all"
        for i, column in enumerate(table["groups"][0]["columns"]):
            (whole,) = [whole for whole in table["columns"] if whole["name"] == column["name"]]
            for key in COUNTS:
                n = sum(int(group["columns"][i].get(key, 0)) for group in table["groups"])
                if key in column and n != int(whole[key]):
                    yield f"{column['name']}: {key}: {n} in groups, {whole[key]} in all"


def figures(grouped):
    """A line for each group and column, without places that depend on the order of columns."""
    for table in tables_of(grouped):
        for group in table.get("groups", ()):
            for column in sorted(group["columns"], key=lambda column: column["name"]):
                print(json.dumps([group["key"], group["rows"], column]))


def csv_record(fields):
    return b",".join(b'"' + field.replace(b'"', b'""') + b'"' for field in fields) + b"\n"


def write_rows_of(key, item, paths, directory):
    """Writes the rows with a key, as plain CSV, to a file for each that has some."""
    for number, path in enumerate(paths):
        with open(path, "rb") as stream:
            data = stream.read()
        try:
            file = oracle.File(path, data)
        except ValueError:
            continue
        place, width = oracle_groups.find(item, file.written_names), len(file.written_names)
        rows = [(row.fields + [b""] * width)[:width] for row in file.rows
                if oracle_groups.shown(oracle_groups.key_of_cell(row, place, item)) == key]
        if rows:
            write(directory, "%d.csv" % number, b"".join(map(csv_record, [file.names] + rows)))


def same_value(ours, theirs, column_type):
    """A time is written as all cells of its column are."""
    def text(value):
        return json.dumps(value).replace(" ", "T" if column_type == "datetime" else " ")
    return text(ours) == text(theirs)


def alone(grouped, program, item, directory, n):
    paths = oracle.files_below(directory)
    groups = [group for table in tables_of(grouped) for group in table.get("groups", ())]
    for group in random.Random(1).sample(groups, min(n, len(groups))):
        with tempfile.TemporaryDirectory() as work:
            write_rows_of(group["key"][0], item, paths, os.path.join(work, "rows"))
            run = subprocess.run([program, "--format=json", "--all", "--header=yes", "--delimiter=,", "--decimal=.",
                                  "--tables=one", os.path.join(work, "rows")], capture_output=True, check=False)
            report = json.loads(run.stdout, parse_float=str, parse_int=str)
        wholes = {column["name"]: column for column in report["columns"]}
        types = {column["name"]: column["type"] for table in tables_of(grouped) for column in table["columns"]}
        n_compared = 0
        for column in group["columns"]:
            whole = wholes.get(column["name"])
            if whole is None or whole["type"] != types[column["name"]] or whole["type"] == "mixed":
                continue
            n_compared += 1
            for key, value in column.items():
                if key in whole and key != "ascending" and not same_value(value, whole[key], whole["type"]):
                    yield f"group {group['key']}: {column['name']}: {key}: {whole[key]} alone, {value} in groups"
        if n_compared == 0:
            yield f"group {group['key']}: no column has the same type"


def main(arguments):
    if len(arguments) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    command, *rest = arguments
    if command in ("make", "make-large"):
        (make if command == "make" else make_large)(int(rest[0]), rest[1], int(rest[2]))
        return 0
    if command == "figures":
        figures(read(rest[0]))
        return 0
    if command == "totals":
        complaints = totals(read(rest[0]), read(rest[1]))
    elif command == "sums":
        complaints = sums(read(rest[0]))
    else:
        complaints = alone(read(rest[0]), rest[1], os.fsencode(rest[2]), rest[3], int(rest[4]))
    complaints = list(complaints)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
