#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules of the sources that a plain reading can check.

    sources.py TOP

    length      a file over 1,000 lines is refused, over 800 is mentioned
    license     every source starts with its SPDX line
    banned      functions that only platform and util may use (and some that nobody may)
    windows     #ifdef _WIN32 only in src/platform (and in tests, in their support and host)
    sqlite      sqlite3 only in src/engine
    wide        no wchar_t, no L"..." outside src/platform
    names       base names are unique in src
    exports     def/mailkeep32.def and def/mailkeep.map name the same functions
"""
import pathlib
import re
import sys

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|L?"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
NEVER = ("sprintf", "vsprintf", "strcpy", "strcat", "strncpy", "strncat", "strtok", "gets", "atoi",
         "atol", "localtime", "IsBadReadPtr", "IsBadWritePtr", "IsBadCodePtr", "IsBadStringPtrA",
         "IsBadStringPtrW", "abort", "exit", "alloca")
OURS = ("malloc", "calloc", "realloc", "free", "strdup", "getenv")
BANNED = re.compile(r"(?<![\w.>])(%s|wcs\w+|lstr\w+)\s*\(" % "|".join(NEVER))
RAW = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(OURS))


def strip(text):
    """Comments and what strings hold become blanks; line numbers stay."""
    def blank(match):
        token = match[0]
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        quote = token.index('"') if '"' in token else 0
        return token[:quote + 1] + " " * (len(token) - quote - 2) + token[-1]
    return TOKEN.sub(blank, text)


def check(name, text):
    """Yields (line, what) for one file; name is relative to the top, with slashes."""
    lines = text.count("\n")
    if lines > 1000 and not name.endswith(".inc"):     # generated tables may be long
        yield 1, f"{lines} lines; 1,000 is the most"
    if not re.match(r"(#!.*\n)?(/\* |# |// |<!-- )SPDX-License-Identifier: MIT", text):
        yield 1, "no SPDX line at the top"
    if not name.endswith((".c", ".h", ".inc")):
        return
    product = name.startswith("src/")
    platform = name.startswith("src/platform/")
    low = platform or name.startswith("src/util/")
    code = strip(text)
    for number, line in enumerate(code.split("\n"), 1):
        match = BANNED.search(line)
        if match and product and not platform:
            yield number, f"{match[1]}() is banned"
        match = RAW.search(line)
        if match and product and not low:
            yield number, f"{match[1]}() belongs to platform and util"
        if re.match(r"\s*#\s*(if|elif).*\b_WIN32\b", line) and not platform:
            if not name.startswith(("tests/support/", "tests/host/", "tests/bench/", "tests/abi/",
                                    "include/")):
                yield number, "_WIN32 belongs to src/platform"
        if "sqlite3" in line and product and not name.startswith("src/engine/"):
            yield number, "sqlite3 belongs to src/engine"
        if re.search(r"\bwchar_t\b|(?<!\w)L\"", line) and product and not platform:
            yield number, "16-bit WCHAR and u\"...\" instead of wchar_t and L\"...\""


def exported(text, pattern):
    return sorted(re.findall(pattern, text, re.M))


def main():
    top = pathlib.Path(sys.argv[1])
    finds = []
    base_names = {}
    count = 0
    for folder in ("src", "include", "tests", "def"):
        for path in sorted((top / folder).rglob("*")):
            name = path.relative_to(top).as_posix()
            if path.suffix not in (".c", ".h", ".inc", ".py", ".sh", ".cmake", ".map"):
                continue
            count += 1
            text = path.read_text(encoding="utf-8")
            finds += [f"{name}:{line}: {what}" for line, what in check(name, text)]
            if text.count("\n") > 800:
                print(f"{name}: over 800 lines: is there a reason?")
            if name.startswith("src/") and "/sdk/" not in name:
                # A platform file may exist once per system.
                key = re.sub(r"/(win32|posix)/", "/*/", name) if "/platform/" in name else name
                other = base_names.setdefault(path.name, key)
                if other != key:
                    finds.append(f"{name}:1: the same base name as {other}")
    def_file = top / "def/mailkeep32.def"
    if def_file.exists():
        ours = exported(def_file.read_text(), r"^\s+(\w+)")
        theirs = exported((top / "def/mailkeep.map").read_text(), r"^\s+(\w+);")
        if ours != theirs:
            finds.append(f"def/mailkeep.map:1: exports {theirs}, mailkeep32.def {ours}")
    print("\n".join(finds))
    print(f"sources: {count} files, {len(finds)} finds")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
