"""oracle_table.py - where the table in a file begins and how it is written, for oracle.py

Shape   the first 64 KiB of a file -> records of all delimiters -> the decisions; slow and simple, and shares
        no code with the C sources
Source  doc/detection.md, section by section
"""

import collections
import re
from fractions import Fraction

PREFIX_BYTES = 64 << 10
MOST_RECORDS = 256
MOST_ROWS = 30  # below a record
MOST_COLUMNS = 256
MOST_TITLES = 20
MOST_UNITS_ROWS = 2
LONGEST_SHAPED = 100
CANDIDATES = (b",", b";", b"\t", b"|")
MEASURED = ("number", "time", "boolean", "code")

Options = collections.namedtuple("Options", "header skip header_rows skip_after_header",
                                 defaults=("auto", 0, 1, None))
# `start` is an offset, `first_record` one of header, data, seems_header, seems_data, unknown.
Table = collections.namedtuple("Table", "delimiter start first_record n_units_rows escape decimal comment "
                                     "are_quoted_whole long_delimiter has_apostrophes",
                               defaults=(False,))


# ---- records and cells ----

def end_of_quoted(text, at, escape):
    """The position after the closing quote of the field whose quote is at text[at]."""
    at += 1
    while at < len(text):
        if text[at:at + 1] == escape:
            at += 2
        elif text[at:at + 2] == b'""':
            at += 2
        elif text[at:at + 1] == b'"':
            return at + 1
        else:
            at += 1
    return len(text)


class Record:
    """A record: its offset, its bytes, and by delimiter its number of fields."""

    def __init__(self, start, text, n_fields):
        self.start = start
        self.text = text
        self.n_fields = n_fields


def split_records(text, is_whole, newline, delimiters, escape, has_runs_of_blanks=False):
    """The complete records that are not empty, nor blanks alone between runs of blanks, and whether text follows a
    closing quote."""
    records = []
    has_odd_quote = False
    start = at = 0
    n_fields = dict.fromkeys(delimiters, 1)
    opens = True

    def add(end):
        record = text[start:end]
        if newline == b"\n":
            record = record.rstrip(b"\r")
        if record.strip(b" \t") if has_runs_of_blanks else record:
            records.append(Record(start, record, n_fields))

    while at < len(text) and len(records) < MOST_RECORDS:
        if at == start and text.startswith(b"\xef\xbb\xbf", at):
            start = at = at + 3
            continue
        byte = text[at:at + 1]
        if byte == b'"' and opens:
            at = end_of_quoted(text, at, escape)
            following = text[at:at + 1]
            has_odd_quote |= following not in (b"", b" ", b"\t", b'"', b"\r", newline) + tuple(delimiters)
            opens = False
            continue
        at += 1
        if byte == newline:
            add(at - 1)
            start = at
            n_fields = dict.fromkeys(delimiters, 1)
            opens = True
        elif byte in n_fields:
            n_fields[byte] += 1
            opens = True
        else:
            opens = opens and byte in b" \t"
    if start < len(text) and is_whole and len(records) < MOST_RECORDS:
        add(len(text))
    return records, has_odd_quote


def cells_of(record, delimiter, escape):
    """The texts of a record, without quotes around them."""
    text, cells, at = record.text, [], 0
    while at <= len(text):
        start = at
        while at < len(text) and text[at:at + 1] in b" \t" and text[at:at + 1] != delimiter:
            at += 1
        quote = at
        is_quoted = text[at:at + 1] == b'"'
        if is_quoted:
            at = end_of_quoted(text, at, escape)
        closed = at
        at = text.find(delimiter, at)
        at = len(text) if at < 0 else at
        if is_quoted and not text[closed:at].strip(b" \t"):
            inside = text[quote + 1:closed]
            cells.append((inside[:-1] if inside.endswith(b'"') else inside).strip(b" \t"))
        else:
            cells.append(text[start:at].strip(b" \t"))
        at += 1
    return cells


