#!/usr/bin/env python3
"""oracle.py - a slow and simple second implementation of the manual, for comparison with csv-report

Usage   oracle.py PATH...                     prints the statistics as JSON
        oracle.py --check REPORT.json PATH... compares with a report of csv-report; prints a line for
                                              each difference and exits with 1
        oracle.py --check-exact ...           the same for a report with --exact
        oracle.py --check-csv REPORT PATH...  the same for a report of the format csv, or tsv if that is its suffix
        oracle.py OPTION... ...               for a report with --decimal, --thousands, --null-values, --header,
                                              --skip, --header-rows, --units-row, --skip-after-header, --tables,
                                              --fold-names, --select=NAME,..., --columns-by, --where
        oracle.py --self-test                 runs cases computed by hand

Shape   bytes -> records (a state machine) -> tables of files -> cells -> Fractions -> statistics; it shares no code
        with the C sources, and every sum is exact
Limits  default options otherwise; no unterminated quotes
Source  the sections "records", "cells" and "exactness" of the manual, and doc/tables.md; oracle_table.py finds the
        table in a file
"""

import collections
import csv
import datetime
import io
import itertools
import json
import math
import os
import re
import struct
import sys
from fractions import Fraction

import oracle_table
import oracle_where


class Options:
    """Those of csv-report, and the decimal mark of the current file."""

    def __init__(self):
        self.decimal = b"."
        self.is_decimal_known = False
        self.table = oracle_table.Options()
        self.separators = ()  # between groups of three digits
        self.null_values = [b"NA", b"N/A", b"NULL", b"null", b"None"]
        self.affix_base = 0
        self.tables = "similar"
        self.folds_names = False
        self.is_by_position = False
        self.refuses = lambda names: False  # a file with these names of columns
        self.conditions = []  # of --where
        self.selected = None  # names of columns, or all
        self.nulls_by_column = {}
        self.looks = {}  # by text, column and decimal mark

    def set(self, name, value):
        alike = {b" ": ("\u0020", "\u00a0", "\u202f", "\u2009"), b"'": ("'", "\u2019")}
        if name == "--decimal":
            self.decimal, self.is_decimal_known = value, True
        elif name == "--thousands":
            value = b" " if value == b"space" else value
            self.separators = tuple(c.encode() for c in alike.get(value, (value.decode(),)))
            self.decimal = b"," if value == b"." else self.decimal
            self.is_decimal_known |= value in (b".", b",")
        elif name == "--number-affixes":
            self.affix_base = int(value)
        elif name == "--null-values":
            self.null_values = [item for item in value.split(b",") if item]
        elif name == "--header":
            self.table = self.table._replace(header=value.decode())
        elif name == "--tables":
            self.tables = value.decode()
        elif name == "--fold-names":
            self.folds_names = True
        elif name == "--columns-by":
            self.is_by_position = value == b"position"
        elif name == "--select":
            self.selected = set(value.split(b","))
        elif name == "--where":
            self.conditions.append(value)
        elif name == "--units-row":
            self.table = self.table._replace(skip_after_header=1)
        elif name in ("--skip", "--header-rows", "--skip-after-header"):
            self.table = self.table._replace(**{name[2:].replace("-", "_"): int(value)})
        else:
            raise SystemExit("unknown option " + name)

    def look_of(self, text, column):
        if len(text) > 64:
            return looks_like(text, self.nulls_of(column)[0])
        key = text, column, self.decimal
        if key not in self.looks:
            self.looks[key] = looks_like(text, self.nulls_of(column)[0])
        return self.looks[key]

    def nulls_of(self, column):
        """The values that are missing in a column: words, and those of them that are numbers."""
        if column in self.nulls_by_column:
            return self.nulls_by_column[column]
        words = set()
        for item in self.null_values:
            parts = re.split(rb"(?<!\\):", item, maxsplit=1)
            if len(parts) == 1 or parts[0].replace(b"\\:", b":") == column:
                words.add(parts[-1].replace(b"\\:", b":"))
        numbers = {decimal_of(match) for match in map(match_number, words) if match}
        self.nulls_by_column[column] = words, numbers
        return words, numbers


OPTIONS = Options()
NUMBER = re.compile(rb"([+-]?)(\d*)(?:\.(\d*))?(?:[eEdD]([+-]?\d+))?")
FORTRAN = re.compile(rb"([+-]?)(\d*)\.(\d*)([+-]\d{3})")
MICROSOFT = re.compile(rb"[+-]?(?:1\.#(inf|ind|qnan|snan)0*|nan\((?:ind|snan)\))")
FRACTION = rb"(?:[.,](?P<fraction>\d{1,18}))?"
DATE = re.compile(rb"(?P<date>\d{4}(?P<separator>[-/])\d\d(?P=separator)\d\d)"
                  rb"(?:(?P<between>T|[ \t]+)(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
                  rb"(?::(?P<second>[0-5]\d)" + FRACTION + rb")?"
                  rb"(?:[ \t]*(?P<zone>Z|(?P<sign>[+-])(?P<east>[01]\d|2[0-3])(?::?(?P<past>[0-5]\d))?))?)?")
TIME = re.compile(rb"(?:(?P<days>\d{1,9})-)?(?P<hour>\d{1,9}):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)"
                  + FRACTION)

# The counts that CSV reports have, those of JSON, and the classes of cells that JSON counts besides.
COUNTS = ("count", "missing", "nan", "infinite", "invalid")
CLASSES = ("number", "missing", "nan", "infinite", "boolean", "date", "datetime", "time", "text")
# By class: the kind of cells that a type of column unites, and the quantity of the value.
KINDS = {"number": "number", "nan": "number", "infinite": "number", "boolean": "boolean",
         "date": "date", "datetime": "date", "time": "time", "text": "text"}
TYPES_WITH_VALUES = {"integer": "number", "decimal": "number", "mixed": "number", "date": "date",
                     "datetime": "date", "time": "time"}
MOST_DIGITS = 40  # of a value that is printed exactly
MOST_ORDERED_DIGITS = 36  # of a value that is compared with others
EXAMPLE_BYTES = 48
KEPT_BYTES = 256  # of the first and the last text
LONGEST_CELL = 512 << 10
PREFIX_BYTES = 64 << 10  # from which a file is judged
BOM = b"\xef\xbb\xbf"
MOST_EXACT_ROWS = 4096  # different ones

# A cell with digits below this power of ten is rounded to a double.
LAST_EXACT_EXPONENT = -1100


# ---- records ----

def trim(text):
    return text.strip(b" \t")


class Record:
    """One record: the line in which it starts, the texts of its fields without quotes, the indices of those
    that are too long to be read, its bytes up to the line end, and the lines of the quotes of fields that continue
    after their closing quotes. A blank line and a comment have no fields."""

    def __init__(self, line, fields, too_long, written, continued, end):
        self.line = line
        self.fields = fields
        self.too_long = too_long
        self.written = written
        self.continued = continued
        self.end = end  # its offset in the data


LINE_ENDS = {b"\n": re.compile(rb"\r*(?:\n|\Z)"), b"\r": re.compile(rb"\r")}


def read_quoted(data, begin, escape):
    """The text of the quoted field at `begin`, and the position after its closing quote."""
    text, position = bytearray(), begin + 1
    while position < len(data):
        byte = data[position:position + 1]
        if byte == escape and position + 1 < len(data):
            text += data[position + 1:position + 2] if data[position + 1:position + 2] == b'"' else data[
                position:position + 2]
            position += 2
        elif data[position:position + 2] == b'""':
            text += byte
            position += 2
        elif byte == b'"':
            return bytes(text), position + 1
        else:
            text += byte
            position += 1
    raise ValueError("unterminated quote")


def read_field(data, begin, delimiter, newline, escape):
    """The text of the field at `begin`, the position of the delimiter or line end after it, and the position of
    its opening quote, or None."""
    text, open_quote, position = b"", None, begin
    while data[position:position + 1] in (b" ", b"\t") and data[position:position + 1] != delimiter:
        position += 1
    if data[position:position + 1] == b'"':
        open_quote = position
        text, position = read_quoted(data, position, escape)
    else:
        position = begin
    rest = re.compile(b"[" + re.escape(delimiter) + b"\r\n]")
    end = position
    while True:
        match = rest.search(data, end)
        if match is None:
            end = len(data)
            break
        end = match.start()
        if match.group() == delimiter or LINE_ENDS[newline].match(data, end):
            break
        end += 1
    return text + data[position:end], end, open_quote


def read_records(data, delimiter, newline, comment=None, escape=None):
    """Yields every Record. `data` has no byte order mark. Raises ValueError if a quote is not closed, or if an LF
    is outside quotes and does not end lines."""
    position, line = 0, 1
    while position < len(data):
        while data.startswith(BOM, position):
            position += len(BOM)
        begin, first_line = position, line
        if data[begin:begin + 1] == comment:
            position = data.find(newline, begin)
            position = len(data) if position < 0 else position
            yield Record(line, [], set(), data[begin:position], [], position)
            position += 1
            line += 1
            continue
        fields, too_long, continued = [], set(), []
        while True:
            field_begin = position
            text, position, open_quote = read_field(data, field_begin, delimiter, newline, escape)
            if open_quote is None:
                if newline == b"\r" and b"\n" in text:
                    raise ValueError("lines end in CR but there is an LF")
            else:
                quote_line = line + data.count(newline, field_begin, open_quote)
                after = read_quoted(data, open_quote, escape)[1]
                line += data.count(newline, open_quote, after)
                if trim(data[after:position]):
                    if newline in data[open_quote:after]:
                        raise ValueError("text after a quoted field of several lines")
                    continued.append(quote_line)
            if position - field_begin > LONGEST_CELL:
                too_long.add(len(fields))
            fields.append(text)
            if data[position:position + 1] != delimiter:
                break
            position += 1
        if position == begin:
            fields = []
        yield Record(first_line, fields, too_long, data[begin:position], continued, position)
        position = LINE_ENDS[newline].match(data, position).end() if position < len(data) else position
        line += 1


def after_lines(data, newline, n_lines):
    """The position after some lines; the end if there are fewer."""
    position = 0
    for _ in range(n_lines):
        position = data.find(newline, position) + 1
        if position == 0:
            return len(data)
    return position


# ---- cells ----

def windows_1252(byte):
    """The character of a byte; the five that Windows leaves undefined are controls."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def in_utf8(text):
    """A text that is not UTF-8 is in Windows-1252."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return "".join(map(windows_1252, text)).encode()
    return text


def decimal_of(match):
    """The exact value of a number, or None if it rounds to infinity."""
    sign, whole, point, exponent = match.groups()
    point = point or b""
    exponent = int(exponent or 0) - len(point)
    digits = (whole + point).lstrip(b"0")
    significant = digits.rstrip(b"0")
    exponent += len(digits) - len(significant)
    if not significant:
        return Fraction(0)
    magnitude = len(significant) + exponent  # the value is below 10^magnitude
    if magnitude > 400:
        return None
    if magnitude < -400:
        value = Fraction(0)  # far below half the smallest double
        if exponent >= LAST_EXACT_EXPONENT:
            value = Fraction(int(significant)) / 10 ** -exponent
    else:
        value = Fraction(int(significant)) * Fraction(10) ** exponent
        nearest = to_double(value)
        if math.isinf(nearest):
            return None
        if exponent < LAST_EXACT_EXPONENT:
            value = Fraction(nearest)
    return -value if sign == b"-" else value


def numeral(mark, separator=None):
    """The pattern of a number without a sign; with a separator, one that has groups."""
    mark = re.escape(mark)
    fraction, exponent = mark + rb"\d*", rb"(?:[eEdD][+-]?\d+)?"
    if separator is None:
        body = rb"(?:\d+(?:" + fraction + rb")?|" + mark + rb"\d+)"
        fortran = rb"(?:\d+" + fraction + rb"|" + mark + rb"\d+)[+-]\d{3}"
    else:
        groups = rb"\d{1,3}(?:" + separator + rb"\d{3})+"
        body, fortran = groups + rb"(?:" + fraction + rb")?", groups + fraction + rb"[+-]\d{3}"
    return re.compile(body + exponent + rb"|" + fortran)


