#!/usr/bin/env python3
"""well_formed.py - tables as people have them, without damage, and whether a program reads them right

usage: well_formed.py generate SEED TABLES DIRECTORY
       well_formed.py check PROGRAM DIRECTORY

generate  writes TABLES tables of each shape to DIRECTORY, and truth.json beside them, as damage.py does: for each file
          the names, the number of rows, the count and the exact sum of numbers, the first and last of texts and dates
check     runs csv-report on each file, without options. Each report must be equal to the truth. Prints one line per
          shape: files that are right, wrong but said, silently wrong. Exit status 1 if some file is not right.
"""

import json
import os
import random
import sys
from fractions import Fraction

import damage

WORDS = (
    "calm drift harbour granite willow copper lantern meadow thistle anchor basalt cedar dune ember fjord glacier heron "
    "inlet juniper kelp lichen marsh nettle osprey pebble quarry ridge spruce tundra upland violet walnut yarrow zinc"
).split()
NAMES = "station level depth flow speed mass charge weight volume height angle load power gain drop rate".split()


# ---- tables ----


class Column:
    """A name and the cells as text; '' is a missing value. The kind is that of all cells."""

    def __init__(self, name, kind, cells):
        self.name, self.kind, self.cells = name, kind, cells

    def truth(self):
        cells = [cell for cell in self.cells if cell != ""]
        truth = {"name": self.name, "count": len(cells)}
        if self.kind == "number" and cells:
            truth["sum"] = str(sum(Fraction(cell) for cell in cells))
        elif self.kind in ("text", "date") and cells:
            truth["first"], truth["last"] = min(cells), max(cells)
        return truth


def text(rng):
    return " ".join(rng.sample(WORDS, rng.randint(1, 3)))


def day(rng):
    return "20%02d-%02d-%02d" % (rng.randint(10, 25), rng.randint(1, 12), rng.randint(1, 28))


def whole(rng):
    return str(rng.randint(-50, 9999))


def decimal(rng):
    return "%.*f" % (rng.randint(1, 3), rng.uniform(-100, 1000))


MAKERS = {"text": ("text", text), "date": ("date", day), "whole": ("number", whole), "decimal": ("number", decimal)}


class Table:
    """Columns of the makers `kinds`, in that order; of random ones, one of numbers at least, if there are none."""

    def __init__(self, rng, kinds=None, names=None, n_rows=None):
        if kinds is None:
            kinds = [rng.choice(list(MAKERS)) for _ in range(rng.randint(1, 5))]
            kinds.insert(rng.randint(0, len(kinds)), rng.choice(["whole", "decimal"]))
        if n_rows is None:
            n_rows = rng.randint(3, 60)
        self.rng = rng
        self.n_rows = n_rows
        self.delimiter = rng.choice(",,,;\t|")
        self.newline, self.quoted, self.has_header = "\n", "needed", True
        self.columns = []
        for name, kind in zip(names or rng.sample(NAMES, len(kinds)), kinds):
            kind, make = MAKERS[kind]
            self.columns.append(Column(name, kind, [make(rng) for _ in range(n_rows)]))

    def change(self, change, kinds=("text", "date", "number")):
        """Replaces the cells of some kinds."""
        for column in self.columns:
            if column.kind in kinds:
                column.cells = [change(cell) for cell in column.cells]
        return self

    def field(self, cell, is_text=True):
        special = any(c in cell for c in (self.delimiter, '"', "\n", "\r"))
        if special or self.quoted == "all" or (self.quoted == "texts" and is_text):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def lines(self, write=lambda column, cell: cell):
        """The header and the rows; `write` returns a cell as it is written."""
        lines = []
        if self.has_header:
            lines.append(self.delimiter.join(self.field(column.name) for column in self.columns))
        for i in range(self.n_rows):
            lines.append(
                self.delimiter.join(
                    self.field(write(column, column.cells[i]), column.kind == "text") for column in self.columns
                )
            )
        return lines

    def join(self, lines):
        return self.newline.join(lines) + self.newline

    def data(self):
        return self.join(self.lines())

    def truth(self):
        columns = [column.truth() for column in self.columns]
        for column in columns:
            column["name"] = column["name"] if self.has_header and column["name"] else None
        return {"rows": self.n_rows, "columns": columns}


