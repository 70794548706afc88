/* SPDX-License-Identifier: MIT */
/*
 * host_report.h - read and nonread reports as MAPI writes them.
 */
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include "host_mem.h"
#include "host_prop.h"

/* Fills an empty message of the provider; neither is saved, submitted or released. */
HRESULT host_report_make(
        const struct host_mem_trio *trio, LPMESSAGE about, LPMESSAGE report, bool nonread);

#endif
