#!/usr/bin/env python3
"""hostile_directory.py - generates a directory of hostile files and checks the report on it

Usage   hostile_directory.py make SEED N_FILES DIR SIDE HOSTILE CODECS
            writes N_FILES files to DIR, and the expected results to SIDE. HOSTILE is the generator
            of CSV files (hostile.c). CODECS lists the compression formats besides gzip that the
            program reads ("zstd,xz"), and "guard" if some files may lack read permission
        hostile_directory.py check SIDE REPORT.json REPORT.csv MESSAGES OUT
            writes each difference as a line to OUT/messages, OUT/files, OUT/figures and OUT/wide.
            REPORT.json and MESSAGES are those of a run with --per-file --follow --tables=one and
            --select='!wide_*', REPORT.csv of one with --all --follow --tables=one

Shape   the five digits in its name identify a file; its kind is known when it is generated, and its
        statistics are those of oracle.py. Each kind occurs once, then at random
"""

import bz2
import collections
import csv
import gzip
import io
import json
import lzma
import os
import random
import re
import socket
import subprocess
import sys

import oracle

N_WIDE = 5000
DIRECTORY_FILES = 200
LONGEST_SOCKET_PATH = 100
NAMES = (b"id", b"price", b"quantity", b"score", b"note", b"x", b"y", b"temp_1")
HOSTILE_NAMES = (b"line\nend", b"\x1b[31mred\x1b[0m", b"\x07\x08\x7f", b"not-utf8-\xff\xfe\xc3", b"back\\slash",
             b"per%s%ncent", b"quote'\"quote", b"glob*?[a-z]", b" blanks ", b"return\r", b"tab\t",
             b"rtl-\xe2\x80\xae-override", b"a:12: no message", b"<b>&amp;", b"$(id)`id`;id",
             b"l" * 200, b"\xe6\xb8\xa9\xe5\xba\xa6", b"a.csv.tsv.gz", b"=1+1")
LEADS = (b"", b"", b"-", b"--", b" ", b"~")


