#!/bin/sh
# SPDX-License-Identifier: MIT
# builds.sh TOP BUILD SQLITE - the options that no other part builds still build: the library alone,
# without optimisation, in BUILD. SQLITE is a folder with SQLite's amalgamation; what needs it is left
# out, and that is said, where there is none.
set -eu
top=$1
build=$2
sqlite=$3
jobs=${MAILKEEP_JOBS:-$(nproc)}
count=0
status=0
mkdir -p "$build"

# build NAME CMAKE-ARGUMENTS...: nothing but our functions may leave the library. False: it did not
# build.
build() {
    name=$1
    shift
    count=$((count + 1))
    log=$build/$name.log
    if ! { cmake -S "$top" -B "$build/$name" -G Ninja -DMAILKEEP_TESTS=OFF -DCMAKE_BUILD_TYPE=Debug \
            -DCMAKE_C_FLAGS_DEBUG=-O0 "$@" && cmake --build "$build/$name" -j "$jobs"; } >"$log" 2>&1; then
        grep -m 5 -i 'error' "$log" || tail -n 5 "$log"
        fail "does not build, all of it in $log"
        return 1
    fi
    sed -n 's/^ *\([A-Za-z]*\);.*/\1/p' "$top/def/mailkeep.map" | sort >"$build/$name.wanted"
    nm -D --defined-only "$build/$name/libmailkeep.so" | awk '{ print $3 }' | sed 's/@.*//' |
        sort >"$build/$name.found"
    cmp -s "$build/$name.wanted" "$build/$name.found" ||
        fail "exports $(tr '\n' ' ' <"$build/$name.found")"
}

fail() {
    echo "builds: $name: $*"
    status=1
}

if build coverage -DMAILKEEP_COVERAGE=ON; then
    find "$build/coverage" -name 'eng_txn*.gcno' | grep -q . || fail "counts no lines"
fi

if ! command -v clang >/dev/null; then
    echo "builds: there is no clang, its build is left out"
else
    build clang -DCMAKE_C_COMPILER=clang || :
fi

if [ ! -f "$sqlite/sqlite3.c" ]; then
    echo "builds: there is no amalgamation in $sqlite, the build with it is left out"
elif build amalgamation "-DMAILKEEP_SQLITE_DIR=$sqlite"; then
    ! readelf -d "$build/amalgamation/libmailkeep.so" | grep -q 'NEEDED.*sqlite' ||
        fail "wants the system's SQLite all the same"
fi
echo "builds: $count ways"
exit $status