SPACES = b"(?:" + b"|".join(c.encode() for c in " \u00a0\u202f\u2009") + b")"
WITH_MARK = {mark: numeral(mark) for mark in (b".", b",")}
GROUPED = [numeral(b".", b","), numeral(b",", rb"\."), numeral(b".", SPACES), numeral(b",", SPACES),
           numeral(b".", b"(?:'|" + "\u2019".encode() + b")")]
CURRENCIES = b"|".join([rb"\$"] + [c.encode() for c in "\u20ac \u00a3 \u00a5 USD EUR GBP JPY CHF CNY AUD CAD NZD "
                        "SEK NOK DKK PLN CZK HUF INR BRL KRW MXN ZAR TRY RUB SGD HKD".split()])
UNIT = re.compile(rb"[A-Za-z]{1,4}|(?=.{1,8}$)(?:[A-Za-z\x80-\xff][A-Za-z\x80-\xff%/^*.23-]*"
                  rb"[\x80-\xff%/^*.23-][A-Za-z\x80-\xff%/^*.23-]*|[\x80-\xff]+[A-Za-z]*|[%/^*.-])", re.S)
MISSING_WORDS = set(b"na n/a #n/a #na n.a. <na> - -- --- ? . .. missing none null nil (null) <null> nat \\n "
                    b"#null! #div/0! #value! #ref! #name? #num!".split())


class Affixes:
    """What was taken off a number: the kind, the unit, and what is left with its sign and factor."""

    def __init__(self, kind, core, is_negative, unit, factor):
        self.kind, self.core, self.is_negative, self.unit, self.factor = kind, core, is_negative, unit, factor


def split_affixes(text):
    """The Affixes of a text, or None."""
    kind, unit, factor = None, b"", 1
    has_parentheses = len(text) > 2 and text[:1] == b"(" and text[-1:] == b")"
    rest = trim(text[1:-1]) if has_parentheses else text
    sign = rest[:1] if rest[:1] in (b"+", b"-") else b""
    rest = rest[len(sign):]
    currency = re.match(rb"(" + CURRENCIES + rb")(?=.)", rest, re.S)
    if currency:
        kind, unit = "number", currency.group(1)
        rest = trim(rest[currency.end():])
        if not sign and rest[:1] in (b"+", b"-"):
            sign, rest = rest[:1], rest[1:]
    has_minus = not sign and not has_parentheses and rest[-1:] == b"-"
    if has_minus:
        rest = trim(rest[:-1])
    currency = re.search(rb"(?<=.)(?:" + CURRENCIES + rb")\Z", rest, re.S)
    if currency and not unit:
        kind, unit = "number", currency.group()
        rest = trim(rest[:currency.start()])
    if not unit and rest[-1:] == b"%":
        kind, unit, rest = "number", b"%", trim(rest[:-1])
    blank = re.search(rb"(?<=.)[ \t]([^ \t]+)\Z", rest, re.S)
    if not unit and blank and UNIT.fullmatch(blank.group(1)):
        kind, unit, rest = kind or "unit", blank.group(1), trim(rest[:blank.start()])
    suffix = re.search(rb"(?<=[\d.,])(?:([kKMGTP])|([KMGTP])i)\Z", rest)
    if suffix:
        kind = kind or "unit"
        power = b"?KMGTP".index((suffix.group(1) or suffix.group(2)).upper())
        factor = (1024 if suffix.group(2) else OPTIONS.affix_base) ** power
        rest = rest[:suffix.start()]
    kind = kind or ("number" if has_parentheses or has_minus else None)
    if kind is None or (has_parentheses and sign) or not rest or rest[0] not in b"0123456789.,":
        return None
    return Affixes(kind, rest, has_parentheses or has_minus or sign == b"-", unit, factor)


def is_other_notation(text):
    """Whether a text without a sign is a number in a notation that the options do not name."""
    other = b"," if OPTIONS.decimal == b"." else b"."
    return bool(WITH_MARK[other].fullmatch(text)) or (
        text[:1] != b"0" and any(pattern.fullmatch(text) for pattern in GROUPED))


def looks_like(text, nulls):
    """What a text looks like: "number", "unit", "missing" or None."""
    is_code = re.match(rb"(?:USD|EUR|GBP|JPY|CHF).", text, re.S)
    may_be_number = is_code if text[:1].isalpha() else text[0] in b"0123456789+-.,$(\xc2\xe2"
    if may_be_number and re.search(rb"\d", text) and len(text) <= (16 if is_code else 64):
        if is_other_notation(text[1:] if text[:1] in (b"+", b"-") else text):
            return "number"
        affixes = split_affixes(text)
        if affixes is None:
            return None
        if is_other_notation(affixes.core):
            return "number" if OPTIONS.affix_base else affixes.kind
        is_number = match_number(in_usual_notation(affixes.core))
        return affixes.kind if is_number and not OPTIONS.affix_base else None
    if text.lower() in MISSING_WORDS or text.lower() in {null.lower() for null in nulls}:
        return "missing"
    return None


class Cell:
    """The class of a cell; its value, if it has one; and the notations that it is written in."""

    def __init__(self, kind, value=None, notation=(), affixes=None):
        self.kind = kind
        self.value = value
        self.affixes = affixes
        self.notation = frozenset(notation)


def seconds_of(match, hours, minutes):
    """The exact seconds of a time."""
    fraction = match["fraction"] or b""
    seconds = int(match["second"] or 0) + Fraction(int(b"0" + fraction), 10 ** len(fraction))
    return hours * 3600 + minutes * 60 + seconds


def classify_date(match):
    """A date or a datetime, or None if the calendar lacks the day."""
    year, month, day = (int(part) for part in match["date"].split(match["separator"]))
    try:
        days = datetime.date(year, month, day) - datetime.date(1970, 1, 1)
    except ValueError:
        return None
    value = Fraction(days.days * 86400)
    notation = {match["separator"].decode()}
    if match["between"] is None:
        return Cell("date", value, notation)
    value += seconds_of(match, int(match["hour"]), int(match["minute"]))
    if match["sign"]:
        offset = int(match["east"]) * 60 + int(match["past"] or 0)
        value -= offset * 60 if match["sign"] == b"+" else -offset * 60
    notation |= {"T" if match["between"] == b"T" else " ", "zone" if match["zone"] else "no zone"}
    return Cell("datetime", value, notation)


def classify_time(match):
    """A time of day or a duration; hours are below 24 only behind days. None: they are not."""
    hours = int(match["hour"])
    if match["days"] is None:
        return Cell("time", seconds_of(match, hours, int(match["minute"])))
    if hours >= 24:
        return None
    hours += 24 * int(match["days"])
    return Cell("time", seconds_of(match, hours, int(match["minute"])), {"days"})


def match_number(text):
    """The parts of a number that has a decimal point and no groups, or None."""
    match = NUMBER.fullmatch(text) or FORTRAN.fullmatch(text)
    return match if match and (match.group(2) or match.group(3)) else None


def in_usual_notation(text):
    """A number with its decimal mark as a point, and without separators of groups."""
    whole, mark, fraction = text.partition(OPTIONS.decimal)
    if OPTIONS.separators:
        separator = b"(?:" + b"|".join(map(re.escape, OPTIONS.separators)) + b")"
        groups = re.match(rb"[+-]?\d{1,3}(?:" + separator + rb"\d{3})+(?=[eEdD]|$)", whole)
        if groups:
            whole = re.sub(separator, b"", groups.group()) + whole[groups.end():]
    return whole + b"." + fraction if mark else whole if b"." not in whole else b""


def classify_number(match, numbers, affixes=None):
    """The Cell of a number, from the parts of its match. `numbers` are missing values."""
    value = decimal_of(match)
    if value is not None and affixes is not None:
        value *= affixes.factor * (-1 if affixes.is_negative else 1)
        value = None if math.isinf(to_double(value)) else value
    if value is None:
        return Cell("infinite", affixes=affixes)
    if value in numbers:
        return Cell("missing")
    return Cell("number", value, {"fraction"} if match.group(3) or match.group(4) else (), affixes)


def classify(text, column=None):
    """The Cell of the text of a cell of a column."""
    text = trim(text)
    words, numbers = OPTIONS.nulls_of(column)
    if not text or text in words:
        return Cell("missing")
    match = match_number(in_usual_notation(text))
    if match:
        return classify_number(match, numbers)
    word = re.fullmatch(rb"[+-]?(nan|inf|infinity)", text.lower())
    if word:
        return Cell("nan" if word.group(1) == b"nan" else "infinite")
    word = MICROSOFT.fullmatch(text.lower())
    if word:
        return Cell("infinite" if word.group(1) == b"inf" else "nan")
    if text.lower() in (b"true", b"false"):
        return Cell("boolean", text.lower() == b"true")
    for pattern, read in ((DATE, classify_date), (TIME, classify_time)):
        match = pattern.fullmatch(text)
        cell = read(match) if match else None
        if cell is not None:
            return cell
    affixes = split_affixes(text) if OPTIONS.affix_base else None
    match = affixes and match_number(in_usual_notation(affixes.core))
    return classify_number(match, numbers, affixes) if match else Cell("text")


def classify_value(text):
    """The same of the value of a condition, whose notation does not depend on the file."""
    global OPTIONS
    usual, OPTIONS = OPTIONS, Options()
    OPTIONS.null_values = []
    cell = classify(text)
    OPTIONS = usual
    return cell


class Reading:
    """What oracle_where needs."""
    trim = staticmethod(lambda text: trim(text))
    in_utf8 = staticmethod(lambda text: in_utf8(text))
    classify = staticmethod(classify)
    classify_value = staticmethod(classify_value)
    fold = staticmethod(lambda name: name.translate(None, b" \t").lower() if OPTIONS.folds_names else name)


# ---- values as text ----

def date_text(days):
    """Year, month, day; also of years 0 and 10000, which offsets can reach."""
    shift = 0
    while not 1 <= days + 719163 + shift * 146097 <= 3652059:  # ordinals of Python's first and last day
        shift += 1 if days < 0 else -1
    date = datetime.date.fromordinal(days + 719163 + shift * 146097)
    return ["%04d" % (date.year - 400 * shift), "%02d" % date.month, "%02d" % date.day]