# ---- shapes: each function gets random numbers and returns the table and the text or bytes of the file ----


def table_of(**options):
    """A table with these attributes."""

    def make(rng):
        table = Table(rng)
        for name, value in options.items():
            setattr(table, name, value)
        return table, table.data()

    return make


def kinds(*of_columns, **more):
    def make(rng):
        table = Table(rng, kinds=list(of_columns), **more)
        return table, table.data()

    return make


def all_text(rng):
    table = Table(rng, kinds=["text"] * rng.randint(2, 6))
    return table, table.data()


def all_text_quoted(rng):
    table = Table(rng, kinds=["text"] * rng.randint(2, 6))
    table.quoted = "all"
    return table, table.data()


def one_row(rng):
    table = Table(rng, n_rows=1)
    return table, table.data()


def only_header(rng):
    table = Table(rng, n_rows=0)
    return table, table.data()


def numbered(rng):
    n = rng.randint(2, 6)
    table = Table(rng, kinds=["whole"] + ["decimal"] * n, names=[""] + [str(i) for i in range(n)])
    table.columns[0].cells = [str(i) for i in range(table.n_rows)]
    return table, table.data()


def years(rng):
    n, first = rng.randint(2, 8), rng.randint(1950, 2010)
    table = Table(rng, kinds=["text"] + ["decimal"] * n, names=["country"] + [str(first + i) for i in range(n)])
    return table, table.data()


def wide(rng):
    table = Table(rng, kinds=["whole", "decimal", "text"] * 100, names=["c%d" % i for i in range(300)])
    return table, table.data()


def with_rows_of_units(rng, n_rows_of_units):
    table = Table(rng, kinds=["date"] + ["decimal"] * rng.randint(2, 5))
    lines = table.lines()
    units = rng.sample(["m", "kg", "degC", "m/s", "hPa", "kWh", "mm", "%"], len(table.columns) - 1)
    if rng.random() < 0.5:
        units = ["[%s]" % unit for unit in units]
    lines.insert(1, table.delimiter.join([""] + units))
    if n_rows_of_units == 2:
        lines.insert(2, table.delimiter.join([""] + ["Avg"] * len(units)))
    return table, table.join(lines)


def above(make_lines):
    """Lines above a table of three columns or more; `make_lines` gets random numbers and the table."""

    def make(rng):
        table = Table(rng, kinds=["date", "whole", "decimal", "text"][: rng.randint(3, 4)], n_rows=rng.randint(12, 60))
        return table, table.join(make_lines(rng, table) + table.lines())

    return make


def titles(rng, table):
    return [rng.choice(["", text(rng).capitalize(), "Made in %d" % rng.randint(1990, 2025)]) for _ in range(19)][
        : rng.randint(0, 19)
    ] + [text(rng).capitalize()]


def titles_with_delimiters(rng, table):
    return [table.delimiter.join(["Report of %s" % text(rng), "page %d" % rng.randint(1, 9)])] + (
        [""] if rng.random() < 0.5 else []
    )


def padded_titles(rng, table):
    padding = table.delimiter * (len(table.columns) - 1)
    return [text(rng).capitalize() + padding for _ in range(rng.randint(1, 5))] + (
        [padding] if rng.random() < 0.5 else []
    )


def comments_above(rng, table):
    return ["# %s" % text(rng) for _ in range(rng.randint(1, 6))] + ["# %s, %s" % (text(rng), text(rng))]


def comments_inside(rng):
    table = Table(rng, n_rows=rng.randint(8, 60))
    lines = table.lines()
    for _ in range(rng.randint(1, 3)):
        lines.insert(rng.randint(2, len(lines) - 1), "# " + text(rng))
    return table, table.join(lines)


def headerless(*of_columns):
    def make(rng):
        table = Table(rng, kinds=list(of_columns))
        table.has_header = False
        return table, table.data()

    return make


def headerless_texts(rng):
    table = Table(rng, kinds=["text", "text", "text"], n_rows=rng.randint(10, 60))
    table.has_header = False
    for column in table.columns:
        few = [text(rng) for _ in range(3)]
        column.cells = [rng.choice(few) for _ in column.cells]
        column.cells[rng.randint(1, 9)] = column.cells[0]
    return table, table.data()