def shape_of(cell, classify):
    """`classify` returns the class of a cell."""
    kind = classify(cell) if len(cell) <= LONGEST_SHAPED else "text"
    if cell == b"" or kind == "missing":
        return "empty"
    if kind in ("number", "nan", "infinite"):
        return "number"
    if kind in ("date", "datetime", "time"):
        return "time"
    if kind == "boolean":
        return "boolean"
    if re.search(rb"[A-Za-z\x80-\xff]", cell):
        return "word"
    if re.search(rb"[0-9]", cell):
        return "code"
    return "empty" if re.fullmatch(rb"[-.?*_ \t]*", cell) else "word"


# ---- line ends ----

def newline_of(data):
    """The line end of a text without byte order mark."""
    prefix = data[:PREFIX_BYTES]
    if b"\n" not in prefix:
        prefix = data
    at, opens = 0, True
    while at < len(prefix):
        byte = prefix[at:at + 1]
        if byte == b'"' and opens:
            at = end_of_quoted(prefix, at, None)
            opens = False
            continue
        if byte == b"\n":
            return b"\n"
        if byte == b"\r":
            return b"\n" if re.compile(rb"\r+\n").match(data, at) else b"\r"
        opens = byte in CANDIDATES or (opens and byte in b" \t")
        at += 1
    return b"\r" if b"\r" in prefix and b"\n" not in prefix else b"\n"


# ---- delimiter ----

def usual_delimiter(text, newline):
    """The most frequent one outside quotes in the first record."""
    counts = dict.fromkeys(CANDIDATES, 0)
    at, opens = 0, True
    while text[at:at + 1] == newline or text[at:at + 2] == b"\r" + newline:
        at += 1
    while at < len(text):
        byte = text[at:at + 1]
        if byte == b'"' and opens:
            at = end_of_quoted(text, at, None)
            opens = False
            continue
        if byte == newline:
            break
        if byte in counts:
            counts[byte] += 1
        opens = byte in counts
        at += 1
    return max(CANDIDATES, key=lambda byte: counts[byte])


def complete_lines(text, is_whole, newline):
    lines = text.split(newline)
    if lines[-1] == b"" or not is_whole:
        del lines[-1]
    return lines


def n_fields_of_line(line, delimiter):
    """The number of fields if quotes are only around whole fields of the line; None: they are not."""
    delimiter = re.escape(delimiter)
    field = rb'(?:"[^"]*"(?=%s|\r|\Z)\r*|[^"%s]*)' % (delimiter, delimiter)
    if not re.fullmatch(rb"%s(?:%s%s)*" % (field, delimiter, field), line):
        return None
    return len(re.findall(delimiter, re.sub(rb'"[^"]*"', b"", line))) + 1


def regular_lines(lines, is_whole, delimiter):
    """The second, the third and the last line that is not empty if the first one is regular with them."""
    if len(lines) < 2 or (len(lines) < 3 and not is_whole):
        return None
    others = lines[1:3]
    if len(lines) > 2:
        others.append(next(line for line in reversed(lines) if line.strip(b"\r") or line is lines[0]))
    n = n_fields_of_line(lines[0], delimiter)
    if n is None or n < 2 or any(n_fields_of_line(line, delimiter) != n for line in others):
        return None
    return others


def width_of(records, delimiter):
    """(width, records that have it) of a delimiter that is possible, else None."""
    counts = collections.Counter()
    for record in records:  # a counter keeps the order of the first occurrences
        counts[record.n_fields[delimiter]] += record.n_fields[delimiter] > 1
    width = max(counts, key=lambda n: counts[n], default=0)
    if not counts or counts[width] < 2:
        return None
    first = next(i for i, record in enumerate(records) if record.n_fields[delimiter] == width)
    return (width, counts[width]) if 2 * counts[width] > len(records) - first else None


