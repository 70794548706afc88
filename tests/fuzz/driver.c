/* SPDX-License-Identifier: MIT */
/*
 * driver.c - runs a fuzz target over a folder of inputs where there is no libFuzzer.
 *
 *     fuzz_WHAT FOLDER
 *
 * Every input runs as it is, and then once for each allocation that it makes, with that allocation
 * failing: so each build replays the corpus, and what cannot be allocated must not crash either.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_MAX = 1 << 20,
    FAILURES_MAX = 200, /* a target that allocates more often than this is cut off here */
};

static int run_file(const char *path)
{
    unsigned char *data = malloc(INPUT_MAX);
    FILE *file = fopen(path, "rb");
    size_t size;

    if (!data || !file) {
        fprintf(stderr, "%s cannot be read\n", path);
        free(data);
        return 1;
    }
    size = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    if (size) {
        /* Exactly as large as the input, so that reading past its end is seen. */
        unsigned char *exact = realloc(data, size);

        if (exact)
            data = exact;
    }

    LLVMFuzzerTestOneInput(data, size);
    for (unsigned long nth = 1; nth <= FAILURES_MAX; nth++) {
        msp_alloc_fail_at(nth);
        LLVMFuzzerTestOneInput(data, size);
        if (!msp_alloc_fail_disarm())
            break;
    }
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    int status = 0;
    struct dirent *entry;
    DIR *folder;

    folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: fuzz_WHAT FOLDER (a folder of inputs)\n");
        return 2;
    }
    while ((entry = readdir(folder)) != NULL) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        status |= run_file(path);
        count++;
    }
    closedir(folder);
    printf("%u inputs\n", count);
    return status || !count;
}