def delimited_by(delimiter):
    return table_of(delimiter=delimiter)


def decimal_commas(delimiter):
    def make(rng):
        table = Table(rng, kinds=["date", "decimal", "text", "decimal"])
        table.delimiter = delimiter
        table.columns[1].cells[0] = "2.5"  # 1,234 alone may have groups of digits
        lines = table.lines(lambda column, cell: cell.replace(".", ",") if column.kind == "number" else cell)
        return table, table.join(lines)

    return make


def byte_order_mark(rng):
    table = Table(rng)
    return table, b"\xef\xbb\xbf" + table.data().encode()


def utf16(rng):
    table = Table(rng, kinds=["text", "decimal", "whole"])
    table.columns[0].cells[0] = "Kälte"
    order = rng.choice(["utf-16-le", "utf-16-be"])
    return table, ("\ufeff" + table.data()).encode(order)


def latin1(rng):
    table = Table(rng, kinds=["text", "decimal", "whole"])
    table.columns[0].name = "Straße"
    table.columns[0].cells[-1] = "Kälte"
    return table, table.data().encode("latin-1")


def utf8(rng):
    table = Table(rng, kinds=["text", "decimal", "whole"])
    table.columns[0].name = rng.choice(["Straße", "温度", "Ώρα"])
    table.columns[0].cells = ["Kälte " + cell for cell in table.columns[0].cells]
    return table, table.data()


def sep_line(rng):
    table = Table(rng)
    table.newline = rng.choice(["\n", "\r\n"])
    return table, table.join(["sep=" + table.delimiter] + table.lines())


def backslashes(rng):
    table = Table(rng, kinds=["whole", "text", "decimal"])
    said = ['the "%s"%s %s' % (rng.choice(WORDS), table.delimiter, text(rng)) for _ in range(table.n_rows)]
    table.columns[1].cells = said
    lines = table.lines()
    first = len(lines) - table.n_rows
    return table, table.join([line.replace('""', '\\"') if i >= first else line for i, line in enumerate(lines)])


def blanks_before_quotes(rng):
    table = Table(rng, kinds=["whole", "text", "text", "decimal"])
    table.delimiter = rng.choice(",;|")
    table.change(lambda cell: cell + table.delimiter + " " + rng.choice(WORDS), ["text"])
    blanks = " " * rng.randint(1, 2)
    return table, table.join([line.replace(table.delimiter + '"', table.delimiter + blanks + '"') for line in table.lines()])


def long_delimiter(delimiter):
    def make(rng):
        table = Table(rng, kinds=["whole", "text", "decimal"])
        table.delimiter = delimiter
        return table, table.data()

    return make


def runs_of_blanks(rng):
    table = Table(rng, kinds=["whole", "decimal", "decimal", "date"][: rng.randint(2, 4)], n_rows=rng.randint(4, 60))
    lines = []
    for line in table.lines():
        lines.append("".join(cell.rjust(12) for cell in line.split(table.delimiter)))
    return table, table.join(lines)


def some_cells(replacement, share):
    """Some cells are missing, and written as `replacement`; at least one, never the first number."""

    def make(rng):
        table = Table(rng, kinds=["whole", "decimal", "text", "decimal"], n_rows=rng.randint(5, 60))
        for column in table.columns[1:]:
            column.cells = ["" if rng.random() < share else cell for cell in column.cells]
        table.columns[1].cells[1], table.columns[1].cells[2] = "", "1.5"
        table.columns[2].cells[3] = "willow"
        table.columns[3].cells[3] = "2.5"
        return table, table.join(table.lines(lambda column, cell: cell or replacement))

    return make


def booleans(rng):
    table = Table(rng, kinds=["whole", "text", "decimal"])
    false, true = rng.choice([("false", "true"), ("FALSE", "TRUE"), ("False", "True")])
    table.columns[1].kind = "boolean"
    table.columns[1].cells = [rng.choice([false, true]) for _ in range(table.n_rows)]
    return table, table.data()


