#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - builds Mailkeep and runs its tests. Everything needed is installed and fetched by it.
#
#   sh tests/run.sh            all of: native model asan tsan x64 x86 lint
#   sh tests/run.sh PART...    some of them, or
#       dll      only the Windows side: build/x64/mailkeep32.dll, build/x86/mailkeep32.dll
#       clauses  the clause report
#       bench    the benchmarks
#       soak     the long campaigns
set -eu
top=$(cd "$(dirname "$0")/.." && pwd -P)
. "$top/tests/support/common.sh"
. "$top/tests/support/deps.sh"

parts=
for arg in "$@"; do
    case $arg in
    native | model | asan | tsan | x64 | x86 | lint) parts="$parts $arg" ;;
    dll | clauses | bench | soak) parts="$parts $arg" ;;
    all) parts="$parts native model asan tsan x64 x86 lint" ;;
    -h | --help) sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0"; exit 0 ;;
    *) die "unknown part '$arg'; sh tests/run.sh --help names them" ;;
    esac
done
[ -n "$parts" ] || parts="native model asan tsan x64 x86 lint"

background=
finish() {
    status=$?
    trap - EXIT
    [ -z "$background" ] || kill -- "-$background" 2>/dev/null || :
    stop_wine
    end_left
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

has() {
    case " $parts " in
    *" $1 "*) return 0 ;;
    esac
    return 1
}

# The tests of every part in one run of ctest, so that its last lines speak of all of them.
tests=
add_tests() {
    tests="$tests $1"
}

run_tests() {
    mkdir -p "$build/all"
    for name in $tests; do
        printf 'subdirs("%s")\n' "$build/$name"
    done >"$build/all/CTestTestfile.cmake"
    # ThreadSanitizer of this age does not get along with highly randomised addresses.
    plain=
    if has tsan && setarch -R true 2>/dev/null; then
        plain="setarch -R"
    fi
    say "testing:$tests"
    TMPDIR=$build/tmp $plain ctest --test-dir "$build/all" --output-on-failure -j "$jobs"
}

# shellcheck disable=SC2086  # lists
{
    need_packages $packages_base
    if has x64 || has x86 || has dll || has soak; then
        need_packages $packages_windows
    fi
    if has x64 || has soak; then need_packages wine64; fi
    if has x86; then need_packages debootstrap; fi
    if has lint || has soak; then need_packages $packages_lint; fi
    if has model || has soak; then need_packages $packages_model; fi
}

mark_run
# The i386 root takes a minute of mostly waiting: it is made while the rest is built.
if has x86; then
    setsid sh "$top/tests/support/i386.sh" &
    background=$!
fi
if has x64 || has dll; then deps_windows x86_64; fi
if has x86 || has dll; then deps_windows i686; fi
if has x64; then deps_wine64; fi

if has native; then
    build_native
    add_tests native
elif has lint || has clauses; then
    configure native
fi
if has model; then
    quiet configure-model cmake -S "$top/tests/model" -B "$build/model" -G Ninja
    add_tests model
fi
if has asan; then
    configure asan "-DMAILKEEP_SANITIZE=address;undefined"
    compile asan
    add_tests asan
fi
if has tsan; then
    configure tsan -DMAILKEEP_SANITIZE=thread
    compile tsan
    add_tests tsan
fi
if has x64 || has dll; then
    build_x64
fi
if has x86 || has dll; then
    build_x86
fi
if has x64; then
    start_wine 64
    add_tests x64
fi
if has x86; then
    wait "$background" || die "the i386 root could not be made"
    background=
    start_wine 32
    add_tests x86
fi
if has lint; then
    quiet configure-lint cmake -S "$top/tests/lint" -B "$build/lint" -G Ninja
    add_tests lint
fi

if has dll; then
    for arch in x64 x86; do
        for file in mailkeep32.dll winsqlite3.dll; do
            [ -f "$build/$arch/$file" ] || die "$build/$arch/$file is missing"
            echo "$build/$arch/$file"
        done
    done
fi
if has bench; then
    configure bench -DCMAKE_BUILD_TYPE=Release
    compile bench
    for program in "$build"/bench/bench_*; do
        [ -x "$program" ] || continue
        say "${program##*/}"
        MAILKEEP_DLL=$build/bench/libmailkeep.so TMPDIR=$build/tmp "$program"
    done
fi
if has soak; then
    . "$top/tests/support/soak.sh"
fi
if [ -n "$tests" ]; then
    run_tests
fi
if has clauses; then
    python3 "$top/tests/contract/clauses.py" --sources "$build/native/test-sources.txt"
fi
