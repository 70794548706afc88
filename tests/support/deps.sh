# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2016,SC2034,SC2154
#
# deps.sh - everything the project needs and does not hold: Debian packages, CMocka and SQLite for
# Windows, Wine prefixes, the i386 root. Sourced after common.sh. Each function does its work once;
# what it makes appears under its last name only when it is complete, so that an interrupted run
# can simply be repeated.

codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
# The mirror that this machine uses for its packages.
mirror=${MAILKEEP_MIRROR:-$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
    'Created-By: Packages' 2>/dev/null | sed -n "s/^$codename main //p" | head -n 1)}
mirror=${mirror:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The whole list, also what a usual system has: the script is meant for a minimal one.
packages_base="gcc libc6-dev make cmake ninja-build python3 libcmocka-dev libsqlite3-dev"
packages_source="dpkg-dev patch xz-utils ca-certificates"
packages_windows="gcc-mingw-w64-x86-64-posix gcc-mingw-w64-i686-posix mingw-w64-x86-64-dev
    mingw-w64-i686-dev binutils-mingw-w64-x86-64 binutils-mingw-w64-i686 clang tcl $packages_source"
packages_model="spin"
packages_lint="clang clang-tidy clang-format"

# need_packages NAME...: installs what is missing; asks nothing.
need_packages() {
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        *" installed") ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    say "installing:$missing"
    update_lists
    # shellcheck disable=SC2086  # a list
    quiet install as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing
}

updated=no
update_lists() {
    [ $updated = no ] || return 0
    quiet apt-update as_root apt-get update
    updated=yes
}

# source_apt ARGUMENTS...: apt-get with one deb-src entry and lists of its own. The machine's sources
# stay as they are: an entry of ours among them is refused by apt when it names another key, or none,
# for an archive that is already listed.
source_apt() {
    apt-get -o "Dir::Etc::SourceList=$cache/apt/source.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$cache/apt/lists" -o "Dir::Cache=$cache/apt/cache" \
        -o APT::Sandbox::User=root "$@"
}

source_lists() {
    [ ! -f "$cache/apt/ready" ] || return 0
    say "reading Debian's list of sources"
    mkdir -p "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
    signed=
    [ ! -f "$keyring" ] || signed="[signed-by=$keyring] "
    echo "deb-src ${signed}$mirror $codename main" >"$cache/apt/source.list"
    quiet apt-sources source_apt update
    touch "$cache/apt/ready"
}

# fetch_source NAME: Debian's source package, unpacked as $cache/src/NAME.
fetch_source() {
    [ ! -d "$cache/src/$1" ] || return 0
    # shellcheck disable=SC2086  # a list
    need_packages $packages_source
    source_lists
    say "fetching the source of $1"
    rm -rf "$cache/src/$1.part"
    mkdir -p "$cache/src/$1.part"
    (
        cd "$cache/src/$1.part"
        quiet "source-$1" source_apt source "$1"
    ) || exit 1
    mv "$cache/src/$1.part/$1"-*/ "$cache/src/$1"
    rm -rf "$cache/src/$1.part"
}

# cross_cmocka ARCH: a static CMocka in $cache/cmocka-ARCH.
cross_cmocka() {
    [ ! -d "$cache/cmocka-$1" ] || return 0
    fetch_source cmocka
    say "building CMocka for $1"
    quiet "cmocka-$1" sh -ec '
        cmake -S "$1/src/cmocka" -B "$1/cmocka-$2.build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
            -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_C_COMPILER="$2-w64-mingw32-gcc" \
            -DCMAKE_INSTALL_PREFIX="$1/cmocka-$2.part" -DCMAKE_INSTALL_LIBDIR=lib \
            -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
        ninja -C "$1/cmocka-$2.build" install
        rm -rf "$1/cmocka-$2.build"' sh "$cache" "$1"
    mv "$cache/cmocka-$1.part" "$cache/cmocka-$1"
}

