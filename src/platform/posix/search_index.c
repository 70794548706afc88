/* SPDX-License-Identifier: MIT */
/*
 * search_index.c - there is no search that asks for mail stores here.
 */
#include "platform/search_index.h"

#include "platform/base.h"

bool msp_search_index_set(const char *provider, bool index)
{
    MSP_UNUSED(provider);
    MSP_UNUSED(index);
    return true;
}
