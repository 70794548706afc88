#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh - runs SPIN over a model.
#
#   check.sh FILE.pml [-DNAME[=VALUE]]...         no state may be wrong; says how many there are
#   check.sh --ends FILE.pml [-DNAME...]...       no run goes on for ever: there is no cycle of states
#   check.sh --mutations FILE.pml [-DNAME...]...  each MUTATION_... named in the file must be caught
#
# SPIN and CC name the programs (default: spin, cc). A failure prints the way to it: who was where
# in the code, one line for each turn of a thread, and leaves the folder with SPIN's files.
set -eu

die() {
    echo "check.sh: $*" >&2
    exit 1
}

what=states
properties=-DSAFETY
search=
case ${1-} in
--mutations) what=mutations ;;
--ends) what=ends properties=-DNP search=-l ;;
esac
[ $what = states ] || shift
[ $# -ge 1 ] || die "which model?"
[ -f "$1" ] || die "no file $1"
model=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
spin=${SPIN:-spin}
cc=${CC:-cc}
command -v "$spin" >/dev/null || die "SPIN is needed (Debian package spin)"
dir=$(mktemp -d "${TMPDIR:-/tmp}/model.XXXXXX")
keep=no
trap '[ $keep = yes ] || rm -rf "$dir"' EXIT
cp "$model" "$dir/model.pml"
cd "$dir"

# verify OPTIMIZE DEFINES...: builds and runs the verifier; its output is in pan.out.
verify() {
    optimize=$1
    shift
    rm -f pan* model.pml.trail
    "$spin" -a "$@" model.pml >spin.out 2>&1 || { cat spin.out; keep=yes; die "SPIN refuses the model"; }
    "$cc" "$optimize" -w $properties -DCOLLAPSE -o pan pan.c || die "the verifier does not compile"
    # shellcheck disable=SC2086  # an option or none
    ./pan $search -m200000 -w22 >pan.out 2>&1 || :
    grep -q 'errors:' pan.out || { cat pan.out; keep=yes; die "the verifier did not finish"; }
    if grep -q 'max search depth too small\|out of memory' pan.out; then
        cat pan.out
        keep=yes
        die "the search is not complete"
    fi
}

# The last trail as turns: thread, and the places in the code it went through.
show_trail() {
    "$spin" -t -p -l "$@" model.pml 2>/dev/null | awk '
        match($0, /thread\([0-9]+\):pc = [A-Za-z_]+/) {
            split(substr($0, RSTART, RLENGTH), part, /[()]|= /)
            thread = part[2] - 1
            place = part[4]
            if (at[thread] == place) next
            at[thread] = place
            if (thread != last) printf "\n    thread %d:", thread
            last = thread
            printf " %s", place
        }
        /text of failed assertion/ { sub(/.*assertion: /, ""); failed = $0 }
        END { print "\n    " failed }'
}

reason() {
    sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' pan.out | head -n 1
}

states() {
    sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.out
}

if [ $what != mutations ]; then
    verdict="none wrong"
    [ $what = states ] || verdict="no run without an end"
    verify -O2 "$@"
    if ! grep -q 'errors: 0' pan.out; then
        show_trail "$@"
        keep=yes
        die "$(basename "$model"): $(reason); SPIN's files are in $dir"
    fi
    echo "$(basename "$model") $*: $(states) states, $(sed -n \
        's/^ *\([0-9.e+]*\) transitions.*/\1/p' pan.out) transitions, $verdict"
    exit 0
fi

names=$(grep -o 'MUTATION_[A-Z_]*' model.pml | sort -u)
[ -n "$names" ] || die "no mutation in $model"
missed=
for name in $names; do
    verify -O0 "-D$name" "$@"
    if grep -q 'errors: 0' pan.out; then
        missed="$missed $name"
        echo "$name: not caught in $(states) states"
    else
        echo "$name: caught after $(states) states: $(reason)"
    fi
done
[ -z "$missed" ] || die "not caught:$missed"
