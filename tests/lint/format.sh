#!/bin/sh
# SPDX-License-Identifier: MIT
# format.sh TOP [--fix] - the sources are as clang-format 14 with our .clang-format writes them.
set -eu
cd "$1"
tool=clang-format-14
command -v $tool >/dev/null || tool=clang-format
case $($tool --version) in
*"version 14."*) ;;
*) echo "format: needs clang-format 14, this is $($tool --version)" >&2; exit 1 ;;
esac
if [ "${2:-}" = --fix ]; then
    find src include tests -name '*.[ch]' -exec $tool -i --style=file {} +
    exit 0
fi
find src include tests -name '*.[ch]' -exec $tool --dry-run --Werror --style=file {} + 2>&1 |
    grep 'clang-format-violations' | cut -d: -f1 | sort | uniq -c |
    { status=0
      while read -r lines file; do
          echo "$file:1: $lines places are not as clang-format writes them"
          status=1
      done
      exit $status; }
