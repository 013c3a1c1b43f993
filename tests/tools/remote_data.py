#!/usr/bin/env python3
"""remote_data.py - generates the files that tests of remote inputs read; the output is reproducible

Usage   remote_data.py many DIRECTORY    about 3,000 small files in directories with awkward names
        remote_data.py few DIRECTORY     40 files of about 10 kB
        remote_data.py big FILE [N]      one file of N rows, with line ends inside quotes; without N, 6 MB
"""

import os
import random
import sys

AWKWARD = ["plain", "two words", "a+b", "it's", 'say "so"', "a&b=c", "100%", "%41%2f", "é", "日本", "~tilde",
           "semi;colon,comma", "#hash?query", "(round) [square] {curly}", "!$@*", "back\\slash", "a:b", "<lt>"]


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def rows(n, chance):
    for _ in range(n):
        yield f"{chance.randrange(-10**6, 10**6) / 1000},{chance.random()!r},{chance.choice(['1e3', '', 'NA', 'word', '7'])}\n"


def many(directory):
    chance = random.Random(1)
    for i in range(3006):
        name = AWKWARD[i % len(AWKWARD)]
        write(f"{directory}/{name}/part-{i:04}.csv", "x,y,z\n" + "".join(rows(i % 5, chance)))
    # Files that csv-report skips in a directory, and awkward file names.
    write(f"{directory}/.hidden.csv", "x\n1000000\n")
    write(f"{directory}/.dir/a.csv", "x\n1000000\n")
    write(f"{directory}/notes.txt", "x\n1000000\n")
    write(f"{directory}/empty.csv", "")
    write(f"{directory}/deep/er/and/deeper/tabs.tsv", "x\ty\n1\t2\n")
    for name in AWKWARD:
        write(f"{directory}/z {name}.csv", "x,y\n1,2\n")


def few(directory):
    chance = random.Random(2)
    for i in range(40):
        write(f"{directory}/{'ab'[i % 2]}/part-{i:02}.csv", "x,y,z\n" + "".join(rows(400, chance)))


def big(path, n_rows=160000):
    chance = random.Random(3)
    text = ["x,y,z,text\n"]
    for row in rows(int(n_rows), chance):
        text.append(row[:-1] + chance.choice([",plain\n", ',"two\nlines, 1,2,3,4\n"\n', ',"said ""so"""\n']))
    write(path, "".join(text))


{"many": many, "few": few, "big": big}[sys.argv[1]](*sys.argv[2:])