def best_delimiter(records, delimiters, escape, classify):
    """(delimiter, width, records that have it), or None."""

    def share(delimiter, width):
        shapes = [(shape_of(cell, classify), cell) for record in records if record.n_fields[delimiter] == width
                  for cell in cells_of(record, delimiter, escape)]
        return Fraction(sum(shape in ("number", "time") or (shape == "code" and not re.search(rb"[;\t|]", cell))
                            for shape, cell in shapes), len(shapes))

    possible = [(delimiter,) + found for delimiter in delimiters for found in [width_of(records, delimiter)] if found]
    if len(possible) > 1:
        most = max(found[2] for found in possible)
        possible = [found for found in possible if found[2] == most]
        possible.sort(key=lambda found: (-share(*found[:2]), -found[1]))  # stable: the first of the list
    return possible[0] if possible else None


def are_quoted_whole(records):
    """Whether each record is quoted as a whole, with the same number of some delimiter."""
    return len(records) > 1 and all(
        len(record.text) > 1 and record.text[:1] == record.text[-1:] == b'"' for record in records) and any(
        len(counts) == 1 and 0 not in counts
        for counts in ({record.text.count(delimiter) for record in records} for delimiter in CANDIDATES))


# ---- delimiters of several bytes ----

UNIT_SEPARATOR = b"\x1f"
COLONS, BARS, BLANKS = b"::", b"||", b" +"


def split_evenly(records, split):
    """The number of fields that all records from one on have, the index of that one, and their fields; None: records
    differ."""
    records = [(i, split(record.text)) for i, record in enumerate(records) if not record.text.startswith(b"#")]
    if not records:
        return None
    width = len(records[-1][1])
    first = len(records)
    while first > 0 and len(records[first - 1][1]) == width:
        first -= 1
    for i in range(1, first):  # before it, no two records in sequence may have as many
        if len(records[i][1]) == len(records[i - 1][1]):
            return None
    return width, records[first][0], [fields for _, fields in records[first:]]


def long_delimiter_of(text, records, classify):
    """Colons or runs of blanks, if records have as many fields with them, as no single byte splits these; else None."""
    if b'"' in text:
        return None

    def is_table(found, n_records):
        return found and len(found[2]) >= n_records and (found[0] > 2 or found[:2] == (2, 0))

    found = split_evenly(records, lambda record: record.split(COLONS))
    if is_table(found, 2):
        return COLONS
    records = [record for record in records if record.text.strip(b" \t")]
    found = split_evenly(records, lambda record: re.split(rb"[ \t]+", record.strip(b" \t")))
    if not is_table(found, 3):
        return None
    cells = [shape_of(field, classify) for fields in found[2][1:] for field in fields]
    return BLANKS if 2 * cells.count("number") > len(cells) else None


def are_in_apostrophes(records, delimiter, escape):
    """Whether all cells of the first two records are."""
    rows = [cells_of(record, delimiter, escape) for record in records[:2]]
    return len(rows) == 2 and all(
        len(cells) > 1 and all(len(cell) > 1 and cell[:1] == cell[-1:] == b"'" for cell in cells) for cells in rows)


def is_doubled(records, escape):
    """Whether every other field between vertical bars is empty in all records."""
    rows = [cells_of(record, b"|", escape) for record in records]
    return all(len(cells) % 2 == 1 and not any(cells[1::2]) for cells in rows) and any(
        any(cells[1:]) for cells in rows)