class Maker:
    """Generates the files. Each has a known `kind`: read (or what the oracle finds in its text),
    bad or skipped; its `text` after decompression; the `words` and the `line` of its message."""

    def __init__(self, seed, directory, side, hostile, codecs):
        self.random = random.Random(seed)
        self.seed = seed
        self.directory = os.fsencode(directory)
        self.side = side
        self.hostile = hostile
        self.codecs = codecs
        self.files = []
        self.stock = []

    def below(self, n):
        return int(self.random.random() * n)

    def pick(self, things):
        return things[self.below(len(things))]

    # ---- paths ----

    def path(self, suffix=b".csv", name=b"", lead=b""):
        number = len(self.files)
        directory = b"%s/%03d" % (self.directory, number // DIRECTORY_FILES)
        if number % (2 * DIRECTORY_FILES) < DIRECTORY_FILES:
            directory += b".csv"  # a directory with the name of a file
        os.makedirs(directory, exist_ok=True)
        return b"%s/%s%05d-%s%s" % (directory, lead, number, name, suffix)

    def note(self, path, kind, text=None, words=(), line=None):
        entry = {"path": path.decode("latin-1"), "kind": kind, "words": words, "line": line}
        if text is not None:
            entry["text"] = "%05d" % len(self.files)
            with open(os.path.join(self.side, entry["text"]), "wb") as stream:
                stream.write(text)
        self.files.append(entry)

    def write_file(self, data, kind, suffix=b".csv", name=b"", lead=b"", **known):
        path = self.path(suffix, name, lead)
        with open(path, "wb") as stream:
            stream.write(data)
        self.note(path, kind, **known)

    # ---- texts ----

    def hostile_text(self):
        """(text, suffix) of the next file of the generator."""
        if not self.stock:
            directory = os.path.join(self.side, "stock")
            self.seed += 1000
            subprocess.run([self.hostile, str(self.seed), directory, "100"], check=True)
            for name in sorted(os.listdir(directory)):
                with open(os.path.join(directory, name), "rb") as stream:
                    self.stock.append((stream.read(), os.fsencode(name[-4:])))
                os.remove(os.path.join(directory, name))
        return self.stock.pop()

    def number(self):
        return b"%s%d.%d" % (self.pick((b"", b"-")), self.below(1000), self.below(100))

    def plain_rows(self, n_rows, n_fields, delimiter=b",", end=b"\n"):
        return b"".join(delimiter.join(self.number() for _ in range(n_fields)) + end
                        for _ in range(n_rows))

    def plain_text(self, least=20):
        return b"id,price,note\n" + self.plain_rows(least + self.below(50), 3)

    def noise(self, n_bytes):
        often = b'0123456789.,,,,,,\n\n\n\n\r";; \te-\0\xff'
        return bytes(self.pick(often) if self.below(8) else self.below(256) for _ in range(n_bytes))

    def time(self):
        """A date, datetime, time or boolean, or what resembles one."""
        year, month, day = 1896 + 4 * self.below(40), 1 + self.below(12), 1 + self.below(31)
        hour, minute, second = self.below(25), self.below(61), self.below(61)
        separator = self.pick((b"-", b"-", b"/"))
        date = separator.join((b"%04d" % year, b"%02d" % month, b"%02d" % day))
        clock = b"%02d:%02d:%02d%s" % (hour, minute, second, self.pick((b"", b"", b".5", b".000001")))
        zone = self.pick((b"", b"", b"Z", b"+02:00", b"-0930", b"+14"))
        return self.pick((date, date, date + b"T" + clock + zone, date + b" " + clock + zone, clock,
                          b"%d-%s" % (self.below(400), clock), b"true", b"False", date[:-1]))

    # ---- files that are read ----

    def make_times(self):
        text = b"id,when,elapsed,done\n"
        for i in range(20 + self.below(50)):
            text += b"%d,%s,%d:%02d:%02d,%s\n" % (
                i, self.time() if self.below(3) == 0 else b"2024-%02d-%02d" % (1 + i % 12, 1 + i % 28),
                self.below(2000), self.below(60), self.below(60), self.pick((b"true", b"false", b"TRUE")))
        self.write_file(text, "read", text=text)

    def make_hostile(self):
        text, suffix = self.hostile_text()
        self.write_file(text, "read", suffix, text=text)

    def make_hostile_name(self):
        text, suffix = self.hostile_text()
        self.write_file(text, "read", suffix, self.pick(HOSTILE_NAMES), self.pick(LEADS), text=text)

    def make_noise(self):
        text = b"id,price,note\n" + self.noise(20 + self.below(2000))
        self.write_file(text, "read", text=text, words=["quote"])

    def make_zero_bytes(self):
        text = b"id,price\n" + self.plain_rows(self.below(5), 2)
        text += bytes(self.below(600)) + self.pick((b"", b"\n", b"1,2\n"))
        self.write_file(text, "read", text=text)

    def make_nothing(self):
        text = self.pick((b"", b"\xef\xbb\xbf", b"\n", b"\r\n\r\n", b"id,price\n", b"id", b"\xef\xbb\xbfid\r\n"))
        self.write_file(text, "read", text=text)

    def make_other_header(self):
        names = list(NAMES)
        self.random.shuffle(names)
        names = names[:1 + self.below(len(names))]
        names += [self.pick(names + [b""]) for _ in range(self.below(3))]
        text = b",".join(names) + b"\n" + self.plain_rows(self.below(9), len(names))
        text += self.pick((b"", b",".join(names) + b"\n")) + self.plain_rows(3, len(names))
        self.write_file(text, "read", text=text)

    def make_ragged(self):
        text = b"id,price,note\n"
        for _ in range(self.below(40)):
            text += self.plain_rows(1, 1 + self.below(6))
        self.write_file(text, "read", text=text)

    def make_mixed(self):
        text = b"id,price,note\r\n"
        for _ in range(self.below(40)):
            text += self.plain_rows(1, 3, self.pick((b",", b";", b"\t", b", ", b"|")),
                                    self.pick((b"\n", b"\r\n", b"\r", b"\n\n")))
        self.write_file(text, "read", text=text)

    def make_trailing(self):
        text = b"id,price\n" + self.plain_rows(5, 2, end=b",\n") + self.pick((b"", b"1,2\n", b"1"))
        self.write_file(text, "read", text=text)

    def make_huge_cell(self):
        part = self.pick((b"word ", b'a, ""b""\n', b"12"))
        cell = part * (600_000 // len(part)) + b"end"
        text = b'id,note\n1,"%s"\n2,ok\n' % cell
        self.write_file(text, "read", text=text)

    def make_wide(self):
        names = b"id,price," + b",".join(b"wide_%d" % i for i in range(N_WIDE))
        text = names + b"\n" + self.plain_rows(2, N_WIDE + 2) + self.plain_rows(1, N_WIDE // 2)
        self.write_file(text, "read", text=text)

    def make_gzip(self):
        text = self.plain_text()
        cut = self.below(len(text))
        data = gzip.compress(text[:cut], mtime=0) + gzip.compress(text[cut:], mtime=0)
        data += bytes(self.pick((0, 0, 512)))  # zeros after the last member are accepted
        self.write_file(data, "read", self.pick((b".csv.gz", b".csv")), text=text)

    def make_compressed(self):
        codec = self.pick(["gzip"] + [name for name in self.codecs if name in SUFFIXES])
        text = self.plain_text()
        self.write_file(compressed(codec, text), "read", b".csv" + SUFFIXES[codec], text=text)

    def make_utf16(self):
        text = self.plain_text() + "7,8,K\u00f6ln \U0001d11e\n".encode()
        mark, coding = self.pick(((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")))
        data = mark + text.decode().encode(coding)
        if self.below(2):
            self.write_file(data, "read", text=data)
        else:
            self.write_file(gzip.compress(data, mtime=0), "read", b".csv.gz", text=data)

    def make_link(self):
        target = self.pick([entry for entry in self.files if "text" in entry])
        with open(os.path.join(self.side, target["text"]), "rb") as stream:
            text = stream.read()
        target = target["path"].encode("latin-1")
        path = self.path(b".tsv" if target.endswith(b".tsv") else b".csv")
        os.symlink(os.path.relpath(target, os.path.dirname(path)), path)
        self.note(path, "read", text=text, words=["quote"])

    # ---- files that are bad ----

    def make_open_quote(self):
        rows = [self.plain_rows(1, 3) for _ in range(1 + self.below(60))]
        at = self.below(len(rows))
        rows[at] = b'1,"' + rows[at]
        self.write_file(b"id,price,note\n" + b"".join(rows), "bad", words=["quote"], line=at + 2)

    def make_truncated(self):
        codec = self.pick(sorted(SUFFIXES))
        data = compressed(codec, self.plain_text(300))
        cut = 32 + self.below(len(data) - 32)
        self.write_file(data[:cut], "bad", b".csv" + SUFFIXES[codec])

    def make_altered(self):
        data = bytearray(gzip.compress(self.plain_text(300), mtime=0))
        data[len(data) - 1 - self.below(8)] ^= 1 << self.below(8)
        self.write_file(data, "bad", b".csv.gz")

    def make_trailing_junk(self):
        self.write_file(gzip.compress(self.plain_text(), mtime=0) + b"junk", "bad", b".csv.gz")

    def make_wide_characters(self):
        coding = self.pick(("utf-16-le", "utf-16-be", "utf-32"))
        words = ["UTF-32" if coding == "utf-32" else "UTF-16"]
        self.write_file(self.plain_text().decode().encode(coding), "bad", words=words)

    def make_other_format(self):
        start, word = self.pick(((b"PK\3\4\x14\0\6\0", "zip"), (b"\x89HDF\r\n\x1a\n\0", "HDF5"),
                                 (b"PAR1\x15\x04\x15\x10", "Parquet")))
        self.write_file(start + self.noise(100), "bad", words=[word])

    def make_returns(self):
        text = self.plain_text().replace(b"\n", b"\r")
        self.write_file(text + b"\n1,2,3\r", "bad", words=["lines end in CR"])

    def make_long_record(self):
        self.write_file(b"x" * (17 << 20), "bad")

    def make_dangling(self):
        path = self.path()
        os.symlink(self.pick((b"nowhere", os.path.basename(path))), path)
        self.note(path, "bad")

    def make_guarded(self):
        if "guard" not in self.codecs:
            self.make_dangling()
            return
        path = self.path(name=self.pick(HOSTILE_NAMES))
        if self.below(3):
            with open(path, "wb") as stream:
                stream.write(b"id\n1\n")
        else:
            os.mkdir(path)
        os.chmod(path, 0)
        self.note(path, "bad", words=["Permission denied"])

    # ---- files that are skipped ----

    def make_pipe(self):
        path = self.path()
        if self.below(2) or len(path) > LONGEST_SOCKET_PATH:
            os.mkfifo(path)
        else:
            with socket.socket(socket.AF_UNIX) as end:
                end.bind(path)
        self.note(path, "skipped")

    def make_circle(self):
        path = self.path()
        os.symlink(b".", path)
        self.note(path, "skipped")

    def make_directory(self):
        path = self.path()
        os.mkdir(path)
        self.note(path, "skipped")

    def make_hidden(self):
        text = self.noise(100)
        directory, name = os.path.split(self.path(self.pick((b".txt", b".csv~", b".csv.bak", b""))))
        if self.below(2):
            name = b"." + name + b".csv"
        with open(os.path.join(directory, name), "wb") as stream:
            stream.write(text)
        self.note(os.path.join(directory, name), "skipped")

    def make_all(self, n_files):
        kinds = [make for make, _ in KINDS]
        by_chance = [make for make, weight in KINDS for _ in range(weight)]
        for number in range(n_files):
            make = kinds[number] if number < len(kinds) else self.pick(by_chance)
            make(self)
        with open(os.path.join(self.side, "files.json"), "w", encoding="ascii") as stream:
            json.dump(self.files, stream)


# Kinds and their weights. Those of weight 0 are large and occur only once.
KINDS = (
    (Maker.make_hostile, 80), (Maker.make_hostile_name, 20), (Maker.make_noise, 20),
    (Maker.make_zero_bytes, 6), (Maker.make_nothing, 8), (Maker.make_other_header, 8),
    (Maker.make_ragged, 6), (Maker.make_mixed, 6), (Maker.make_trailing, 4),
    (Maker.make_times, 8), (Maker.make_gzip, 4), (Maker.make_compressed, 4), (Maker.make_link, 4), (Maker.make_utf16, 4),
    (Maker.make_open_quote, 8), (Maker.make_truncated, 8), (Maker.make_altered, 2),
    (Maker.make_trailing_junk, 2), (Maker.make_wide_characters, 4), (Maker.make_other_format, 2),
    (Maker.make_returns, 2), (Maker.make_dangling, 4), (Maker.make_guarded, 4),
    (Maker.make_pipe, 2), (Maker.make_circle, 2), (Maker.make_directory, 2),
    (Maker.make_hidden, 4), (Maker.make_huge_cell, 0), (Maker.make_wide, 0),
    (Maker.make_long_record, 0))

SUFFIXES = {"gzip": b".gz", "bzip2": b".bz2", "xz": b".xz", "zstd": b".zst"}


def compressed(codec, text):
    if codec == "gzip":
        return gzip.compress(text, mtime=0)
    if codec == "bzip2":
        return bz2.compress(text)
    if codec == "xz":
        return lzma.compress(text)
    try:
        return subprocess.run(["zstd", "-q", "-c"], input=text, stdout=subprocess.PIPE,
                              check=True).stdout
    except FileNotFoundError:
        # An xz file under this name is read the same, and is bad if it is truncated.
        return lzma.compress(text)


# ---- expectations ----

class Expectation:
    """The oracle's report of all files, and the expected outcome of each by its number."""

    def __init__(self, side):
        with open(os.path.join(side, "files.json"), encoding="ascii") as stream:
            files = json.load(stream)
        self.report = oracle.Report()
        self.entries = {}
        self.path = {}
        for entry in sorted(files, key=lambda entry: entry["path"].encode("latin-1")):
            path = entry["path"].encode("latin-1")
            number = number_of(path)
            self.entries[number] = entry
            self.path[number] = os.fsdecode(path)
            if entry["kind"] == "read":
                with open(os.path.join(side, entry["text"]), "rb") as stream:
                    self.read(entry, self.path[number], stream.read())

    def read(self, entry, path, text):
        rows_before, problems = self.report.rows, self.report.problems
        empty, bare = (problems.get(kind, (0,))[0] for kind in ("empty_file", "header_only_file"))
        try:
            self.report.add_text(path, text)
        except ValueError:
            entry["kind"] = "bad"
            return
        entry["rows"] = self.report.rows - rows_before
        if problems.get("empty_file", (0,))[0] > empty:
            entry["kind"] = "empty"
        elif problems.get("header_only_file", (0,))[0] > bare:
            entry["kind"] = "header_only"

    def numbers(self, *kinds):
        return sorted(number for number, entry in self.entries.items() if entry["kind"] in kinds)


def number_of(path):
    """The number of the file, from its path as a report or message prints it."""
    found = re.match(rb".*?/[0-9]{3}(?:\.csv)?/[-. ~]*([0-9]{5})-", path, re.DOTALL)
    return int(found.group(1)) if found else None


# ---- comparison ----

def compare_messages(expected, messages, complain):
    """Messages are one line for each bad file, with location and reason, without control characters,
    and one line that counts these files."""
    if re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", messages):
        complain("a message has control characters")
    for text in messages.decode("utf-8").splitlines():
        if re.search("[\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", text):
            complain(f"a message has characters that reorder or hide: {text!r}")
    lines = collections.defaultdict(list)
    n_bad = len(expected.numbers("bad"))
    *about_files, last = messages.split(b"\n")[:-1] or [b""]
    if last != b"csv-report: incomplete report: %d files left out" % n_bad:
        complain(f"the last message does not count {n_bad} files: {last.decode()!r}")
    for line in about_files:
        lines[number_of(line) if line.startswith(b"csv-report: ") else None].append(line.decode())
    for number, texts in lines.items():
        if number not in expected.entries or expected.entries[number]["kind"] != "bad":
            complain(f"a message about a file that is not bad: {texts[0]!r}")
    for number in expected.numbers("bad"):
        entry = expected.entries[number]
        if len(lines[number]) != 1:
            complain(f"{number}: {len(lines[number])} messages")
            continue
        text = lines[number][0]
        location = "" if entry["line"] is None else f":{entry['line']}: "
        for word in entry["words"] + [location]:
            if word not in text:
                complain(f"{number}: {word!r} is not in {text!r}")


def compare_files(expected, theirs, complain):
    """The report lists each file once with its outcome, and each bad one among the problems."""
    seen = collections.Counter()
    for file in theirs["per_file"]:
        number = number_of(os.fsencode(file["file"]))
        entry = expected.entries.get(number, {"kind": "unknown"})
        seen[number] += 1
        if file["kind"] != entry["kind"]:
            complain(f"{number}: {entry['kind']} expected, {file['kind']} found")
        if file["rows"] != entry.get("rows", 0):
            complain(f"{number}: {entry.get('rows', 0)} rows expected, {file['rows']} found")
    listed = expected.numbers("read", "empty", "header_only", "bad")
    if sorted(seen.elements()) != listed:
        complain(f"files: {sorted(set(listed) ^ set(seen))} are missing, unexpected or listed twice")
    bad = {number_of(os.fsencode(problem["file"])): problem
           for problem in theirs["problems"] if problem["kind"] == "bad_file"}
    if sorted(bad) != expected.numbers("bad"):
        complain(f"bad files: {sorted(set(bad) ^ set(expected.numbers('bad')))} are missing or unexpected")
    for number, problem in bad.items():
        entry = expected.entries.get(number, {"line": None, "words": []})
        if entry["line"] is not None and problem["line"] != entry["line"]:
            complain(f"{number}: line {entry['line']} expected, {problem['line']} found")
        if not all(word in problem["message"] for word in entry["words"]):
            complain(f"{number}: {entry['words']} are not in {problem['message']!r}")
    if theirs["files_bad"] != len(bad):
        complain(f"files_bad: {len(bad)} expected, {theirs['files_bad']} found")


def restore_paths(expected, thing):
    """Restores the paths in which JSON has replaced bytes that are not UTF-8."""
    if isinstance(thing, list):
        for item in thing:
            restore_paths(expected, item)
    elif isinstance(thing, dict):
        if isinstance(thing.get("file"), str):
            thing["file"] = expected.path.get(number_of(os.fsencode(thing["file"])), thing["file"])
        restore_paths(expected, list(thing.values()))


def compare_figures(expected, theirs, complain):
    report = oracle.Report()
    report.problems = dict(expected.report.problems)
    report.files_with_rows = expected.report.files_with_rows
    copies = [entry["path"].encode("latin-1") for entry in expected.entries.values()
              if entry["kind"] == "skipped" and oracle.is_copy(os.path.basename(entry["path"].encode("latin-1")))]
    if copies:
        report.problems["other_names"] = (len(copies), (min(copies), None))
    report.columns, report.headers = (
        {name: column for name, column in columns.items() if not name.startswith(b"wide_")}
        for columns in (expected.report.columns, expected.report.headers))
    for key in ("files", "rows", "bytes"):
        if getattr(expected.report, key) != theirs[key]:
            complain(f"{key}: {getattr(expected.report, key)} expected, {theirs[key]} found")
    oracle.compare_columns(report, theirs, complain)
    oracle.compare_problems(report, theirs, complain)


def compare_csv(expected, data, complain):
    """Compares all columns, with the wide ones, by the CSV report."""
    csv.field_size_limit(1 << 30)
    columns = []
    for line in csv.DictReader(io.StringIO(data.decode("utf-8", "replace"), newline="")):
        column = {"name": line.pop("column")}
        line.pop("top", None)  # CSV does not tell numbers and texts apart
        line.pop("histogram", None)  # heights of bars
        for key, text in line.items():
            is_count = key in oracle.COUNTS or key == "files"
            column[key] = int(text) if is_count else oracle.value_of(text)
        columns.append(column)
    oracle.compare_columns(expected.report, {"columns": columns}, complain, has_locations=False)


def check(side, json_path, csv_path, messages_path, out):
    expected = Expectation(side)
    with open(json_path, "rb") as stream:
        theirs = oracle.read_json(stream.read().decode("utf-8"))
    with open(csv_path, "rb") as stream:
        table = stream.read()
    with open(messages_path, "rb") as stream:
        messages = stream.read()
    restore_paths(expected, theirs["columns"])
    restore_paths(expected, theirs["problems"])
    for name, compare, found in (("messages", compare_messages, messages),
                                 ("files", compare_files, theirs),
                                 ("figures", compare_figures, theirs),
                                 ("wide", compare_csv, table)):
        with open(os.path.join(out, name), "w", encoding="utf-8", errors="backslashreplace") as stream:
            compare(expected, found, lambda text, stream=stream: print(text, file=stream))
    kinds = collections.Counter(entry["kind"] for entry in expected.entries.values())
    print(" ".join(f"{kinds[kind]} {kind}" for kind in
                   ("read", "empty", "header_only", "bad", "skipped")),
          len(expected.report.columns), "columns", expected.report.rows, "rows")


def main(arguments):
    if len(arguments) == 7 and arguments[0] == "make":
        seed, n_files, directory, side, hostile, codecs = arguments[1:]
        maker = Maker(int(seed), directory, side, hostile, codecs.split(","))
        maker.make_all(int(n_files))
        return 0
    if len(arguments) == 6 and arguments[0] == "check":
        check(*arguments[1:])
        return 0
    print(__doc__.strip(), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
