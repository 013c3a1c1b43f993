#!/usr/bin/env python3
"""damage.py - tables that are damaged in known ways, and what a program makes of them

usage: damage.py generate SEED TABLES DIRECTORY
       damage.py check PROGRAM DIRECTORY

generate  writes TABLES tables, each once as it is and once with each kind of damage, to DIRECTORY, and truth.json
          beside them: for each file the names, the number of rows, the values of each column before the damage, and
          the lines that were damaged
check     runs csv-report on each file. The report must be right, that is, equal to the truth, or name the damage:
          contain a problem whose file and line are those of the damage. A table without damage must be right, with
          no problem. Prints one line per kind of damage: files that are right, wrong but said, silently wrong; of some
          kinds, valid tables remain, of which nothing need be said. Exit status 1 if some file is silently wrong, or has problems without damage.
"""

import json
import os
import random
import subprocess
import sys
from fractions import Fraction

STATIONS = ["North Pier", "South Pier", "Harbour", "Mill Lane", "Old Bridge"]
WORDS = ["calm", "rain later", "fog in the morning", "sensor cleaned", "windy", "snow", "clear sky", "drift ice"]


class Table:
    """Rows of cells as text, of the columns `names`; values of numbers are kept as fractions."""

    def __init__(self, rng):
        self.delimiter = rng.choice([",", ",", ";", "\t"])
        self.has_names = True
        self.names = ["id", "day", "station", "temp", "load", "note"]
        self.rows = []
        for i in range(rng.randint(8, 60)):
            self.rows.append(
                [
                    str(1001 + i * rng.choice([1, 1, 3])),
                    "2024-%02d-%02d" % (rng.randint(1, 12), rng.randint(1, 28)),
                    rng.choice(STATIONS),
                    "%.1f" % rng.uniform(-20, 35),
                    "%d.%03d" % (rng.randint(0, 99), rng.randint(0, 999)),
                    rng.choice(WORDS),
                ]
            )

    def lines(self, names=None, rows=None):
        return [self.delimiter.join(row) for row in [names or self.names] + (rows or self.rows)]

    def text(self):
        return "\n".join(self.lines()) + "\n"

    def truth(self):
        columns = []
        for j, name in enumerate(self.names):
            cells = [row[j] for row in self.rows]
            if name in ("id", "temp", "load"):
                total = sum(Fraction(cell) for cell in cells)
                columns.append({"name": name, "count": len(cells), "sum": str(total)})
            else:
                columns.append({"name": name, "count": len(cells), "first": min(cells), "last": max(cells)})
            if not self.has_names:  # names that the file does not have cannot be expected
                columns[-1]["name"] = None
        return {"rows": len(self.rows), "columns": columns}


# ---- damage: each function gets the table and a source of random numbers, and returns the bytes and the damaged lines,
# ---- from 1; an empty list: any line. Row i is line i + 2.


def with_row(table, rng, change):
    """Changes one row; `change` gets a copy of its cells and returns the new line."""
    i = rng.randrange(2, len(table.rows) - 1)
    lines = table.lines()
    lines[i + 1] = change(list(table.rows[i]))
    return "\n".join(lines) + "\n", [i + 2]


def with_cell(table, rng, j, text):
    def change(cells):
        cells[j] = text(cells[j]) if callable(text) else text
        return table.delimiter.join(cells)

    return with_row(table, rng, change)


def with_line(table, rng, line):
    i = rng.randrange(3, len(table.rows))
    lines = table.lines()
    lines.insert(i, line)
    return "\n".join(lines) + "\n", [i + 1]


def above(*lines):
    return lambda table, rng: ("\n".join(lines) + "\n" + table.text(), [])


def title_of_fields(table, rng):
    return table.delimiter.join(["Report", "page 1", "of 3"]) + "\n" + table.text(), []


def padded_title(table, rng):
    return "Weather report" + table.delimiter * (len(table.names) - 1) + "\n" + table.text(), []


def stray_quote(j):
    return lambda table, rng: with_cell(table, rng, j, lambda cell: '"' + cell)


