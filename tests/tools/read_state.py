#!/usr/bin/env python3
"""read_state.py - a second reader of saved states, written from doc/state-format.md alone

Usage   read_state.py FILE.state              everything in it, as JSON
        read_state.py FILE.state REPORT.json  says where the program's report of it differs
        read_state.py FILE.state --head       the bytes of the body before the run records, as hex
Exit    1: it differs, or is no good state
"""

import hashlib
import json
import struct
import sys
from fractions import Fraction

CLASSES = ["count", "missing", "nan", "infinite", "invalid"]
ODDITIES = ["short_rows", "long_rows", "trailing_rows", "blank_lines", "comment_lines"]
KINDS = ["read", "empty", "header_only", "bad"]
# Of (name, version) what reads the state of a column into it.
AGGREGATES = {}


class Bad(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def raw(self, n):
        if n > len(self.data) - self.at:
            raise Bad("it ends too early")
        self.at += n
        return self.data[self.at - n : self.at]

    def whole(self, bits=64):
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if (byte == 0 and shift > 7) or value >> bits:
            raise Bad("a number in a wrong form")
        return value

    def signed(self, bits=64):
        value = self.whole(bits)
        return -(value >> 1) - 1 if value & 1 else value >> 1

    def double(self):
        return struct.unpack("<d", self.raw(8))[0]

    def text(self):
        return self.raw(self.whole())

    def string(self):
        return self.text().decode("utf-8", "surrogateescape")

    def list(self, item):
        return [item() for _ in range(self.whole())]

    # ---- options, lists, inputs ----

    def options(self):
        options = {
            "delimiter": self.signed(),
            "quote": self.signed(),
            "comment": self.signed(),
            "header": ["auto", "yes", "no"][self.whole()],
            "by_position": bool(self.whole()),
            "null_values": self.list(self.string),
            "select": self.list(self.string),
        }
        self.aggregates = self.list(lambda: (self.string(), self.whole()))
        for aggregate in self.aggregates:
            if aggregate not in AGGREGATES:
                raise Bad("an unknown aggregate: %s, version %d" % aggregate)
        return options

    def listing(self):
        return {
            "digest": self.raw(32).hex(),
            "inputs": self.whole(),
            "bytes": self.whole(),
            "piece_bytes": self.whole(),
            "first": self.string(),
            "newest": self.string(),
            "newest_ns": self.signed(),
            "by_path": bool(self.whole()),
            "shares": self.whole(),
            "found": self.list(self.whole),
        }

    def inputs(self):
        inputs = []
        path = b""
        for _ in range(self.whole()):
            listing, number, same = self.whole(), self.whole(), self.whole()
            if same > len(path):
                raise Bad("a path that shares more than there is")
            path = path[:same] + self.text()
            inputs.append(
                {
                    "listing": listing,
                    "number": number,
                    "path": path.decode("utf-8", "surrogateescape"),
                    "bytes": self.whole(),
                    "mtime_ns": self.signed(),
                    "has_changed": self.whole() != 0,
                    "is_coded": self.whole() != 0,
                }
            )
        return inputs

    # ---- summaries ----

    def place(self):
        line = self.whole()
        return {"line": line, "input": self.whole()} if line > 0 else None

    def column(self):
        column = dict(zip(CLASSES, [self.whole() for _ in CLASSES]))
        total = squares = Fraction(0)
        if column["count"] > 0:
            column["min"], column["max"] = self.double(), self.double()
            n_bins = self.whole()
            if n_bins > 0:
                base = self.signed()
                for i in range(n_bins):
                    total += self.signed(128) * Fraction(10) ** (base + i)
                for i in range(2 * n_bins - 1):
                    squares += self.whole(192) * Fraction(10) ** (2 * base + i)
        column["sum"], column["squares"] = total, squares
        if sum(column[name] for name in CLASSES) > 0:
            for aggregate in self.aggregates:
                AGGREGATES[aggregate](self, column)
        return column

    def table(self):
        n_columns = self.whole()
        table = {
            "rows": self.whole(),
            "extra_fields": self.whole(),
            "lines": self.whole(),
            "bytes": self.whole(),
            "odd": {name: [self.whole(), self.whole()] for name in ODDITIES},
            "columns": [],
        }
        for _ in range(n_columns):
            column = self.column()
            column["invalid_line"] = self.whole()
            table["columns"].append(column)
        return table

    def summary_column(self):
        column = {"name": self.string(), "label": None}
        label = self.whole()
        if label == 1:
            column["label"] = self.string()
        column["labels_differ"] = label == 2
        column["order"] = [self.whole(), self.whole()]
        column["files"] = self.whole()
        column["rows"] = self.whole()
        column["first_invalid"] = self.place()
        column.update(self.column())
        return column

    def header(self):
        return {"files": self.whole(), "columns": [i - 1 for i in self.list(self.whole)]}

    def file(self):
        file = {"input": self.whole()}
        what = self.whole()
        file["kind"] = KINDS[what & 3]
        file["header"] = what >> 2
        return file

    def failure(self):
        return {"input": self.whole(), "line": self.whole(), "message": self.string()}

    def name(self):
        return self.string() if self.whole() else None

    def stretch(self):
        stretch = {
            "first": self.whole(),
            "last": self.whole(),
            "status": self.whole(),
            "start": self.whole() - 1,
            "next": self.whole(),
            "line_end": self.whole(),
        }
        if stretch["status"] == 0:
            stretch["table"] = self.table()
        else:
            stretch["line"], stretch["message"] = self.whole(), self.string()
        return stretch

    def unfinished(self):
        return {
            "input": self.whole(),
            "pieces": self.whole(),
            "piece_bytes": self.whole(),
            "bare_cr": bool(self.whole()),
            "names": self.list(self.name),
            "stretches": self.list(self.stretch),
        }

    def run(self):
        run = {key: self.string() for key in ["version", "command", "host", "job", "kernel"]}
        for key in ["threads", "share", "shares"]:
            run[key] = self.whole()
        run["begin_ns"], run["end_ns"] = self.signed(), self.signed()
        return run

    def summary(self):
        summary = {"matched": self.list(self.whole)}
        for key in ["rows", "bytes", "extra_fields"]:
            summary[key] = self.whole()
        summary["odd"] = {name: [self.whole(), self.place()] for name in ODDITIES}
        summary["columns"] = self.list(self.summary_column)
        summary["headers"] = self.list(self.header)
        summary["files"] = self.list(self.file)
        if self.whole():
            for file in summary["files"]:
                file["table"] = self.table() if file["kind"] != "bad" else None
        summary["failures"] = self.list(self.failure)
        summary["unfinished"] = self.list(self.unfinished)
        summary["runs_at"] = self.at
        summary["runs"] = self.list(self.run)
        return summary


def read(data):
    if data[:8] != b"\xc5CSVR\r\n\x1a":
        raise Bad("it is no state")
    version, length = struct.unpack("<IQ", data[8:20])
    if version != 3:
        raise Bad("its version is %d" % version)
    if length + 52 != len(data):
        raise Bad("it is not as long as it says")
    if hashlib.sha256(data[:-32]).digest() != data[-32:]:
        raise Bad("its digest is not that of its bytes")
    reader = Reader(data[20:-32])
    state = {
        "options": reader.options(),
        "lists": reader.list(reader.listing),
        "inputs": reader.inputs(),
        "per_file": bool(reader.whole()),
        "summaries": reader.list(reader.summary),
    }
    if reader.at != len(reader.data):
        raise Bad("something stands behind its end")
    return state


# ---- against the report ----


def differences(state, report):
    (summary,) = state["summaries"]
    paths = [entry["path"] for entry in state["inputs"]]

    def compare(what, ours, theirs):
        if ours != theirs:
            yield "%s: %r in the state, %r in the report" % (what, ours, theirs)

    yield from compare("rows", summary["rows"], report["rows"])
    yield from compare("bytes", summary["bytes"], report["bytes"])
    kinds = [file["kind"] for file in summary["files"]]
    yield from compare("files", len(kinds) - kinds.count("bad"), report["files"])
    yield from compare("bad files", kinds.count("bad"), report["files_bad"])
    yield from compare("columns", len(summary["columns"]), len(report["columns"]))
    for ours, theirs in zip(summary["columns"], report["columns"]):
        name = ours["label"] or ours["name"]
        yield from compare("column", name, theirs["name"])
        for key in CLASSES + ["files", "rows"]:
            yield from compare(name + " " + key, ours[key], theirs[key])
        place = ours["first_invalid"]
        if place is not None:
            place = {"file": paths[place["input"]], "line": place["line"]}
        yield from compare(name + " first invalid", place, theirs["first_invalid"])
        n = ours["count"]
        if n == 0:
            continue
        exact = {"sum": ours["sum"], "mean": ours["sum"] / n, "min": ours["min"], "max": ours["max"]}
        if n > 1:
            exact["variance"] = (ours["squares"] - ours["sum"] ** 2 / n) / (n - 1)
        for key, value in exact.items():
            try:
                value = float(value)
            except OverflowError:
                continue  # the report has it as a text
            yield from compare(name + " " + key, value, float(theirs[key]))
    problems = {problem["kind"]: problem for problem in report["problems"]}
    for key in ["short_rows", "long_rows", "blank_lines", "comment_lines"]:
        n, place = summary["odd"][key]
        theirs = problems.get(key, {"count": 0})
        yield from compare(key, n, theirs["count"])
        if n > 0:
            yield from compare(key + " file", paths[place["input"]], theirs["file"])
            yield from compare(key + " line", place["line"], theirs["line"])


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    state = read(data)
    if len(sys.argv) < 3:
        json.dump(state, sys.stdout, indent=2, default=str)
        print()
    elif sys.argv[2] == "--head":
        print(data[20 : 20 + state["summaries"][0]["runs_at"]].hex())
    else:
        with open(sys.argv[2], encoding="utf-8") as file:
            report = json.load(file)
        found = list(differences(state, report))
        print("\n".join(found), end="\n" if found else "")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Bad as reason:
        print("%s: %s" % (sys.argv[1], reason), file=sys.stderr)
        sys.exit(1)
