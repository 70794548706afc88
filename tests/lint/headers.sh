#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh TOP - every header compiles alone, in every compiler at hand.
set -eu
cd "$1"
status=0
count=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for compiler in gcc clang x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc; do
    command -v $compiler >/dev/null || continue
    system=posix
    other=win32
    case $compiler in
    *mingw32*) system=win32 other=posix ;;
    esac
    flags="-Isrc -Iinclude"
    # Windows takes sqlite3.h from outside; here the native one does, the engine's headers need only
    # its declarations.
    [ $system = posix ] || flags="$flags -idirafter /usr/include -D_WIN32_WINNT=0x0A00"
    for header in $(find src include -name '*.h' ! -path "src/platform/$other/*" | sort); do
        case $header in
        *.list.h) continue ;;   # pieces that are included in the middle of something
        esac
        [ $system = posix ] || case $header in
        src/engine/*) continue ;;
        esac
        count=$((count + 1))
        # shellcheck disable=SC2086  # a list
        printf '#include "%s"\n' "$PWD/$header" |
            $compiler -std=c17 -D_GNU_SOURCE $flags -Wall -Wextra -Werror -fsyntax-only -x c - \
                2>"$log" || {
                grep -m 1 'error' "$log" | sed "s|^|$header with $compiler: |"
                status=1
            }
    done
done
echo "headers: $count compiled alone"
exit $status
