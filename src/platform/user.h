/* SPDX-License-Identifier: MIT */
/*
 * user.h - who runs the process.
 */
#ifndef MSP_PLATFORM_USER_H
#define MSP_PLATFORM_USER_H

#include <stddef.h>

/* The name of the account, UTF-8, as the machine itself knows it: nobody is asked over a network.
 * Written if it fits, else "". Returns the size needed with its NUL; 0: it has none. */
size_t msp_user_name(char *out, size_t out_size);

#endif
