/* SPDX-License-Identifier: MIT */
/*
 * env.h - environment variables.
 */
#ifndef MSP_PLATFORM_ENV_H
#define MSP_PLATFORM_ENV_H

#include <stddef.h>

/*
 * The value of a variable in UTF-8. Returns the size needed, NUL included, or 0 when it is not set;
 * a value that does not fit is not written (out becomes "").
 */
size_t msp_env_get(const char *name, char *out, size_t out_size);

#endif
