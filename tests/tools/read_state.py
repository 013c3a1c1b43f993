#!/usr/bin/env python3
"""read_state.py - an independent reader of saved states, written from doc/state-format.md alone

Usage   read_state.py FILE.state              prints the whole state as JSON
        read_state.py FILE.state REPORT.json  prints differences from the report of the program
        read_state.py FILE.state --head       prints the body up to the run records in hex
Exit    1: the report differs, or the state is invalid
"""

import hashlib
import json
import math
import re
import struct
import sys
from fractions import Fraction

import oracle

CLASSES = ["number", "missing", "nan", "infinite", "boolean", "date", "datetime", "time", "text"]
# By quantity: its classes of cells, and its notations from the lowest bit; 1 is the lowest of all.
QUANTITIES = {"number": ["number"], "date": ["date", "datetime"], "time": ["time"]}
NOTATIONS = ["fraction", "-", "/", "T", " ", "zone", "no zone", "days"]
NOTATIONS_OF = {"number": NOTATIONS[:1], "date": NOTATIONS[1:7], "time": NOTATIONS[7:]}
KINDS_OF_CELLS = {
    "number": ["number"],
    "boolean": ["boolean"],
    "date": ["date", "datetime"],
    "time": ["time"],
    "text": ["text"],
}
MOST_DIGITS = 40
EXAMPLE_BYTES = 48
LOOKALIKES = ["comma_or_group", "point_or_group", "decimal_comma", "decimal_point", "comma_groups",
              "point_groups", "point_groups_comma", "space_groups", "space_groups_comma",
              "apostrophe_groups", "currency", "percent", "parentheses", "trailing_minus", "unit", "null",
              "null_word", "affixed"]
KEPT_BYTES = 256
ROW_ISSUES = ["short_rows", "long_rows", "trailing_rows", "blank_lines", "comment_lines", "repeated_headers",
              "footer_lines", "text_after_quote", "split_by_comma", "split_by_semicolon", "split_by_tab",
              "split_by_bar", "empty_rows", "lines_above", "units_rows", "seems_header", "seems_data", "no_header",
              "known_names", "decimal_commas", "escaped_quotes", "long_delimiter",
              "apostrophes", "quoted_whole", "like_comments", "utf16_files", "not_utf8", "footer_rows", "footer_rows_2", "footer_rows_3"]
KINDS = ["read", "empty", "header_only", "bad", "filtered"]
PERCENTILES = {"p1": 1, "p5": 5, "p25": 25, "median": 50, "p75": 75, "p95": 95, "p99": 99}
MOST_SAMPLED = 4096
MOST_TEXT = 240


def read_moments(reader, column):
    column["cubes"], column["fourths"] = reader.power_sum(), reader.power_sum()


def mix(word):
    mask = 2**64 - 1
    word ^= word >> 32
    word = word * 0xBF58476D1CE4E5B9 & mask
    word ^= word >> 29
    word = word * 0x94D049BB133111EB & mask
    return word ^ word >> 32


def hash_of(quantity, form, size, words):
    """The hash of a value that is not a double."""
    state = mix((size & 0xFFFFFFFF) << 8 | quantity << 4 | form)
    for word in words:
        state = mix(state ^ word)
    return state or 1


MOST_FEW = 256


PLAIN_DECIMAL = re.compile(rb"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)")


def in_order(keys):
    """The keys of groups, each a list of texts and None, in the order of the report."""
    are_decimals = [all(key is None or PLAIN_DECIMAL.fullmatch(key) for key in column) for column in zip(*keys)]

    def rank(key, is_decimal):
        if key is None:
            return (1, 0, b"")
        return (0, decimal(key) if is_decimal else 0, key)

    def decimal(key):
        whole, _, fraction = key.lstrip(b"+-").partition(b".")
        value = Fraction(int(whole + fraction), 10 ** len(fraction))
        return -value if key.startswith(b"-") else value

    return sorted(keys, key=lambda key: list(map(rank, key, are_decimals)))


def read_few_values(reader, column):
    has_more = reader.varint()
    if has_more > 1 or (has_more and sum(cells_with_values(column)) <= MOST_FEW):
        raise Bad("a flag of few values that is wrong")
    if has_more:
        column["distinct"], column["distinct_more_than"] = None, MOST_FEW
    elif read_values(reader, column) != (MOST_FEW, 2**64):
        raise Bad("few values that are not complete")


def cells_with_values(column):
    return [column["number"], column["date"] + column["datetime"], column["time"],
            column["boolean"] + column["text"]]