def long_texts(rng):
    table = Table(rng, kinds=["whole", "text", "decimal", "text"])
    table.quoted = rng.choice(["texts", "needed", "all"])

    def long_text(cell):
        words = [rng.choice(WORDS) + rng.choice([",", ";", "\t", "|", "", ""]) for _ in range(rng.randint(10, 120))]
        return " ".join(words + ["end"])

    return table.change(long_text, ["text"]), table.data()


def line_ends_inside(rng):
    table = Table(rng, kinds=["whole", "text", "decimal"])
    table.newline = rng.choice(["\n", "\r\n"])
    table.change(lambda cell: cell + rng.choice(["", "\n", "\n\n", "\r\n"]) + rng.choice(WORDS), ["text"])
    return table, table.data()


def trailing_delimiters(rng):
    table = Table(rng)
    data = table.join([line + table.delimiter for line in table.lines()])
    table.columns.append(Column("", "text", [""] * table.n_rows))
    return table, data


def no_last_line_end(rng):
    table = Table(rng)
    table.newline = rng.choice(["\n", "\r\n"])
    return table, table.newline.join(table.lines())


def missing_in_first_row(rng):
    table = Table(rng, kinds=["text"] + ["decimal"] * rng.randint(2, 4), n_rows=rng.randint(4, 60))
    for column in table.columns[1:]:
        column.cells[0] = ""
    return table, table.data()


def named(make_names):
    def make(rng):
        names = make_names(rng)
        columns = ["text"] + [rng.choice(["whole", "decimal"]) for _ in names[1:]]
        table = Table(rng, kinds=columns, names=names)
        return table, table.data()

    return make


def other_delimiters(rng):
    """Texts have commas or semicolons, and need no quotes, since these are not the delimiter."""
    table = Table(rng, kinds=["text", "decimal", "text", "whole"])
    table.delimiter = rng.choice(",;\t|")
    other = rng.choice([c for c in ",;" if c != table.delimiter])
    return table.change(lambda cell: cell + other + " " + rng.choice(WORDS), ["text"]), table.data()


def datetime(rng):
    return "%s %02d:%02d:%02d" % (day(rng), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59))


def datetimes(kinds):
    def make(rng):
        table = Table(rng, kinds=kinds)
        table.columns[0].cells = sorted(datetime(rng) for _ in range(table.n_rows))
        return table, table.data()

    return make


def one_column_of(make_cell):
    def make(rng):
        table = Table(rng, kinds=["text"])
        table.columns[0].cells = [make_cell(rng) for _ in range(table.n_rows)]
        return table, table.data()

    return make


def line_ends_in_names(rng):
    table = Table(rng, kinds=["text", "decimal", "whole"])
    for column in table.columns:
        column.name += "\n" + rng.choice(["m", "kg", "per day"])
    return table, table.data()


def unnamed_index(rng):
    table = Table(rng, kinds=["whole", "text", "decimal", "text"], names=[""] + rng.sample(NAMES, 3))
    table.columns[0].cells = [str(i) for i in range(table.n_rows)]
    return table, table.data()


def scientific(rng):
    return "%s%.*fe%+03d" % (rng.choice(["", "-", "+"]), rng.randint(1, 6), rng.uniform(1, 9), rng.randint(-20, 20))


def large(rng):
    return str(rng.randint(10**16, 10**18))


def numbers(make_cell):
    def make(rng):
        table = Table(rng, kinds=["text", "whole", "whole"])
        for column in table.columns[1:]:
            column.cells = [make_cell(rng) for _ in range(table.n_rows)]
        return table, table.data()

    return make


def of_64_kib(rng):
    table = Table(rng, n_rows=rng.randint(4000, 6000))
    return table, table.data()


def numbers_late(rng):
    table = Table(rng, kinds=["text", "decimal", "text"], n_rows=60)
    table.columns[1].cells[:40] = [""] * 40
    return table, table.data()


def blank_lines_at_end(rng):
    table = Table(rng)
    return table, table.data() + "\n" * rng.randint(1, 4)


def names_with_digits(rng):
    return ["id", "x1", "x2", "2m temperature", "q10", "PM2.5", "1st", "a_2024"][: rng.randint(3, 8)]


def one_letter_names(rng):
    return rng.sample("abcdghkmpqrstuvwxyz", rng.randint(2, 8))


