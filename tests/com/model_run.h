/* SPDX-License-Identifier: MIT */
/*
 * model_run.h - from which seed, and for how long, a test compares random work with a model.
 *
 *   MAILKEEP_SEED=<n>     of the first round (default: 1), to play a failed one again
 *   MAILKEEP_ROUNDS=<n>   each with the next seed
 *   MAILKEEP_STEPS=<n>    of a round
 */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include "support/support.h"

struct model_run {
    uint32_t first; /* seed */
    uint32_t last;
    unsigned steps;
};

/* The arguments are what counts where the environment says nothing. */
static inline struct model_run model_run(unsigned rounds, unsigned steps)
{
    struct model_run run;

    run.first = env_number("MAILKEEP_SEED", 1);
    run.last = run.first + env_number("MAILKEEP_ROUNDS", rounds) - 1;
    run.steps = env_number("MAILKEEP_STEPS", steps);
    return run;
}

#endif
