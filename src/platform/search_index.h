/* SPDX-License-Identifier: MIT */
/*
 * search_index.h - which stores the system's search looks into.
 */
#ifndef MSP_PLATFORM_SEARCH_INDEX_H
#define MSP_PLATFORM_SEARCH_INDEX_H

#include <stdbool.h>

/*
 * Tells the system's search to index the stores of a provider (its GUID, in braces), or takes that
 * back, for all users of the machine. What a policy says already is left to it. False when it could
 * not be done, for want of rights mostly; natively there is no such search, and nothing to do.
 */
bool msp_search_index_set(const char *provider, bool index);

#endif