def read_sample(reader, column):
    most_values, _ = read_values(reader, column)
    if most_values not in (MOST_SAMPLED, MOST_SAMPLED // 4, MOST_SAMPLED // 16):
        raise Bad("a sample of another size")


def read_values(reader, column):
    most_values = reader.varint()
    theta = reader.varint() or 2**64
    counts = [0, 0, 0, 0]  # cells that are numbers, dates, times, texts
    n_values = 0
    for quantity, form in [(q, f) for q in range(3) for f in range(3)] + [(0, 3)]:
        previous = None
        for _ in range(reader.varint()):
            if form == 0:
                data = reader.raw(8)
                salt = (2 * quantity + 1) * 0x9E3779B97F4A7C15 % 2**64
                value = struct.unpack("<d", data)[0]
                digest = mix(int.from_bytes(data, "little") ^ salt) or 1
            elif form == 1:
                value = (reader.zigzag(), reader.zigzag())
                digest = hash_of(quantity, form, value[0], [value[1] & (2**64 - 1)])
            else:
                size = reader.varint()
                data = reader.raw(min(size, MOST_TEXT))
                value = (data, size)
                whole = len(data) // 8 * 8
                words = [data[i : i + 8] for i in range(0, whole, 8)] + [data[whole:]]
                digest = hash_of(quantity, form, size, [int.from_bytes(word, "little") for word in words])
            if previous is not None and not previous < value:
                raise Bad("values of a sample that do not ascend")
            if digest >= theta:
                raise Bad("a value of a sample whose hash is too large")
            previous = value
            n_values += 1
            counts[3 if form == 3 else quantity] += reader.varint()
    n_cells = cells_with_values(column)
    is_complete = counts == n_cells
    if n_values > most_values or is_complete != (theta == 2**64):
        raise Bad("a sample with the wrong number of cells")
    column["distinct"] = n_values
    if theta < 2**64:
        column["distinct"] = (2 * (most_values << 64) + theta) // (2 * theta)
        column["distinct"] = min(column["distinct"], sum(n_cells))
    return most_values, theta


def bucket_bounds(position, bits):
    """The least and the greatest double of the bucket at a position."""
    sign = 2 ** (11 + bits)
    index = position - sign if position >= sign else 2 * sign - 1 - position
    first, last = index << (52 - bits), ((index + 1) << (52 - bits)) - 1
    if index == 0:
        last = 0
    elif index == 1:
        first = 1  # with the subnormals of index 0
    ends = struct.unpack("<dd", struct.pack("<QQ", first, last))
    return min(ends), max(ends)


def read_buckets(reader, column):
    """Sets, by quantity, a list of (least, greatest, count), in ascending order."""
    column["buckets"] = []
    for classes in QUANTITIES.values():
        n_cells = sum(column[name] for name in classes)
        buckets, n_buckets = [], reader.varint()
        if n_buckets > 0:
            bits, position, octaves = reader.varint(), -1, {2048}
            for _ in range(n_buckets):
                position += 1 + reader.varint()
                octaves.add(position >> bits)
                buckets.append((*bucket_bounds(position, bits), reader.varint()))
            if 0 in octaves or max(octaves) >= 4095:
                raise Bad("a bucket of infinity")
            demanded = max(k for k in range(9) if len(octaves) << k <= 32768)
            if bits != demanded and (bits > demanded or bits < 6):
                raise Bad("buckets of the wrong size")
        if sum(bucket[2] for bucket in buckets) != n_cells:
            raise Bad("buckets with the wrong number of cells")
        column["buckets"].append(buckets)


def bucket_of_rank(buckets, rank):
    for least, greatest, count in buckets:
        if rank < count:
            return Fraction(least), Fraction(greatest)
        rank -= count
    raise Bad("buckets with too few cells")


MOST_TEXT_START = 208  # of a text that is cut
N_COUNTERS = 2 << 12
MOST_RANGE_BITS = 18


def read_entries(reader):
    """Values with counts, as (quantity, form, value), ascending; the value is a Fraction, or the bytes of a text."""
    entries = []
    previous = None
    for _ in range(reader.varint()):
        kind = reader.varint()
        quantity, form = (0, 3) if kind == 9 else divmod(kind, 3)
        if kind > 9:
            raise Bad("a value of no list")
        if form == 0:
            value = Fraction(reader.double())
            key = value
        elif form == 1:
            key = (reader.zigzag(), reader.zigzag())
            value = key[1] * Fraction(10) ** key[0]
        else:
            size = reader.varint()
            key = (reader.raw(min(size, MOST_TEXT)), size)
            value = key[0] if form == 3 else long_number(key[0] if size <= MOST_TEXT else key[0][:MOST_TEXT_START])
        key = (form == 3, quantity, form, key)
        if previous is not None and not previous < key:
            raise Bad("values that do not ascend")
        previous = key
        count = reader.varint()
        if count == 0:
            raise Bad("a value without cells")
        entries.append((quantity, form, value, count))
    return entries


def long_number(text):
    """The value of the form EXPONENT:DIGITS, with a minus sign before negative ones; cut if it is very long."""
    exponent, digits = text.split(b":")
    sign = -1 if digits.startswith(b"-") else 1
    digits = digits.lstrip(b"-")
    return sign * int(digits) * Fraction(10) ** (int(exponent) + 1 - len(digits))


def read_counters(reader):
    n_counters = reader.varint()
    if n_counters not in (0, N_COUNTERS):
        raise Bad("a wrong number of counters")
    return [reader.varint() for _ in range(n_counters)]


def read_frequent(reader, column):
    counters = read_counters(reader)
    hashes = reader.list(reader.varint)
    n_cells = sum(cells_with_values(column))
    if hashes != sorted(hashes) or (hashes and counters) or len(hashes) > 1024:
        raise Bad("hashes in a wrong encoding")
    if (hashes and len(hashes) != n_cells) or (counters and sum(counters) != 2 * n_cells):
        raise Bad("a wrong number of hashes")
    has_too_many, entries = reader.flag(), read_entries(reader)
    if has_too_many and entries:
        raise Bad("frequent values that are too many")
    column["frequent"] = entries


def read_ranges(reader, column):
    kind = reader.varint()
    column["ranges"] = ranges = []
    if kind == 0:
        return
    for quantity, n_ranges in enumerate([reader.varint() for _ in QUANTITIES]):
        for _ in range(n_ranges):
            ranges.append({"quantity": quantity, "least": reader.double(), "greatest": reader.double()})
            names = ("n_before", "n_values", "n_parts", "max_values", "n_bits")
            ranges[-1].update((name, reader.varint()) for name in names)
    for wanted in ranges if kind == 2 else []:
        if reader.varint() == 0:
            entries = read_entries(reader)
            if len(entries) > wanted["max_values"]:
                raise Bad("a range with too many values")
            for quantity, form, value, _ in entries:
                if quantity != wanted["quantity"] or form == 3:
                    raise Bad("a value of another quantity")
                if not wanted["least"] <= oracle_double(value) <= wanted["greatest"]:
                    raise Bad("a value outside of its range")
            wanted["counted"] = sum(entry[3] for entry in entries)
        else:
            place, wanted["counted"] = -1, 0
            for _ in range(reader.varint()):
                place += 1 + reader.varint()
                count = reader.varint()
                if count == 0 or place > 1 << MOST_RANGE_BITS:
                    raise Bad("a narrower range that is wrong")
                wanted["counted"] += count


def oracle_double(value):
    return value.numerator / value.denominator


def read_refined(reader, column):
    """Values that further passes have found."""
    if not reader.flag():
        return
    refined = column["refined"] = {"counters": read_counters(reader), "frequent": None, "ranges": []}
    if reader.flag():
        refined["frequent"] = read_entries(reader)
    for quantity, classes in enumerate(QUANTITIES.values()):
        n_values, after = sum(column[name] for name in classes), (-math.inf, 0)
        for _ in range(reader.varint()):
            found = {"quantity": quantity, "least": reader.double(), "greatest": reader.double()}
            found.update(n_before=reader.varint(), n_values=reader.varint(), kind=reader.varint())
            if not after[0] < found["least"] <= found["greatest"] or found["n_before"] < after[1]:
                raise Bad("ranges that do not ascend")
            after = (found["greatest"], found["n_before"] + found["n_values"])
            if found["n_values"] == 0 or after[1] > n_values or found["kind"] > 2:
                raise Bad("a range with a wrong number of values")
            least, greatest = bucket_of_rank(column["buckets"][quantity], found["n_before"])
            if not least <= Fraction(found["least"]) <= Fraction(found["greatest"]) <= greatest:
                raise Bad("a range that is no part of a bucket")
            if found["kind"] == 2:
                found["values"] = read_entries(reader)
                if sum(entry[3] for entry in found["values"]) != found["n_values"]:
                    raise Bad("a range with a wrong number of values")
            refined["ranges"].append(found)
MOST_RANGES = 65536
ORDERS = [None, "unknown", "ascending", "strict"]


def read_ordered_value(reader):
    exponent, units = reader.zigzag(), reader.zigzag(128)
    if abs(units) >= 10**36 or (units % 10 == 0 and (units, exponent) != (0, 0)):
        raise Bad("a value of an order in a wrong encoding")
    return units * Fraction(10) ** exponent


def read_order(reader, column):
    n_cells = [sum(column[name] for name in classes) for classes in QUANTITIES.values()]
    column["order"] = ORDERS[reader.varint()]
    if (column["order"] is None) != (sum(n_cells) == 0):
        raise Bad("an order of no values")
    if column["order"] not in ("ascending", "strict"):
        return
    ranges = reader.list(lambda: (read_ordered_value(reader), read_ordered_value(reader)))
    if sum(n > 0 for n in n_cells) != 1 or len(ranges) > (MOST_RANGES if column["order"] == "strict" else 1):
        raise Bad("an order with too many ranges or quantities")
    if any(least > greatest for least, greatest in ranges) or any(
        a[1] >= b[0] for a, b in zip(ranges, ranges[1:])
    ):
        raise Bad("ranges that overlap")
    column["are_distinct"] = column["order"] == "strict" and len(ranges) > 0


# By (name, version): the function that reads the state of a column.
AGGREGATES = {
    ("buckets", 1): read_buckets,
    ("few_values", 1): read_few_values,
    ("frequent", 1): read_frequent,
    ("moments", 1): read_moments,
    ("ranges", 1): read_ranges,
    ("order", 1): read_order,
    ("sample", 1): read_sample,
    ("zeros", 1): lambda reader, column: column.update(zeros=reader.varint()),
    ("negative", 1): lambda reader, column: column.update(negative=reader.varint()),
}


class Bad(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def raw(self, n):
        if n > len(self.data) - self.at:
            raise Bad("truncated")
        self.at += n
        return self.data[self.at - n : self.at]

    def varint(self, bits=64):
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if (byte == 0 and shift > 7) or value >> bits:
            raise Bad("a number in a wrong encoding")
        return value

    def zigzag(self, bits=64):
        value = self.varint(bits)
        return -(value >> 1) - 1 if value & 1 else value >> 1

    def double(self):
        return struct.unpack("<d", self.raw(8))[0]

    def flag(self):
        return bool(self.varint(1))

    def text(self):
        return self.raw(self.varint())

    def string(self):
        return self.text().decode("utf-8", "surrogateescape")

    def power_sum(self):
        n_groups = self.varint()
        if n_groups == 0:
            return Fraction(0)
        sign = -1 if self.varint() else 1
        position = self.zigzag()
        groups = [self.varint() for _ in range(n_groups)]
        if max(groups) >= 10**18 or groups[0] == 0 or groups[-1] == 0:
            raise Bad("a sum of powers in a wrong encoding")
        return sign * sum(
            group * Fraction(10) ** (18 * (position + i)) for i, group in enumerate(groups)
        )

    def list(self, item):
        return [item() for _ in range(self.varint())]

    # ---- options, manifests, inputs ----

    def options(self):
        options = {
            "delimiter": self.zigzag(),
            "quote": self.zigzag(),
            "comment": self.zigzag(),
            "header": ["auto", "yes", "no", "names-known"][self.varint()],
            "by_position": bool(self.varint()),
            "tables": ["similar", "one", "header"][self.varint()],
            "null_values": self.list(self.string),
            "select": self.list(self.string),
            "correlates": bool(self.varint()),
            "correlation": self.list(self.string),
            "decimal": self.zigzag(),
            "thousands": self.string(),
            "affix_base": self.varint(),
            "skip_footer": self.varint(),
            "long_delimiter": self.string(),
            "escape": self.zigzag(),
            "skip": self.varint(),
            "header_rows": self.varint(),
            "skip_after_header": self.zigzag(),
            "encoding": ["auto", "utf-8", "utf-16le", "utf-16be", "windows-1252"][self.varint()],
            "fold_names": bool(self.varint()),
            "where": self.list(self.string),
            "group_by": self.list(self.string),
            "groups_collect": self.flag(),
        }
        self.n_keys = len(options["group_by"])
        self.groups_collect = options["groups_collect"]
        if self.groups_collect and self.n_keys == 0:
            raise Bad("groups collect, but there are none")
        self.n_conditions = len(options["where"])
        self.correlates = options["correlates"]
        self.aggregates = self.list(lambda: (self.string(), self.varint()))
        self.has_refined = self.aggregates[-1:] == [("refined", 1)]
        if self.has_refined:
            self.aggregates.pop()
        self.has_rows = ("rows", 1) in self.aggregates
        if self.has_rows:
            self.aggregates.remove(("rows", 1))
        for aggregate in self.aggregates:
            if aggregate not in AGGREGATES:
                raise Bad("an unknown aggregate: %s, version %d" % aggregate)
        if ("ranges", 1) in self.aggregates:
            self.correlates = False
            options["refines"] = self.raw(32).hex()
            options["all"] = self.flag()
            options["stats"] = self.list(self.string)
        return options

    def manifest(self):
        return {
            "digest": self.raw(32).hex(),
            "inputs": self.varint(),
            "bytes": self.varint(),
            "chunk_bytes": self.varint(),
            "first": self.string(),
            "newest": self.string(),
            "newest_ns": self.zigzag(),
            "by_path": bool(self.varint()),
            "shards": self.varint(),
            "present": self.list(self.varint),
        }

    def inputs(self):
        inputs = []
        path = b""
        for _ in range(self.varint()):
            manifest, number, same = self.varint(), self.varint(), self.varint()
            if same > len(path):
                raise Bad("a path with a prefix longer than the previous path")
            path = path[:same] + self.text()
            inputs.append(
                {
                    "manifest": manifest,
                    "number": number,
                    "path": path.decode("utf-8", "surrogateescape"),
                    "bytes": self.varint(),
                    "mtime_ns": self.zigzag(),
                    "is_stale": self.varint() != 0,
                    "is_compressed": self.varint() != 0,
                }
            )
        return inputs

    # ---- summaries ----

    def location(self):
        line = self.varint()
        return {"line": line, "input": self.varint()} if line > 0 else None

    def extreme(self):
        power, sign, digits = self.zigzag(), -1 if self.flag() else 1, self.text()
        is_zero = digits == b"0" and power == 1 and sign == 1
        if not digits.isdigit() or len(digits) > MOST_DIGITS:
            raise Bad("a minimum or maximum that is no decimal")
        if not is_zero and (digits.startswith(b"0") or digits.endswith(b"0")):
            raise Bad("a minimum or maximum in a wrong encoding")
        return sign * int(digits) * Fraction(10) ** (power - len(digits))

    def quantity(self, quantity):
        notation = self.varint()
        values = {"notation": [NOTATIONS[i] for i in range(8) if notation >> i & 1]}
        if notation >> 8 or not set(values["notation"]) <= set(NOTATIONS_OF[quantity]):
            raise Bad("a notation of another quantity")
        values["min"], values["max"] = self.extreme(), self.extreme()
        total = squares = Fraction(0)
        n_bins = self.varint()
        if n_bins > 0:
            base = self.zigzag()
            for i in range(n_bins):
                total += self.zigzag(128) * Fraction(10) ** (base + i)
            for i in range(2 * n_bins - 1):
                squares += self.varint(192) * Fraction(10) ** (2 * base + i)
        values["sum"], values["squares"] = total, squares
        return values

    def kept_text(self):
        is_cut, text = self.flag(), self.text()
        if not text or len(text) > KEPT_BYTES or (is_cut and len(text) < KEPT_BYTES):
            raise Bad("a first or last text of a wrong length")
        return (text.decode("latin-1"), is_cut)

    def texts(self):
        texts = {"n": self.varint()}
        if texts["n"] > 0:
            texts["min_length"], texts["max_length"] = self.varint(), self.varint()
            texts["total_length"] = self.varint(128)
            texts["first"], texts["last"] = self.kept_text(), self.kept_text()
        return texts

    def column(self, aggregates=None):
        column = dict(zip(CLASSES, [self.varint() for _ in CLASSES]))
        if column["boolean"] > 0:
            column["true"] = self.varint()
        for quantity, classes in QUANTITIES.items():
            if sum(column[name] for name in classes) > 0:
                column[quantity + "s"] = self.quantity(quantity)
        if column["text"] > 0:
            column["texts"] = self.texts()
        column["lookalikes"] = {}
        if sum(column[name] for name in CLASSES) > 0:
            self.lookalikes(column)
        if sum(column[name] for name in CLASSES) > 0:
            for aggregate in self.aggregates if aggregates is None else aggregates:
                AGGREGATES[aggregate](self, column)
        return column

    def lookalikes(self, column):
        """The cells by what they look like: texts, missing ones, and numbers without their affixes."""
        kinds = self.list(lambda: (self.varint(), self.varint()))
        if sorted({kind for kind, _ in kinds}) != [kind for kind, _ in kinds]:
            raise Bad("kinds of lookalikes that do not ascend")
        n = column["lookalikes"] = {LOOKALIKES[kind]: n for kind, n in kinds}
        n_texts = sum(n.values()) - n.get("null_word", 0) - n.get("affixed", 0)
        if n_texts > column["text"] or n.get("null_word", 0) > column["missing"] or 0 in n.values() or (
                n.get("affixed", 0) > column["number"] + column["infinite"]):
            raise Bad("more lookalikes than cells, or a kind without cells")
        if "affixed" in n:
            column["units"] = self.string(), self.string()
            if column["units"] != tuple(sorted(column["units"], key=str.encode)):
                raise Bad("units that do not ascend")

    def first_cell(self, location):
        first = location()
        first["is_cut"] = self.flag()
        first["cell"] = self.text().decode("latin-1")
        if first["line"] == 0 or len(first["cell"]) > EXAMPLE_BYTES:
            raise Bad("a first cell without line, or one that is too long")
        return first

    def first_cells(self, column, location):
        column["first"] = {kind: self.first_cell(location) for kind, classes in KINDS_OF_CELLS.items()
                           if sum(column[name] for name in classes) > 0}
        column["first_lookalikes"] = {kind: self.first_cell(location)
                                      for kind in column.get("lookalikes", ())}

    def pair(self):
        pair = {"count": self.varint()}
        if pair["count"] > 0:
            for name in ("x", "y", "xx", "yy", "xy"):
                pair[name] = self.power_sum()
        return pair

    def pairs(self):
        """The pairs by their columns; None if the state has none."""
        if not self.correlates:
            return None
        columns = self.list(self.varint)
        if columns != sorted(set(columns)):
            raise Bad("correlated columns that do not ascend")
        return {(x, y): self.pair() for j, y in enumerate(columns) for x in columns[:j]}

    def row_hashes(self, n_rows):
        """Theta, and the counts of the rows of the sample; None if the state has none."""
        if not self.has_rows:
            return None
        theta, hashes, counts = self.varint(), [0], []
        for _ in range(self.varint()):
            hashes.append(hashes[-1] + self.varint())
            counts.append(self.varint())
        limit = theta if theta > 0 else 2**64
        if hashes != sorted(set(hashes)) or hashes[-1] >= limit or 0 in counts:
            raise Bad("hashes of rows that do not ascend, are too large, or are of no rows")
        if len(counts) > MOST_SAMPLED or (theta > 0 and len(counts) < MOST_SAMPLED):
            raise Bad("a sample of rows of another size")
        if sum(counts) > n_rows or (theta == 0) != (sum(counts) == n_rows):
            raise Bad("a sample of rows with the wrong number of rows")
        return {"theta": theta, "counts": counts}

    def key(self):
        title = self.varint()
        key = {"title": self.text().decode("utf-8", "surrogateescape") if title == 1 else None}
        key["is_present"], key["files_without"], key["rows_without"] = title > 0, self.varint(), self.varint()
        return key

    def group(self, are_keys):
        group = {"key": [self.text() if self.flag() else None for _ in range(self.n_keys)]}
        group["rows"] = self.varint()
        if b"" in group["key"] or group["rows"] == 0:
            raise Bad("a group with an empty key, or without rows")
        group["columns"] = []
        aggregates = [a for a in self.aggregates if a[0] != "order"] if self.groups_collect else []
        for is_key in are_keys:
            n_cells = 0 if is_key else self.varint()
            column = self.column(aggregates) if n_cells > 0 else dict.fromkeys(CLASSES, 0)
            if n_cells > group["rows"] or sum(column[name] for name in CLASSES) != n_cells:
                raise Bad("a group with the wrong number of cells")
            if any(column[name]["notation"] for name in ("numbers", "dates", "times") if name in column):
                raise Bad("a group with a notation")
            group["columns"].append(column)
        return group

    def groups(self, n_columns, n_rows):
        """The groups of a table or a segment; None if there are none."""
        kind = self.varint() if self.n_keys > 0 else 0
        if kind > 2:
            raise Bad("an unknown kind of groups")
        if kind != 1:
            return None
        groups = {"keys": [self.key() for _ in range(self.n_keys)], "are_keys": self.list(self.flag)}
        groups["groups"] = self.list(lambda: self.group(groups["are_keys"]))
        keys = [group["key"] for group in groups["groups"]]
        if len(groups["are_keys"]) > n_columns or sum(group["rows"] for group in groups["groups"]) != n_rows:
            raise Bad("groups with the wrong numbers of columns or rows")
        if keys != in_order(keys):
            raise Bad("groups in the wrong order")
        return groups

    def file_stats(self):
        n_columns = self.varint()
        stats = {
            "rows": self.varint(),
            "filtered": self.varint(),
            "extra_fields": self.varint(),
            "lines": self.varint(),
            "bytes": self.varint(),
            "issues": {name: [self.varint(), self.varint()] for name in ROW_ISSUES},
            "columns": [],
        }
        for _ in range(n_columns):
            column = self.column()
            self.first_cells(column, lambda: {"line": self.varint()})
            stats["columns"].append(column)
        stats["pairs"] = self.pairs()
        stats["row_hashes"] = self.row_hashes(stats["rows"])
        stats["conditions"] = self.conditions(lambda: {"line": self.varint()}, False)
        stats["groups"] = self.groups(n_columns, stats["rows"])
        return stats

    def condition(self, location, has_files):
        condition = {"other": self.varint()}
        if condition["other"] > 0:
            condition["first"] = self.first_cell(location)
        condition["rows_without"] = self.varint()
        if has_files and condition["rows_without"] > 0:
            condition["files_without"], condition["first_without"] = self.varint(), self.varint()
        return condition

    def conditions(self, location, has_files):
        """What each condition of --where could not decide; none if that is nothing."""
        if self.n_conditions == 0 or not self.flag():
            return []
        conditions = [self.condition(location, has_files) for _ in range(self.n_conditions)]
        if not any(c["other"] or c["rows_without"] for c in conditions):
            raise Bad("conditions that counted nothing")
        return conditions

    def summary_column(self):
        column = {"name": self.string(), "label": None}
        label = self.varint()
        if label == 1:
            column["label"] = self.string()
        column["labels_differ"] = label == 2
        column["order"] = [self.varint(), self.varint()]
        column["files"] = self.varint()
        column["rows"] = self.varint()
        column.update(self.column())
        if self.has_refined:
            read_refined(self, column)
        self.first_cells(column, lambda: self.location() or {"line": 0})
        return column

    def layout(self):
        return {
            "table": self.varint(),
            "files": self.varint(),
            "columns": [i - 1 for i in self.list(self.varint)],
        }

    def file(self):
        file = {"input": self.varint()}
        packed = self.varint()
        file["kind"] = KINDS[packed & 7]
        file["layout"] = packed >> 3
        return file

    def failure(self):
        return {"input": self.varint(), "line": self.varint(), "message": self.string()}

    def name(self):
        return [bool(self.varint()), self.string()]

    def segment(self):
        segment = {
            "first": self.varint(),
            "last": self.varint(),
            "status": self.varint(),
            "start": self.varint() - 1,
            "next": self.varint(),
        }
        if segment["status"] == 0:
            segment["stats"] = self.file_stats()
        else:
            segment["line"], segment["message"] = self.varint(), self.string()
        return segment

    def partial_file(self):
        return {
            "input": self.varint(),
            "chunks": self.varint(),
            "chunk_bytes": self.varint(),
            "names": self.list(self.name),
            "segments": self.list(self.segment),
        }

    def run(self):
        run = {key: self.string() for key in ["version", "command", "host", "job", "kernel"]}
        for key in ["threads", "shard", "shards"]:
            run[key] = self.varint()
        run["start_ns"], run["end_ns"] = self.zigzag(), self.zigzag()
        return run

    def totals(self):
        totals = {key: self.varint() for key in ["rows", "filtered", "bytes", "extra_fields"]}
        totals["issues"] = {name: [self.varint(), self.location()] for name in ROW_ISSUES}
        return totals

    def table(self):
        table = self.totals()
        table["columns"] = self.list(self.summary_column)
        table["pairs"] = self.pairs()
        table["row_hashes"] = self.row_hashes(table["rows"])
        table["groups"] = self.groups(len(table["columns"]), table["rows"])
        return table

    def headers(self, tables):
        """Lists of the headers of each table, as lists of names."""
        names = self.list(self.string)
        if names != sorted(set(names), key=lambda name: name.encode("utf-8", "surrogateescape")):
            raise Bad("the names of headers do not ascend")
        lists = [[] for _ in tables]
        for _ in range(self.varint()):
            table, at = self.varint(), -1
            header = []
            for step in self.list(self.varint):
                at += step + 1
                header.append(names[at])
            lists[table].append(header)
        if [] in lists:
            raise Bad("a table has no header")
        return lists

    def summary(self):
        summary = {"matched": self.list(self.varint)}
        summary["conditions"] = self.conditions(
            lambda: {"line": self.varint(), "input": self.varint()}, True)
        summary["headerless"] = self.totals()
        summary["is_one_table"] = bool(self.varint())
        summary["tables"] = self.list(self.table)
        if not summary["is_one_table"]:
            summary["headers"] = self.headers(summary["tables"])
        summary["layouts"] = self.list(self.layout)
        summary["files"] = self.list(self.file)
        if self.varint():
            for file in summary["files"]:
                file["stats"] = self.file_stats() if file["kind"] != "bad" else None
        summary["failures"] = self.list(self.failure)
        summary["partial_files"] = self.list(self.partial_file)
        summary["runs_at"] = self.at
        summary["runs"] = self.list(self.run)
        return summary


def read(data):
    if data[:8] != b"\xc5CSVR\r\n\x1a":
        raise Bad("not a saved state")
    version, length = struct.unpack("<IQ", data[8:20])
    if version != 3:
        raise Bad("format version %d" % version)
    if length + 52 != len(data):
        raise Bad("the length does not match")
    if hashlib.sha256(data[:-32]).digest() != data[-32:]:
        raise Bad("the digest does not match")
    reader = Reader(data[20:-32])
    state = {
        "options": reader.options(),
        "manifests": reader.list(reader.manifest),
        "inputs": reader.inputs(),
        "per_file": bool(reader.varint()),
        "summaries": reader.list(reader.summary),
    }
    if reader.at != len(reader.data):
        raise Bad("trailing data")
    return state


# ---- comparison with the report ----


def column_of(column, paths):
    """A column as oracle.py has it, with everything that decides its type and what is invalid."""
    result = oracle.Column()
    result.cells = {name: column[name] for name in CLASSES}
    for quantity in QUANTITIES:
        result.notation[quantity] = set(column.get(quantity + "s", {"notation": []})["notation"])
    for kind, first in column["first"].items():
        location = (paths[first["input"]].encode("utf-8", "surrogateescape"), first["line"])
        result.first[kind] = (location, first["cell"].encode("latin-1"))
    return result


def statistics_of(column, values):
    """The exact statistics of numbers."""
    n = column["number"]
    exact = {"sum": values["sum"], "mean": values["sum"] / n, "min": values["min"], "max": values["max"]}
    if n > 1:
        exact["variance"] = (values["squares"] - values["sum"] ** 2 / n) / (n - 1)
    if "fourths" in column and n > 3 and exact["variance"] > 0:
        mean, m2 = exact["mean"], exact["variance"] * (n - 1) / n
        m4 = (column["fourths"] - 4 * mean * column["cubes"] + 6 * mean**2 * values["squares"]) / n
        excess = (m4 - 3 * mean**4) / m2**2 - 3
        exact["kurtosis"] = ((n + 1) * excess + 6) * (n - 1) / ((n - 2) * (n - 3))
    return exact


def texts_of(column, values, quantity, column_type):
    """The statistics of dates and times, as text."""
    n = sum(column[name] for name in QUANTITIES[quantity])
    exact = {"mean": oracle.to_microseconds(values["sum"] / n), "min": values["min"], "max": values["max"]}
    if quantity == "time":
        exact["sum"] = oracle.to_microseconds(values["sum"])
    return {
        key: oracle.time_text(value, quantity, set(values["notation"]), column_type == "date")
        for key, value in exact.items()
    }


def correlation_of(pair):
    """Pearson's correlation, to the nearest double or one beside it; None if it is not defined."""
    n = pair["count"]
    if n < 2:
        return None
    covariance = n * pair["xy"] - pair["x"] * pair["y"]
    spreads = (n * pair["xx"] - pair["x"] ** 2) * (n * pair["yy"] - pair["y"] ** 2)
    if spreads == 0:
        return None
    square = covariance**2 / spreads
    shift = 128 + max(0, square.denominator.bit_length() - square.numerator.bit_length())
    root = Fraction(math.isqrt((square.numerator << 2 * shift) // square.denominator), 1 << shift)
    return float(root if covariance > 0 else -root)


def duplicates_of(hashes, n_rows):
    """What a report has, from the rows of a summary: exact, or the estimate of the lesser variance."""
    theta, more = hashes["theta"], [count - 1 for count in hashes["counts"]]
    n_repeated, n_duplicates = sum(n > 0 for n in more), sum(more)

    def scaled(n, most):
        return min(((n << 64) + theta // 2) // theta, most)

    if theta > 0:
        if sum(n * n for n in more) < len(more):
            estimate = scaled(n_duplicates, n_rows - len(more))
        else:
            estimate = n_rows - scaled(len(more), n_rows)
        n_duplicates = max(estimate, n_duplicates)
        n_repeated = scaled(n_repeated, n_duplicates)
    return {
        "rows": n_rows,
        "distinct_rows": n_rows - n_duplicates,
        "repeated_rows": n_repeated,
        "duplicate_rows": n_duplicates,
        "approximate": theta > 0,
    }


def same_correlation(ours, theirs):
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(ours - theirs) <= math.ulp(ours)


def compare(what, ours, theirs):
    if ours != theirs:
        yield "%s: %r in the state, %r in the report" % (what, ours, theirs)


def group_differences(table, report):
    """Of the groups of a table and those of a report, whose columns are of the type of all rows."""
    groups = table["groups"]["groups"] if table["groups"] else []
    if groups and not any(key["is_present"] for key in table["groups"]["keys"]):
        groups = []
    yield from compare("groups", len(groups), len(report.get("groups", [])))
    whole = {column["label"] or column["name"]: i for i, column in enumerate(table["columns"])}
    types = {column["name"]: column["type"] for column in report["columns"]}
    for ours, theirs in zip(groups, report.get("groups", [])):
        key = [text if text is None else text.decode("utf-8", "surrogateescape") for text in ours["key"]]
        yield from compare("key", key, theirs["key"])
        yield from compare("%s rows" % key, ours["rows"], theirs["rows"])
        for shown in theirs["columns"]:
            name = "%s %s" % (key, shown["name"])
            column = ours["columns"][whole[shown["name"]]]
            yield from compare(name + " missing", column["missing"], shown["missing"])
            quantity = oracle.TYPES_WITH_VALUES.get(types[shown["name"]])
            values = column.get("%ss" % quantity)
            if quantity is None:
                continue
            yield from compare(name + " count", sum(column[kind] for kind in QUANTITIES[quantity]), shown["count"])
            if values is None or quantity != "number":
                continue
            for statistic in ("sum", "mean", "min", "max"):
                value = values["sum"] / column["number"] if statistic == "mean" else values[statistic]
                yield from number_differences(name, statistic, value, shown)


def number_differences(name, statistic, value, shown):
    theirs = shown.get(statistic)
    if statistic in shown and not isinstance(theirs, str):
        value = oracle.shown(value) if statistic != "mean" else float(value)
        if not oracle.same_value(value, theirs, 0):
            yield from compare(name + " " + statistic, value, theirs)


def table_differences(table, report, paths):
    """Of a table and the report, or the part of the report that is about it."""
    yield from compare("columns", len(table["columns"]), len(report["columns"]))
    for ours, theirs in zip(table["columns"], report["columns"]):
        name = ours["label"] or ours["name"]
        yield from compare("column", name, theirs["name"])
        column = column_of(ours, paths)
        expected = dict(column.counts(), type=column.type(), files=ours["files"], rows=ours["rows"])
        for key, value in expected.items():
            yield from compare(name + " " + key, value, theirs[key])
        yield from compare(name + " cells", column.cells, theirs["cells"])
        yield from compare(name + " true", ours.get("true"), theirs.get("true"))
        others = sum(column.cells[name] for name in ("nan", "infinite", "boolean", "text"))
        if "order" in ours and "ascending" in theirs:
            is_ascending = ours["order"] in ("ascending", "strict") and others == 0
            yield from compare(name + " ascending", is_ascending or None, theirs["ascending"])
            if ours.get("are_distinct") and others == 0:
                yield from compare(name + " unique", True, theirs["unique"])
                if "distinct_more_than" not in theirs:
                    ours["distinct"] = sum(cells_with_values(ours))
        if "distinct" in ours and "distinct" in theirs:
            yield from compare(name + " distinct", ours["distinct"], theirs["distinct"])
        oracle.compare_first_invalid(column, theirs, (complaints := []).append)
        yield from complaints
        texts = ours.get("texts", {"n": 0})
        if expected["type"] == "text" and texts["n"] > 0:
            shown = {name: oracle.shown_text(text.encode("latin-1"), is_cut)
                     for name, (text, is_cut) in (("min", texts["first"]), ("max", texts["last"]))}
            shown["min_length"], shown["max_length"] = texts["min_length"], texts["max_length"]
            shown["mean_length"] = float(Fraction(texts["total_length"], texts["n"]))
            for key, value in shown.items():
                yield from compare(name + " " + key, value, theirs[key])
        quantity = oracle.TYPES_WITH_VALUES.get(expected["type"])
        values = ours.get("%ss" % quantity)
        if values is None:
            continue
        for key, percent in PERCENTILES.items():
            if "buckets" not in ours or key not in theirs or quantity != "number":
                continue
            n = ours["number"]
            rank, rest = divmod((n - 1) * percent, 100)
            ends = [bucket_of_rank(ours["buckets"][0], i) for i in (rank, min(rank + 1, n - 1))]
            least, most = [(low * (100 - rest) + high * rest) / 100 for low, high in zip(*ends)]
            if not float(least) <= theirs[key] <= float(most):
                yield "%s %s: %r is not in the buckets of its rank" % (name, key, theirs[key])
        if quantity != "number":
            for key, text in texts_of(ours, values, quantity, expected["type"]).items():
                yield from compare(name + " " + key, text, theirs[key])
            continue
        for key, value in statistics_of(ours, values).items():
            if key in ("min", "max", "sum") and not isinstance(theirs[key], str):
                value = oracle.shown(value)
                if not oracle.same_value(value, theirs[key], 0):
                    yield from compare(name + " " + key, value, theirs[key])
                continue
            try:
                value = float(value)
            except OverflowError:
                continue  # the report has it as a string
            yield from compare(name + " " + key, value, float(theirs[key]))
    yield from group_differences(table, report)
    if "duplicates" in report:
        for key, value in duplicates_of(table["row_hashes"], table["rows"]).items():
            yield from compare("duplicates " + key, value, report["duplicates"][key])
    found = iter(report.get("correlation", []))
    for (x, y), pair in sorted((table["pairs"] or {}).items()):
        columns = [table["columns"][x], table["columns"][y]]
        types = [column_of(column, paths).type() for column in columns]
        if 0 in (columns[0]["number"], columns[1]["number"]) or any(
            oracle.TYPES_WITH_VALUES.get(name) != "number" for name in types
        ):
            continue
        theirs = next(found, {"columns": None, "count": None, "pearson": None})
        names = [column["label"] or column["name"] for column in columns]
        yield from compare("correlated columns", names, theirs["columns"])
        yield from compare("%s: rows" % names, pair["count"], theirs["count"])
        if not same_correlation(correlation_of(pair), theirs["pearson"]):
            yield from compare("%s" % names, correlation_of(pair), theirs["pearson"])


def issue_differences(totals, problems, paths, n_read):
    """Of row issues and the problems of a report, or of a part of it."""
    problems = {problem["kind"]: problem for problem in problems}
    for key in ROW_ISSUES:
        n, location = totals["issues"][key]
        if key == "trailing_rows" or (key == "no_header" and n >= n_read):
            continue  # no problem
        theirs = problems.get(key, {"count": 0})
        yield from compare(key, n, theirs["count"])
        if n > 0:
            yield from compare(key + " file", paths[location["input"]], theirs["file"])
            yield from compare(key + " line", location["line"], theirs["line"])


def added(totals, paths):
    """The totals of several tables, and of files without a header."""
    result = {key: sum(item[key] for item in totals) for key in ("rows", "bytes")}
    result["issues"] = {}
    for key in ROW_ISSUES:
        locations = [item["issues"][key][1] for item in totals if item["issues"][key][0] > 0]
        first = min(locations, default=None,
                    key=lambda place: (paths[place["input"]].encode("utf-8", "surrogateescape"),
                                       place["line"]))
        result["issues"][key] = [sum(item["issues"][key][0] for item in totals), first]
    return result


def differences(state, report):
    (summary,) = state["summaries"]
    paths = [entry["path"] for entry in state["inputs"]]
    tables = summary["tables"]
    n_read = sum(file["kind"] == "read" for file in summary["files"])
    total = added(tables + [summary["headerless"]], paths)
    yield from compare("rows", total["rows"], report["rows"])
    yield from compare("bytes", total["bytes"], report["bytes"])
    kinds = [file["kind"] for file in summary["files"]]
    yield from compare("files", len(kinds) - kinds.count("bad"), report["files"])
    yield from compare("bad files", kinds.count("bad"), report["files_bad"])
    if len(tables) <= 1:
        table = tables[0] if tables else {"columns": [], "pairs": None, "groups": None, "row_hashes": [], "rows": 0}
        yield from table_differences(table, report, paths)
        yield from issue_differences(total, report["problems"], paths, n_read)
        return
    yield from compare("tables", len(tables), len(report["tables"]))
    for table, theirs in zip(tables, report["tables"]):
        yield from compare("rows", table["rows"], theirs["rows"])
        yield from compare("bytes", table["bytes"], theirs["bytes"])
        yield from table_differences(table, theirs, paths)
        # Whether other files have a header is known of all tables together.
        n_without = total["issues"]["no_header"][0]
        limit = 0 if n_without >= n_read else table["issues"]["no_header"][0] + 1
        yield from issue_differences(table, theirs["problems"], paths, limit)
    yield from issue_differences(summary["headerless"], report["problems"], paths, n_read)


def printable(value):
    """With texts as keys: pairs have two columns."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else "%d, %d" % key: printable(item)
                for key, item in value.items()}
    return [printable(item) for item in value] if isinstance(value, list) else value


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    state = read(data)
    if len(sys.argv) < 3:
        json.dump(printable(state), sys.stdout, indent=2, default=str)
        print()
    elif sys.argv[2] == "--head":
        print(data[20 : 20 + state["summaries"][0]["runs_at"]].hex())
    else:
        with open(sys.argv[2], encoding="utf-8") as file:
            report = oracle.read_json(file.read())
        differing = list(differences(state, report))
        print("\n".join(differing), end="\n" if differing else "")
        return 1 if differing else 0
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Bad as reason:
        print("%s: %s" % (sys.argv[1], reason), file=sys.stderr)
        sys.exit(1)