def replace_delimiter(data, delimiter, newline):
    """Replaces a delimiter of several bytes, outside quotes, by UNIT_SEPARATOR."""
    out, at, opens, is_blank_so_far = [], 0, True, True
    while at < len(data):
        byte = data[at:at + 1]
        n_bytes = 1
        if byte == b'"' and opens:
            n_bytes = end_of_quoted(data, at, None) - at
            opens = is_blank_so_far = False
        elif delimiter != BLANKS and data.startswith(delimiter, at):
            out.append(UNIT_SEPARATOR)
            at += len(delimiter)
            opens, is_blank_so_far = True, False
            continue
        elif delimiter == BLANKS and byte in b" \t":
            run = re.compile(rb"[ \t]+").match(data, at)[0]
            after = data[at + len(run):].lstrip(b"\r")[:1] if newline == b"\n" else data[at + len(run):][:1]
            is_inside = not is_blank_so_far and after not in (b"", newline)
            out.append(UNIT_SEPARATOR if is_inside else run)
            at += len(run)
            opens = opens or is_inside
            continue
        else:
            opens = byte == newline or (opens and byte in b" \t")
            is_blank_so_far = byte == newline or (is_blank_so_far and byte in b" \t")
        out.append(data[at:at + n_bytes])
        at += n_bytes
    return b"".join(out)


# ---- the table ----

class Rows:
    """The records of a text with the delimiter and the width of its table."""

    def __init__(self, records, delimiter, width, escape, classify):
        self.records = records
        self.n_fields = [record.n_fields[delimiter] for record in records]
        self.is_row = [n == width for n in self.n_fields]
        self.width = width
        self.cells = [cells_of(record, delimiter, escape) for record in records]
        self.shapes = [[shape_of(cell, classify) for cell in cells[:MOST_COLUMNS]] for cells in self.cells]

    def below(self, i):
        """The indices of the rows below a record."""
        return [k for k in range(i + 1, len(self.records)) if self.is_row[k]][:MOST_ROWS]

    def columns_below(self, i):
        """The shape of most cells of each column."""
        most = []
        for j in range(min(self.width, MOST_COLUMNS)):
            shapes = collections.Counter(self.shapes[k][j] for k in self.below(i) if j < len(self.shapes[k]))
            del shapes["empty"]
            shape, n = max(shapes.items(), key=lambda item: item[1], default=(None, 0))
            most.append(shape if 2 * n > sum(shapes.values()) else None)
        return most

    def has_names(self, i):
        below = self.below(i)
        if not below:
            return False
        following = self.shapes[below[0]]
        return any(shape == "word" and (following[j:j + 1] == ["number"] or most in MEASURED)
                   for j, (shape, most) in enumerate(zip(self.shapes[i], self.columns_below(i))))

    def are_words(self, i):
        return all(shape == "word" for shape in self.shapes[i])

    def find_start(self):
        """The index of the first record of the table."""
        n = len(self.records)
        first = next((i for i in range(n) if self.is_row[i] and (i + 1 == n or self.is_row[i + 1])), 0)
        if any(n > 1 for n in self.n_fields[:first]):
            return first if self.has_names(first) else 0
        if first + 1 < n and self.is_row[first + 1] and self.are_words(first + 1):
            if self.cells[first][0] == b"TOA5":
                return first + 1
            if {"word", "number"} <= set(self.shapes[first]) and self.has_names(first + 1):
                return first + 1
        if self.width >= 3:
            at = first
            while at < min(n, first + MOST_TITLES) and self.is_row[at] and (
                    sum(cell != b"" for cell in self.cells[at][:MOST_COLUMNS]) <= 1):
                at += 1
            if at < min(n, first + MOST_TITLES) and self.is_row[at] and self.are_words(at) and self.has_names(at):
                return at
        return first

    def has_years(self, i, following):
        years = []
        for j, (cell, shape) in enumerate(zip(self.cells[i], self.shapes[i])):
            if shape == "word" or (j == 0 and cell == b""):
                continue
            year = natural(cell)
            if not is_year(year) or (years and year != years[-1] + 1):
                return False
            if any(is_year(natural(below)) for below in self.cells[following][j:j + 1]):
                return False
            years.append(year)
        return len(years) > 1 or (len(years) == 1 and "word" in self.shapes[i])

    def words_occur_again(self, i):
        n = len(self.shapes[i])
        first = self.cells[i][:n]
        words = {j for j in range(n) if self.shapes[i][j] == "word"}
        again = {j for k in self.below(i) if self.cells[k][:n] != first
                 for j in words if self.cells[k][j:j + 1] == [first[j]]}
        return len(again) > 0 and 2 * len(again) >= len(words)

    def first_record(self, i):
        """Whether the record at the start of the table is a header or data."""
        below = self.below(i)
        if not below:
            return "unknown"
        if self.has_names(i):
            return "header"
        cells, shapes = self.cells[i][:MOST_COLUMNS], self.shapes[i]
        numbers = [natural(cell) for cell in cells]
        if len(cells) >= 3 and cells[0] == b"" and None not in numbers[1:] and (
                all(a < b for a, b in zip(numbers[1:], numbers[2:]))):
            return "seems_header"
        if self.has_years(i, below[0]):
            return "seems_header"
        if any(shape == most and shape != "word" for shape, most in zip(shapes, self.columns_below(i))):
            are_unlike = None not in numbers and len(cells) >= 2 and len(below) >= 2 and all(
                shape == "number" and b"." in cell for k in below for cell, shape in zip(self.cells[k], self.shapes[k]))
            return "seems_data" if "word" in shapes or are_unlike else "data"
        return "seems_data" if self.words_occur_again(i) else "unknown"

    def is_units_row(self, i, is_second):
        if i >= len(self.records) or not self.is_row[i] or not self.below(i):
            return False
        shapes = self.shapes[i]
        words = [(cell, most) for cell, shape, most in zip(self.cells[i], shapes, self.columns_below(i))
                 if shape == "word"]
        return (not set(shapes) & set(MEASURED)
                and not any(re.match(rb"[\"'+-]*[0-9]", cell) for cell, _ in words)
                and any(most in ("number", "code") for _, most in words)
                and (is_second or len({cell for cell, _ in words}) > 1
                     or any(re.fullmatch(rb"\[.+\]|\(.+\)", cell, re.DOTALL) for cell, _ in words)))

    def n_units_rows(self, header):
        n = 0
        while n < MOST_UNITS_ROWS and self.is_units_row(header + n + 1, n > 0):
            n += 1
        return n

    def comment(self, start):
        begin = [i for i in range(start, len(self.records)) if self.records[i].text.startswith(b"#")]
        return b"#" if begin and not any(i == start or self.is_row[i] for i in begin) else None

    def decimal(self, first, delimiter, classify):
        cells = [cell for cells in self.cells[first:] for cell in cells]
        if delimiter == b"," or not any(has_decimal_comma(cell) for cell in cells):
            return b"."
        return b"." if any(has_decimal_point(cell) for cell in cells
                           if shape_of(cell, classify) == "number") else b","


