# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# soak.sh - the long campaigns, sourced by run.sh: models with more threads and steps; a million
# steps of the random walk, new rounds of everything that is checked against a model, a thousand
# kills of each kind and thousands of rounds of threads against Logoff, natively, under the
# sanitizers and with the real DLL under Wine; fuzzers with libFuzzer; stress and fault tests again
# and again.
#
# MAILKEEP_SOAK          seconds for each fuzzer and for each round of repeats (default: 600)
# MAILKEEP_SOAK_PERCENT  of the steps and rounds of everything else (default: 100)

seconds=${MAILKEEP_SOAK:-600}
unset MAILKEEP_SOAK # to some tests it means all they can do: those have a campaign of their own

# share N: as many of N steps or rounds as are asked for, and one at least.
share() {
    echo $((1 + ($1 * ${MAILKEEP_SOAK_PERCENT:-100} - 1) / 100))
}

say "models: more threads, more steps, no patience"
for run in "object -DCLIENTS=3 -DSTEPS=1" "object -DSTEPS=3" "logoff -DCALLS=2 -DLOGOFFS=2" \
    "logoff -DIMPATIENT -DLOGOFFS=1" "logoff -DBACKGROUND -DIMPATIENT -DLOGOFFS=1" \
    "--ends object" "--ends logoff" "--ends logoff -DBACKGROUND"; do
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

if setarch -R true 2>/dev/null; then plain="setarch -R"; else plain=; fi

# campaign NAME PROGRAM VARIABLE=VALUE...: one test of a build, at length.
campaign() {
    name=$1
    program=$2
    shift 2
    say "$name: ${program#*_test_} with $*"
    # shellcheck disable=SC2086  # $plain is a command or nothing
    case $name in
    x64)
        (cd "$build/x64" && env "$@" MAILKEEP_DLL="Z:$build/x64/mailkeep32.dll" \
            sh "$top/tests/support/wine64.sh" "./$program.exe")
        ;;
    *)
        (cd "$build/$name" && env "$@" TMPDIR="$build/tmp" \
            MAILKEEP_DLL="$build/$name/libmailkeep.so" $plain "./$program")
        ;;
    esac || die "$name: $program found something"
}

configure asan "-DMAILKEEP_SANITIZE=address;undefined"
compile asan
configure tsan -DMAILKEEP_SANITIZE=thread
compile tsan
build_native
deps_windows x86_64
deps_wine64
build_x64
start_wine 64
for name in native asan x64; do
    campaign $name com_test_random_walk "MAILKEEP_WALK_STEPS=$(share 1000000)" \
        MAILKEEP_WALK_SECONDS=0 MAILKEEP_WALK_SEED="$(date +%s)"
    campaign $name fault_test_forced_end "MAILKEEP_FORCED_ROUNDS=$(share 1000)"
    # A program, and how many of its rounds take some minutes.
    for oracle in table_oracle:500 table_live_oracle:1000 table_kinds_oracle:150 \
        table_restrict:200 search_restrict:200 \
        message_oracle:100 copy_oracle:40 copy_roads:4000 writers_oracle:60; do
        campaign $name "com_test_${oracle%:*}" "MAILKEEP_ROUNDS=$(share "${oracle#*:}")" \
            MAILKEEP_SEED="$(date +%s)"
    done
    for followed in view_follow:200000 view_tree:10000; do
        campaign $name "unit_test_${followed%:*}" "MAILKEEP_ROUNDS=$(share "${followed#*:}")" \
            MAILKEEP_SEED="$(date +%s)"
    done
done
for program in fault_test_eng_power fault_test_eng_kill unit_test_eng_column_random; do
    campaign native $program MAILKEEP_SOAK=all
done
for name in asan tsan x64; do
    campaign $name stress_test_threads "MAILKEEP_STRESS_ROUNDS=$(share 3000)" MAILKEEP_STRESS_SECONDS=0
done

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
    say "$sanitizer: stress and fault tests for $seconds seconds"
    end=$(($(date +%s) + seconds))
    while [ "$(date +%s)" -lt "$end" ]; do
        $plain ctest --test-dir "$build/$sanitizer" -L 'stress|fault' --output-on-failure \
            -j "$jobs" --no-tests=ignore
    done
done
