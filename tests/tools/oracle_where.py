"""oracle_where.py - the conditions of --where by the rules of the manual, for oracle.py

Shape   a condition is split by the names of a file; cells are compared as Fractions or as bytes
"""

import fnmatch
import operator
import os
import re

OPERATOR = re.compile(rb"!=|<=|>=|=|<|>|~")
COMPARE = {b"=": operator.eq, b"<": operator.lt, b"<=": operator.le, b">": operator.gt, b">=": operator.ge}
QUANTITIES = {"number": "number", "date": "date", "datetime": "date", "time": "time"}


class Condition:
    """One of a file: the index of its column, or None; the operator; the value as text, and as oracle.Cell unless it is a
    text."""

    def __init__(self, text, names, reading):
        self.column, self.sign, self.value, is_quoted = split(text, names, reading)
        cell = None if is_quoted or self.sign == b"~" else reading.classify_value(self.value)
        self.cell = cell if cell is not None and cell.kind in QUANTITIES else None

    def holds(self, text, column, reading):
        """Whether it holds for the text of a cell, and whether that could be compared."""
        text = reading.in_utf8(reading.trim(text))
        cell = reading.classify(text, column)
        if cell.kind == "missing":
            return self.sign == b"!=", True
        if self.cell is None:
            if self.sign == b"~":
                return fnmatch.fnmatchcase(text.decode("latin-1"), self.value.decode("latin-1")), True
            return self.compare(text, self.value), True
        if QUANTITIES.get(cell.kind) != QUANTITIES[self.cell.kind]:
            return self.sign == b"!=", False
        return self.compare(cell.value, self.cell.value), True

    def compare(self, ours, value):
        return ours != value if self.sign == b"!=" else COMPARE[self.sign](ours, value)


def unquoted(text):
    is_quoted = len(text) > 1 and text[:1] in (b'"', b"'") and text[-1:] == text[:1]
    return (text[1:-1] if is_quoted else text), is_quoted


def split(text, names, reading):
    """The index of the column, the operator, the value, and whether that is in quotes."""
    text = reading.trim(text)
    quoted = re.match(rb"""(["'])(.*?)\1[ \t]*""", text, re.S)
    if quoted:
        sign = OPERATOR.match(text, quoted.end())
        name = reading.fold(quoted[2])
        return (names.index(name) if name in names else None, sign[0],
                *unquoted(reading.trim(text[sign.end():])))
    signs = [OPERATOR.match(text, i) for i in range(len(text))]
    best = None
    for sign in filter(None, signs):
        name, value = reading.fold(reading.trim(text[:sign.start()])), unquoted(reading.trim(text[sign.end():]))
        best = best or (None, name, sign[0], value)
        if name in names and value[0]:
            best = names.index(name), name, sign[0], value
    index, name, sign, value = best
    if index is None and name.isdigit() and 1 <= int(name) <= len(names):
        index = int(name) - 1
    return index, sign, *value


def filter_rows(file, texts, reading):
    """Removes the rows of an oracle.File that do not satisfy all conditions; returns those."""
    conditions = [Condition(text, file.names, reading) for text in texts]
    without = [k for k, condition in enumerate(conditions) if condition.column is None]
    kept, others = [], []
    for row in file.rows:
        holds = not without
        for k, condition in enumerate(conditions):
            if not holds:
                break
            text = row.fields[condition.column] if condition.column < len(row.fields) else b""
            holds, is_compared = condition.holds(text, file.names[condition.column], reading)
            if not is_compared:
                file.not_compared.append((k, row.line))
        (kept if holds else others).append(row)
    file.without = without if others else []
    file.rows = kept
    return others


def compare(texts, files, theirs, complain):
    """What the report says about all conditions."""
    found = {kind: [(problem["count"], problem["file"], problem["line"]) for problem in theirs["problems"]
                    if problem["kind"] == kind] for kind in ("not_compared", "without_condition")}
    expected = {"not_compared": [], "without_condition": []}
    for k in range(len(texts)):
        cells = [((os.fsencode(file.path), line), file.path) for file in files for i, line in file.not_compared if i == k]
        if cells:
            (_, line), path = min(cells)
            expected["not_compared"].append((len(cells), path, line))
        lacking = [(os.fsencode(file.path), file.path) for file in files if k in file.without]
        if lacking:
            expected["without_condition"].append((len(lacking), min(lacking)[1], None))
    for kind, problems in expected.items():
        problems = [(n, os.fsencode(path).decode("utf-8", "replace"), line) for n, path, line in problems]
        if problems != found[kind]:
            complain(f"{kind}: {problems} expected, {found[kind]} found")
