/* SPDX-License-Identifier: MIT */
/*
 * inf.h - our sections in the text of a MAPISVC.INF file.
 */
#ifndef MSP_DLL_INF_H
#define MSP_DLL_INF_H

#include "util/buf.h"

/* Copies the text without our line in [Services] and without our sections; everything else stays
 * byte for byte. False: no memory. */
bool inf_remove(const char *text, size_t size, struct msp_buf *out);

/* The same with our line and sections in it, naming the library as `dll_name`. Merging twice gives
 * the same text. False: no memory. */
bool inf_merge(const char *text, size_t size, const char *dll_name, struct msp_buf *out);

/* What to write for a library's full path: the path without the "32" before ".dll", which MAPI puts
 * back at the first period; the bare name when the path has another period or is not plain ASCII.
 * False: no memory. */
bool inf_dll_name(const char *module_path, struct msp_buf *out);

#endif
