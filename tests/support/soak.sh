# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# soak.sh - the long campaigns, sourced by run.sh: models with more threads and steps, fuzzers with
# libFuzzer, and stress and fault tests again and again under the sanitizers.
#
# MAILKEEP_SOAK  seconds for each fuzzer and for each round of repeats (default: 600)

seconds=${MAILKEEP_SOAK:-600}

say "models: more threads, more steps, no patience"
for run in "object -DCLIENTS=3 -DSTEPS=1" "object -DSTEPS=3" "logoff -DCALLS=2 -DLOGOFFS=2" \
    "logoff -DIMPATIENT" "--ends object" "--ends logoff"; do
    # shellcheck disable=SC2086  # words
    set -- $run
    mode=
    case $1 in --*) mode=$1; shift ;; esac
    what=$1
    shift
    # shellcheck disable=SC2086  # a word or none
    sh "$top/tests/model/check.sh" $mode "$top/tests/model/$what.pml" "$@" ||
        die "the model does not hold"
done
need_packages clang libclang-rt-14-dev

configure fuzz -DCMAKE_C_COMPILER=clang -DMAILKEEP_FUZZ=ON "-DMAILKEEP_SANITIZE=address;undefined"
compile fuzz
for program in "$build"/fuzz/fuzz_*; do
    [ -x "$program" ] || continue
    what=${program##*/fuzz_}
    say "fuzzing $what for $seconds seconds"
    # New inputs go to the build folder; what is worth keeping is moved to tests/fuzz/corpus by hand.
    mkdir -p "$build/fuzz/found/$what"
    (cd "$build/fuzz" && "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -print_final_stats=1 "found/$what" "$top/tests/fuzz/corpus/$what") ||
        die "fuzz_$what found something; its input is in $build/fuzz"
done

for sanitizer in asan tsan; do
    case $sanitizer in
    asan) configure asan "-DMAILKEEP_SANITIZE=address;undefined" ;;
    tsan) configure tsan -DMAILKEEP_SANITIZE=thread ;;
    esac
    compile $sanitizer
    say "$sanitizer: stress and fault tests for $seconds seconds"
    plain=
    if setarch -R true 2>/dev/null; then plain="setarch -R"; fi
    end=$(($(date +%s) + seconds))
    while [ "$(date +%s)" -lt "$end" ]; do
        $plain ctest --test-dir "$build/$sanitizer" -L 'stress|fault' --output-on-failure \
            -j "$jobs" --no-tests=ignore
    done
done
