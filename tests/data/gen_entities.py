#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes src/mapi/entities.list.h: the named characters of HTML 4, and &apos;, sorted by name."""
import html.entities

names = dict(html.entities.name2codepoint, apos=0x27)
print("/* SPDX-License-Identifier: MIT */")
print("/* Made by tests/data/gen_entities.py; not to be edited. */")
print("/* clang-format off */")
for name in sorted(names):
    print(f'{{ "{name}", 0x{names[name]:04X} }},')
