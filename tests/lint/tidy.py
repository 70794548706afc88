#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs clang-tidy, with our .clang-tidy, over the product's sources that the native build compiles.

    tidy.py TOP BUILD     BUILD holds compile_commands.json

A finding is a failure. A file whose text, headers and configuration have not changed since it was
clean is not read again; the notes of that are kept in BUILD/tidy.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys


def fingerprint(entry, common):
    """Of everything that can change the verdict: the preprocessed text and the settings."""
    command = [word for word in entry["command"].split() if not word.endswith("ccache")]
    out = command.index("-o")
    del command[out:out + 2]
    text = subprocess.run(command + ["-E", "-P"], cwd=entry["directory"], capture_output=True,
                          check=False).stdout
    return hashlib.sha256(text + common + entry["file"].encode()).hexdigest()


def main():
    top, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    notes = build / "tidy"
    notes.mkdir(exist_ok=True)
    common = (top / ".clang-tidy").read_bytes()
    entries = json.loads((build / "compile_commands.json").read_text())
    entries = [e for e in entries if e["file"].startswith(f"{top}/src/")]

    def run(entry):
        note = notes / fingerprint(entry, common)
        if note.exists():
            return 0, ""
        result = subprocess.run(["clang-tidy", "--quiet", "-p", str(build), entry["file"]],
                                capture_output=True, text=True, check=False)
        if result.returncode == 0:
            note.touch()
        return result.returncode, result.stdout

    faults = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for status, text in pool.map(run, entries):
            if status:
                faults += 1
                print(text)
    print(f"tidy: {len(entries)} files, {faults} with findings")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
