#!/usr/bin/env python3
"""state_text.py - converts saved states to the notation of notation.h, for the seeds of the fuzz targets

Usage   state_text.py [FLAGS] FILE.state...           for the target `state`
        state_text.py --summary FLAGS FILE.state...   only their summaries, for `summary`
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import read_state  # noqa: E402

LINES = [
    "options", "manifest", "inputs", "summary", "totals", "table", "summary_column", "layout", "file", "file_stats",
    "column", "pairs", "groups", "group", "failure", "partial_file", "segment", "run",
]


class Noting(read_state.Reader):
    """Collects a text of each value read, with a line for each of LINES."""

    def __init__(self, data):
        super().__init__(data)
        self.notes = []
        self.is_inside = False

    def note(self, read, show):
        if self.is_inside:
            return read()
        self.is_inside = True
        value = read()
        self.is_inside = False
        self.notes.append(show(value))
        return value

    def raw(self, n):
        return self.note(lambda: super(Noting, self).raw(n), lambda v: ":" + v.hex())

    def varint(self, bits=64):
        return self.note(lambda: super(Noting, self).varint(bits), str)

    def zigzag(self, bits=64):
        return self.note(lambda: super(Noting, self).zigzag(bits), lambda v: "%+d" % v)

    def double(self):
        return self.note(lambda: super(Noting, self).double(), lambda v: "=" + repr(v))

    def text(self):
        return self.note(lambda: super(Noting, self).text(), quote)


def quote(text):
    shown = ""
    for byte in text:
        shown += chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else "\\x%02x" % byte
    return '"' + shown + '"'


def begin_line(name):
    plain = getattr(read_state.Reader, name)

    def noted(self, *arguments):
        if name != "column":
            self.notes.append("\n")
        if name in ("manifest", "inputs", "summary", "table", "partial_file"):
            self.notes.append("; " + name + "\n")
        return plain(self, *arguments)

    setattr(Noting, name, noted)


def notes_of(path, is_summary):
    with open(path, "rb") as file:
        data = file.read()
    reader = Noting(data[20:-32])
    reader.options()
    reader.list(reader.manifest)
    reader.inputs()
    reader.varint()
    reader.notes.append("\n")
    if is_summary:
        reader.varint()
        reader.notes = []
        reader.summary()
    else:
        reader.list(reader.summary)
    text = " ".join(reader.notes)
    return "\n".join(line.strip() for line in text.split("\n") if line.strip()) + "\n"


def main():
    arguments = sys.argv[1:]
    is_summary = arguments[0] == "--summary"
    arguments = arguments[is_summary:]
    for name in LINES:
        begin_line(name)
    print(arguments[0])
    print("/\n".join(notes_of(path, is_summary) for path in arguments[1:]), end="")


if __name__ == "__main__":
    main()