def names_with_units(rng):
    names = ["Station name", "Wind speed [m/s]", "Temp. (°C)", "Load / kW", "Humidity %", "Depth (m)"]
    return names[: rng.randint(3, 6)]


SHAPES = {
    "plain": table_of(),
    "all text": all_text,
    "all text, quoted": all_text_quoted,
    "one column of numbers": kinds("decimal"),
    "one column of text": kinds("text"),
    "one row": one_row,
    "only a header": only_header,
    "numbers as names": numbered,
    "years as names": years,
    "all cells quoted": table_of(quoted="all"),
    "texts quoted": table_of(quoted="texts"),
    "300 columns": wide,
    "dates first": kinds("date", "decimal", "decimal"),
    "a row of units": lambda rng: with_rows_of_units(rng, 1),
    "two rows of units": lambda rng: with_rows_of_units(rng, 2),
    "titles": above(titles),
    "titles with delimiters": above(titles_with_delimiters),
    "padded titles": above(padded_titles),
    "comments above": above(comments_above),
    "comments inside": comments_inside,
    "no header, dates first": headerless("date", "decimal", "text", "whole"),
    "no header, numbers": headerless("whole", "decimal", "decimal"),
    "no header, recurring texts": headerless_texts,
    "semicolons": delimited_by(";"),
    "tabs": delimited_by("\t"),
    "vertical bars": delimited_by("|"),
    "decimal commas and semicolons": decimal_commas(";"),
    "decimal commas and tabs": decimal_commas("\t"),
    "CR LF": table_of(newline="\r\n"),
    "CR": table_of(newline="\r"),
    "CR CR LF": table_of(newline="\r\r\n"),
    "a byte order mark": byte_order_mark,
    "UTF-8": utf8,
    "UTF-16": utf16,
    "Latin-1": latin1,
    "a line sep=": sep_line,
    "quotes escaped by backslashes": backslashes,
    "blanks before quotes": blanks_before_quotes,
    "two colons": long_delimiter("::"),
    "two bars": long_delimiter("||"),
    "runs of blanks": runs_of_blanks,
    "empty cells": some_cells("", 0.3),
    "NA": some_cells("NA", 0.2),
    "booleans": booleans,
    "long texts with delimiters": long_texts,
    "line ends in texts": line_ends_inside,
    "a delimiter at the end of each line": trailing_delimiters,
    "no line end at the end": no_last_line_end,
    "missing values in the first row": missing_in_first_row,
    "other delimiters in texts": other_delimiters,
    "datetimes first": datetimes(["date", "decimal", "text"]),
    "one column of datetimes": datetimes(["date"]),
    "one column of codes": one_column_of(lambda rng: "%s-%03d" % (rng.choice("ABC"), rng.randint(0, 999))),
    "one column of addresses": one_column_of(lambda rng: "2001:db8::%x" % rng.randint(1, 65535)),
    "one column of two words": one_column_of(lambda rng: "%s %s" % (rng.choice(WORDS), rng.choice(WORDS))),
    "line ends in names": line_ends_in_names,
    "an index without a name": unnamed_index,
    "scientific notation": numbers(scientific),
    "large integers": numbers(large),
    "over 64 KiB": of_64_kib,
    "numbers after 40 rows": numbers_late,
    "blank lines at the end": blank_lines_at_end,
    "names with digits": named(names_with_digits),
    "names of one letter": named(one_letter_names),
    "names with units": named(names_with_units),
}


def generate(seed, n_tables, directory):
    truth = {}
    for index, (shape, make) in enumerate(SHAPES.items()):
        for i in range(n_tables):
            table, data = make(random.Random("%s %d %s" % (seed, i, shape)))
            name = "%02d-%02d.csv" % (index, i)
            with open(os.path.join(directory, name), "wb") as file:
                file.write(data.encode("utf-8") if isinstance(data, str) else data)
            truth[name] = dict(table.truth(), kind=shape, lines=[])
    with open(os.path.join(directory, "truth.json"), "w") as file:
        json.dump(truth, file)


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "generate":
        generate(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        sys.exit(not damage.check(sys.argv[2], sys.argv[3], must_be_right=True))
    else:
        sys.exit(__doc__.strip())


if __name__ == "__main__":
    main()
