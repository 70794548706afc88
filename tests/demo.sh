#!/bin/sh
# SPDX-License-Identifier: MIT
#
# demo.sh - the main job on real mail, from the build to the proof that every byte is there.
#
#   sh tests/demo.sh [--native] [-n N] [--mail DIR]
#
#   --native     the native build instead of the DLL under Wine
#   -n N         number of mails (2000; with --mail: as many as there are)
#   --mail DIR   your own .eml files instead of the mailing-list mails of Debian's notmuch package
#
# What is missing of N is filled up with generated mail. The reference host registers the provider
# in a profile, stores a quarter of the mails in each of four processes that end in the four
# documented ways, lists, sorts and finds them, reads every byte back in a new process, and is
# killed in the middle of another import. Last line: "demo: S stored, V verified, L lost"; the exit
# status is 0 only when nothing is lost and all N are there.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd -P)

native=no
number=
mail=
usage() {
    sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0"
    exit "$1"
}
while [ $# -gt 0 ]; do
    case $1 in
    --native) native=yes ;;
    -n) [ $# -gt 1 ] || usage 2; number=$2; shift ;;
    -n[0-9]*) number=${1#-n} ;;
    --mail) [ $# -gt 1 ] || usage 2; mail=$2; shift ;;
    -h | --help) usage 0 ;;
    *) usage 2 >&2 ;;
    esac
    shift
done
case $number in
*[!0-9]* | 0*) echo "demo.sh: -n wants a number, not '$number'" >&2; exit 2 ;;
esac
if [ -n "$mail" ]; then
    mail=$(cd "$mail" && pwd -P) || exit 2
else
    : "${number:=2000}"
fi

. "$top/tests/support/common.sh"
. "$top/tests/support/deps.sh"

