#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes marks_table.inc: letters without their marks, from Python's Unicode database.

Usage: python3 marks_table.py > marks_table.inc
"""
import unicodedata


def bare(code):
    """The letter under the marks, 0 for a mark alone, the code itself for everything else."""
    char = chr(code)
    if unicodedata.category(char) == 'Mn':
        return 0
    parts = unicodedata.normalize('NFD', char)
    if len(parts) > 1 and all(unicodedata.category(part) == 'Mn' for part in parts[1:]):
        base = ord(parts[0])
        return base if base <= 0xFFFF else code
    return code


def runs():
    """(first, last, base): the codes from first to last all become base."""
    found = []
    for code in range(0x80, 0x110000):
        if 0xD800 <= code <= 0xDFFF or bare(code) == code:
            continue
        base = bare(code)
        if found and found[-1][1] == code - 1 and found[-1][2] == base:
            found[-1] = (found[-1][0], code, base)
        else:
            found.append((code, code, base))
    return found


def main():
    print('/* SPDX-License-Identifier: MIT */')
    print('/* Made by marks_table.py from Unicode %s; not to be edited. */'
          % unicodedata.unidata_version)
    print('/* clang-format off */')
    found = ['{ 0x%05X, 0x%05X, 0x%04X },' % run for run in runs()]
    for at in range(0, len(found), 3):
        print('    ' + ' '.join(found[at:at + 3]))
    print('/* clang-format on */')


main()