def natural(cell):
    return int(cell) if re.fullmatch(rb"[0-9]{1,9}", cell) else None


def is_year(number):
    return number is not None and 1900 <= number <= 2100


def has_decimal_comma(cell):
    match = re.fullmatch(rb"[+-]?([0-9][0-9.]*),([0-9]+)", cell)
    if not match:
        return False
    whole, fraction = match.groups()
    return len(fraction) != 3 or len(whole) > 3 or b"." in whole or whole.startswith(b"0")


def has_decimal_point(number):
    before, point, after = number.partition(b".")
    return point != b"" and (len(after) != 3 or len(before) > 4)


def find_plain(text, lines, is_whole, delimiter, classify):
    """What the first record is in the plain case; None: it is another case."""

    def cells_of_line(line):
        return cells_of(Record(0, line.rstrip(b"\r"), None), delimiter, None)

    def are_letters(cells):
        return all(re.match(rb"[A-Za-z]", cell) for cell in cells)

    others = regular_lines(lines, is_whole, delimiter)
    if others is None or (delimiter != b"," and b"," in text) or b"#" in text or (b"\\" in text and b'"' in text):
        return None
    names = cells_of_line(lines[0])
    if not are_letters(names) or any(shape_of(name, classify) != "word" for name in names):
        return None
    if any(re.match(rb"[0-9]", cell) and shape_of(cell, classify) == "number" for cell in cells_of_line(others[0])):
        return "header"
    around = rb"[%s\r\n\" \t]" % re.escape(delimiter)
    below = text[len(lines[0]):]
    if all(are_letters(cells_of_line(line)) for line in others) and not any(
            re.search(rb"(?<=%s)%s(?=%s|\Z)" % (around, re.escape(name), around), below) for name in names):
        return "unknown"
    return None


