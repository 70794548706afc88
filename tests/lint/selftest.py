#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The checks must be able to fail: each is given one bad project and has to find it.

    selftest.py TOP
"""
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(sys.argv[1]).resolve()
LINT = TOP / "tests/lint"
HEAD = "/* SPDX-License-Identifier: MIT */\n"

# What is wrong, the file, its text, and the check that must say so.
BAD = [
    ("util includes engine", "src/util/a.c", '#include "engine/eng.h"\n', "layers"),
    ("engine includes the sdk", "src/engine/a.c", '#include "platform/sdk/mapi_sdk.h"\n', "layers"),
    ("com includes SQLite", "src/com/a.c", "#include <sqlite3.h>\n", "layers"),
    ("com looks into the engine", "src/com/a.c", '#include "engine/eng_db.h"\n', "layers"),
    ("no layer named", "src/com/a.c", '#include "nowhere.h"\n', "layers"),
    ("no licence", "src/com/a.c", None, "sources"),
    ("1,001 lines", "src/com/a.c", "int x;\n" * 1001, "sources"),
    ("strcpy", "src/com/a.c", "void f(char *s) { strcpy(s, s); }\n", "sources"),
    ("malloc outside util", "src/com/a.c", "void *f(void) { return malloc(1); }\n", "sources"),
    ("_WIN32 outside platform", "src/com/a.c", "#ifdef _WIN32\n#endif\n", "sources"),
    ("sqlite3 outside the engine", "src/com/a.c", "struct sqlite3;\n", "sources"),
    ("wide literal", "src/com/a.c", 'const void *f(void) { return L"x"; }\n', "sources"),
    ("header that needs another", "src/com/a.h", "size_t f(void);\n", "headers"),
    ("bad layout", "src/com/a.c", "int  f( void ){return 1;}\n", "format"),
]
GOOD = [
    ("a word in a comment", "src/com/a.c", "/* no strcpy(), no sqlite3, no malloc() */\n", "sources"),
    ("a word in a string", "src/com/a.c", 'const char *f = "sqlite3 strcpy(";\n', "sources"),
    ("a member named free", "src/com/a.c", "void f(struct a *a)\n{\n    a->free(a);\n}\n", "sources"),
    ("com includes eng.h", "src/com/a.c", '#include "engine/eng.h"\n', "layers"),
]


def command(check, project):
    if check == "layers":
        return ["cmake", f"-DTOP={project}", "-P", str(LINT / "layers.cmake")]
    if check == "sources":
        return [sys.executable, str(LINT / "sources.py"), str(project)]
    return ["sh", str(LINT / f"{check}.sh"), str(project)]


def passes(name, text, check):
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        for part in ("src", "include", "tests", "def"):
            (project / part).mkdir()
        (project / ".clang-format").write_bytes((TOP / ".clang-format").read_bytes())
        path = project / name
        path.parent.mkdir(parents=True)
        path.write_text("int x;\n" if text is None else HEAD + text)
        return subprocess.run(command(check, project), capture_output=True,
                              check=False).returncode == 0


def main():
    faults = [f"not found: {what}" for what, *bad in BAD if passes(*bad)]
    faults += [f"wrongly found: {what}" for what, *good in GOOD if not passes(*good)]
    print("\n".join(faults))
    print(f"selftest: {len(BAD) + len(GOOD)} cases, {len(faults)} wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
