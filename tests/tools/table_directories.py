#!/usr/bin/env python3
"""table_directories.py - directories that hold several tables, and which files belong together

usage: table_directories.py make SEED DIRECTORY TRUTH
       table_directories.py split TRUTH N
       table_directories.py check TRUTH REPORT.json
       table_directories.py alone REPORT.json PROGRAM OPTION...

make   writes files to DIRECTORY: families of some of the kinds below, scattered over nested directories. TRUTH is a JSON
       file of the paths of each table, of those in no table, and of the bad ones, as they were meant
split  writes the paths of all tables, with a NUL after each, to the file all.list, and divides them over 1.list to N.list
check  compares with a report with --per-file; prints each difference and exits with 1
alone  compares each table of such a report with the report on its files alone

Each family has names of its own, so that its tables are known from how it was made: headers are similar if 3 i >= a + b,
where a and b are the numbers of their names and i of those that they share.
"""

import json
import os
import random
import subprocess
import sys
import zlib

WORDS = (
    "calm drift harbour granite willow copper lantern meadow thistle anchor basalt cedar dune ember fjord glacier heron "
    "inlet juniper kelp lichen marsh nettle osprey pebble quarry ridge spruce tundra upland violet walnut yarrow zinc"
).split()
ODD_NAMES = ("größe", "温度", "net, gross", 'say "hi"', "two\nlines", "a;b", "µ", "x" * 300)
FILE_NAMES = ("{}", "{}", "{}", "part {}", "{}, copy", '"{}"', "värde {}", "tab\t{}", "line\n{}", "{} ... {}")
DIRECTORIES = ("", "", "old/", "new/", "new/deep/", "new/deep/er/", "x.csv/", "éé/")


# ---- files ----


def cell(rng, name, is_number):
    kind = 0 if is_number else zlib.crc32(name.encode()) % 6
    if rng.random() < 0.06:
        return rng.choice(("", "", "NA", "x", "1e3", "nan"))
    if kind < 2:
        return str(rng.randint(-50, 9999))
    if kind == 2:
        return "%.*f" % (rng.randint(1, 3), rng.uniform(-100, 1000))
    if kind == 3:
        return "20%02d-%02d-%02d" % (rng.randint(10, 25), rng.randint(1, 12), rng.randint(1, 28))
    return rng.choice(WORDS)