def find_table(data, is_tsv, newline, options, classify, replaced=None):
    """The Table of a text without byte order mark and skipped lines. If the Table has a long delimiter, this must be
    replaced, and the table be found again; `replaced` is then that delimiter."""
    given = UNIT_SEPARATOR if replaced else None
    has_runs_of_blanks = replaced == BLANKS
    text = data[:PREFIX_BYTES]
    is_whole = len(data) < PREFIX_BYTES
    lines = complete_lines(text, is_whole, newline)
    usual = given or (b"\t" if is_tsv else usual_delimiter(text, newline))
    is_tsv = is_tsv or given is not None
    first_record = {"yes": "header", "no": "data"}.get(
        options.header, "header" if options.header_rows > 1 else "unknown")
    if options.header != "no" and options.header_rows == 1:
        plain = find_plain(text, lines, is_whole, usual, classify)
        if plain:
            return Table(usual, 0, plain if first_record == "unknown" else "header", 0, None, b".", None, False, None)
    delimiters, start = [usual] if is_tsv else CANDIDATES, 0
    sep = re.fullmatch(rb'sep=([^"\r])\r*', lines[0], re.IGNORECASE | re.DOTALL) if lines and not is_tsv else None
    if sep:
        delimiters, usual, start = [sep[1]], sep[1], min(len(lines[0]) + 1, len(text))
    elif [delimiter for delimiter in CANDIDATES if regular_lines(lines, is_whole, delimiter)] == [usual]:
        delimiters = [usual]
    escape, text = None, text[start:]
    records, has_odd_quote = split_records(text, is_whole, newline, delimiters, None, has_runs_of_blanks)
    best = best_delimiter(records, delimiters, None, classify)
    if b"\\" in text and b'"' in text:
        others, is_odd = split_records(text, is_whole, newline, delimiters, b"\\", has_runs_of_blanks)
        other = best_delimiter(others, delimiters, b"\\", classify)
        n, n_other = (found[2] if found else 0 for found in (best, other))
        if n_other > n or (n_other == n and has_odd_quote and not is_odd):
            escape, records, best = b"\\", others, other
    if best is None:
        if len(records) == 1 and is_whole and first_record == "unknown":
            shapes = {shape_of(cell, classify) for cell in cells_of(records[0], usual, escape)}
            if shapes & {"time", "code"} and not shapes & {"word", "boolean"}:
                first_record = "data"
        return Table(usual, start, first_record, 0, escape, b".", None, are_quoted_whole(records),
                     None if is_tsv or sep else long_delimiter_of(text, records, classify),
                     are_in_apostrophes(records, usual, escape))
    rows = Rows(records, best[0], best[1], escape, classify)
    first = rows.find_start()
    if first > 0:
        start += records[first].start
    if first_record == "unknown":
        first_record = rows.first_record(first)
    is_data = first_record in ("data", "seems_data")
    n_units_rows = 0 if is_data else rows.n_units_rows(first + options.header_rows - 1)
    return Table(best[0], start, first_record, n_units_rows, escape,
                 rows.decimal(first + (not is_data), best[0], classify), rows.comment(first), False,
                 BARS if best[0] == b"|" and not is_tsv and is_doubled(records, escape) else None,
                 are_in_apostrophes(records, best[0], escape))