# sqlite_amalgamation: sqlite3.c and sqlite3.h in $cache/sqlite, with the calling convention of
# every function and callback spelled out, as in Windows' own winsqlite3.h.
sqlite_amalgamation() {
    [ ! -d "$cache/sqlite" ] || return 0
    fetch_source sqlite3
    say "making the SQLite amalgamation"
    rm -rf "$cache/sqlite.build" "$cache/sqlite.part"
    mkdir -p "$cache/sqlite.build" "$cache/sqlite.part"
    quiet sqlite sh -ec '
        source=$1/src/sqlite3
        cd "$1/sqlite.build"
        "$source/configure" --disable-tcl --disable-readline
        make -j "$2" .target_source
        tclsh "$source/tool/mksqlite3h.tcl" "$source" --useapicall >sqlite3.h
        cp sqlite3.h tsrc/
        tclsh "$source/tool/mksqlite3c.tcl" --useapicall
        cp sqlite3.c sqlite3.h "$1/sqlite.part/"' sh "$cache" "$jobs"
    rm -rf "$cache/sqlite.build"
    mv "$cache/sqlite.part" "$cache/sqlite"
}

# standin_sqlite ARCH: $cache/winsqlite3-ARCH/winsqlite3.dll with the names and the calling
# conventions of Windows' own: undecorated exports, __stdcall but for the variadic functions.
#
# As in SQLite's makefile for Windows, its own callbacks become __stdcall by a change of the default
# convention for x86 (-mrtd). gcc then takes its built-in memcpy and friends for __stdcall too, which
# they are not; clang does not. The inline functions of mingw's math.h contradict their own
# declarations under it and are left out.
standin_sqlite() {
    [ ! -d "$cache/winsqlite3-$1" ] || return 0
    sqlite_amalgamation
    say "building the stand-in winsqlite3.dll for $1"
    rm -rf "$cache/winsqlite3-$1.part"
    mkdir -p "$cache/winsqlite3-$1.part"
    quiet "winsqlite3-$1" sh -ec '
        case $2 in
        x86_64) cc=x86_64-w64-mingw32-gcc ;;
        i686) cc="clang --target=i686-w64-mingw32 -mrtd -D__CRT__NO_INLINE -mstackrealign -msse2" ;;
        esac
        cd "$1/winsqlite3-$2.part"
        $cc -O2 -w "-DSQLITE_API=__declspec(dllexport)" -DSQLITE_APICALL=__stdcall \
            -DSQLITE_CALLBACK=__stdcall -DSQLITE_SYSAPI=__stdcall -DSQLITE_CDECL=__cdecl \
            -DSQLITE_THREADSAFE=1 -c "$1/sqlite/sqlite3.c" -o sqlite3.o
        $2-w64-mingw32-gcc -shared -s -static-libgcc -o winsqlite3.dll sqlite3.o -Wl,--kill-at
        rm -f sqlite3.o' sh "$cache" "$1"
    mv "$cache/winsqlite3-$1.part" "$cache/winsqlite3-$1"
}

# What the Windows builds need, both of them: the engine's tests want either width soon.
deps_windows() {
    # shellcheck disable=SC2086  # a list
    need_packages $packages_base $packages_windows
    for arch in "$@"; do
        cross_cmocka "$arch"
        standin_sqlite "$arch"
    done
}

deps_wine64() {
    need_packages wine64
    [ ! -f "$cache/wine64/system.reg" ] || [ -f "$cache/wine64.ready" ] || rm -rf "$cache/wine64"
    [ -f "$cache/wine64.ready" ] || {
        say "making the Wine prefix"
        quiet wine64 sh "$top/tests/support/wine64.sh" --init
        touch "$cache/wine64.ready"
    }
}

# deps_wine32: Debian's wine32 in an i386 root of its own; some 1.1 GB, 80 seconds.
deps_wine32() {
    if [ ! -d "$cache/i386" ]; then
        need_packages debootstrap
        [ ! -d "$cache/i386.part" ] || as_root rm -rf "$cache/i386.part"
        say "making the i386 root for 32-bit Wine (about 80 seconds, 1.1 GB)"
        quiet i386 as_root debootstrap --arch=i386 --variant=minbase --include=wine32,wine \
            "$codename" "$cache/i386.part" "$mirror"
        as_root sh -c "rm -rf '$cache'/i386.part/var/cache/apt/archives/*.deb"
        as_root mv "$cache/i386.part" "$cache/i386"
    fi
    [ -f "$cache/i386.ready" ] || {
        as_root rm -rf "$cache/i386/prefix"
        quiet wine32 sh "$top/tests/support/wine32.sh" --init
        touch "$cache/i386.ready"
    }
}