work=$build/demo
stored=0
verified=0
lost=0
child=
finish() {
    status=$?
    trap - EXIT
    [ -z "$child" ] || kill -9 "$child" 2>/dev/null || :
    stop_wine
    end_left
    if [ "$stored" != "${number:-}" ] || [ "$verified" != "${number:-}" ] || [ "$lost" != 0 ]; then
        [ $status -ne 0 ] || status=1
        # What was never read back counts as lost.
        [ "$lost" -gt 0 ] || lost=$((${number:-1} - verified))
    fi
    echo "demo: $stored stored, $verified verified, $lost lost"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# -- Build ----------------------------------------------------------------------------------------

# shellcheck disable=SC2086  # lists
if [ $native = yes ]; then
    need_packages $packages_base
    mark_run
    build_native mailkeep mailhost
    bin=$build/native
    dll=$bin/libmailkeep.so
else
    deps_windows x86_64
    deps_wine64
    mark_run
    start_wine 64
    build_x64 mailkeep mailhost
    bin=$build/x64
    dll=$bin/mailkeep32.dll
fi
[ -f "$dll" ] || die "$dll was not built"

# Paths as the host sees them: under Wine, with drive and backslashes.
path() {
    if [ $native = yes ]; then
        printf '%s' "$1"
    else
        printf 'Z:%s' "$1" | tr / '\\'
    fi
}

# run_host ARGUMENTS...: the reference host on our profile. Windows ends lines with CR.
profile=$work/mailhost.profile
progress=
[ -t 2 ] || progress=--quiet
run_host() {
    if [ $native = yes ]; then
        exec "$bin/mailhost" --profile "$profile" $progress "$@"
    else
        exec "$top/tests/support/wine64.sh" "$bin/mailhost.exe" --profile "$(path "$profile")" \
            $progress "$@"
    fi
}

host() {
    if ! (run_host "$@") >"$work/out.raw"; then
        tr -d '\r' <"$work/out.raw"
        die "mailhost $1 failed"
    fi
    tr -d '\r' <"$work/out.raw" >"$work/out"
}

# -- The mails ------------------------------------------------------------------------------------

rm -rf "$work"
mkdir -p "$work"
if [ -n "$mail" ]; then
    find "$mail" -type f -name '*.eml' | LC_ALL=C sort >"$work/list"
    [ -s "$work/list" ] || die "no .eml files in $mail"
    [ -n "$number" ] || number=$(wc -l <"$work/list")
else
    fetch_source notmuch
    find "$cache/src/notmuch/test/corpora" -type f ! -name README | LC_ALL=C sort >"$work/list"
fi
have=$(wc -l <"$work/list")
if [ "$have" -lt "$number" ]; then
    say "writing $((number - have)) more mails"
    python3 "$top/tests/data/gen_corpus.py" -n $((number - have)) -o "$work/generated" >/dev/null 2>&1
    find "$work/generated" -type f | LC_ALL=C sort >>"$work/list"
fi

# Four quarters, dealt round, so that each holds mails of every kind. The numbers in front keep the
# order and make every name unique.
index=0
for quarter in 1 2 3 4; do
    mkdir "$work/mail$quarter"
done
head -n "$number" "$work/list" | while read -r file; do
    ln -s "$file" "$work/mail$((index % 4 + 1))/$(printf '%06d' $index)-${file##*/}"
    index=$((index + 1))
done
total=0
for quarter in 1 2 3 4; do
    find "$work/mail$quarter" -type l | grep -q . || continue
    python3 "$top/tests/host/eml2props.py" -q -o "$work/mail$quarter.mkm" "$work/mail$quarter" \
        >"$work/out"
    total=$((total + $(sed -n 's/^converted \([0-9]*\) mails.*/\1/p' "$work/out")))
    say "quarter $quarter: $(head -n 1 "$work/out")"
    sed 1d "$work/out" # what was repaired, if anything
done
[ "$total" = "$number" ] || die "$total mails instead of $number"

# -- The main job ---------------------------------------------------------------------------------

# The file to register in has other services in it, which must stay as they are.
inf=$work/mapisvc.inf
printf '[Services]\r\nOTHER=Another service\r\n\r\n[OTHER]\r\nPR_DISPLAY_NAME=Another\r\n' >"$inf"
cp "$inf" "$inf.before"
say "registering ${dll##*/}"
host register --dll "$(path "$dll")" --store "$(path "$work/demo.mkeep")" --inf "$(path "$inf")"
grep -q '^\[MAILKEEP\]' "$inf" || die "the service is not in $inf"

# read_back FILES: sets s, v, l from what a new process finds.
read_back() {
    host verify "$@"
    line=$(grep '^verify: ' "$work/out") || die "verify said nothing"
    s=$(echo "$line" | sed -n 's/^verify: \([0-9]*\) stored.*/\1/p')
    v=$(echo "$line" | sed -n 's/.* \([0-9]*\) verified.*/\1/p')
    l=$(echo "$line" | sed -n 's/.* \([0-9]*\) lost.*/\1/p')
}

# kill_import QUARTER: stores it, and is killed when a third of it is acknowledged.
kill_import() {
    file=$(path "$work/mail$1.mkm")
    journal=$work/journal
    : >"$journal"
    wanted=$((number / 12))
    (run_host import "$file" --journal "$(path "$journal")") >/dev/null 2>"$work/killed" &
    child=$!
    while [ "$(wc -l <"$journal")" -lt "$wanted" ] && kill -0 "$child" 2>/dev/null; do
        sleep 0.02
    done
    kill -9 "$child" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
    child=
    acknowledged=$(wc -l <"$journal")
    [ "$acknowledged" -ge "$wanted" ] || die "the import stopped by itself: $(cat "$work/killed")"
    read_back "$file" --journal "$(path "$journal")"
    # One more may be there than the journal knows: saved, but killed before it was written down.
    say "killed after $acknowledged acknowledged mails: $v verified, $l lost"
    [ "$v" -ge "$acknowledged" ] || l=$((acknowledged - v))
    lost=$((lost + l))
    host check
    tail -n 1 "$work/out"
}

files=
quarter=0
for ending in store-release store-logoff session fast; do
    quarter=$((quarter + 1))
    [ -f "$work/mail$quarter.mkm" ] || continue
    resume=
    if [ $quarter = 3 ]; then
        say "storing quarter $quarter; the process is killed in the middle"
        kill_import $quarter
        resume=--resume
    fi
    say "storing ${resume:+the rest of }quarter $quarter; the process ends by $ending"
    # shellcheck disable=SC2086  # it may be nothing
    host import "$(path "$work/mail$quarter.mkm")" $resume --shutdown "$ending"
    tail -n 1 "$work/out"
    files="$files $work/mail$quarter.mkm"
done

say "listing and sorting"
host ls
cat "$work/out"
for order in date subject from size; do
    say "the first five by $order"
    host ls Inbox --sort "$order" --rows 5
    cut -c 1-100 "$work/out"
done
for words in notmuch patch; do
    say "finding '$words'"
    host find "$words" --rows 3
    cut -c 1-100 "$work/out"
done

say "every documented way to log off, with everything open, and the store's own check"
host digest
cp "$work/out" "$work/digest"
host endings
cat "$work/out"
host check
tail -n 1 "$work/out"

# -- The proof ------------------------------------------------------------------------------------

say "reading everything back in a new process"
set --
for file in $files; do
    set -- "$@" "$(path "$file")"
done
read_back "$@"
stored=$s
verified=$v
lost=$((lost + l))
host digest
cmp "$work/digest" "$work/out" || die "two processes see different things"
cat "$work/out"

say "unregistering"
host unregister --inf "$(path "$inf")"
cmp "$inf.before" "$inf" || die "$inf is not what it was before"
