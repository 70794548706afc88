# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2016,SC2034,SC2154
#
# common.sh - where things are, and how the scripts speak. Sourced by run.sh and demo.sh, which set
# $top first.
#
# MAILKEEP_BUILD  where everything is built (default: build)
# MAILKEEP_CACHE  where downloads, tool roots and third-party builds are kept (default: build/cache)
# MAILKEEP_JOBS   how many compilers or tests at once (default: the processors)

build=${MAILKEEP_BUILD:-$top/build}
cache=${MAILKEEP_CACHE:-$build/cache}
mkdir -p "$build" "$cache/log" "$cache/src"
build=$(cd "$build" && pwd -P)
cache=$(cd "$cache" && pwd -P)
jobs=${MAILKEEP_JOBS:-$(nproc)}
export MAILKEEP_BUILD="$build" MAILKEEP_CACHE="$cache"
export WINEPREFIX="$cache/wine64"
# The scratch folder of tests: short, and gone with the build folder.
mkdir -p "$build/tmp"

say() {
    printf '== %s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# quiet NAME COMMAND...: the output goes to a log, whose end is shown when the command fails.
quiet() {
    log=$cache/log/$1.log
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 40 "$log" >&2
        die "failed: $* (all of it in $log)"
    fi
}

# configure NAME CMAKE-ARGUMENTS...: a build folder; cheap when it stands already.
configure() {
    name=$1
    shift
    quiet "configure-$name" cmake -S "$top" -B "$build/$name" -G Ninja -DMAILKEEP_NAME="$name" "$@"
}

# compile NAME [TARGETS...]
compile() {
    name=$1
    shift
    say "$name: building"
    ninja -C "$build/$name" -j "$jobs" --quiet "$@" || die "$name does not build"
}

# The builds; with arguments only those targets.
build_native() {
    configure native
    compile native "$@"
}

build_x64() {
    configure x64 -DCMAKE_TOOLCHAIN_FILE="$top/def/toolchain-x64.cmake" \
        -DCMAKE_BUILD_TYPE=Release -DMAILKEEP_CMOCKA_DIR="$cache/cmocka-x86_64" \
        -DMAILKEEP_SQLITE_INCLUDE="$cache/sqlite" \
        -DMAILKEEP_WINSQLITE3="$cache/winsqlite3-x86_64/winsqlite3.dll"
    compile x64 "$@"
}

build_x86() {
    configure x86 -DCMAKE_TOOLCHAIN_FILE="$top/def/toolchain-x86.cmake" \
        -DCMAKE_BUILD_TYPE=Release -DMAILKEEP_CMOCKA_DIR="$cache/cmocka-i686" \
        -DMAILKEEP_SQLITE_INCLUDE="$cache/sqlite" \
        -DMAILKEEP_WINSQLITE3="$cache/winsqlite3-i686/winsqlite3.dll"
    compile x86 "$@"
}

# start_wine 64|32: a Wine server for all that follows.
start_wine() {
    sh "$top/tests/support/wine$1.sh" --start || die "Wine does not start"
}

# stop_wine [64|32]: ends the Wine servers that this run has started; they wait for more otherwise.
stop_wine() {
    if [ "${1:-64}" = 64 ] && [ -d "$cache/wine64" ]; then
        sh "$top/tests/support/wine64.sh" --stop >/dev/null 2>&1 || :
    fi
    if [ "${1:-32}" = 32 ] && [ -d "$cache/i386/prefix" ]; then
        sh "$top/tests/support/wine32.sh" --stop >/dev/null 2>&1 || :
    fi
}

# mark_run: what is begun from here on is known by its environment.
mark_run() {
    export MAILKEEP_RUN="$$.$(date +%s)"
}

# is_left PROCESS: it was begun by this run, or lives in the i386 root, where the mark is lost.
is_left() {
    [ "$(readlink "$1/root")" = "$cache/i386" ] ||
        grep -qz "^MAILKEEP_RUN=$MAILKEEP_RUN\$" "$1/environ"
} 2>/dev/null

# end_left: no run leaves a process behind. What ends by itself gets a moment; the rest is named.
end_left() {
    [ -n "${MAILKEEP_RUN:-}" ] || return 0
    for process in /proc/[0-9]*; do
        tries=0
        while is_left "$process" && [ $tries -lt 20 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
        if is_left "$process"; then
            say "left behind and ended: $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)"
            as_root kill -9 "${process#/proc/}" 2>/dev/null || :
        fi
    done
}