def quoted(text, delimiter, always=False):
    if always or any(c in text for c in (delimiter, '"', "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


class Maker:
    def __init__(self, seed, directory):
        self.rng = random.Random(seed)
        self.directory = directory
        self.n_families = 0
        self.n_files = 0
        self.tables = []
        self.without = []
        self.bad = []

    def names(self, n):
        """New names, which no other family has."""
        self.n_families += 1
        names = ["%s_%d" % (word, self.n_families) for word in self.rng.sample(WORDS * 3, n)]
        return [name + "'" * names[:i].count(name) for i, name in enumerate(names)]

    # ---- paths and texts ----

    def path(self):
        self.n_files += 1
        name = self.rng.choice(FILE_NAMES).replace("{}", "%03d" % self.rng.randrange(1000))
        path = "%s/%s%s-%d.csv" % (self.directory, self.rng.choice(DIRECTORIES), name, self.n_files)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, data):
        path = self.path()
        with open(path, "wb") as stream:
            stream.write(data if isinstance(data, bytes) else data.encode())
        return path

    def rows(self, names, n_rows, delimiter):
        """Some are too short or too long, but not the first ones, which show where the table begins."""
        lines = []
        for row in range(n_rows):
            cells = [quoted(cell(self.rng, name, i == 0), delimiter) for i, name in enumerate(names)]
            if row > 2 and self.rng.random() < 0.03 and len(cells) > 1:
                cells = cells[:-1] if self.rng.random() < 0.5 else cells + ["7"]
            lines.append(delimiter.join(cells))
            if self.rng.random() < 0.01:
                lines.append("")
        return lines

    def text(self, names, n_rows=None):
        """The first column has numbers, so that the names are a header."""
        delimiter = self.rng.choice(",,,;\t")
        always = self.rng.random() < 0.2
        n_rows = self.rng.randint(4, 30) if n_rows is None else n_rows
        header = delimiter.join(quoted(name, delimiter, always) for name in names)
        newline = self.rng.choice(("\n", "\n", "\r\n"))
        return newline.join([header] + self.rows(names, n_rows, delimiter)) + newline

    def files(self, *headers):
        """Writes a file of each header, with rows."""
        return [self.write(self.text(header)) for header in headers]

    def add(self, *tables):
        self.tables += tables

    # ---- families ----

    def unrelated(self):
        for _ in range(self.rng.randint(2, 6)):
            self.add(self.files(self.names(self.rng.randint(1, 9))))

    def same(self):
        names = self.names(self.rng.randint(1, 8))
        self.add(self.files(*(self.rng.sample(names, len(names)) for _ in range(self.rng.randint(2, 5)))))

    def drifting(self):
        """One name in each file is new, or lost."""
        names = self.names(self.rng.randint(4, 9))
        headers = [names]
        for new in self.names(self.rng.randint(2, 10)):
            names = list(names)
            if self.rng.random() < 0.5 or len(names) < 4:
                names.insert(self.rng.randrange(len(names) + 1), new)
            else:
                names[self.rng.randrange(len(names))] = new
            headers.append(names)
        self.add(self.files(*headers))

    def chain(self):
        """The first and the last header share nothing; a link in the middle decides whether there are two tables."""
        n = self.rng.randint(4, 8)
        names = self.names(3 * n)
        headers = [names[i:i + n] for i in range(2 * n + 1)]
        if self.rng.random() < 0.5:
            self.rng.shuffle(headers)
            self.add(self.files(*headers))
            return
        gap = n // 2 + 1  # of n names, n - gap are shared: 3 * (n - gap) < 2 * n
        at = self.rng.randint(1, n)
        self.add(self.files(*headers[:at]), self.files(*headers[at + gap - 1:]))

    def renamed(self):
        """With a third of the names renamed, headers are just similar; with one more, they are not."""
        n = 3 * self.rng.randint(1, 3)
        names = self.names(2 * n)
        n_new = n // 3 + self.rng.randint(0, 1)
        files = self.files(names[:n], self.rng.sample(names[n_new:n + n_new], n))
        self.add(*([files] if 3 * n_new <= n else [files[:1], files[1:]]))

    def subset(self):
        n = self.rng.randint(2, 10)
        names = self.names(n)
        n_some = self.rng.choice(((n + 1) // 2, max(1, (n - 1) // 2)))
        files = self.files(names, self.rng.sample(names, n_some))
        self.add(*([files] if 2 * n_some >= n else [files[:1], files[1:]]))

    def threshold(self):
        """3 i == a + b, or one less."""
        n_both, lacks_one = self.rng.randint(1, 8), self.rng.randint(0, 1)
        n_all = 3 * n_both + lacks_one
        a = self.rng.randint(n_both, n_all - n_both)
        names = self.names(n_all - n_both)
        first, second = names[:a], names[:n_both] + names[a:]
        files = self.files(self.rng.sample(first, a), self.rng.sample(second, n_all - a))
        self.add(*([files[:1], files[1:]] if lacks_one else [files]))

    def bridge(self):
        """Two headers that are similar to a third one only, which a file with rows, only a header, or a bad file has."""
        x, y, z = self.names(3)
        files = self.files([x, y], [y, z])
        kind = self.rng.choice(("rows", "header", "bad"))
        if kind == "bad":
            self.bad.append(self.write("%s,%s,%s\n1,2,\"3\n" % (x, y, z)))
            self.add(files[:1], files[1:])
        else:
            self.add(files + [self.write(self.text([z, x, y], 0 if kind == "header" else 5))])

    def headers_alone(self):
        for _ in range(self.rng.randint(1, 3)):
            names = self.names(self.rng.randint(1, 5))
            self.add([self.write(self.text(self.rng.sample(names, len(names)), 0))
                      for _ in range(self.rng.randint(1, 2))])

    def empty(self):
        for _ in range(self.rng.randint(1, 3)):
            self.without.append(self.write(self.rng.choice((b"", b"\n\n", b"\xef\xbb\xbf", b"\r\n"))))

    def broken(self):
        names = self.names(3)
        self.add(self.files(names))
        header = ",".join(names)
        self.bad.append(self.write(self.rng.choice((
            header + '\n1,2,"3\n', header + "\n1,2,3\n" + ",".join(reversed(names)) + "\n"))))

    def shared(self):
        """Unrelated tables that have a key and a date in common."""
        for _ in range(self.rng.randint(2, 5)):
            names = ["id", "date"] + self.names(self.rng.randint(5, 8))
            headers = [self.rng.sample(names, len(names)) for _ in range(self.rng.randint(1, 3))]
            self.add(self.files(*headers))

    def odd(self):
        """Names with delimiters, quotes and line ends, and characters in two encodings."""
        names = self.names(1) + ["%s %d" % (name, self.n_families) for name in self.rng.sample(ODD_NAMES, 4)]
        files = self.files(names, self.rng.sample(names, 5))
        name, other = self.names(2)
        for encoding in ("utf-8", "latin-1"):
            text = "%s,größe %s\n" % (name, other) + "1,2\n" * 4
            files.append(self.write(text.encode(encoding)))
        self.add(files[:2], files[2:])

    def repeated_names(self):
        """Names that the program makes are names as any."""
        a, b = self.names(2)
        files = [self.write("%s,%s,%s,%s\n" % (a, a, b, b) + "1,2,3,4\n" * 4),
                 self.write("%s,%s,%s.2,%s.2\n" % (b, a, a, b) + "1,2,3,4\n" * 4),
                 self.write("%s,%s\n" % (a, b) + "5,6\n" * 4)]
        self.add(files)

    def headerless(self):
        """Widths of which the next is at most twice as much are one table."""
        widths = sorted(self.rng.sample((1, 2, 4, 5, 9, 11, 23, 47, 50), self.rng.randint(1, 4)))
        last, files = 0, []
        for width in widths:
            text = "\n".join(self.rows(["n"] * width, 4, ",")) + "\n"
            if "x" in text or "na" in text.lower():
                text = (",".join(map(str, range(width))) + "\n") * 4
            if files and width > 2 * last:
                self.add(files)
                files = []
            files.append(self.write(text))
            last = width
        self.add(files)

    def make(self):
        families = [getattr(self, name) for name in FAMILIES]
        for family in self.rng.sample(families, self.rng.randint(2, 6)):
            for _ in range(1 if family == self.headerless else self.rng.choice((1, 1, 2, 4))):
                family()


FAMILIES = ("unrelated same drifting chain renamed subset threshold bridge headers_alone empty broken shared odd "
            "repeated_names headerless").split()


def make(seed, directory, truth):
    maker = Maker(seed, directory)
    maker.make()
    with open(truth, "w", encoding="utf-8") as stream:
        json.dump({"tables": maker.tables, "without": maker.without, "bad": maker.bad}, stream, indent=1)


def split(paths, n_lists):
    """No list is empty, unless there are fewer paths."""
    rng = random.Random(len(paths))
    lists = {"all": paths}
    for i, path in enumerate(rng.sample(paths, len(paths))):
        lists.setdefault(1 + (i if i < n_lists else rng.randrange(n_lists)), []).append(path)
    for name, some in lists.items():
        with open("%s.list" % name, "w", encoding="utf-8") as stream:
            stream.write("".join(path + "\0" for path in sorted(some, key=os.fsencode)))


# ---- check ----


def check(truth, report):
    """Which files are in one table, and which are in none."""
    tables = {}
    for file in report["per_file"]:
        if file["kind"] in ("bad", "empty"):
            table = file["kind"]
        else:
            table = file["table"] if "tables" in report else 0
        tables.setdefault(table, set()).add(file["file"])
    differences = []
    for what, expected in (("bad", truth["bad"]), ("empty", truth["without"])):
        if set(expected) != tables.pop(what, set()):
            differences.append("%s files: %s expected" % (what, expected))
    expected = {frozenset(table) for table in truth["tables"]}
    found = set(map(frozenset, tables.values()))
    differences += ["one table expected: %s" % sorted(table) for table in expected - found]
    differences += ["one table found: %s" % sorted(table) for table in found - expected]
    if "tables" in report and len(report["tables"]) != len(found):
        differences.append("%d tables, but files of %d" % (len(report["tables"]), len(found)))
    return differences


def read_report(text):
    return json.loads(text, parse_float=str)


def alone(report, command):
    """A table has the statistics and problems of its files, whatever other files there are."""
    differences = []
    for i, table in enumerate(report.get("tables", [])):
        paths = [file["file"] for file in report["per_file"] if file.get("table") == i]
        run = subprocess.run([*command, "--tables=one", "--format=json", "--", *paths], stdout=subprocess.PIPE, check=True)
        expected = read_report(run.stdout)
        for column in table["columns"] + expected["columns"]:
            # They are positions in the list of all paths.
            column.pop("absent_from", None)
            column.pop("present_in", None)
        # That others have a header, and that files have no rows, is said of all files together.
        for part in table, expected:
            part["problems"] = [problem for problem in part["problems"]
                                if problem["kind"] not in ("no_header", "header_only_file")]
        for key in table.keys() - {"name"}:
            if table[key] != expected[key]:
                differences.append("%s: %s: %s, alone %s" % (table["name"], key, table[key], expected[key]))
    return differences


def main(arguments):
    if len(arguments) == 4 and arguments[0] == "make":
        make(int(arguments[1]), arguments[2], arguments[3])
        return 0
    if len(arguments) == 3 and arguments[0] == "split":
        with open(arguments[1], encoding="utf-8") as truth:
            split([path for table in json.load(truth)["tables"] for path in table], int(arguments[2]))
        return 0
    if len(arguments) == 3 and arguments[0] == "check":
        with open(arguments[1], encoding="utf-8") as truth, open(arguments[2], encoding="utf-8") as report:
            differences = check(json.load(truth), json.load(report))
    elif len(arguments) >= 3 and arguments[0] == "alone":
        with open(arguments[1], encoding="utf-8") as report:
            differences = alone(read_report(report.read()), arguments[2:])
    else:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    for difference in differences:
        print(difference)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
