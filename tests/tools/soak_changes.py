#!/usr/bin/env python3
"""soak_changes.py - runs in sequence on a directory that changes at the same time; a part of soak.sh

A writer adds, removes, renames, replaces, truncates, overwrites and appends to files while the program
reads them, and records the contents of each path over time. Each file of a report must equal, as a whole,
the contents of its path at some time during the run, or be named as bad. The totals must be those of
exactly these files. A file that did not change must be in the report.

Usage   soak_changes.py PROGRAM SECONDS SEED DIRECTORY     (DIRECTORY: an empty one to work in)
Output  a few lines per failure, a summary at the end; exit status 1 if a run failed
Source  statistics: oracle.py; exit statuses: the manual

Changes that no program can detect are not made: a file does not change again for a while, because two
writes of the same size within a tick of the file system's clock look like one; and only files of a single
page are overwritten in place.
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
import shutil
import subprocess
import sys
import threading
import time
from fractions import Fraction

import oracle

LEAST_FILES, MOST_FILES = 30, 70
MOST_BYTES = 60000
REST_S = 0.015  # between two changes of one file: a tick is at most 10 ms
LONGEST_RUN_S = 120
DIRECTORIES = ("data", "data/one", "data/two", "data/one/deep")
SUFFIXES = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
WORDS = ("", "NA", "oops", "true", "2024-01-31", "2024-02-01 10:00:00.5", "1-02:03:04", "nan", "-inf", "1e3", '"a, b"', '"line\nend"', '"say ""x"""', " 7 ", "+.5")
FIGURES = (("sum", 0), ("mean", 0), ("min", 0), ("max", 0), ("variance", 1), ("stddev", 1),
           ("stddev_pop", 1), ("type", 0))
# The exit statuses of the manual for such runs.
DOCUMENTED = {0, 1, 3, 75}

ABSENT, BROKEN = "absent", "broken"  # contents of a path other than text


def compress_zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


# ---- expected statistics of a file ----

class Moments:
    """The sums and extremes of a column, from which the statistics are computed."""

    def __init__(self, values=()):
        self.n = len(values)
        self.total = sum(values, Fraction(0))
        self.squares = sum((value * value for value in values), Fraction(0))
        self.least = min(values, default=None)
        self.most = max(values, default=None)

    def add(self, other):
        if other.n == 0:
            return
        self.least = other.least if self.n == 0 else min(self.least, other.least)
        self.most = other.most if self.n == 0 else max(self.most, other.most)
        self.n += other.n
        self.total += other.total
        self.squares += other.squares

    def figures(self):
        result = {name: None for name, _ in FIGURES}
        if self.n == 0:
            return result
        spread = (self.n * self.squares - self.total * self.total) / self.n
        result["sum"] = oracle.shown(self.total)
        result["mean"] = oracle.to_double(self.total / self.n)
        result["stddev_pop"] = oracle.root_to_double(spread / self.n)
        if self.n > 1:
            result["variance"] = oracle.to_double(spread / (self.n - 1))
            result["stddev"] = oracle.root_to_double(spread / (self.n - 1))
        result["min"] = oracle.shown(self.least)
        result["max"] = oracle.shown(self.most)
        return result


class Cells:
    """A column: its cells by class, and the sums of its values by quantity."""

    def __init__(self, column=None):
        self.column = oracle.Column()  # without values
        self.moments = {quantity: Moments() for quantity in self.column.values}
        if column is not None:
            self.merge(column)
            for quantity, values in column.values.items():
                self.moments[quantity] = Moments(values)

    def merge(self, column):
        ours = self.column
        for kind, n in column.cells.items():
            ours.cells[kind] += n
        for quantity, notation in column.notation.items():
            ours.notation[quantity] |= notation
        if column.least is not None:
            ours.least = min(ours.least or column.least, column.least)
            ours.greatest = max(ours.greatest or column.greatest, column.greatest)

    def add(self, other):
        self.merge(other.column)
        for quantity, moments in other.moments.items():
            self.moments[quantity].add(moments)

    def figures(self):
        column_type = self.column.type()
        result = dict.fromkeys((name for name, _ in FIGURES), None)
        quantity = oracle.TYPES_WITH_VALUES.get(column_type)
        moments = self.moments.get(quantity)
        if quantity == "number":
            result = moments.figures()
        elif column_type == "text" and self.column.least is not None:
            result["min"] = oracle.shown_text(*self.column.least)
            result["max"] = oracle.shown_text(*self.column.greatest)
        elif moments is not None and moments.n > 0:
            values = {"min": moments.least, "max": moments.most,
                      "mean": oracle.to_microseconds(moments.total / moments.n)}
            if quantity == "time":
                values["sum"] = oracle.to_microseconds(moments.total)
            for name, value in values.items():
                result[name] = oracle.time_text(value, quantity, self.column.notation[quantity],
                                                column_type == "date")
        result["type"] = column_type
        return result

    def differs(self, found):
        """The difference from a column of a report, or None."""
        counts = self.column.counts()
        for kind in oracle.COUNTS:
            if counts[kind] != found[kind]:
                return f"{found['name']}: {kind} is {found[kind]}, not {counts[kind]}"
        figures = self.figures()
        for name, ulps in FIGURES:
            if not oracle.same_value(figures[name], found[name], ulps):
                return f"{found['name']}: {name} is {found[name]}, not {figures[name]}"
        return None


