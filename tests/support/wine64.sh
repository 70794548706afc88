#!/bin/sh
# SPDX-License-Identifier: MIT
#
# wine64.sh - runs a 64-bit Windows program in the project's own Wine prefix, without a display.
#
#   wine64.sh PROGRAM ARGUMENTS...
#   wine64.sh --init    makes the prefix
#   wine64.sh --start   starts its server for the runs that follow
#   wine64.sh --stop    ends its server
set -eu
cache=${MAILKEEP_CACHE:-$(cd "$(dirname "$0")/../.." && pwd -P)/build/cache}
wine=/usr/lib/wine/wine64
export WINEPREFIX="$cache/wine64" WINEARCH=win64 WINEDEBUG="${WINEDEBUG:--all}"
# No Mono, no Gecko, no desktop entries: nothing is asked, nothing is written outside the prefix.
# For test_setup a file in the system's folder counts in place of Wine's own mapi32.
export WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe=;mapi32,mapistub=n,b"
# Where Debian's Wine keeps the server's socket: one server for all, whatever a test calls its TMPDIR.
export TMPDIR="$cache"
# File names that are not ASCII need a character set that has them.
export LC_ALL=C.UTF-8
unset DISPLAY WAYLAND_DISPLAY || :
case $1 in
--init)
    mkdir -p "$cache"
    "$wine" wineboot --init
    /usr/lib/wine/wineserver64 --wait
    ;;
--start)
    # Debian's server ends with its last program, and cuts off whoever comes just then; this one
    # waits two hours, longer than any tests wait for their turn. Wine's services start with the
    # first program and live as long, so that one is ours: they would hold the output of a test
    # open, and its runner would wait for them.
    exec </dev/null >/dev/null 2>&1
    /usr/lib/wine/wineserver64 --kill || : # one that does not wait
    /usr/lib/wine/wineserver64 --persistent=7200
    "$wine" cmd /c exit
    ;;
--stop)
    /usr/lib/wine/wineserver64 --kill
    ;;
*)
    exec "$wine" "$@"
    ;;
esac
