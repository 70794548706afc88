#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The clause report: which clauses of the contract a test proves.

    clauses.py --sources FILE...   the lists of test sources that are really run (test-sources.txt)
    clauses.py --open              also names every clause that is neither covered nor excused
    clauses.py --update            records what is covered now as the baseline

A clause is covered when its id stands in a comment inside or directly above a test function that
its file also runs (names a second time), and the file is in the lists. "IStream.Seek.1-3" names
three. The report fails when a test names a clause that does not exist, when a clause is both
excused and covered, and when one that the baseline has covered no longer is. A test that is skipped
or cut down somewhere (skip(), _WIN32) counts, but the report says how many clauses rest on such
tests alone: those are proven natively or in the DLL, not in both.
"""
import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent

# One pass over C: comments, and literals so that a quote or slash inside them misleads nobody.
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
TEST = re.compile(r"^(?:static )?void (\w+)\(\s*void \*\*\w+\)\s*\{", re.M)


def read_catalogue():
    """Returns {file's base name: {id: level}} in the order of the files' names."""
    files = {}
    for path in sorted(HERE.glob("*.tsv"), key=lambda p: p.stem.lower()):
        if path.name == "excused.tsv":
            continue
        rows = [line.split("\t") for line in path.read_text().splitlines()[1:] if line]
        files[path.stem] = {row[0]: row[1] for row in rows}
    return files


def read_excused(known):
    excused = {}
    for line in (HERE / "excused.tsv").read_text().splitlines()[1:]:
        clause, _, reason = line.partition("\t")
        if clause not in known or len(reason) < 10:
            sys.exit(f"excused.tsv: unknown clause or no reason: {line}")
        excused[clause] = reason
    return excused


def id_pattern(known):
    heads = sorted({clause.split(".")[0] for clause in known})
    return re.compile(r"(?<![\w.-])((?:%s)(?:\.\w*[A-Za-z]\w*)+)\.(\d+)(?:-(\d+))?(?![\w-])"
                      % "|".join(map(re.escape, heads)))


def ids_in(text, pattern):
    for match in pattern.finditer(text):
        first, last = int(match[2]), int(match[3] or match[2])
        for number in range(first, last + 1):
            yield f"{match[1]}.{number}"


def scan_c(text, pattern):
    """Yields (id, line, counts, everywhere) for every id in a comment; counts: it belongs to a test
    that is run; everywhere: in every build."""
    comments = []
    code = []
    at = 0
    for token in TOKEN.finditer(text):
        code.append(text[at:token.start()])
        blank = re.sub(r"[^\n]", " ", token[0])
        if token[0].startswith("/"):
            comments.append(token)
        code.append(blank)
        at = token.end()
    code.append(text[at:])
    code = "".join(code)
    tests = []
    for match in TEST.finditer(code):
        end = code.find("\n}", match.end())
        run = len(re.findall(r"\b%s\b" % match[1], code)) > 1
        end = end if end >= 0 else len(code)
        everywhere = not re.search(r"\bskip\(|\b_WIN32\b", code[match.start():end])
        tests.append((match.start(), end, run, everywhere))
    for comment in comments:
        counts = everywhere = False
        for start, end, run, is_everywhere in tests:
            inside = start < comment.start() < end
            above = comment.end() <= start and not code[comment.end():start].strip()
            if run and (inside or above):
                counts = True
                everywhere |= is_everywhere
        for clause in ids_in(comment[0], pattern):
            yield clause, text.count("\n", 0, comment.start()) + 1, counts, everywhere


def scan_script(text, pattern):
    for number, line in enumerate(text.splitlines(), 1):
        if "#" in line:
            for clause in ids_in(line[line.index("#"):], pattern):
                yield clause, number, True, False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", nargs="+", required=True)
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()

    files = read_catalogue()
    known = {clause: level for clauses in files.values() for clause, level in clauses.items()}
    excused = read_excused(known)
    pattern = id_pattern(known)
    faults = []
    notes = []
    covered = set()
    covered_everywhere = set()
    sources = set()
    for listing in args.sources:
        sources.update(line for line in pathlib.Path(listing).read_text().splitlines() if line)
    for source in sorted(sources):
        path = pathlib.Path(source)
        scan = scan_c if path.suffix == ".c" else scan_script
        where = path.relative_to(TOP) if path.is_relative_to(TOP) else path
        for clause, line, counts, everywhere in scan(path.read_text(encoding="utf-8"), pattern):
            if clause not in known:
                faults.append(f"{where}:{line}: {clause} is not in the catalogue")
            elif not counts:
                notes.append(f"{where}:{line}: {clause} does not count: not at a test that runs")
            else:
                covered.add(clause)
                if everywhere:
                    covered_everywhere.add(clause)
    for clause in sorted(covered & excused.keys()):
        faults.append(f"excused.tsv: {clause} is covered; it needs no excuse")

    for name, clauses in files.items():
        must = [c for c, level in clauses.items() if level == "must" and c not in excused]
        print("%s: %d of %d covered, %d excused (must %d of %d)" % (
            name, len(covered & clauses.keys()), len(clauses), len(excused.keys() & clauses.keys()),
            len(covered & set(must)), len(must)))
        if args.open:
            for clause, level in clauses.items():
                if clause not in covered and clause not in excused:
                    print(f"    open: {clause} ({level})")

    baseline = HERE / "baseline.txt"
    if args.update:
        baseline.write_text("".join(f"{clause}\n" for clause in sorted(covered)))
    elif baseline.exists():
        for clause in baseline.read_text().split():
            if clause not in covered and clause not in excused:
                faults.append(f"{clause} was covered and is no longer")
    for line in (notes if args.open else []) + faults:
        print(line)
    partly = sorted(covered - covered_everywhere)
    if args.open:
        for clause in partly:
            print(f"not in every build: {clause}")
    print("clauses: %d of %d covered (%d of them not in every build), %d excused" % (
        len(covered), len(known), len(partly), len(excused)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