class Facts:
    """The entry that a report must have for a file with this text."""

    def __init__(self, path, text):
        report = oracle.Report()
        self.rows, self.bytes, self.columns = 0, 0, {}
        try:
            report.add_text(path, text)
        except ValueError:  # an unterminated quote
            self.kind = "bad"
            return
        self.kind = "read"
        if "empty_file" in report.problems:
            self.kind = "empty"
        elif "header_only_file" in report.problems:
            self.kind = "header_only"
        self.rows, self.bytes = report.rows, report.bytes
        for name, column in report.all_columns().items():
            self.columns[name.decode("utf-8", "replace")] = Cells(column)

    def has_some(self, selected):
        """Whether it has rows and any of these columns."""
        return self.kind == "read" and \
            (selected is None or any(name in selected for name in self.columns))

    def differs(self, entry, selected):
        """The difference from an entry of a report, or None."""
        if entry["kind"] != self.kind:
            return f"{entry['kind']}, not {self.kind}"
        for name in ("rows", "bytes"):
            if entry[name] is not None and entry[name] != getattr(self, name):
                return f"{name}: {entry[name]}, not {getattr(self, name)}"
        return differing_columns(self.columns, entry["columns"], selected)


def differing_columns(columns, found, selected):
    expected = [name for name in columns if selected is None or name in selected]
    if sorted(expected) != sorted(column["name"] for column in found):
        return f"columns are {[column['name'] for column in found]}, not {expected}"
    for column in found:
        why = columns[column["name"]].differs(column)
        if why:
            return why
    return None


class Library:
    """A cache of the facts of texts: most files do not change from run to run."""

    def __init__(self):
        self.cache = {}

    def facts(self, path, text):
        for suffix in (*SUFFIXES, ".zst"):
            path = path.removesuffix(suffix)
        key = (path.endswith(".tsv"), text)
        if key not in self.cache:
            if len(self.cache) > 3000:
                self.cache.clear()
            self.cache[key] = Facts(path, text)
        return self.cache[key]


# ---- the directory ----

State = collections.namedtuple("State", "begin end text grown_from")  # grown_from: see History.grow


class History:
    """The contents of each path over time; states overlap during a change."""

    def __init__(self):
        self.states = {}  # by path; the last state has no end

    def set(self, path, begin, end, text):
        states = self.states.setdefault(path, [])
        if states:
            states[-1] = states[-1]._replace(end=end)
        else:
            states.append(State(0, end, ABSENT, None))
        states.append(State(begin, float("inf"), text, None))

    def grow(self, path, begin, end, text, grown_from):
        """Like set, but during the change the text may have any length from `grown_from` on."""
        self.set(path, begin, end, text)
        self.states[path].insert(-1, State(begin, end, text, grown_from))

    def within(self, path, window):
        begin, end = window
        found = [state for state in self.states.get(path, ())
                 if state.begin <= end and state.end >= begin]
        return found or [State(0, float("inf"), ABSENT, None)]

    def forget(self, before):
        for path, states in list(self.states.items()):
            states[:] = [state for state in states if state.end >= before]
            if len(states) == 1 and states[0].text is ABSENT:
                del self.states[path]


class File:
    def __init__(self, suffix):
        self.suffix = suffix  # of its compression, or ""
        self.raw = b""
        self.parts = []  # of a compressed file: (compressed bytes, text)
        self.is_torn = False  # a truncated part follows
        self.rest = b""  # the rest of a truncated row, which is appended next
        self.version = 0
        self.changed = 0.0

    def text(self):
        if not self.suffix:
            return self.raw
        return BROKEN if self.is_torn else b"".join(text for _, text in self.parts)


