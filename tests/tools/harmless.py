"""harmless.py - hostile names, and checks that a report escapes them

Usage   harmless.py make DIRECTORY   writes a file with a hostile name, a header of hostile names and a row
                                     of numbers, and a bad file with a hostile name; prints nothing
        harmless.py FORMAT FILE      checks FILE in FORMAT: screen, csv, tsv, json, md
        harmless.py terminal COMMAND...  checks the output of COMMAND to a pseudoterminal
Exit    1 with the reason if the output is not harmless

Python's tables of characters, not those of the program, define what a terminal must not receive.
"""

import csv
import io
import json
import os
import pty
import re
import sys
import unicodedata

HEADERS = [
    b"\x1b[31mred\x1b[0m",
    b"\x1b]0;title\x07",
    b"\x1bP+q544e\x1b\\",  # a terminal may respond to this
    b"back\x08\x08\x08space",
    b"two\nlines",
    b"return\rover",
    b"a\ttab",
    b"del\x7f",
    b"c1 \xc2\x9b31m",  # CSI as one character
    b"c1 \x9b31m",  # and as one byte
    "right \u202eleft".encode(),
    "isolated \u2066 text".encode(),
    "no \u200bwidth".encode(),
    "mark \ufeff".encode(),
    "tag \U000e0041".encode(),
    b"\xff\xfe not UTF-8",
    b"\xc0\xaf overlong",
    b"\xed\xa0\x80 surrogate",
    b"\xf4\x90\x80\x80 above",
    b"a|b",
    b"`code`",
    b"<script>alert(1)</script>",
    b"[link](javascript:alert(1))",
    b"![picture](http://example.invalid/a.png)",
    b"*bold* _it_ ~gone~",
    b"&lt;amp&gt;",
    b"# not a heading",
    b"]]> --> \\ \\n '",
    b'"quoted", with comma',
    b"=1+1",
    b"@SUM(A1)",
    "\u6c34 \u00e9 e\u0301".encode(),  # these are harmless
]


def windows_1252(byte):
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:  # a byte without a meaning stays a control character
        return chr(byte)


def as_utf8(name):
    """Names that are not UTF-8 are read as Windows-1252."""
    try:
        name.decode("utf-8")
        return name
    except UnicodeDecodeError:
        return "".join(map(windows_1252, name)).encode()


NAMES = [as_utf8(header) for header in HEADERS]
PATH = b"p\x1b[2J\r\n\xe2\x80\xae\xff\xc2\x9b|<b>`,\"=\\.csv"
BAD_PATH = b"bad\x1b]0;t\x07\n|<i>.csv"
STATISTICS = 2  # columns of the report after the name


def text(data):
    return data.decode("utf-8", "surrogateescape")


def replaced(data):
    """JSON has a replacement character for each byte that is not UTF-8."""
    return re.sub("[\udc80-\udcff]", "\ufffd", text(data))


def fail(why):
    sys.exit("# " + ascii(why))


def make(directory):
    with open(os.path.join(os.fsencode(directory), PATH), "wb") as file:
        file.write(b",".join(b'"' + name.replace(b'"', b'""') + b'"' for name in HEADERS))
        file.write(b"\n" + b",".join(b"%d" % i for i in range(len(HEADERS))) + b"\n")
    with open(os.path.join(os.fsencode(directory), BAD_PATH), "wb") as file:
        file.write(b'x\n"1\n')


def screen(data):
    try:
        shown = data.decode("utf-8")
    except UnicodeDecodeError as error:
        fail("bytes that are not UTF-8: %s" % error)
    for character in shown:
        category = unicodedata.category(character)
        if character != "\n" and category in ("Cc", "Cf", "Cs", "Zl", "Zp") and \
                character not in "\u200c\u200d":
            fail("reaches the terminal: U+%04X" % ord(character))


def check_csv(data):
    rows = list(csv.reader(io.StringIO(text(data), newline="")))
    expected = [text(PATH)] * len(NAMES) + [""] * len(NAMES)
    if [row[0].rpartition("/")[2] for row in rows[1:]] != expected:
        fail("paths: %r" % rows[1:2])
    if [row[1] for row in rows[1:]] != [text(name) for name in NAMES] * 2:
        fail("names: %r" % [row[1] for row in rows[1:]])
    if any(len(row) != 2 + STATISTICS for row in rows):
        fail("a row has more or fewer fields")


def check_tsv(data):
    lines = text(data).split("\n")
    if lines.pop() != "":
        fail("no line end at the end")
    back = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
    rows = [[re.sub(r"\\[tnr\\]", lambda found: back[found.group()], field)
             for field in line.split("\t")] for line in lines]
    if any(len(row) != 2 + STATISTICS for row in rows):
        fail("a row has more or fewer fields")
    if [row[1] for row in rows[1:]] != [text(name) for name in NAMES] * 2:
        fail("names: %r" % [row[1] for row in rows[1:]])
    if rows[1][0].rpartition("/")[2] != text(PATH):
        fail("path: %r" % rows[1][0])


def check_json(data):
    screen(data)
    report = json.loads(data)
    if [column["name"] for column in report["columns"]] != [replaced(name) for name in NAMES]:
        fail("names: %r" % [column["name"] for column in report["columns"]])
    paths = sorted(file["file"].rpartition("/")[2] for file in report["per_file"])
    if paths != sorted([replaced(PATH), replaced(BAD_PATH)]):
        fail("paths: %r" % paths)


def check_md(data):
    screen(data)
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", text(data))
    n_rows = 0
    for line in bare.split("\n"):
        if line.startswith("|"):
            n_rows += 1
            if line.count("|") != 2 + STATISTICS:
                fail("the row has more or fewer cells: " + line)
        elif "|" in line:
            fail("a bar outside the table: " + line)
        found = re.search(r"[<>`\[\]&*~]", line)
        if found or re.match(r"#(?!## )", line):
            fail("not harmless in Markdown: " + line)
    if n_rows != 2 * (2 + len(NAMES)):
        fail("%d rows" % n_rows)


def terminal(command):
    """Standard output and standard error of the command are the terminal; tabs are allowed."""
    written = bytearray()

    def read(fd):
        data = os.read(fd, 65536)
        written.extend(data)
        return data

    status = pty.spawn(command, read, lambda fd: b"")
    screen(bytes(written).replace(b"\r\n", b"\n").replace(b"\t", b" "))
    return os.waitstatus_to_exitcode(status)


def main():
    what = sys.argv[1]
    if what == "make":
        make(sys.argv[2])
    elif what == "terminal":
        sys.exit(terminal(sys.argv[2:]))
    else:
        with open(sys.argv[2], "rb") as file:
            data = file.read()
        {"screen": screen, "csv": check_csv, "tsv": check_tsv, "json": check_json,
         "md": check_md}[what](data)


main()
