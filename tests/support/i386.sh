#!/bin/sh
# SPDX-License-Identifier: MIT
# i386.sh - makes the i386 root with 32-bit Wine; a script of its own so that it can run beside the
# builds and be ended as a process group.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$top/tests/support/common.sh"
. "$top/tests/support/deps.sh"
trap 'stop_wine 32' EXIT
trap 'exit 143' TERM HUP INT
deps_wine32