class Writer(threading.Thread):
    """Changes the directory while `going` is set, one change at a time under `lock`."""

    def __init__(self, seed, log):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.history = History()
        self.files = {}
        self.moved = collections.deque(maxlen=50)  # (begin, end, directory)
        self.going = threading.Event()
        self.lock = threading.Lock()
        self.log = log
        self.n_changes = collections.Counter()
        self.n_versions = 10 ** 7  # all versions have the same number of digits
        self.error = None
        self.pack = dict(SUFFIXES)
        if shutil.which("zstd"):
            self.pack[".zst"] = compress_zstd
        for directory in DIRECTORIES:
            os.makedirs(directory)
        while len(self.files) < (LEAST_FILES + MOST_FILES) // 2:
            self.add()

    def run(self):
        try:
            while self.going.wait():
                with self.lock:
                    self.change()
                time.sleep(self.random.choice((0, 0.0005, 0.002, 0.005)))
        except Exception as error:  # the main thread reports it: without changes the test has no meaning
            self.error = error

    def change(self):
        ways = [self.add, self.remove, self.rename, self.replace, self.replace, self.cut, self.cut,
                self.append_rows, self.append_rows, self.append_rows, self.overwrite, self.touch]
        if len(self.files) < LEAST_FILES:
            ways = [self.add]
        elif len(self.files) > MOST_FILES:
            ways = [self.remove]
        elif self.random.random() < 0.02:
            ways = [self.move_directory]
        self.random.choice(ways)()

    # -- texts --

    def delimiter(self, path):
        return "\t" if ".tsv" in path else ";" if ".semi" in path else ","

    def row(self, path, version, i):
        number = self.random.choice((str(i), f"{self.random.randrange(-10**6, 10**6) / 100:.2f}"))
        fields = [str(version), number, self.random.choice(WORDS)]
        if ".wide" in path:
            fields += [str(self.random.random()), str(i * i)]
        return self.delimiter(path).join(fields) + "\n"

    def rows(self, path, version, n):
        return "".join(self.row(path, version, i) for i in range(n)).encode()

    def full_text(self, path, version, n_rows):
        names = ["version", "number", "word"] + (["x", "square"] if ".wide" in path else [])
        return (self.delimiter(path).join(names) + "\n").encode() + self.rows(path, version, n_rows)

    def some_rows(self):
        return self.random.choice((0, 1, 5, 50, 300, 300, 1000))

    def next_version(self):
        self.n_versions += 1
        return self.n_versions

    # -- changes of a file; each records itself --

    def note(self, way, path, begin, end):
        self.n_changes[way] += 1
        print(f"{begin:.6f} {end:.6f} {way} {path}", file=self.log)

    def choose(self, test=lambda path, file: True):
        """A file that can be changed, or None."""
        now = time.monotonic()
        ready = [path for path, file in self.files.items()
                 if now - file.changed > REST_S and test(path, file)]
        return self.random.choice(ready) if ready else None

    def record_change(self, way, path, begin):
        end = time.monotonic()
        file = self.files[path]
        file.changed = end
        self.history.set(path, begin, end, file.text())
        self.note(way, path, begin, end)

    def fill(self, path, file):
        """Sets new text, which is not yet on disk."""
        file.version = self.next_version()
        text = self.full_text(path, file.version, self.some_rows())
        file.rest, file.is_torn = b"", False
        file.parts = [(self.pack[file.suffix](text), text)] if file.suffix else []
        file.raw = file.parts[0][0] if file.suffix else text

    def new_path(self, suffix):
        kind = self.random.choice((".csv", ".csv", ".wide.csv", ".semi.csv", ".tsv"))
        directory = self.random.choice(DIRECTORIES)
        return f"{directory}/{self.random.randrange(10 ** 6):06d}{kind}{suffix}"

    def put(self, path, file):
        """Writes the file atomically."""
        with open("data/.new", "wb") as stream:
            stream.write(file.raw)
        os.rename("data/.new", path)

    def add(self):
        suffix = self.random.choice(("", "", "", *self.pack))
        path = self.new_path(suffix)
        if path in self.files or path in self.history.states:
            return
        file = File(suffix)
        begin = time.monotonic()
        if suffix or self.random.random() < 0.5:
            self.fill(path, file)
            begin = time.monotonic()
            self.put(path, file)
        else:  # starts empty and grows
            file.version = self.next_version()
            with open(path, "wb"):
                pass
            file.rest = self.full_text(path, file.version, self.some_rows())
        self.files[path] = file
        self.record_change("added", path, begin)

    def remove(self):
        path = self.choose()
        if path is None:
            return
        begin = time.monotonic()
        os.unlink(path)
        end = time.monotonic()
        del self.files[path]
        self.history.set(path, begin, end, ABSENT)
        self.note("removed", path, begin, end)

    def rename(self):
        path = self.choose()
        if path is None:
            return
        directory = self.random.choice(DIRECTORIES)
        other = f"{directory}/{self.random.randrange(10 ** 6):06d}{path[path.index('.'):]}"
        if other in self.history.states:
            return
        begin = time.monotonic()
        os.rename(path, other)
        end = time.monotonic()
        self.files[other] = self.files.pop(path)
        self.history.set(path, begin, end, ABSENT)
        self.history.set(other, begin, end, self.files[other].text())
        self.files[other].changed = end
        self.note("renamed", f"{path} {other}", begin, end)

    def replace(self):
        path = self.choose()
        if path is None:
            return
        file = self.files[path]
        self.fill(path, file)
        begin = time.monotonic()
        self.put(path, file)
        self.record_change("replaced", path, begin)

    def cut(self):
        """Truncates at any byte, but a compressed file after the bytes that identify its format."""
        path = self.choose(lambda _, file: len(file.raw) > (40 if file.suffix else 0))
        if path is None:
            return
        file = self.files[path]
        length = self.random.randrange(20 if file.suffix else 0, len(file.raw))
        begin = time.monotonic()
        os.truncate(path, length)
        file.raw = file.raw[:length]
        file.rest = b""
        if file.suffix:
            kept, n = [], 0
            for part in file.parts:
                if n + len(part[0]) <= length:
                    kept.append(part)
                    n += len(part[0])
                else:
                    break
            file.parts, file.is_torn = kept, n < length
        self.record_change("cut", path, begin)

    def append_rows(self):
        """Appends some rows, the last of which may be incomplete until the next time."""
        path = self.choose(lambda _, file: len(file.raw) < MOST_BYTES and not file.is_torn)
        if path is None:
            return
        file = self.files[path]
        if file.suffix:
            text = self.rows(path, file.version, 1 + self.some_rows())
            part = (self.pack[file.suffix](text), text)
            added = part[0]
        else:
            added = file.rest + self.rows(path, file.version, 1 + self.some_rows())
            n = self.random.choice((len(added), self.random.randrange(len(added))))
            added, file.rest = added[:n], added[n:]
        before = len(file.raw)
        begin = time.monotonic()
        with open(path, "ab", buffering=0) as stream:
            if stream.write(added) != len(added):
                raise OSError(f"{path}: a short write")
        end = time.monotonic()
        file.raw += added
        file.changed = end
        if file.suffix:
            file.parts.append(part)
            self.history.set(path, begin, end, BROKEN)
            self.history.set(path, begin, end, file.text())
        else:
            self.history.grow(path, begin, end, file.raw, before)
        self.note("appended", path, begin, end)

    def overwrite(self):
        """Replaces the text in place by another one of the same size."""
        path = self.choose(lambda _, file: not file.suffix and 0 < len(file.raw) <= 4096)
        if path is None:
            return
        file = self.files[path]
        file.version = self.next_version()
        text = self.full_text(path, file.version, 1 + len(file.raw) // 8)[:len(file.raw)]
        file.raw, file.rest = text, b""
        begin = time.monotonic()
        with open(path, "r+b", buffering=0) as stream:
            stream.write(text)
        self.record_change("overwritten", path, begin)

    def touch(self):
        path = self.choose()
        if path is None:
            return
        begin = time.monotonic()
        os.utime(path)
        self.record_change("touched", path, begin)

    def move_directory(self):
        """Renames a directory and soon renames it back."""
        directory = self.random.choice(DIRECTORIES[1:])
        inside = [path for path in self.files if path.startswith(directory + "/")]
        now = time.monotonic()
        if any(now - self.files[path].changed <= REST_S for path in inside):
            return
        begin = time.monotonic()
        os.rename(directory, "elsewhere")
        time.sleep(self.random.choice((0, 0.001, 0.01)))
        os.rename("elsewhere", directory)
        end = time.monotonic()
        for path in inside:
            self.history.set(path, begin, end, ABSENT)
            self.history.set(path, begin, end, self.files[path].text())
        self.moved.append((begin, end, directory))
        self.note("moved away and back", directory, begin, end)

    def hold(self):
        self.going.clear()
        with self.lock:  # waits for the current change
            pass
        if self.error:
            raise self.error


# ---- runs ----

Result = collections.namedtuple("Result", "status out err window command")


class Soak:
    def __init__(self, program, seed):
        self.program = program
        self.random = random.Random(seed)
        self.log = open("changes.log", "w", encoding="utf-8")
        self.writer = Writer(seed + 1, self.log)
        self.library = Library()
        self.n_runs = self.n_failures = self.n_whole = self.n_stopped = self.n_refused = 0
        self.n_named = collections.Counter()
        self.kinds = collections.Counter()
        self.options_seen = collections.Counter()
        self.peaks = []  # KiB, of each run
        self.time = shutil.which("time")
        version = self.capture("--version")
        kernels = re.search(r"^parsing kernels: ([a-z0-9 ]+)", version, re.MULTILINE).group(1).split()
        lacking = re.search(r"not on this CPU: ([a-z0-9, ]+)", version)
        lacking = re.findall("[a-z0-9]+", lacking.group(1)) if lacking else []
        self.kernels = [kernel for kernel in kernels if kernel not in lacking]
        self.can_sample = "no flamegraph" not in version

    def capture(self, *words):
        return subprocess.run([self.program, *words], stdout=subprocess.PIPE, check=True,
                              text=True).stdout

    # -- one run --

    def pick_work(self):
        """Options that do not change the report."""
        pick = self.random.choice
        words = ["-j", str(pick((1, 1, 2, 3, 8))), f"--kernel={pick(self.kernels)}"]
        words += pick(([], ["--chunk=1000"], ["--chunk=65536"], ["--chunk=4099"]))
        words += pick(([], [], ["--block=4096"], ["--block=65536"]))
        words += pick(([], [], ["--timing"], ["-v"], ["--progress=0.01"], ["--timing", "-v"]))
        if self.can_sample:
            words += pick(([], [], [], ["--flamegraph=graph.svg", "--sample-rate=20000"],
                           ["--flamegraph=graph.folded"]))
        return words

    def run(self, *words):
        """Runs the program to its end and checks how it ended."""
        self.n_runs += 1
        command = [self.program, "--tables=one", *words]
        measured = ["time", "-q", "-f", "%M", "-o", "peak", *command] if self.time else command
        for word in words:
            self.options_seen[re.sub("=.*", "", word) if word.startswith("-") else "PATH"] += 1
        schedule = self.random.choice(("dynamic", "static", "guided,2"))
        with open("out", "wb") as out, open("err", "wb") as err:
            begin = time.monotonic()
            try:
                status = subprocess.run(measured, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                        timeout=LONGEST_RUN_S, check=False,
                                        env=dict(os.environ, OMP_SCHEDULE=schedule)).returncode
            except subprocess.TimeoutExpired:
                status = -1
            end = time.monotonic()
        with open("out", "rb") as stream:
            out = stream.read()
        with open("err", encoding="utf-8", errors="replace") as stream:
            err = stream.read()
        result = Result(status, out, err, (begin, end), " ".join(command))
        if status == -1:
            self.fail(result, f"did not end in {LONGEST_RUN_S} s")
        elif status not in DOCUMENTED:
            self.fail(result, f"exit status {status}")
        if re.search("Sanitizer|runtime error:|corrupt|Assertion", err.replace("is corrupt", "")):
            self.fail(result, "a message of a crash")
        if self.time and status in (0, 3):
            with open("peak", encoding="ascii") as stream:
                self.peaks.append(int(stream.read().split()[-1]))
        return result

    def fail(self, result, why):
        self.n_failures += 1
        print(f"soak: run {self.n_runs}: {why}\n  {result.command}\n  exit status {result.status}")
        for line in result.err.splitlines()[:5]:
            print(f"  {line}")
        sys.stdout.flush()
        if self.n_failures <= 20:
            directory = f"failure-{self.n_failures}"
            os.makedirs(directory, exist_ok=True)
            shutil.copytree("data", f"{directory}/data", dirs_exist_ok=True)
            with open(f"{directory}/out", "wb") as stream:
                stream.write(result.out)
            with open(f"{directory}/err", "w", encoding="utf-8") as stream:
                stream.write(result.err)

    # -- contents of a report --

    def explain_entry(self, entry, window, selected):
        """(facts of the state that the entry shows, or why no state matches)"""
        path = entry["file"]
        states = self.writer.history.within(path, window)
        if entry["kind"] == "bad":
            if len(states) > 1 or states[0].text is BROKEN:
                return None, None
            if any(directory == path and begin <= window[1] and end >= window[0]
                   for begin, end, directory in self.writer.moved):
                return None, None
            if states[0].text is ABSENT:
                return None, "is named, but never existed"
            if self.library.facts(path, states[0].text).kind == "bad":
                return None, None
            return None, "is named as bad, but did not change"
        whys = []
        for state in states:
            if state.text is ABSENT or state.text is BROKEN:
                continue
            text = state.text
            if state.grown_from is not None:
                if entry["bytes"] is None or entry["bytes"] < state.grown_from:
                    continue
                text = text[:entry["bytes"]]
            facts = self.library.facts(path, text)
            why = facts.differs(entry, selected)
            if why is None:
                return facts, None
            whys.append(why)
        return None, f"matches none of its {len(states)} states: {'; '.join(whys[:4])}"

    def explain(self, result, report, window, takes, selected):
        """Fails unless each file of the report is as it was at some time within `window`."""
        found, totals, rows, n_bytes = {}, {}, 0, 0
        n_before = self.n_failures
        for entry in report["per_file"]:
            path = entry["file"]
            if path in found:
                self.fail(result, f"{path} is listed twice")
            facts, why = self.explain_entry(entry, window, selected)
            if why:
                self.fail(result, f"{path} {why}")
            found[path] = entry
            if entry["kind"] == "bad":
                self.n_named["bad"] += 1
                if len(self.writer.history.within(path, window)) > 1:
                    self.n_named["changed"] += 1
                if result.err and f"csv-report: {path}:" not in result.err:
                    self.fail(result, f"{path} is not named on standard error")
            elif facts:
                rows += facts.rows
                n_bytes += facts.bytes
                for name, cells in facts.columns.items():
                    totals.setdefault(name, Cells()).add(cells)
        for path in self.writer.history.states:
            if path in found or not takes(path):
                continue
            states = self.writer.history.within(path, window)
            if report["lists_all"]:
                may_be_missing = any(state.text is ABSENT for state in states)
            else:  # files without a column to show are not listed
                may_be_missing = len(states) > 1 or states[0].text in (ABSENT, BROKEN) or \
                    not self.library.facts(path, states[0].text).has_some(selected)
            if not may_be_missing:
                self.fail(result, f"{path} existed all the time and is not in the report")
        for path in found:
            if not takes(path):
                self.fail(result, f"{path} was not selected")
        if self.n_failures > n_before:
            return
        if report["rows"] is not None and report["rows"] != rows:
            self.fail(result, f"rows: {report['rows']}, but its files have {rows}")
        if report["bytes"] is not None and report["bytes"] != n_bytes:
            self.fail(result, f"bytes: {report['bytes']}, but its files have {n_bytes}")
        why = differing_columns(totals, report["columns"], selected)
        if why:
            self.fail(result, f"the totals are not those of its files: {why}")
        self.n_whole += 1

    def check_ending(self, result, n_bad):
        """The exit status is 3 if the report has bad files, else 0."""
        expected = 3 if n_bad > 0 else 0
        if result.status != expected:
            self.fail(result, f"exit status {result.status} with {n_bad} bad files")

    @staticmethod
    def from_json(out):
        report = oracle.read_json(out)
        report["lists_all"] = True
        for entry in report["per_file"]:
            if entry["kind"] == "bad":
                entry["bytes"] = None
        return report

    def from_lines(self, result, format_name):
        """A report like that of from_json, from CSV or TSV with --per-file and -A, and from messages."""
        text = result.out.decode("utf-8", "replace")
        reader = csv.DictReader(io.StringIO(text, newline=""),
                                **({"delimiter": "\t", "quoting": csv.QUOTE_NONE}
                                   if format_name == "tsv" else {}))
        blocks = collections.OrderedDict()
        for line in reader:
            column = {"name": line["column"]}
            for kind in oracle.COUNTS:
                column[kind] = int(line[kind])
            for name, _ in FIGURES:
                column[name] = oracle.value_of(line[name])
            blocks.setdefault(line["file"], []).append(column)
        total = blocks.pop("", [])
        per_file = [{"file": path, "kind": "read", "bytes": None, "columns": columns,
                     "rows": sum(columns[0][kind] for kind in oracle.COUNTS)}
                    for path, columns in blocks.items()]
        named = set(re.findall(r"^csv-report: (data/[^:\n]*):", result.err, re.MULTILINE))
        per_file += [{"file": path, "kind": "bad", "bytes": None, "rows": None, "columns": []}
                     for path in sorted(named) if path not in blocks]
        return {"columns": total, "rows": None, "bytes": None, "per_file": per_file,
                "lists_all": False}

    def parse(self, result, format_name):
        """Returns the report, or None if it is invalid, which is recorded as a failure."""
        try:
            if format_name == "json":
                return self.from_json(result.out)
            return self.from_lines(result, format_name)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            self.fail(result, f"no report of format {format_name}: {error!r}")
            return None

    # -- kinds of runs; each returns the start of its window --

    def choose_reading(self):
        """Options, a function that tests whether they select a path, and the selected columns."""
        pick = self.random.choice
        way = pick(("all", "all", "all", "all", "exclude", "include", "depth", "select"))
        if way == "exclude":
            return ["--exclude=*.gz"], lambda path: not path.endswith(".gz"), None
        if way == "include":
            return ["--include=*.csv"], lambda path: path.endswith(".csv"), None
        if way == "depth":
            return ["--max-depth=1"], lambda path: path.count("/") == 1, None
        if way == "select":
            return ["--select=version,number"], lambda path: True, ("version", "number")
        return [], lambda path: True, None

    def is_over(self, result):
        """Whether the run ended without a report, which is allowed."""
        if result.status in (0, 3):
            return False
        # A run that is stopped while it writes the report may have written a part of it.
        if result.out and result.status != 75:
            self.fail(result, "a part of a report on standard output")
        if not result.err:
            self.fail(result, "no report and no message")
        return True

    def direct(self):
        reading, takes, selected = self.choose_reading()
        format_name = self.random.choice(("json", "json", "json", "csv", "tsv"))
        words = ["--per-file", f"--format={format_name}", *reading, *self.pick_work()]
        words += self.random.choice(([], ["--provenance"])) if format_name == "json" else ["-A"]
        ends_early = self.random.choice((False, False, False, "--strict", "--time-limit=0.005"))
        if ends_early:
            words.append(ends_early)
        self.writer.going.set()
        result = self.run(*words, "data")
        self.writer.hold()
        if self.is_over(result):
            expected = {"--strict": 1, "--time-limit=0.005": 75}.get(ends_early)
            if result.status != expected:
                self.fail(result, f"exit status {result.status} without a reason")
            self.n_stopped += 1
        else:
            self.check_report(result, format_name, result.window, takes, selected)
        return result.window[0]

    def check_report(self, result, format_name, window, takes, selected):
        report = self.parse(result, format_name)
        if report is None:
            return
        self.explain(result, report, window, takes, selected)
        self.check_ending(result, sum(entry["kind"] == "bad" for entry in report["per_file"]))

    def for_people(self):
        """Table and Markdown: the exit status and the line of counts are plausible."""
        format_name = self.random.choice(("table", "md"))
        self.writer.going.set()
        result = self.run(f"--format={format_name}", *self.pick_work(), "data")
        self.writer.hold()
        if not self.is_over(result):
            text = result.out.decode("utf-8")
            if not re.search(r"^\W*\d[\d,]* files?\W.*\d[\d,]* rows?", text, re.MULTILINE):
                self.fail(result, "the report does not count files and rows")
            is_named = "csv-report: data/" in result.err
            if is_named != (result.status == 3):
                self.fail(result, f"exit status {result.status} contradicts the messages")
        return result.window[0]

    def saved(self):
        """Saves a state of the directory and reports on it in several formats."""
        self.writer.going.set()
        saved = self.run("--format=state", "--per-file", "-o", "all.state", *self.pick_work(), "data")
        self.writer.hold()
        if self.is_over(saved):
            self.fail(saved, "no state")
            return saved.window[0]
        as_json = self.run("--format=json", "--per-file", *self.pick_work(), "all.state")
        self.check_report(as_json, "json", saved.window, lambda path: True, None)
        as_csv = self.run("--format=csv", "-A", "--per-file", *self.pick_work(), "all.state")
        report, lines = self.parse(as_json, "json"), self.parse(as_csv, "csv")
        if report is not None and lines is not None:
            for theirs, ours in zip(lines["columns"], report["columns"]):
                if any(theirs[name] != ours[name] for name in theirs):
                    self.fail(as_csv, f"{theirs['name']}: differs from the JSON report")
        return saved.window[0]

    def shards(self):
        """Merges shards of different times. In half of the tests nothing changes, so they must match."""
        n = self.random.randrange(2, 5)
        is_held = self.random.random() < 0.5
        chunk = self.random.choice(("--chunk=1000", "--chunk=65536"))
        begin = time.monotonic()
        if not is_held:
            self.writer.going.set()
        names = []
        for i in range(n):
            names.append(f"{i + 1}.state")
            words = [word for word in self.pick_work() if "--chunk" not in word]
            shard = self.run("--format=state", "--per-file", "-o", names[-1], chunk,
                             f"--shard={i + 1}/{n}", *words, "data")
            if shard.status not in (0, 3):
                self.fail(shard, "no state")
                self.writer.hold()
                return begin
        self.random.shuffle(names)
        merged = self.run("--format=json", "--per-file", *self.pick_work(), *names)
        self.writer.hold()
        if merged.status == 1 and not is_held:
            self.n_refused += 1
            if not self.is_over(merged) or "csv-report: " not in merged.err:
                self.fail(merged, "refused without a message")
        elif merged.status not in (0, 3):
            self.fail(merged, "no report of the shards")
        else:
            window = (begin, merged.window[1])
            self.check_report(merged, "json", window, lambda path: True, None)
        return begin

    def resumed(self):
        """Resumes a run several times from its checkpoint, while the directory changes."""
        begin = time.monotonic()
        common = ["--checkpoint=run.ckpt", "--checkpoint-every=0.002", "--format=json", "--per-file",
                  self.random.choice(("--chunk=1000", "--chunk=4099", "--chunk=65536"))]
        self.writer.going.set()
        for i in range(self.random.randrange(2, 8)):
            limit = self.random.choice((0.002, 0.005, 0.01, 0.02))
            words = [word for word in self.pick_work() if "--chunk" not in word]
            result = self.run(*common, f"--time-limit={limit}", *words, "data")
            if result.status != 75:
                break
            self.n_stopped += 1
        if result.status == 75:
            result = self.run(*common, "data")
        self.writer.hold()
        if result.status not in (0, 3):
            self.fail(result, "no report in the end")
        else:
            self.check_report(result, "json", (begin, result.window[1]), lambda path: True, None)
        if os.path.exists("run.ckpt"):
            self.fail(result, "the checkpoint remains")
            os.unlink("run.ckpt")
        return begin

    def go(self, seconds):
        kinds = [self.direct] * 8 + [self.for_people, self.saved, self.saved, self.shards, self.shards,
                                     self.resumed, self.resumed]
        self.writer.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            kind = self.random.choice(kinds)
            self.kinds[kind.__name__] += 1
            kind()
            # No program runs, so earlier states are no longer needed.
            self.writer.history.forget(time.monotonic())

    def check_memory(self):
        """The last quarter of the runs may need a quarter more memory than the first one."""
        quarter = len(self.peaks) // 4
        if quarter < 10:
            return "not enough runs to compare memory" if self.time else \
                "memory was not measured: the program `time` is missing"
        first, last = sorted(self.peaks[:quarter]), sorted(self.peaks[-quarter:])
        middle = quarter // 2
        if last[middle] > first[middle] * 1.25 + 2048 or last[-1] > first[-1] * 1.5 + 8192:
            self.n_failures += 1
            print("soak: the memory of runs grows")
        return (f"peak memory of a run in KiB, median and maximum: first quarter {first[middle]} "
                f"{first[-1]}, last quarter {last[middle]} {last[-1]}")


def format_counts(counter):
    return ", ".join(f"{n} {name}" for name, n in counter.most_common())


def main(arguments):
    program, seconds, seed, directory = arguments
    program = os.path.abspath(program)
    os.chdir(directory)
    soak = Soak(program, int(seed))
    soak.go(float(seconds))
    memory = soak.check_memory()
    soak.log.close()
    print(f"soak: runs on a changing directory: {format_counts(soak.kinds)}")
    print(f"soak: options: {format_counts(soak.options_seen)}; kernels {' '.join(soak.kernels)}")
    print(f"soak: changes: {format_counts(soak.writer.n_changes)}")
    print(f"soak: {memory}")
    print(f"soak: {soak.n_runs} runs in {seconds} s during {sum(soak.writer.n_changes.values())} "
          f"changes: {soak.n_whole} reports explained, {soak.n_stopped} ended early, "
          f"{soak.n_refused} merges refused, {soak.n_named['bad']} files named as bad, of these "
          f"{soak.n_named['changed']} changed meanwhile; {soak.n_failures} failures")
    return 1 if soak.n_failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
