#!/bin/sh
# SPDX-License-Identifier: MIT
#
# wine32.sh - runs a 32-bit Windows program under the Wine of an i386 root (see deps.sh), because
# Debian's wine32 does not install beside an updated amd64 system.
#
#   wine32.sh PROGRAM ARGUMENTS...
#   wine32.sh --init    makes the prefix
#   wine32.sh --start   starts its server for the runs that follow (wine64.sh says why)
#   wine32.sh --stop    ends its server
#
# The project, the build folder and /proc are bound into the root in a mount namespace of its own,
# so nothing stays mounted whatever ends this script.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd -P)
build=${MAILKEEP_BUILD:-$top/build}
cache=${MAILKEEP_CACHE:-$build/cache}
root=$cache/i386

if [ "${MAILKEEP_IN_ROOT:-}" != yes ]; then
    [ -d "$root/usr/lib/wine" ] || {
        echo "wine32.sh: no i386 root in $root; sh tests/run.sh x86 makes it" >&2
        exit 1
    }
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    # sudo drops the environment: what the programs may look at goes along by name.
    exec $sudo env MAILKEEP_IN_ROOT=yes MAILKEEP_BUILD="$build" MAILKEEP_CACHE="$cache" \
        MAILKEEP_DLL="${MAILKEEP_DLL:-}" MAILKEEP_DATA="${MAILKEEP_DATA:-}" \
        MAILKEEP_NO_DIALOGS="${MAILKEEP_NO_DIALOGS:-}" \
        WINEDEBUG="${WINEDEBUG:--all}" unshare --mount sh "$0" "$@"
fi

for dir in "$top" "$build"; do
    mkdir -p "$root$dir"
    mount --bind "$dir" "$root$dir"
done
mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
case $1 in
--init) set -- sh -c 'wine wineboot --init && wineserver --wait' ;;
--start)
    set -- sh -c 'wineserver --kill; wineserver --persistent=7200 && wine cmd /c exit'
    exec </dev/null >/dev/null 2>&1
    ;;
--stop) set -- wineserver --kill ;;
*) set -- wine "$@" ;;
esac
dir=$PWD
exec chroot "$root" env -i PATH=/usr/lib/wine:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TMPDIR=/tmp \
    WINEPREFIX=/prefix WINEARCH=win32 WINEDEBUG="$WINEDEBUG" \
    WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe=;mapi32,mapistub=n,b" \
    MAILKEEP_DLL="$MAILKEEP_DLL" MAILKEEP_DATA="$MAILKEEP_DATA" \
    MAILKEEP_NO_DIALOGS="$MAILKEEP_NO_DIALOGS" \
    sh -c 'cd "$0" 2>/dev/null || cd /; exec "$@"' "$dir" "$@"