def two_stray_quotes(table, rng):
    first = rng.randrange(0, len(table.rows) // 2 - 1)
    last = rng.randrange(first + 2, len(table.rows))
    rows = [list(row) for row in table.rows]
    rows[first][2] = '"' + rows[first][2]
    rows[last][2] = '"' + rows[last][2]
    return "\n".join(table.lines(rows=rows)) + "\n", list(range(first + 2, last + 3))


def quote_at_end(table, rng):
    return with_cell(table, rng, 5, lambda cell: cell + '"')


def quote_inside(table, rng):
    return with_cell(table, rng, 5, '"drift" ice')


def decimal_comma_column(table, rng):
    rows = [list(row) for row in table.rows]
    for row in rows:
        row[3] = row[3].replace(".", ",")
        row[4] = row[4].replace(".", ",")
    return "\n".join(table.lines(rows=rows)) + "\n", []


def decimal_comma_cell(table, rng):
    return with_cell(table, rng, 3, lambda cell: cell.replace(".", ","))


def missing_field(table, rng):
    def change(cells):
        del cells[rng.randrange(1, 5)]
        return table.delimiter.join(cells)

    return with_row(table, rng, change)


def extra_field(table, rng):
    def change(cells):
        cells.insert(rng.randrange(1, 5), "7")
        return table.delimiter.join(cells)

    return with_row(table, rng, change)


def shifted_row(table, rng):
    return with_row(table, rng, lambda cells: table.delimiter.join([""] + cells[:-1]))


def swapped_fields(table, rng):
    def change(cells):
        cells[2], cells[3] = cells[3], cells[2]
        return table.delimiter.join(cells)

    return with_row(table, rng, change)


def cut_off(table, rng):
    lines = table.lines()
    lines[-1] = lines[-1].rsplit(table.delimiter, 2)[0]
    return "\n".join(lines), [len(lines)]


def repeated_header(table, rng):
    return with_line(table, rng, table.delimiter.join(table.names))


def permuted_header(table, rng):
    names = list(table.names)
    names[3], names[4] = names[4], names[3]
    i = rng.randrange(3, len(table.rows))
    rows = [list(row) for row in table.rows]
    lines = table.lines(rows=rows)
    for k in range(i, len(lines)):
        cells = lines[k].split(table.delimiter)
        cells[3], cells[4] = cells[4], cells[3]
        lines[k] = table.delimiter.join(cells)
    lines.insert(i, table.delimiter.join(names))
    return "\n".join(lines) + "\n", [i + 1]


def mark_inside(table, rng):
    lines = table.lines()
    i = rng.randrange(3, len(lines))
    lines[i] = "\ufeff" + lines[i]
    return "\n".join(lines) + "\n", [i + 1]


def total_line(table, rng):
    total = sum(Fraction(row[3]) for row in table.rows)
    line = table.delimiter.join(["Total", "", "", str(float(total)), "", ""])
    return table.text() + line + "\n", [len(table.rows) + 2]


def end_line(table, rng):
    return table.text() + "*** END OF FILE ***\n", [len(table.rows) + 2]


def nul_bytes(table, rng):
    return with_cell(table, rng, 3, "\0\0\0\0")


def utf16(table, rng):
    return ("\ufeff" + table.text()).encode("utf-16-le"), []


def latin1(table, rng):
    text, lines = with_cell(table, rng, 5, "K\u00e4lte")
    table.rows[lines[0] - 2][5] = "K\u00e4lte"
    return text.encode("latin-1"), lines


def no_header(table, rng):
    table.has_names = False
    return "\n".join(table.lines()[1:]) + "\n", []


def cr(table, rng):
    return table.text().replace("\n", "\r"), []


def cr_inside(table, rng):
    text, lines = with_row(table, rng, lambda cells: table.delimiter.join(cells) + "\r" + table.delimiter.join(cells))
    return text, lines


def lf_in_cr(table, rng):
    lines = table.lines()
    i = rng.randrange(3, len(lines))
    return "\r".join(lines[:i]) + "\n" + "\r".join(lines[i:]) + "\r", list(range(1, len(lines) + 1))


def crcrlf(table, rng):
    return table.text().replace("\n", "\r\r\n"), []


def units_row(table, rng):
    lines = table.lines()
    lines.insert(1, table.delimiter.join(["", "", "", "[degC]", "[kW]", ""]))
    return "\n".join(lines) + "\n", [2]


def sep_line(table, rng):
    return "sep=" + table.delimiter + "\n" + table.text(), []


def backslash_quotes(table, rng):
    rows = [list(row) for row in table.rows]
    for row in rows:
        row[5] = '"' + row[5] + '"'
    rows[3][5] = '"the \\"new\\"%s one"' % table.delimiter
    table.rows[3][5] = 'the "new"%s one' % table.delimiter
    return "\n".join(table.lines(rows=rows)) + "\n", [5]


def blank_before_quote(table, rng):
    def change(cells):
        return table.delimiter.join(cells[:5]) + table.delimiter + ' "fog%s dense"' % table.delimiter

    text, lines = with_row(table, rng, change)
    table.rows[lines[0] - 2][5] = "fog%s dense" % table.delimiter
    return text, lines


def line_end_in_cell(table, rng):
    text, lines = with_cell(table, rng, 5, "fog\nin the morning")
    return text, lines + [lines[0] + 1]


def other_delimiter(table, rng):
    other = ";" if table.delimiter == "," else ","
    lines = table.lines()
    half = len(lines) // 2
    for i in range(half, len(lines)):
        lines[i] = lines[i].replace(table.delimiter, other)
    return "\n".join(lines) + "\n", list(range(half + 1, len(lines) + 1))


def trailing_delimiter(table, rng):
    return with_row(table, rng, lambda cells: table.delimiter.join(cells) + table.delimiter)


def two_tables(table, rng):
    lines = table.lines() + ["", table.delimiter.join(["code", "name"]), table.delimiter.join(["7", "x"])]
    return "\n".join(lines) + "\n", [len(lines) - 1, len(lines)]


def all_lines_quoted(table, rng):
    lines = ['"' + line.replace('"', '""') + '"' for line in table.lines()]
    return "\n".join(lines) + "\n", []


def lost_line_end(table, rng):
    lines = table.lines()
    i = rng.randrange(2, len(lines) - 1)
    lines[i] += lines.pop(i + 1)
    return "\n".join(lines) + "\n", [i + 1]


def broken_line(table, rng):
    lines = table.lines()
    i = rng.randrange(2, len(lines))
    at = lines[i].rindex(table.delimiter, 0, -len(table.rows[i - 1][5])) + rng.randint(-3, 2)
    lines[i] = lines[i][:at] + "\n" + lines[i][at:]
    return "\n".join(lines) + "\n", [i + 1, i + 2]


def delimiters_at_end(table, rng):
    n = rng.randint(1, 5)
    line = table.delimiter * (len(table.names) - 1)
    return table.text() + (line + "\n") * n, list(range(len(table.rows) + 2, len(table.rows) + 2 + n))


def short_header(table, rng):
    table.has_names = False
    return "\n".join(table.lines(names=table.names[:-1])) + "\n", []


def long_header(table, rng):
    return "\n".join(table.lines(names=table.names + ["more"])) + "\n", []


def mixed_line_ends(table, rng):
    ends = ["\n", "\r\n"]
    return "".join(line + ends[i % 2] for i, line in enumerate(table.lines())), []


def subtotal(table, rng):
    i = rng.randrange(3, len(table.rows))
    total = str(float(sum(Fraction(row[3]) for row in table.rows[: i - 1])))
    lines = table.lines()
    lines.insert(i, table.delimiter.join(["", "", "", total, "", ""]))
    return "\n".join(lines) + "\n", [i + 1]


def padded_cells(table, rng):
    lines = [[cell + " " * rng.randint(0, 3) for cell in row] for row in [table.names] + table.rows]
    return "\n".join(table.delimiter.join(line) for line in lines) + "\n", []


DAMAGES = {
    "none": lambda table, rng: (table.text(), []),
    "a title above": above("Weather report"),
    "three titles above": above("Weather report", "Unit: North", "", "made by hand"),
    "a title with delimiters above": title_of_fields,
    "a title with empty fields above": padded_title,
    "comments above": above("# station 7", "# firmware 2.1"),
    "a comment inside": lambda table, rng: with_line(table, rng, "# restarted"),
    "a blank line inside": lambda table, rng: with_line(table, rng, ""),
    "a stray quote before a text": stray_quote(2),
    "a stray quote before a number": stray_quote(3),
    "two stray quotes": two_stray_quotes,
    "a quote at the end of a text": quote_at_end,
    "text after a closing quote": quote_inside,
    "decimal commas": decimal_comma_column,
    "one decimal comma": decimal_comma_cell,
    "a field too few": missing_field,
    "a field too many": extra_field,
    "a shifted row": shifted_row,
    "two fields swapped": swapped_fields,
    "a last line that is cut off": cut_off,
    "the header again": repeated_header,
    "the header again, in another order": permuted_header,
    "a byte order mark inside": mark_inside,
    "grouped digits": lambda table, rng: with_cell(table, rng, 4, '"1,204"'),
    "a currency sign": lambda table, rng: with_cell(table, rng, 4, "$12.50"),
    "a percent sign": lambda table, rng: with_cell(table, rng, 4, "12.5%"),
    "a unit": lambda table, rng: with_cell(table, rng, 4, "12.5 kW"),
    "parentheses": lambda table, rng: with_cell(table, rng, 4, "(12.50)"),
    "a hexadecimal number": lambda table, rng: with_cell(table, rng, 0, "0x3E9"),
    "a letter in a number": lambda table, rng: with_cell(table, rng, 4, "1O.5"),
    "another missing word": lambda table, rng: with_cell(table, rng, 3, "n/a"),
    "another form of date": lambda table, rng: with_cell(table, rng, 1, "31.12.2024"),
    "a day that does not exist": lambda table, rng: with_cell(table, rng, 1, "2024-02-31"),
    "a total line": total_line,
    "a subtotal without a name": subtotal,
    "a row of delimiters": lambda table, rng: with_line(table, rng, table.delimiter * 5),
    "rows of delimiters at the end": delimiters_at_end,
    "a lost line end": lost_line_end,
    "a line that is broken in two": broken_line,
    "a header that is too short": short_header,
    "a header that is too long": long_header,
    "CR LF on every second line": mixed_line_ends,
    "blanks after cells": padded_cells,
    "Ctrl-Z at the end": lambda table, rng: (table.text() + "\x1a", [len(table.rows) + 2]),
    "curly quotes around a number": lambda table, rng: with_cell(table, rng, 4, lambda cell: "\u201c%s\u201d" % cell),
    "a no-break space after a number": lambda table, rng: with_cell(table, rng, 4, lambda cell: cell + "\u00a0"),
    "a minus sign that is no hyphen": lambda table, rng: with_cell(table, rng, 3, "\u22124.5"),
    "an apostrophe before a number": lambda table, rng: with_cell(table, rng, 4, lambda cell: "'" + cell),
    "a number out of range": lambda table, rng: with_cell(table, rng, 4, "1e400"),
    "a number that means missing": lambda table, rng: with_cell(table, rng, 3, "-9999"),
    "a word of a spreadsheet's error": lambda table, rng: with_cell(table, rng, 4, "#DIV/0!"),
    "a line that ends the file": end_line,
    "NUL bytes": nul_bytes,
    "UTF-16": utf16,
    "a text in Latin-1": latin1,
    "no header": no_header,
    "CR line ends": cr,
    "a CR inside": cr_inside,
    "an LF in a file of CR": lf_in_cr,
    "CR CR LF line ends": crcrlf,
    "a row of units": units_row,
    "a line sep=": sep_line,
    "quotes escaped by backslashes": backslash_quotes,
    "a blank before a quote": blank_before_quote,
    "a line end in a text": line_end_in_cell,
    "another delimiter in the second half": other_delimiter,
    "a trailing delimiter": trailing_delimiter,
    "a second table below": two_tables,
    "quotes around whole lines": all_lines_quoted,
}

# What remains is a valid table, whose rows and values a report counts like all others; nothing need be said.
VALID = {
    "a quote at the end of a text",
    "a subtotal without a name",
    "a row of delimiters",
    "rows of delimiters at the end",
    "a number out of range",
    "a number that means missing",
}


def generate(seed, n_tables, directory):
    truth = {}
    for kind_index, (kind, damage) in enumerate(DAMAGES.items()):
        for i in range(n_tables):
            rng = random.Random("%s %d" % (seed, i))
            table = Table(rng)
            data, lines = damage(table, random.Random("%s %d %s" % (seed, i, kind)))
            name = "%02d-%02d.csv" % (kind_index, i)
            if isinstance(data, str):
                data = data.encode("utf-8")
            with open(os.path.join(directory, name), "wb") as file:
                file.write(data)
            truth[name] = dict(table.truth(), kind=kind, lines=lines, delimiter=table.delimiter)
    with open(os.path.join(directory, "truth.json"), "w") as file:
        json.dump(truth, file, indent=1)


# ---- check ----


def close(value, total):
    """The report has the double nearest to an exact sum."""
    return value is not None and float(Fraction(total)) == float(value)


def shown(text):
    """A report shows the first 256 bytes of a text."""
    return text.encode("utf-8")[:256].decode("utf-8", "ignore")


def is_right(report, truth):
    columns = report.get("columns", [])
    if len(columns) != len(truth["columns"]):
        return False
    for found, wanted in zip(columns, truth["columns"]):
        if wanted["name"] not in (None, found["name"]):
            return False
        if found["rows"] != truth["rows"] or found["count"] != wanted["count"]:
            return False
        if "sum" in wanted and not close(found["sum"], wanted["sum"]):
            return False
        if "first" in wanted and [found["min"], found["max"]] != [
            shown(wanted["first"]),
            shown(wanted["last"]),
        ]:
            return False
    return True


def names_damage(report, lines):
    return any(
        problem["file"] is not None and (not lines or problem["line"] is None or problem["line"] in lines)
        for problem in report.get("problems", [])
    )


def run(program, path):
    result = subprocess.run([program, "--format=json", path], capture_output=True, timeout=60)
    if result.returncode not in (0, 1, 3):
        raise SystemExit("%s: exit status %d\n%s" % (path, result.returncode, result.stderr.decode()))
    report = json.loads(result.stdout) if result.stdout else {}
    if not result.stdout:  # the only file is bad: standard error names it
        message = result.stderr.decode("utf-8", "replace")
        rest = message.partition(path + ":")[2]
        line = rest.partition(":")[0]
        report["problems"] = [{"file": path, "line": int(line) if line.isdigit() else None}]
    return report


def check(program, directory, must_be_right=False):
    """`must_be_right`: naming the damage is not enough."""
    with open(os.path.join(directory, "truth.json")) as file:
        truth = json.load(file)
    counts = {wanted["kind"]: [0, 0, 0] for wanted in truth.values()}
    failures = []
    for name, wanted in sorted(truth.items()):
        path = os.path.join(directory, name)
        report = run(program, path)
        kind = wanted["kind"]
        if is_right(report, wanted):
            counts[kind][0] += 1
            if kind == "none" and report["problems"]:
                failures.append("%s: %s" % (name, report["problems"][0]))
        elif names_damage(report, wanted["lines"]):
            counts[kind][1] += 1
            if must_be_right:
                failures.append("%s: %s, wrong" % (name, kind))
        else:
            counts[kind][2] += 1
            if kind in VALID:
                continue
            failures.append("%s: %s, silently wrong" % (name, kind))
    for kind, (right, said, silent) in counts.items():
        note = ", valid" if kind in VALID else ""
        print("%4d right %4d said %4d silent%s  %s" % (right, said, silent, note, kind))
    for failure in failures:
        print("wrong:", failure)
    return not failures


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "generate":
        generate(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        sys.exit(not check(sys.argv[2], sys.argv[3]))
    else:
        sys.exit(__doc__.strip())


if __name__ == "__main__":
    main()