def time_text(value, quantity, notation, is_date):
    """The text of a value in seconds, of which at most 18 digits after the point are not 0, in the
    notation that all cells share, else in that of ISO 8601."""
    whole = value.numerator // value.denominator
    fraction = (value - whole) * 10 ** 18
    assert fraction.denominator == 1
    days, second = divmod(whole, 86400)
    clock = ":%02d:%02d" % (second // 60 % 60, second % 60)
    if fraction:
        clock += "." + ("%018d" % fraction.numerator).rstrip("0")
    if quantity == "time":
        return "%d-%02d%s" % (days, second // 3600, clock) if "days" in notation \
            else "%02d%s" % (whole // 3600, clock)
    text = ("-" if "-" in notation else "/").join(date_text(days))
    if is_date and second == 0 and not fraction:
        return text
    text += " " if " " in notation and "T" not in notation else "T"
    text += "%02d%s" % (second // 3600, clock)
    return text + ("Z" if "zone" in notation and "no zone" not in notation else "")


def to_microseconds(value):
    return Fraction(round(value * 10 ** 6), 10 ** 6)  # ties to even


def shown(value):
    """A value of at most 40 significant digits, else the shortest decimal of its nearest double."""
    if value == 0:
        return value
    numerator, denominator, scale = abs(value.numerator), value.denominator, 0
    for factor in (2, 5):  # the least power of ten that makes it an integer
        n, rest = 0, denominator
        while rest % factor == 0:
            rest //= factor
            n += 1
        scale = max(scale, n)
    digits = str(numerator * 10 ** scale // denominator).rstrip("0")
    if len(digits) <= MOST_DIGITS:
        return value
    nearest = to_double(value)
    return nearest if math.isinf(nearest) else Fraction(repr(nearest))


def n_digits(value):
    """The significant digits of a value."""
    if value == 0:
        return 1
    denominator, n = value.denominator, 0
    while denominator != 1:  # a product of twos and fives
        denominator = (value * 10 ** (n := n + 1)).denominator
    digits = str(abs(value.numerator) * 10 ** n // value.denominator)
    return len(digits.rstrip("0"))


def shown_text(text, is_cut):
    """A text as JSON has it; one that was cut does not end within a character."""
    shown = text.decode("utf-8", "surrogateescape")
    while is_cut and 0xDC80 <= ord(shown[-1]) <= 0xDCFF:
        shown = shown[:-1]
    return shown.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


# ---- statistics ----

def to_double(value):
    """The nearest double, ties to even."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def root_to_double(value):
    """The double nearest to the square root of a Fraction."""
    if value == 0:
        return 0.0
    # Enough bits that the integer root has at least 64. A last bit marks a truncated rest, so that a
    # truncated value does not look like a tie.
    shift = max(0, 140 + value.denominator.bit_length() - value.numerator.bit_length())
    shift += shift % 2
    scaled, rest = divmod(value.numerator << shift, value.denominator)
    root = math.isqrt(scaled)
    is_truncated = rest != 0 or root * root != scaled
    return to_double(Fraction(2 * root + is_truncated, 2 << (shift // 2)))


def difference_to_double(a, b):
    """The double nearest to a - b, two finite doubles."""
    return to_double(Fraction(a) - Fraction(b))


class Column:
    def __init__(self, name=None):
        self.name = name
        self.cells = dict.fromkeys(CLASSES, 0)
        self.n_true = 0
        self.values = {"number": [], "date": [], "time": []}  # by quantity
        self.notation = {"number": set(), "date": set(), "time": set()}
        self.texts = collections.Counter()  # of texts and booleans
        self.lengths = []  # of texts, in characters
        self.least = self.greatest = None  # text, in byte order
        self.by_row = {}  # by number of the row among all rows: its number
        self.by_file = collections.defaultdict(list)  # (quantity, value), in the order of the rows
        self.n_too_long = 0
        self.files = 0
        self.members = []  # the files with rows that have it
        self.rows = 0
        self.first = {}  # by kind: ((path, line), text)
        self.looks = collections.Counter()  # by what cells look like
        self.first_looks = {}  # the same: ((path, line), text)
        self.units = set()  # that were taken off numbers

    def note_look(self, text, cell, location):
        """Counts what a text or a null word looks like, and numbers without their affixes."""
        look = None
        if cell.kind == "text":
            look = OPTIONS.look_of(text, self.name)
        elif cell.kind == "missing" and text.isalpha():
            look = "null_word"
        elif cell.affixes is not None:
            look = "affixed"
            self.units |= {cell.affixes.unit[:8]} - {b""}
        if look:
            self.looks[look] += 1
            self.first_looks[look] = min(self.first_looks.get(look, (location, text)), (location, text))

    def lost_looks(self):
        """In a column of text, the kinds of lookalikes that are reported."""
        if self.type() != "text":
            return ()
        looks, cells = self.looks, self.cells
        n_cells = sum(cells[name] for name in CLASSES) - cells["missing"] - looks["missing"]
        n_numbers = cells["number"] + looks["number"]
        has_units = 10 * (n_numbers + looks["unit"]) >= 9 * n_cells
        kinds = ["unit"] if has_units else []
        if has_units or 2 * n_numbers >= n_cells:
            kinds.append("number")
        if cells["text"] + cells["boolean"] == looks["number"] + looks["unit"] + looks["missing"]:
            kinds.append("missing")
        return [kind for kind in kinds if looks[kind]]

    def add(self, text, path, line, is_too_long=False, row=None):
        """Adds a cell. One that is too long is a text of which nothing is known."""
        text = b"" if is_too_long else trim(text)
        cell = Cell("text") if is_too_long else classify(text, self.name)
        self.cells[cell.kind] += 1
        if text:
            self.note_look(text, cell, (os.fsencode(path), line))
        self.n_too_long += is_too_long
        kind = KINDS.get(cell.kind)
        if cell.kind in ("missing", "nan", "infinite"):
            return
        if kind in self.values:
            self.values[kind].append(cell.value)
            self.by_file[path].append((kind, cell.value))
            self.notation[kind] |= cell.notation
            if kind == "number":
                self.by_row[row] = cell.value
        else:
            self.n_true += cell.value is True
            self.texts[text] += 1
        if kind == "text" and not is_too_long:
            self.add_text(text)
        first = ((os.fsencode(path), line), text[:EXAMPLE_BYTES])
        self.first[kind] = min(self.first.get(kind, first), first, key=lambda entry: entry[0])

    def add_text(self, text):
        """A byte that is no part of a character of UTF-8 is a character."""
        self.lengths.append(len(text.decode("utf-8", "surrogateescape")))
        kept = (text[:KEPT_BYTES], len(text) > KEPT_BYTES)
        self.least = min(self.least or kept, kept)
        self.greatest = max(self.greatest or kept, kept)

    def type(self):
        """The type that at least nine tenths of the cells have."""
        n = dict.fromkeys(KINDS.values(), 0)
        for kind in KINDS:
            n[KINDS[kind]] += self.cells[kind]
        n_cells = sum(n.values())
        if n_cells == 0:
            return "empty"
        most = max(n, key=lambda kind: n[kind])
        if 10 * n[most] < 9 * n_cells:
            return "mixed"
        if most == "number":
            is_integer = self.cells["number"] and not self.notation["number"]
            return "integer" if is_integer else "decimal"
        return "datetime" if most == "date" and self.cells["datetime"] else most

    def own_kinds(self):
        """The kinds of cells that are not invalid."""
        column_type = self.type()
        if column_type in ("text", "empty"):
            return set(KINDS.values())
        return {TYPES_WITH_VALUES.get(column_type, column_type)}

    def first_invalid(self):
        """((path, line), text) of the first invalid cell, or None."""
        own = self.own_kinds()
        return min((first for kind, first in self.first.items() if kind not in own),
                   key=lambda entry: entry[0], default=None)

    def counts(self):
        own = self.own_kinds()
        result = {name: self.cells[name] for name in ("missing", "nan", "infinite")}
        finite = [name for name in KINDS if name not in result]
        result["count"] = sum(self.cells[name] for name in finite if KINDS[name] in own)
        result["invalid"] = sum(self.cells[name] for name in finite) - result["count"]
        return result

    def n_distinct(self):
        return sum(len(set(values)) for values in self.values.values()) + len(self.texts)

    def steps(self):
        """-1, 0 or 1 for each two values that follow each other in a file; None if they cannot be compared."""
        steps = set()
        for values in self.by_file.values():
            if any(n_digits(value) > MOST_ORDERED_DIGITS for _, value in values):
                return None
            steps |= {(a < b) - (b < a) for a, b in zip(values, values[1:])}
        return steps if len({quantity for values in self.by_file.values() for quantity, _ in values}) == 1 else None

    def is_ascending(self):
        """True, or None where that is not proven."""
        if self.cells["nan"] or self.cells["infinite"] or self.texts or self.n_too_long:
            return None
        steps = self.steps()
        return True if steps is not None and -1 not in steps else None

    def is_in_disjoint_ranges(self):
        """Whether all values ascend strictly, in ranges of files that do not overlap."""
        if self.texts or self.n_too_long or self.steps() not in (set(), {1}):
            return False
        ranges = sorted((values[0], values[-1]) for values in self.by_file.values())
        return all(a[1] < b[0] for a, b in zip(ranges, ranges[1:]))

    def has_duplicates(self):
        """Among the cells whose text is known."""
        counts = [count for values in self.values.values() for count in collections.Counter(values).values()]
        counts += [count for text, count in self.texts.items() if text or not self.n_too_long]
        return max(counts, default=0) > 1

    def is_constant(self):
        kinds = {KINDS[name] for name in KINDS if self.cells[name] and name not in ("nan", "infinite")}
        kinds |= {name for name in ("nan", "infinite") if self.cells[name]}
        if len(kinds) != 1:
            return False if kinds else None
        (kind,) = kinds
        if kind in self.values:
            return len(set(self.values[kind])) == 1
        if kind == "boolean":
            return self.n_true in (0, self.cells["boolean"])
        if kind != "text":
            return None
        if self.cells["text"] == 1:
            return True
        if not self.lengths:
            return None
        if self.least != self.greatest or min(self.lengths) != max(self.lengths):
            return False
        return None if self.least[1] or self.n_too_long else True

    def top(self, is_date):
        """By descending count; numbers before dates, times and texts, each in ascending order."""
        items = [(-count, -1, text, shown_text_of(text)) for text, count in self.texts.items()]
        for rank, (quantity, values) in enumerate(self.values.items()):
            for value, count in collections.Counter(values).items():
                shown = (to_double(value) if quantity == "number" else
                         time_text(value, quantity, self.notation[quantity], is_date))
                items.append((-count, rank, value, shown))
        items.sort(key=lambda item: (item[0], item[1] < 0, item[1], item[2]))
        return [{"value": shown, "count": -count} for count, _, _, shown in items[:10]]

    def figures(self):
        result = dict(self.counts(), type=self.type(), files=self.files, rows=self.rows)
        names = ("sum", "mean", "stddev", "stddev_pop", "variance", "skewness", "kurtosis", "min",
                 "max", "range", "sem", "cv", "zeros", "negative", "min_length", "max_length",
                 "mean_length")
        result.update(dict.fromkeys(names))
        result["distinct"] = self.n_distinct()
        result["ascending"] = self.is_ascending()
        result["constant"] = self.is_constant()
        result["top"] = self.top(result["type"] == "date")
        quantity = TYPES_WITH_VALUES.get(result["type"])
        values = self.values.get(quantity)
        if quantity == "number" and values:
            result.update(self.figures_of_numbers(values))
        elif result["type"] == "text" and self.lengths:
            result["min"], result["max"] = shown_text(*self.least), shown_text(*self.greatest)
            result["min_length"], result["max_length"] = min(self.lengths), max(self.lengths)
            result["mean_length"] = to_double(Fraction(sum(self.lengths), len(self.lengths)))
        elif values:
            result.update(self.figures_of_times(values, quantity, result["type"] == "date"))
        return result

    def figures_of_times(self, values, quantity, is_date):
        def text(value):
            return time_text(value, quantity, self.notation[quantity], is_date)

        total = sum(values)
        result = {"min": text(min(values)), "max": text(max(values)),
                  "mean": text(to_microseconds(total / len(values)))}
        if quantity == "time":
            result["sum"] = text(to_microseconds(total))
        return result

    @staticmethod
    def figures_of_numbers(values):
        n = len(values)
        result = {}
        scale = 1
        for value in values:
            scale = math.lcm(scale, value.denominator)
        integers = [value.numerator * (scale // value.denominator) for value in values]
        total = sum(integers)
        spread = n * sum(i * i for i in integers) - total * total
        result["sum"] = shown(Fraction(total, scale))
        if math.isinf(to_double(Fraction(total, scale))):
            result["sum"] = to_double(Fraction(total, scale))
        result["mean"] = to_double(Fraction(total, scale * n))
        result["stddev_pop"] = root_to_double(Fraction(spread, scale * scale * n * n))
        if n > 1:
            variance = Fraction(spread, scale * scale * n * (n - 1))
            result["variance"] = to_double(variance)
            result["stddev"] = root_to_double(variance)
            result["sem"] = root_to_double(variance / n)
            if total != 0:
                mean = Fraction(total, scale * n)
                result["cv"] = root_to_double(variance / mean ** 2)
        deviations = [n * i - total for i in integers]
        second, third, fourth = (Fraction(sum(d ** k for d in deviations), n) for k in (2, 3, 4))
        if n > 2 and second > 0:
            skewness = third ** 2 / second ** 3 * n * (n - 1) / (n - 2) ** 2
            root = root_to_double(skewness)
            result["skewness"] = -root if third < 0 else root
        if n > 3 and second > 0:
            excess = fourth / second ** 2 - 3
            result["kurtosis"] = to_double(((n + 1) * excess + 6) * (n - 1)
                                           / ((n - 2) * (n - 3)))
        result["min"] = min(shown(value) for value in values)
        result["max"] = max(shown(value) for value in values)
        result["range"] = difference_to_double(to_double(max(values)), to_double(min(values)))
        result["zeros"] = sum(value == 0 for value in values)
        result["negative"] = sum(value < 0 for value in values)
        return result


# ---- percentiles ----

PERCENTILES = {"p1": 1, "p5": 5, "p25": 25, "median": 50, "p75": 75, "p95": 95, "p99": 99}


def percentile_of(name):
    """The percentile of that name as a Fraction, such as 999/10 for p99.9; None: it is not one."""
    if name in PERCENTILES:
        return Fraction(PERCENTILES[name])
    match = re.fullmatch(r"p(\d{1,2}(?:\.\d+)?)", name)
    return Fraction(match[1]) if match else None


def interpolate(ordered, percent, value_at=None):
    """Type 7: linear between the values of the two ranks next to it."""
    value_at = value_at or ordered.__getitem__
    position = (len(ordered) - 1) * percent / 100
    rank = math.floor(position)
    weight = position - rank
    if weight == 0:
        return value_at(rank)
    return (1 - weight) * value_at(rank) + weight * value_at(rank + 1)


def median_deviation(ordered, middle):
    return interpolate(sorted(abs(value - middle) for value in ordered), Fraction(50))


class Buckets:
    """The intervals in which csv-report counts values, as doc/state-format.md defines them."""

    def __init__(self, values, n_columns):
        octaves = {0} | {self.bits_of(value) >> 52 for value in set(values)}
        self.bits = 8 if n_columns <= 256 else 7 if n_columns <= 1024 else 6
        while len(octaves) << self.bits > 32768:
            self.bits -= 1

    @staticmethod
    def bits_of(value):
        return struct.unpack("<Q", struct.pack("<d", to_double(value)))[0]

    def bounds(self, value):
        """The least and the greatest double of the bucket that has the double nearest to `value`."""
        bits = self.bits_of(value)
        if bits == 0:
            return Fraction(0), Fraction(0)
        shift = 52 - self.bits
        first = bits >> shift << shift
        last = first | (1 << shift) - 1
        if bits >> 52 == 0 and first == 1 << shift:
            first = 1  # the first two buckets of subnormals are one
        elif first == 0:
            first, last = 1, (2 << shift) - 1
        ends = [Fraction(struct.unpack("<d", struct.pack("<Q", end))[0]) for end in (first, last)]
        return min(ends), max(ends)


def values_of(column):
    """The values that describe a column."""
    return column.values.get(TYPES_WITH_VALUES.get(column.type()), [])


def quantile_ranges(column, names, n_columns):
    """By name: the exact value, and bounds of an estimate."""
    ordered = sorted(values_of(column))
    buckets = Buckets(ordered, n_columns)

    def range_of(percent):
        rank = math.floor((len(ordered) - 1) * percent / 100)
        around = {i: buckets.bounds(ordered[i])
                  for i in (rank, min(rank + 1, len(ordered) - 1))}
        return [interpolate(ordered, percent)] + [
            interpolate(ordered, percent, lambda i, end=end: around[i][end]) for end in (0, 1)]

    ranges = {name: range_of(percentile_of(name)) for name in names if percentile_of(name)}
    if "iqr" in names:
        (low, low_from, low_to), (high, high_from, high_to) = range_of(Fraction(25)), range_of(Fraction(75))
        ranges["iqr"] = [high - low, high_from - low_to, high_to - low_from]
    if "mad" in names:
        middle = interpolate(ordered, Fraction(50))
        mad = median_deviation(ordered, middle)
        # A bucket is at most this part of its values wide; so far are values and the median moved.
        margin = (2 * abs(middle) + mad) * Fraction(129, 128) / 2 ** buckets.bits
        ranges["mad"] = [mad, mad - margin, mad + margin]
    return ranges


# ---- histograms ----

BINS = 40


def histogram_of(values):
    """The counts of bins of equal width; a value at an edge is in the bin that starts there."""
    least, greatest = min(values), max(values)
    if to_double(least) == to_double(greatest):
        return [len(values)]
    counts = [0] * BINS
    for value in values:
        counts[min(math.floor((value - least) * BINS / (greatest - least)), BINS - 1)] += 1
    return counts


def n_at_edges(values):
    """How many values are so close to an edge of a bin that the last digits of the extremes decide."""
    least, greatest = min(values), max(values)
    if least == greatest:
        return 0
    positions = [(value - least) * BINS / (greatest - least) for value in values]
    margin = BINS * max(abs(least), abs(greatest)) / (greatest - least) / 10 ** 15
    return sum(abs(position - round(position)) <= margin for position in positions)


def correlation_of(x, y):
    """(rows, correlation) of two columns over the rows in which both have a number."""
    rows = x.by_row.keys() & y.by_row.keys()
    n = len(rows)
    pairs = [(x.by_row[row], y.by_row[row]) for row in rows]
    scales = [math.lcm(*(pair[k].denominator for pair in pairs)) for k in (0, 1)]
    a, b = ([int(pair[k] * scales[k]) for pair in pairs] for k in (0, 1))
    covariance = n * sum(i * j for i, j in zip(a, b)) - sum(a) * sum(b)
    spreads = [n * sum(i * i for i in values) - sum(values) ** 2 for values in (a, b)]
    if 0 in spreads:
        return n, None
    root = root_to_double(Fraction(covariance ** 2, spreads[0] * spreads[1]))
    return n, -root if covariance < 0 else root


# ---- files ----

def is_footer(text):
    """Whether a first cell begins as totals and other last lines do."""
    return re.match(
        rb"(?:total|totals|grand total|sum|subtotal|sub-total|summe|end of file|[*#-]+ *end)(?![a-z0-9_\x80-\xff])"
        rb"|\(+[0-9]+ +rows?\)\Z|[0-9]+ +rows? +selected(?![a-z0-9_\x80-\xff])|page +[0-9-]+ +of +[0-9]",
        text.lower()) is not None


def column_names(fields):
    """An empty name becomes column_3, a duplicate a.2; names as written come first."""
    names = [trim(field) or b"column_%d" % (i + 1) for i, field in enumerate(fields)]
    used = set(names)
    seen = set()
    for i, name in enumerate(names):
        if name in seen:
            number = 2
            while b"%s.%d" % (name, number) in used:
                number += 1
            names[i] = b"%s.%d" % (name, number)
            used.add(names[i])
        seen.add(name)
    return names


def joined_names(header):
    """The names of records, joined; an empty cell above the last record stands for that to its left."""
    names = [[] for _ in range(max(len(record.fields) for record in header))]
    for record in header:
        left = b""
        for name, field in zip(names, record.fields):
            text = trim(field)
            if record is not header[-1]:
                text = left = text or left
            name += [text] if text else []
    return [b" ".join(name) for name in names]


class File:
    """The text of a file: the names of its columns, its rows, and what was noticed on the way. A text that is not CSV
    raises ValueError."""

    def __init__(self, path, data):
        self.path = path
        self.n_bytes = 0
        self.names = None  # an empty file has none
        self.written_names = ()  # before those of several files become one
        self.rows = []
        self.notes = []  # (kind, line, count)
        self.n_filtered = 0
        self.not_compared, self.without = [], []  # by --where: (condition, line); conditions
        self.decimal = OPTIONS.decimal
        self.parse(data)
        self.written_names = list(self.names or ())
        if OPTIONS.refuses(self.written_names):
            raise ValueError("an item matches several columns")

    def note(self, kind, line, count=1):
        self.notes.append((kind, line, count))

    def kind(self):
        if self.names is None:
            return "empty"
        return "read" if self.rows else "filtered" if self.n_filtered else "header_only"

    def header(self):
        return frozenset(self.names)

    def parse(self, data):
        is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff") and data[:4] != b"\xff\xfe\0\0"
        if is_utf16:
            data = data.decode("utf-16").encode()
            self.note("utf16_files", 1)
        self.n_bytes = len(data)
        if data.startswith(BOM):
            data = data[len(BOM):]
        newline = oracle_table.newline_of(data)
        if newline == b"\r" and data.endswith(b"\n"):
            data = data[:-1]
        begin = after_lines(data, newline, OPTIONS.table.skip)
        if not OPTIONS.is_decimal_known:
            OPTIONS.decimal = b"."
        table = oracle_table.find_table(data[begin:], self.path.lower().endswith(".tsv"), newline, OPTIONS.table,
                                        lambda cell: classify(cell).kind)
        long_delimiter = table.long_delimiter
        if long_delimiter:
            data = data[:begin] + oracle_table.replace_delimiter(data[begin:], long_delimiter, newline)
            table = oracle_table.find_table(data[begin:], False, newline, OPTIONS.table,
                                            lambda cell: classify(cell).kind, long_delimiter)
        if not OPTIONS.is_decimal_known:
            OPTIONS.decimal = table.decimal
        self.decimal = OPTIONS.decimal
        begin += table.start
        n_above = data[:begin].count(newline) + (0 < begin == len(data) and not data.endswith(newline))
        records = list(read_records(data[begin:], table.delimiter, newline, table.comment, table.escape))
        if table.comment is None and table.escape is None:
            cross_check(self.path, data[begin:], table.delimiter, newline, records)
        if long_delimiter == oracle_table.BLANKS:
            for record in records:
                if not trim(record.written):
                    record.written, record.fields = b"", []
        for record in records:
            record.line += n_above
            record.continued = [line + n_above for line in record.continued]
            record.end += begin
        if n_above:
            self.note("lines_above", 1, n_above)
        for record in records:
            if not record.fields:
                self.note("comment_lines" if record.written else "blank_lines", record.line)
        all_records, records = records, [record for record in records if record.fields]
        if not records:
            self.note("empty_file", 0)
            return
        self.note_detected(table, records[0].line, long_delimiter)
        self.parse_header(records, table)
        if OPTIONS.conditions:
            filtered = {id(row) for row in oracle_where.filter_rows(self, OPTIONS.conditions, Reading)}
            self.n_filtered = len(filtered)
            all_records = [record for record in all_records if id(record) not in filtered]
        for record in all_records:
            for line in record.continued:
                self.note("text_after_quote", line)
        if self.rows:
            self.note_footer_rows()
        elif not self.n_filtered:
            self.note("header_only_file", 0)

    def note_detected(self, table, line, long_delimiter):
        for kind, is_noted in (
                (table.first_record, table.first_record in ("seems_header", "seems_data")),
                ("decimal_commas", table.decimal == b"," and not OPTIONS.is_decimal_known),
                ("escaped_quotes", table.escape is not None), ("long_delimiter", long_delimiter),
                ("apostrophes", table.has_apostrophes), ("quoted_whole", table.are_quoted_whole)):
            if is_noted:
                self.note(kind, line)

    def parse_header(self, records, table):
        is_header = table.first_record in ("header", "seems_header")
        if table.first_record == "unknown":
            cells = [oracle_table.shape_of(trim(field), lambda cell: classify(cell).kind)
                     for field in records[0].fields]
            is_header = not set(cells) <= {"empty", "number"}
        if not is_header:
            if OPTIONS.table.header == "auto":
                self.note("no_header", records[0].line)
            self.names = [b"column_%d" % (i + 1) for i in range(len(records[0].fields))]
            self.rows = records
            return
        header, rows = records[:OPTIONS.table.header_rows], records[OPTIONS.table.header_rows:]
        n_skipped = OPTIONS.table.skip_after_header
        n_skipped = table.n_units_rows if n_skipped is None else n_skipped
        for record in rows[:n_skipped]:
            self.note("units_rows", record.line)
        n_bytes = header[-1].end - header[0].end + len(header[0].written)
        self.rows = self.skip_repeated_headers(joined_names(header), n_bytes, rows[n_skipped:])
        names = list(map(in_utf8, joined_names(header)))
        n_converted = sum(map(bytes.__ne__, names, joined_names(header)))
        if n_converted:
            self.note("not_utf8", header[0].line, n_converted)
        if OPTIONS.folds_names:
            names = [re.sub(rb"[ \t]", b"", name).lower() for name in names]
        self.names = column_names(names)

    def skip_repeated_headers(self, texts, n_bytes, records):
        """The records that are rows; `n_bytes` is the length of the header. Columns in another order make a file
        bad."""
        longest = LONGEST_CELL if n_bytes > PREFIX_BYTES else LONGEST_CELL // 4
        has_name = any(classify(text).kind == "text" for text in texts)
        rows = []
        for record in records:
            cells = [trim(field) for field in record.fields]
            is_alike = len(record.written) <= longest and sorted(cells) == sorted(texts)
            if is_alike and cells != texts and has_name:
                raise ValueError("columns in another order")
            rows += [record] if not is_alike or cells != texts else []
        if len(texts) == 1:
            # A text of a column may as well be its name.
            values = [record for record in rows if classify(record.fields[0]).kind != "missing"]
            if not values or values[0].end >= PREFIX_BYTES or len(values[0].fields) > 1 or (
                    classify(values[0].fields[0]).kind in ("text", "boolean")):
                return records
        for record in records:
            if record not in rows:
                self.note("repeated_headers", record.line)
        return rows

    def note_footer_rows(self):
        """The last rows, if they look like totals and the first column has no other text."""
        footers = list(itertools.takewhile(lambda row: 0 not in row.too_long and is_footer(trim(row.fields[0])),
                                           reversed(self.rows)))[:3]
        kinds = ["text" if 0 in row.too_long else classify(row.fields[0]).kind for row in self.rows]
        if footers and kinds.count("text") <= len(footers) and set(kinds) - {"text", "missing"}:
            self.note("footer_rows", footers[-1].line, len(footers))


def is_selected(name):
    return OPTIONS.selected is None or name in OPTIONS.selected


class Report:
    """The statistics of the files of one table."""

    def __init__(self):
        self.columns = {}  # of files with rows: by name, in the order in which they first occur
        self.headers = {}  # the same of files with only a header
        self.rows = self.filtered = 0
        self.row_counts = collections.Counter()  # by their bytes
        self.members = []  # its files, in the order of the inputs
        self.files = self.files_with_rows = 0
        self.bytes = 0
        self.problems = {}  # kind: [count, first (path, line)]

    def note(self, kind, path, line, count=1):
        location = (os.fsencode(path), line)
        entry = self.problems.setdefault(kind, [0, location])
        entry[0] += count
        entry[1] = min(entry[1], location)

    def add_text(self, path, data):
        """Adds the text of a file. One that is not CSV raises ValueError and adds nothing."""
        self.add(File(path, data))

    def add(self, file):
        self.members.append(file)
        self.files += 1
        self.bytes += file.n_bytes
        for kind, line, count in file.notes:
            self.note(kind, file.path, line, count)
        self.filtered += file.n_filtered
        if file.kind() in ("header_only", "filtered"):
            for name in filter(is_selected, file.names):
                self.headers.setdefault(name, Column())
        elif file.kind() == "read":
            self.files_with_rows += 1
            OPTIONS.decimal = file.decimal
            self.add_rows(file)

    def all_columns(self):
        """Columns that only files without rows have are last."""
        return self.columns | {name: column for name, column in self.headers.items()
                               if name not in self.columns}

    def add_rows(self, file):
        path, names, rows = file.path, file.names, file.rows
        width = len(names)
        columns = [self.columns.setdefault(name, Column(name)) if is_selected(name) else None for name in names]

        def ends_with_delimiter(row):
            return len(row.fields) == width + 1 and not row.fields[-1] and not row.written.endswith(b'"')

        trailing = all(map(ends_with_delimiter, rows))
        first_row = self.rows
        self.rows += len(rows)
        self.row_counts.update(row.written for row in rows)
        for column in filter(None, columns):
            column.members.append(file)
            column.files += 1
            column.rows += len(rows)
        for number, row in enumerate(rows, first_row):
            if len(row.fields) > 1 and len(row.written.rstrip(b"\r\n")) == len(row.fields) - 1:
                self.note("empty_rows", path, row.line)
            if len(row.fields) < width:
                self.note("short_rows", path, row.line)
            if len(row.fields) != width and not ends_with_delimiter(row) and row.written.startswith(b"#"):
                self.note("like_comments", path, row.line)
            if len(row.fields) > width and not trailing:
                self.note("long_rows", path, row.line)
                self.note("extra_fields", path, row.line, len(row.fields) - width)
            for i, column in enumerate(columns):
                if column is None:
                    continue
                text = row.fields[i] if i < len(row.fields) else b""
                if i not in row.too_long and in_utf8(trim(text)) != trim(text):
                    self.note("not_utf8", path, row.line)
                    text = in_utf8(trim(text))
                column.add(text, path, row.line, i in row.too_long, number)

    def n_files(self, kind):
        return sum(file.kind() == kind for file in self.members)

    def n_absent_columns(self):
        """The columns that some files with rows do not have."""
        return sum(column.files < self.files_with_rows for column in self.columns.values())

    def as_dict(self):
        columns = [dict(column.figures(), name=name.decode("utf-8", "replace"))
                   for name, column in self.all_columns().items()]
        return {"columns": columns, "files": self.files, "rows": self.rows, "bytes": self.bytes}


# ---- tables ----

MOST_NAMES = 1 << 21  # of all different headers


def folded(header):
    """The names without blanks, in lower case."""
    return frozenset(name.translate(None, b" \t").lower() for name in header)


def are_similar(a, b):
    """Whether two headers share at least half of all names in either, apart from case and blanks."""
    a, b = folded(a), folded(b)
    return 3 * len(a & b) >= len(a) + len(b)


def components(headers):
    """Sets of headers that are connected through similar ones."""
    rest, found = set(headers), []
    while rest:
        reached = [rest.pop()]
        for header in reached:
            near = {other for other in rest if are_similar(header, other)}
            rest -= near
            reached += near
        found.append(set(reached))
    return found


def group_files(files):
    """The files of each table: those with rows decide the order of the tables, else the others."""
    headers = {file.header() for file in files}
    if OPTIONS.tables == "one" or OPTIONS.is_by_position or has_too_many_names(headers):
        sets = [headers]
    elif OPTIONS.tables == "header":
        sets = [{header} for header in headers]
    else:
        sets = components(headers)
    groups = [[file for file in files if file.header() in some] for some in sets if some]
    order = {id(file): i for i, file in enumerate(files)}

    def place(group):
        with_rows = [file for file in group if file.rows]
        return not with_rows, order[id((with_rows or group)[0])]
    return sorted(groups, key=place)


def has_too_many_names(headers):
    return sum(map(len, headers)) > MOST_NAMES


def unite_names(files):
    """Columns in the same place become one. It has the name that all files with rows give it."""
    for i in range(max((len(file.names) for file in files), default=0)):
        members = [file for file in files if len(file.names) > i]
        names = {file.written_names[i] for file in [file for file in members if file.rows] or members}
        for file in members:
            file.names[i] = min(names) if len(names) == 1 else b"column_%d" % (i + 1)


def common_directory(paths):
    """The longest directory, with the slash at its end, that all paths begin with."""
    prefix = os.path.commonprefix(paths) or b""
    return prefix[:prefix.rfind(b"/") + 1]


def name_of_table(paths, directory):
    """The path of its only file, or the first and the last one."""
    first, last = (path[len(directory):] for path in (min(paths), max(paths)))
    return first if len(paths) == 1 else first + b" ... " + last


class Tables:
    """The tables of some files. One report of all files, as if there were no tables, if there is only one."""

    def __init__(self, files, n_bad=0):
        self.n_bad = n_bad
        self.files = files
        members = [file for file in files if file.names is not None]
        groups = group_files(members)
        self.are_several = len(groups) > 1
        self.total = Report()  # of files without a table, if there are several
        self.reports = [Report() for _ in groups] if self.are_several else [self.total]
        table_of = {id(file): i for i, group in enumerate(groups) for file in group}
        for file in files:
            table = table_of.get(id(file))
            (self.total if table is None or not self.are_several else self.reports[table]).add(file)
        self.table_of = table_of if self.are_several else {}
        paths = [os.fsencode(file.path) for file in members]
        directory = common_directory(paths)
        self.names = [name_of_table([os.fsencode(file.path) for file in group], directory) for group in groups]
        if has_too_many_names({file.header() for file in members}):
            self.total.note("many_headers", "", 0)
        # Columns refer to the files of their table by places in this list.
        self.listed = sorted((file for report in {*self.reports, self.total} if report.n_absent_columns()
                              for file in report.members if file.rows), key=lambda file: os.fsencode(file.path))
        self.adjust_problems()

    def adjust_problems(self):
        """What is said with regard to all tables: files without a header if others have one, and files without rows,
        since reports for people may not show their tables."""
        n_headerless = sum(report.problems.get("no_header", (0, None))[0] for report in self.reports)
        for report in self.reports:
            if n_headerless >= sum(bool(file.rows) for file in self.files):
                report.problems.pop("no_header", None)
            if self.are_several and "header_only_file" in report.problems:
                count, (path, line) = report.problems.pop("header_only_file")
                self.total.note("header_only_file", path, line, count)

    def n_columns(self):
        """How many names the columns of all tables have."""
        return len({name for report in self.reports for name in report.all_columns()})

    def sum(self, key):
        return sum(getattr(report, key) for report in {*self.reports, self.total})

    def n_files(self, kind):
        return sum(file.kind() == kind for file in self.files)

    def as_dict(self):
        if not self.are_several:
            return self.total.as_dict()
        return {"tables": [dict(report.as_dict(), name=name.decode("utf-8", "replace"))
                           for name, report in zip(self.names, self.reports)],
                "files": self.sum("files"), "rows": self.sum("rows"), "bytes": self.sum("bytes")}


def cross_check(path, data, delimiter, newline, records):
    """Python's csv module must find the same records, unless it reads the line ends or quotes after blanks
    differently."""
    if BOM in data or newline == b"\n" and re.search(rb"\r(?!\n)", data) or re.search(rb'[ \t]"', data):
        return
    if b"\0" in data and sys.version_info < (3, 11):
        return  # older versions refuse NUL bytes
    csv.field_size_limit(1 << 30)
    lines = io.StringIO(data.decode("latin-1"), newline="")
    theirs = list(csv.reader(lines, delimiter=delimiter.decode()))
    ours = [[field.decode("latin-1") for field in record.fields] for record in records]
    if theirs != ours:
        raise AssertionError(f"{path}: this reader and Python's csv module disagree")


# Names with .csv or .tsv, and then words that copies, parts and archives of CSV files have.
COPY = re.compile(rb"[^.].*[.][ct]sv(?:[-._~ ()]+(?:(?:backup|bak|br|bz|copy|dat|enc|gpg|gz|gzip|lz4|lzma|lzo|new|old|"
                  rb"orig|part|pgp|prev|rar|save|sav|snappy|sz|tar|text|tgz|txt|xz|z|7z|zip|zst|zstd)?[0-9]*))+",
                  re.IGNORECASE | re.DOTALL)


def is_copy(name):
    return COPY.fullmatch(name) is not None and not re.fullmatch(
        rb".*[.][ct]sv([.](gz|bgz|zst|bz2|xz))?", name, re.IGNORECASE | re.DOTALL)


def files_below(path, copies=None):
    """The files that csv-report reads in a directory, in bytewise order; the copies beside them go to `copies`."""
    if not os.path.isdir(path):
        return [path]
    found = []
    for directory, directories, names in os.walk(path):
        directories[:] = [name for name in directories if not name.startswith(".")]
        if copies is not None:
            copies += [os.fsencode(os.path.join(directory, name)) for name in names
                       if is_copy(os.fsencode(name)) and os.path.isfile(os.path.join(directory, name))
                       and not os.path.islink(os.path.join(directory, name))]
        found += [os.path.join(directory, name) for name in names
                  if name.endswith((".csv", ".tsv")) and not name.startswith(".")]
    return sorted(found, key=os.fsencode)


def tables_of(paths):
    """The tables of all files below the paths."""
    files, copies, n_bad = [], [], 0
    for path in paths:
        for name in files_below(path, copies):
            with open(name, "rb") as stream:
                data = stream.read()
            try:
                files.append(File(name, data))
            except ValueError:
                n_bad += 1
    if OPTIONS.is_by_position:
        unite_names([file for file in files if file.names is not None])
    tables = Tables(files, n_bad)
    if copies:
        tables.total.problems["other_names"] = (len(copies), (min(copies), None))
    return tables


# ---- comparison ----

class Number(float):
    """A number of a JSON or CSV report, with the exact value that its text has."""

    def __new__(cls, text):
        self = super().__new__(cls, text)
        self.exact = Fraction(text)
        return self


def value_of(text):
    """A value of a CSV report as JSON has it: None, a number, or a text, such as a type, a date or inf."""
    is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", text, re.ASCII)
    return Number(text) if is_number else text or None


def read_json(text):
    return json.loads(text, parse_float=Number)


def same_value(ours, theirs, ulps):
    """Doubles may differ by `ulps`; exact values and texts may not."""
    if ours is None or theirs is None or isinstance(ours, (int, str)):
        return ours == theirs
    if isinstance(ours, Fraction):
        return not isinstance(theirs, str) and ours == getattr(theirs, "exact", theirs)
    if isinstance(theirs, str) or math.isinf(ours):
        # A value beyond the largest double is the text "inf" in JSON.
        return isinstance(theirs, str) and float(theirs) == ours
    return abs(Fraction(ours) - Fraction(theirs)) <= ulps * Fraction(math.ulp(ours))


def compare_first_invalid(column, found, complain):
    expected, theirs = column.first_invalid(), found["first_invalid"]
    if expected is not None:
        (path, line), text = expected
        expected = (path, line, text.decode("utf-8", "replace"))
    if theirs is not None:
        theirs = (os.fsencode(theirs["file"]), theirs["line"], theirs["cell"])
    if expected != theirs:
        complain(f"{found['name']!r}: first invalid cell: {expected} expected, {theirs} found")


def compare_classes(column, found, complain):
    """The counts of cells by class, and of the booleans by value."""
    n = column.cells["boolean"]
    booleans = {"true": column.n_true, "false": n - column.n_true} if n else {}
    theirs = {key: found[key] for key in ("true", "false") if key in found}
    if column.cells != found["cells"] or booleans != theirs:
        complain(f"{found['name']!r}: cells: {column.cells} {booleans} expected, "
                 f"{found['cells']} {theirs} found")


def most_exact_values(n_columns, column):
    """How many distinct values of a column are counted exactly."""
    if "zeros" not in column:  # nothing is requested
        return 256
    return 4096 if n_columns <= 256 else 1024 if n_columns <= 1024 else 256


def fact_of(value):
    """A fact of JSON, or that of a CSV report as JSON has it."""
    return {"true": True, "false": False}.get(value, value)


def compare_unique(column, found, complain, most_exact):
    """Duplicates among many values need not be found."""
    n_cells = sum(map(len, column.values.values())) + sum(column.texts.values())
    is_false = column.has_duplicates()
    is_true = not is_false and not column.n_too_long and not column.cells["nan"] and not column.cells["infinite"]
    is_known = (column.n_distinct() <= most_exact or column.is_in_disjoint_ranges()
                or (column.steps() is not None and column.steps() <= {0, 1} and 0 in column.steps()))
    expected = [False] if is_false else [True] if is_true else [None]
    if n_cells == 0:
        expected = [None]
    elif not is_known:
        expected.append(None)
    if fact_of(found["unique"]) not in expected:
        complain(f"{found['name']!r}: unique: {expected} expected, {found['unique']} found")


def compare_distinct(expected, found, complain, most_exact, has_marks):
    """More values than `most_exact` are estimated, with a standard error of 1 / sqrt(most_exact - 1).
    Without marks, `found` does not say whether it is an estimate."""
    is_approximate = expected > most_exact
    if "zeros" not in found:
        bound = most_exact if is_approximate else None
        if found.get("distinct_more_than") == bound and (
                found["distinct"] == (None if is_approximate else expected)):
            return
        complain(f"{found['name']!r}: distinct: {expected} expected, {found['distinct']} found")
        return
    margin = 5 * expected / math.sqrt(most_exact - 1) if is_approximate else 0
    if (abs(expected - found["distinct"]) > margin
            or (has_marks and is_approximate != found.get("distinct_approximate", False))):
        complain(f"{found['name']!r}: distinct: {expected} expected, {found['distinct']} found")


def shown_text_of(text):
    """A text of which only the start is kept, without a part of a character."""
    if len(text) <= 240:
        return text.decode("utf-8", "replace")
    for n, longer in ((1, 0xC0), (2, 0xE0), (3, 0xF0)):
        byte = text[208 - n]
        if byte & 0xC0 != 0x80:
            return text[: 208 - n if byte >= longer else 208].decode("utf-8", "replace")
    return text[:208].decode("utf-8", "replace")


def compare_top(expected, column, found, complain, most_exact, is_exact):
    """Of many values, --exact finds those that more than 1/2048 of the cells have."""
    n_distinct = column.n_distinct()
    items = expected if 0 < n_distinct <= most_exact else None
    if is_exact and n_distinct > most_exact:
        n_cells = sum(map(len, column.values.values())) + sum(column.texts.values())
        items = [item for item in expected if item["count"] > n_cells // 2048] or None
    theirs = found["top"] and [
        {"value": value if isinstance(value, str) else to_double(Fraction(value)), "count": count}
        for value, count in ((item["value"], item["count"]) for item in found["top"])]
    if theirs != items:
        complain(f"{found['name']!r}: top: {items!r} expected, {found['top']!r} found")


def compare_quantiles(column, found, complain, n_columns, is_complete, are_requested=False):
    """Estimates are in the buckets of the exact values, and only where not all values are known."""
    names = [name for name in found if name in ("iqr", "mad") or percentile_of(name)]
    if not values_of(column):
        for name in names:
            if found[name] is not None:
                complain(f"{found['name']!r}: {name}: no value expected, {found[name]} found")
        return
    if names == ["median"] and not is_complete and not are_requested:
        # By default, only columns of few values have a median.
        if found["median"] is not None:
            complain(f"{found['name']!r}: median: no value expected, {found['median']} found")
        return
    quantity = TYPES_WITH_VALUES[column.type()]
    for name, (exact, least, most) in quantile_ranges(column, names, n_columns).items():
        if quantity != "number" and percentile_of(name):
            text = time_text(to_microseconds(Fraction(to_double(exact))), quantity,
                             column.notation[quantity], column.type() == "date")
            if is_complete and text != found[name]:
                complain(f"{found['name']!r}: {name}: {text} expected, {found[name]} found")
            continue
        value = Fraction(found[name])
        is_approximate = found.get(name + "_approximate", False)
        slack = Fraction(math.ulp(found[name]))
        if is_approximate and is_complete:
            complain(f"{found['name']!r}: {name}: an estimate, but all values are known")
        elif not (least - slack <= value <= most + slack if is_approximate
                  else float(found[name]) == to_double(exact)):
            complain(f"{found['name']!r}: {name}: {to_double(exact)!r} expected, "
                     f"{found[name]!r} found")


def compare_histogram(column, found, complain, is_complete):
    histogram = found["histogram"]
    values = values_of(column)
    if not values or histogram is None:
        if values or histogram is not None:
            complain(f"{found['name']!r}: histogram: {histogram} found")
        return
    expected, counts = histogram_of(values), histogram["counts"]
    slack = histogram.get("max_error", 0)
    if is_complete and slack > 0:
        complain(f"{found['name']!r}: histogram: estimates, but all values are known")
    if not is_complete:
        slack += n_at_edges(values)
    if (len(counts) != len(expected) or sum(counts) != len(values)
            or any(abs(ours - theirs) > slack for ours, theirs in zip(expected, counts))):
        complain(f"{found['name']!r}: histogram: {expected} expected, {counts} found, "
                 f"error {slack}")
    for key in ("min", "max"):
        if TYPES_WITH_VALUES[column.type()] == "number" and (
                float(histogram[key]) != float(found[key])):
            complain(f"{found['name']!r}: histogram: {key} is {histogram[key]}")


def compare_columns(report, theirs, complain, has_locations=True, is_exact=False, n_columns=None):
    """Without locations, `theirs` is from a report without rows, locations of invalid cells, statistics that were not
    requested, and columns of headers alone, unless there are no others. `n_columns` are those of all tables."""
    columns = report.columns if report.columns and not has_locations else report.all_columns()
    ours = [name.decode("utf-8", "replace") for name in columns]
    names = [column["name"] for column in theirs["columns"]]
    if ours != names:
        complain(f"columns: {ours} expected, {names} found")
        return
    n_columns = n_columns or len(names)
    for column, found in zip(columns.values(), theirs["columns"]):
        expected = column.figures()
        for key in ("type",) + COUNTS + (("files", "rows") if has_locations else ("files",)):
            if expected[key] != found.get(key, None if has_locations else expected[key]):
                complain(f"{found['name']!r}: {key}: {expected[key]} expected, {found[key]} found")
        if has_locations:
            compare_first_invalid(column, found, complain)
            compare_classes(column, found, complain)
        if "distinct" in found and "distinct" in expected:
            most_exact = most_exact_values(n_columns, found)
            if "zeros" in found and column.is_in_disjoint_ranges():
                most_exact = sum(map(len, column.values.values()))  # they are all distinct
            compare_distinct(expected["distinct"], found, complain, most_exact, has_locations)
        for key in ("ascending", "constant"):
            if key in found and expected[key] != fact_of(found[key]):
                complain(f"{found['name']!r}: {key}: {expected[key]} expected, {found[key]} found")
        if "unique" in found:
            compare_unique(column, found, complain, most_exact_values(n_columns, found))
        if "top_count" in found and found.get("top"):
            if found["top_count"] != found["top"][0]["count"]:
                complain(f"{found['name']!r}: top_count is not the first count of top")
        if "top" in found:
            compare_top(expected["top"], column, found, complain,
                        most_exact_values(n_columns, found), is_exact)
        if has_locations:
            is_complete = (is_exact or
                           expected["distinct"] <= most_exact_values(n_columns, found))
            compare_quantiles(column, found, complain, n_columns, is_complete)
            if "histogram" in found:
                compare_histogram(column, found, complain, is_complete)
        for key in ("zeros", "negative"):
            if key in found and expected[key] != found[key]:
                complain(f"{found['name']!r}: {key}: {expected[key]} expected, {found[key]} found")
        for key, ulps in (("sum", 0), ("mean", 0), ("min", 0), ("max", 0), ("variance", 1),
                          ("stddev", 1), ("stddev_pop", 1), ("skewness", 1), ("kurtosis", 0),
                          ("range", 0), ("sem", 1), ("cv", 1), ("min_length", 0), ("max_length", 0),
                          ("mean_length", 0)):
            if (key.endswith(("ness", "osis", "length")) or not has_locations) and key not in found:
                continue  # they were not requested
            if not same_value(expected[key], found[key], ulps):
                complain(f"{found['name']!r}: {key}: {expected[key]!r} expected, "
                         f"{found[key]!r} found")


def compare_correlations(report, theirs, complain):
    columns = [(name.decode("utf-8", "replace"), column)
               for name, column in report.columns.items()
               if column.values["number"] and TYPES_WITH_VALUES.get(column.type()) == "number"]
    pairs = list(itertools.combinations(columns, 2))
    found = theirs["correlation"]
    if [[x[0], y[0]] for x, y in pairs] != [pair["columns"] for pair in found]:
        complain(f"{len(pairs)} pairs of columns expected, {len(found)} others found")
        return
    for (x, y), pair in zip(pairs, found):
        rows, correlation = correlation_of(x[1], y[1])
        if (rows, correlation) != (pair["count"], pair["pearson"]):
            complain(f"{pair['columns']}: {rows} rows, {correlation!r} expected, "
                     f"{pair['count']}, {pair['pearson']!r} found")


def compare_duplicates(report, found, complain):
    n_distinct = len(report.row_counts)
    n_repeated = sum(n > 1 for n in report.row_counts.values())
    expected = {"rows": report.rows, "distinct_rows": n_distinct, "repeated_rows": n_repeated,
                "duplicate_rows": report.rows - n_distinct, "approximate": n_distinct > MOST_EXACT_ROWS}
    error = 5 * n_distinct / math.sqrt(MOST_EXACT_ROWS - 1) if expected["approximate"] else 0
    for key, value in expected.items():
        if abs(found[key] - value) > (error if key.endswith("_rows") else 0):
            complain(f"duplicates: {key}: {value} expected, {found[key]} found")
    if found["distinct_rows"] + found["duplicate_rows"] != report.rows:
        complain("duplicates: distinct and duplicate rows are not all rows")
    if n_repeated == 0 and found["duplicate_rows"] > 0:
        complain(f"duplicates: none expected, {found['duplicate_rows']} found")


def compare_looks(report, found, complain):
    """Cells of columns of text that look like something else, numbers without affixes, and different units."""
    for name, column in report.columns.items():
        lost, shown_name = column.lost_looks(), name.decode("utf-8", "replace")
        for kind, looks in (("lookalikes", lost), ("affixes", ["affixed"]),
                            ("different_units", ["affixed"] if len(column.units) > 1 else [])):
            looks = [look for look in looks if column.looks[look]]
            n = sum(column.looks[look] for look in looks)
            first = min((column.first_looks[look][0] for look in looks), default=None)
            theirs = [problem for problem in found.get(kind, []) if problem["column"] == shown_name]
            if n != sum(problem["count"] for problem in theirs) or first != min(
                    ((os.fsencode(problem["file"]), problem["line"]) for problem in theirs), default=None):
                complain(f"{shown_name!r}: {kind}: {n}, first at {first} expected, {theirs} found")


def compare_absence(report, theirs, positions, complain):
    """Each column has the positions of the files of its table without it, or of those with it if they are fewer."""
    for column, found in zip(report.all_columns().values(), theirs["columns"]):
        files = {is_present: [file for file in report.members
                              if file.rows and (file in column.members) == is_present]
                 for is_present in (False, True)}
        key = "present_in" if len(files[True]) < len(files[False]) else "absent_from"
        expected = {key: sorted(positions[id(file)] for file in files[key == "present_in"])}
        theirs = {key: found[key] for key in ("absent_from", "present_in") if key in found}
        if expected != theirs:
            complain(f"{found['name']!r}: {expected} expected, {theirs} found")


def compare_problems(report, theirs, complain):
    found = {}
    for problem in theirs["problems"]:
        found.setdefault(problem["kind"], []).append(problem)
    compare_looks(report, found, complain)
    for kind in ("short_rows", "long_rows", "blank_lines", "comment_lines", "repeated_headers", "like_comments",
                 "empty_rows", "apostrophes", "quoted_whole", "decimal_commas", "escaped_quotes", "long_delimiter", "text_after_quote",
                 "seems_header", "seems_data", "no_header", "lines_above",
                 "units_rows", "utf16_files", "not_utf8", "footer_rows", "other_names"):
        count, location = report.problems.get(kind, (0, None))
        # Those of files with one, two and three rows like totals are listed apart.
        items = found.get(kind, [{"count": 0}])
        first = min(items, key=lambda item: (os.fsencode(item.get("file", "")), item.get("line")))
        first = dict(first, count=sum(item["count"] for item in items))
        if count != first["count"]:
            complain(f"{kind}: {count} expected, {first['count']} found")
        elif count and location != (os.fsencode(first["file"]), first["line"]):
            complain(f"{kind}: first at {location} expected, {first['file']}:{first['line']} found")
    for kind in ("empty_file", "header_only_file", "many_headers"):
        count = report.problems.get(kind, (0, None))[0]
        if count != len(found.get(kind, [])):
            complain(f"{kind}: {count} expected, {len(found.get(kind, []))} found")
    counts = [problem["count"] for problem in found.get("absent_columns", [])]
    if counts != ([report.n_absent_columns()] if report.n_absent_columns() else []):
        complain(f"absent_columns: {report.n_absent_columns()} expected, {counts} found")
    kinds = [problem["kind"] for problem in theirs["problems"]]
    if "bad_file" in kinds[kinds.count("bad_file"):]:
        complain(f"files that were left out are not the first problems: {kinds}")


def filtered_counts(report):
    return (("filtered", report.filtered), ("files_filtered", report.n_files("filtered"))) if OPTIONS.conditions else ()


def compare_report(report, theirs, positions, complain, **known):
    """The statistics and problems of a table, or of a report without tables."""
    for key, expected in (("files", report.files), ("files_header_only", report.n_files("header_only")),
                          ("rows", report.rows), ("bytes", report.bytes), *filtered_counts(report)):
        if expected != theirs[key]:
            complain(f"{key}: {expected} expected, {theirs[key]} found")
    compare_columns(report, theirs, complain, **known)
    compare_absence(report, theirs, positions, complain)
    compare_problems(report, theirs, complain)
    if "correlation" in theirs:
        compare_correlations(report, theirs, complain)
    if "duplicates" in theirs:
        compare_duplicates(report, theirs["duplicates"], complain)


def compare_tables(tables, theirs, positions, complain, is_exact):
    """Those of a report of several tables, and what it says about all of them."""
    names = [name.decode("utf-8", "replace") for name in tables.names]
    found = [table["name"] for table in theirs.get("tables", [])]
    if names != found:
        complain(f"tables: {names} expected, {found} found")
        return
    if theirs.keys() & {"columns", "correlation"}:
        complain("columns beside the tables")
    for name, report, table in zip(names, tables.reports, theirs["tables"]):
        if ("correlation" in table) != ("correlation" in theirs["tables"][0]):
            complain(f"{name}: only some tables have correlations")
        compare_report(report, table, positions, lambda text, name=name: complain(f"table {name!r}: {text}"),
                       is_exact=is_exact, n_columns=tables.n_columns())
    compare_problems(tables.total, theirs, complain)


def compare_files(tables, theirs, complain):
    """What is said of each file with --per-file."""
    expected = [(os.fsencode(file.path).decode("utf-8", "replace"), file.kind(), tables.table_of.get(id(file)))
                for file in tables.files]
    found = [(file["file"], file["kind"], file.get("table")) for file in theirs["per_file"] if file["kind"] != "bad"]
    if expected != found:
        complain(f"per_file: {expected} expected, {found} found")


def read_report(path):
    with open(path, "rb") as stream:
        return read_json(stream.read().decode("utf-8"))


def check(report_path, paths, is_exact):
    complaints = complaints_about(read_report(report_path), tables_of(paths), is_exact)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def complaints_about(theirs, tables, is_exact=False):
    """The differences between a JSON report and the tables."""
    complaints = []
    for key, expected in (("files", tables.sum("files")), ("files_empty", tables.n_files("empty")),
                          ("files_header_only", tables.n_files("header_only")), ("files_bad", tables.n_bad),
                          ("rows", tables.sum("rows")), ("bytes", tables.sum("bytes"))):
        if expected != theirs[key]:
            complaints.append(f"{key}: {expected} expected, {theirs[key]} found")
    expected = [os.fsencode(file.path).decode("utf-8", "replace") for file in tables.listed]
    if expected != theirs["paths"]:
        complaints.append(f"paths: {expected} expected, {theirs['paths']} found")
    positions = {id(file): i for i, file in enumerate(tables.listed)}
    if tables.are_several:
        compare_tables(tables, theirs, positions, complaints.append, is_exact)
    elif "tables" in theirs:
        complaints.append("one table expected, several found")
    else:
        compare_report(tables.total, theirs, positions, complaints.append, is_exact=is_exact)
    if OPTIONS.conditions:
        oracle_where.compare(OPTIONS.conditions, tables.files, theirs, complaints.append)
        if (tables.sum("filtered"), tables.n_files("filtered")) != (theirs["filtered"], theirs["files_filtered"]):
            complaints.append("filtered: %d rows of %d files expected, %s of %s found" % (
                tables.sum("filtered"), tables.n_files("filtered"), theirs["filtered"], theirs["files_filtered"]))
    if "per_file" in theirs:
        compare_files(tables, theirs, complaints.append)
    return complaints


# ---- the formats csv and tsv ----

TSV_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def read_fields(path):
    """The lines of a CSV or TSV report as lists, the first of which has the titles."""
    with open(path, "rb") as stream:
        text = stream.read().decode("utf-8", "replace")
    if not path.endswith(".tsv"):
        csv.field_size_limit(1 << 30)
        return list(csv.reader(io.StringIO(text, newline="")))
    return [[re.sub(r"\\(.)", lambda match: TSV_ESCAPES[match[1]], field) for field in line.split("\t")]
            for line in text.split("\n")[:-1]]


def read_lines(path):
    """The lines of a CSV or TSV report, each as a dictionary."""
    rows = read_fields(path)
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def column_of_line(line):
    """A column as JSON has it."""
    column = {"name": line["column"]}
    for key, text in line.items():
        # These do not tell numbers and texts apart, and are the heights of bars.
        if key not in ("table", "file", "column", "top", "histogram"):
            column[key] = int(text) if key in COUNTS or key == "files" else value_of(text)
    if "distinct" in line and "zeros" not in line:  # nothing is requested
        is_exact = line["distinct"].isdigit()
        column["distinct"] = int(line["distinct"]) if is_exact else None
        column["distinct_more_than"] = None if is_exact else int(line["distinct"].lstrip(">"))
    return column


def expected_blocks(tables, has_files):
    """((table, file), report) of each block of lines."""
    have_rows = any(report.files_with_rows for report in tables.reports)
    for name, report in zip(tables.names, tables.reports):
        if have_rows and not report.files_with_rows:
            continue  # nothing but headers
        name = name.decode("utf-8", "replace") if tables.are_several else None
        for file in report.members if has_files else ():
            single = Report()
            single.add(file)
            if single.columns:
                yield (name, os.fsencode(file.path).decode("utf-8", "replace")), single
        if report.all_columns():
            yield (name, "" if has_files else None), report


def check_csv(report_path, paths):
    tables, lines = tables_of(paths), read_lines(report_path)
    blocks = [(key, list(some)) for key, some in
              itertools.groupby(lines, lambda line: (line.get("table"), line.get("file")))]
    expected = list(expected_blocks(tables, bool(lines) and "file" in lines[0]))
    complaints = []
    if [key for key, _ in expected] != [key for key, _ in blocks]:
        complaints.append(f"blocks {[key for key, _ in expected]} expected, {[key for key, _ in blocks]} found")
    elif lines and list(lines[0])[:3].index("column") != sum(key in lines[0] for key in ("table", "file")):
        complaints.append(f"fields: {list(lines[0])[:3]} found")
    else:
        for (key, report), (_, some) in zip(expected, blocks):
            compare_columns(report, {"columns": list(map(column_of_line, some))},
                            lambda text, key=key: complaints.append(f"{key}: {text}"), has_locations=False,
                            n_columns=tables.n_columns())
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


# ---- cases computed by hand ----

def self_test():
    def fields(data, delimiter=b","):
        newline = oracle_table.newline_of(data)
        records = list(read_records(data, delimiter, newline))
        cross_check("-", data, delimiter, newline, records)
        return [record.fields for record in records]

    assert fields(b"a,b\n1,2") == [[b"a", b"b"], [b"1", b"2"]]
    assert fields(b"a\r\n\r\n\"b\r\n\"\"c\"\r\n") == [[b"a"], [], [b'b\r\n"c']]
    assert fields(b'"1"2,3"4, "5" ,\t""""\n') == [[b"12", b'3"4', b"5 ", b'"']]
    assert fields(b'"1"\t"2"\t \n', b"\t") == [[b"1", b"2", b" "]]
    assert fields(b"1\r\r\n\r\r\n2\r\r") == [[b"1"], [], [b"2"]]
    assert [record.continued for record in read_records(b'"1" ,"2"x\r\n"\n"\r\r\n1,"3"\r,"4"5', b",", b"\n")] == [
        [1], [], [4, 4]]
    assert fields(b"1\r2\r\r3") == [[b"1"], [b"2"], [], [b"3"]]
    assert fields(b"0\n1\r2\n") == [[b"0"], [b"1\r2"]]
    assert fields(b"1\r\n2\r") == [[b"1"], [b"2"]]
    assert fields(b'"",\n""\n') == [[b"", b""], [b""]]
    assert [record.written for record in read_records(b'a,"\r\n"\r\n\n1\r\r\n,2\r', b",", b"\n")] == [
        b'a,"\r\n"', b"", b"1", b",2"]
    for kind, texts in {
            "number": b"1 +1 .5 5. -0 1E+2 1.7976931348623157e308 1e-400 0e999999999 007",
            "text": b". 1e e1 + 0x10 1_0 na 1\0 - tru 0true -true 2024-02-30 2023-02-29 1900-02-29 "
                    b"0000-01-01 2024-13-01 2024-1-1 2024-01/01 24-01-01 2024-01-01T 2024-01-01T24:00 "
                    b"2024-01-01T10 2024-01-01T10:0 2024-01-01T10:00:60 2024-01-01T10:00+24 "
                    b"2024-01-01T10:00+1 2024-01-01T10:00+01:60 2024-01-01T10:00. "
                    b"2024-01-01T10:00:00.1234567890123456789 2024-01-01t10:00 2024-01-01T10:00z "
                    b"12:60:00 12:00:60 12:30 12:00:00. -12:00:00 1-24:00:00 1234567890:00:00 "
                    b"12:00:00Z 1-2-3:00:00 2024-06",
            "missing": b"NA null N/A",
            "nan": b"nan -NaN +NAN",
            "infinite": b"inf +Infinity 1e400 1.7976931348623159e308",
            "boolean": b"true FALSE True fAlSe",
            "date": b"2024-02-29 2000/02/29 0001-01-01 9999/12/31",
            "datetime": b"2024-02-29T23:59:59 2024/01/01T00:00 2024-01-01T10:00:00.5Z "
                        b"2024-01-01T10:00:00,5-0330 2024-01-01T10:00+01 2024-01-01T10:00-23:59",
            "time": b"12:00:00 0:00:00 24:00:00 999999999:59:59.123456789012345678 1-23:00:00 "
                    b"1-2:00:00 1234-05:06:07 12:00:00,5"}.items():
        for text in texts.split(b" "):
            assert classify(text).kind == kind, text
            assert classify(b" \t" + text + b" ").kind == kind, text
    global OPTIONS
    usual, OPTIONS = OPTIONS, Options()
    OPTIONS.set("--thousands", b".")
    OPTIONS.set("--null-values", b"x:-9,n,a\\:b")
    for text, kind in ((b"1.204,5", "number"), (b"1204,5", "number"), (b"1.5", "text"), (b"1.2045", "text"),
                       (b"1,5+100", "number"), (b"NA", "text"), (b"a:b", "missing"), (b"-9,0", "number")):
        assert classify(text).kind == kind, text
    OPTIONS = Options()
    for text, look in ((b"1,5", "number"), (b"1 204", "number"), (b"040 123 456", None), (b"$5", "number"),
                       (b"(5.0)", "number"), (b"5K", "unit"), (b"5 ms", "unit"), (b"5 Main Street", None),
                       (b"12 %", "number"), (b"SEK 5", None), (b"EUR 5", "number"), (b"n/A", "missing"),
                       (b"na", "missing"), (b"North", None), (b"1.2.3", None), (b"5kK", None)):
        assert looks_like(text, OPTIONS.nulls_of(None)[0]) == look, text
    OPTIONS.set("--number-affixes", b"1024")
    for text, value in ((b"($1.5K)", -1536), (b"3 ms", 3), (b"5-", -5), (b"EUR -5", -5), (b"1Mi", 2 ** 20)):
        assert classify(text).value == value, text
    OPTIONS = Options()
    OPTIONS.set("--thousands", b".")
    OPTIONS.set("--null-values", b"x:-9,n,a\\:b")
    assert classify(b"-1.204,5e1").value == -12045 and classify(b"-9,0", b"x").kind == "missing"
    OPTIONS = usual
    assert classify(b"").kind == "missing" and classify(b"1\n").kind == "text"
    assert classify(b"2024-01-01 \t10:00 +0100").kind == "datetime"
    assert classify(b"1969-12-31T23:59:59.75").value == Fraction(-1, 4)
    assert classify(b"2000-03-01").value == 951868800  # date -d 2000-03-01 +%s
    assert classify(b"2000-03-01T01:00+02:30").value == 951868800 - 5400
    assert classify(b"1-02:03:04.50").value == 93784 + Fraction(1, 2)
    assert not classify(b"5.").notation and classify(b"5.0").notation == {"fraction"}
    for value, notation, is_date, text in (
            (0, "-", True, "1970-01-01"), (0, "/", True, "1970/01/01"), (0, "-/", True, "1970-01-01"),
            (0, "-", False, "1970-01-01T00:00:00"), (43200, "/", True, "1970/01/01T12:00:00"),
            (-1, ["-", " "], False, "1969-12-31 23:59:59"), (-1, "- T", False, "1969-12-31T23:59:59"),
            (0, ["-", "zone"], False, "1970-01-01T00:00:00Z"),
            (Fraction(-1, 8), ["-", "T", "zone", "no zone"], False, "1969-12-31T23:59:59.875"),
            (-62135596801, "-", False, "0000-12-31T23:59:59"), (253402300800, "-", True, "10000-01-01")):
        assert time_text(Fraction(value), "date", set(notation), is_date) == text, text
    assert time_text(Fraction(93784), "time", set(), False) == "26:03:04"
    assert time_text(Fraction(93784), "time", {"days"}, False) == "1-02:03:04"
    assert time_text(Fraction(187569, 2), "time", {"days"}, False) == "1-02:03:04.5"
    assert to_microseconds(Fraction(5, 10 ** 7)) == 0 and to_microseconds(Fraction(15, 10 ** 7)) > 1e-6
    assert shown(Fraction(10 ** 40 - 1)) == 10 ** 40 - 1 and shown(Fraction(10 ** 50 + 10 ** 11)) > 10 ** 50
    assert shown(Fraction(10 ** 41 + 1)) == 10 ** 41 and shown(Fraction(1, 10 ** 400)) > 0
    for cells, kind in ((b"1 " * 9 + b"x", "integer"), (b"1 " * 8 + b"x", "mixed"), (b"NA", "empty"),
                        (b"1 2.0", "decimal"), (b"nan", "decimal"), (b"5. nan inf", "integer"),
                        (b"2024-01-01 2024-01-01T10:00", "datetime"), (b"2024-01-01", "date"),
                        (b"x " * 18 + b"1 2", "text"), (b"true", "boolean"), (b"1:00:00", "time")):
        column = Column()
        for text in cells.split(b" "):
            column.add(text, "-", 1)
        assert column.type() == kind, cells
        assert column.counts()["invalid"] == (cells.endswith(b"x") and 1), cells
    assert column_names([b"a", b" a", b"", b"a.2"]) == [b"a", b"a.3", b"column_3", b"a.2"]
    assert root_to_double(Fraction(2)) == math.sqrt(2)
    assert root_to_double(Fraction(1, 100)) == 0.1
    assert root_to_double(Fraction(9) / 10 ** 800) == 0.0
    assert root_to_double(Fraction(9) / 10 ** 640) == 3e-320
    self_test_tables()
    report = Report()
    for text in (b"a,b\r1\n,2\r\n", b"\n a\r\n1\n", b'"a\rb",c\n', b"d\r1\r\n"):
        try:
            report.add_text("-", text)
        except ValueError:
            assert text.startswith(b"a,b")
    assert report.files == 3 and list(report.all_columns()) == [b"a", b"d", b"a\rb", b"c"]
    column = Column()
    column.cells["number"] = 1001
    column.values["number"] = [Fraction(12, 10)] + [Fraction(11 + 2 * (i % 2), 10) for i in range(1000)]
    figures = column.figures()
    assert figures["mean"] == 1.2 and figures["stddev"] == 0.1 and figures["distinct"] == 3
    column.values["number"] = [Fraction(i) for i in (1, 2, 3, 4, 10)]
    figures = column.figures()  # deviations -3, -2, -1, 0, 6: sums of powers 50, 180, 1394
    assert quantile_ranges(column, ("median", "p25", "iqr", "mad", "p99.9"), 1)["mad"][0] == 1
    assert quantile_ranges(column, ("iqr",), 1)["iqr"][0] == 2
    assert histogram_of(values_of(column)) == [1] + [0] * 3 + [1] + [0] * 3 + [1] + [0] * 4 + [1] + (
        [0] * 25 + [1])
    assert interpolate(sorted(values_of(column)), Fraction("99.9")) == Fraction("9.976")
    assert percentile_of("p0.5") == Fraction(1, 2) and percentile_of("price") is None
    assert Buckets([Fraction(3)], 1).bounds(Fraction(3)) == (3, Fraction(3) + Fraction(1, 128)
                                                            - Fraction(1, 2 ** 51))


    other = Column()
    column.by_row, other.by_row = dict(enumerate(column.values["number"])), {0: Fraction(1), 3: Fraction(7, 2)}
    assert correlation_of(column, other) == (2, 1.0)
    other.by_row[4] = Fraction(-1)  # n C = 3 * 5 - 15 * 3.5, spreads 3 * 117 - 15^2 and 30.5
    assert correlation_of(column, other) == (3, -root_to_double(Fraction(75, 2) ** 2
                                                                / (126 * Fraction(61, 2))))
    other.by_row = {2: Fraction(4), 9: Fraction(5)}
    assert correlation_of(column, other) == (1, None)
    assert figures["skewness"] == root_to_double(Fraction(36 ** 2 * 20, 10 ** 3 * 3 ** 2))
    assert figures["kurtosis"] == to_double((6 * (Fraction(1394, 5) / 100 - 3) + 6) * 4 / 6)


def self_test_tables():
    def files_of(*texts):
        return [File("d/%s.csv" % path, text) for path, text in zip("abcdefgh", texts)]

    def members(*texts):
        return [[file.path[2] for file in group] for group in group_files(files_of(*texts))]

    a, b, c = b"a,b\n1,2\n", b"b,c\n3,4\n", b"c,b,a\n5,6,7\n"
    assert members(a, b) == [["a"], ["b"]]  # 3 * 1 < 2 + 2
    assert members(a, b, c) == [["a", "b", "c"]]  # 3 * 2 >= 2 + 3, twice
    assert members(b"x\n1\n", b"x,y\n1,2\n", b"x,y,z,u\n1,2,3,4\n") == [["a", "b", "c"]]
    assert members(b"x,y\n1,2\n", b"z,x,y,u,v\n1,2,3,4,5\n") == [["a"], ["b"]]
    assert members(b"x\n", b"y\n1\n", b"z\n", b"x,q\n", b"y\n2\n") == [["b", "e"], ["a", "d"], ["c"]]
    global OPTIONS
    usual, OPTIONS = OPTIONS, Options()
    for how, expected in ((b"one", [["a", "b", "c", "d"]]), (b"header", [["a", "d"], ["b"], ["c"]])):
        OPTIONS.set("--tables", how)
        assert members(a, b, c, b"b,a\n8,9\n") == expected
    OPTIONS = usual
    assert common_directory([b"d/x/a.csv", b"d/xy.csv"]) == b"d/" and common_directory([b"a.csv"]) == b""
    tables = Tables(files_of(b"x\n1\n", b"", b"y\n", b"x\n2\n", b"\n\n", b"\"\",z\n3,4\n5\n"))
    assert tables.names == [b"a.csv ... d.csv", b"f.csv", b"c.csv"]
    assert [list(report.all_columns()) for report in tables.reports] == [[b"x"], [b"column_1", b"z"], [b"y"]]
    assert [report.problems for report in tables.reports] == [
        {}, {"short_rows": [1, (b"d/f.csv", 3)]}, {}]
    assert tables.total.problems == {"empty_file": [2, (b"d/b.csv", 0)], "blank_lines": [2, (b"d/e.csv", 1)],
                                     "header_only_file": [1, (b"d/c.csv", 0)]}
    assert tables.sum("files") == 6 and tables.sum("rows") == 4 and tables.listed == []
    some = Tables(files_of(b"x,y\n1,2\n", b"x\n1\n", b"z\n3\n", b"1\n2\n"))
    assert [file.path for file in some.listed] == ["d/a.csv", "d/b.csv"]
    assert [list(report.problems) for report in some.reports] == [[], [], ["no_header"]]
    assert not Tables(files_of(b"1\n2\n", b"1,2,3\n4,5,6\n")).reports[0].problems
    one = Tables(files_of(b"", b"x\n1\n"))
    assert not one.are_several and one.names == [b"b.csv"] and "empty_file" in one.reports[0].problems
    assert Tables(files_of(b"")).reports[0].files == 1


def main(arguments):
    while arguments and ("=" in arguments[0] or arguments[0] in ("--units-row", "--fold-names")):
        name, _, value = arguments.pop(0).partition("=")
        OPTIONS.set(name, os.fsencode(value))
    if arguments == ["--self-test"]:
        self_test()
        return 0
    if len(arguments) >= 3 and arguments[0] in ("--check", "--check-exact"):
        return check(arguments[1], arguments[2:], arguments[0] == "--check-exact")
    if len(arguments) >= 3 and arguments[0] == "--check-csv":
        return check_csv(arguments[1], arguments[2:])
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    json.dump(tables_of(arguments).as_dict(), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
