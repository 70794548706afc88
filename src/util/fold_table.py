#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes fold_table.inc: Unicode simple case folding as runs, from Python's Unicode database.

Usage: python3 fold_table.py > fold_table.inc
"""
import unicodedata


def fold(code):
    """Simple folding: classes C and S of CaseFolding.txt."""
    char = chr(code)
    for form in (char.casefold(), char.lower()):
        if len(form) == 1:
            return ord(form)
    return code


def runs():
    """(first, last, step, delta): every step-th code from first to last folds to code + delta."""
    found = []
    for code in range(0x110000):
        if 0xD800 <= code <= 0xDFFF or fold(code) == code:
            continue
        delta = fold(code) - code
        if found:
            first, last, step, run_delta = found[-1]
            gap = code - last
            if delta == run_delta and gap <= 2 and (step == gap or first == last):
                found[-1] = (first, code, gap, delta)
                continue
        found.append((code, code, 1, delta))
    return found


def main():
    print('/* SPDX-License-Identifier: MIT */')
    print('/* Made by fold_table.py from Unicode %s; not to be edited. */'
          % unicodedata.unidata_version)
    print('/* clang-format off */')
    for first, last, step, delta in runs():
        print('    { 0x%05X, 0x%05X, %d, %d },' % (first, last, step, delta))
    print('/* clang-format on */')


main()
