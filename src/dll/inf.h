/* SPDX-License-Identifier: MIT */
/*
 * inf.h - our sections in the text of a MAPISVC.INF file.
 */
#ifndef MSP_DLL_INF_H
#define MSP_DLL_INF_H

#include "util/buf.h"

/* Copies the text without our line in [Services] and without our sections; everything else stays
 * byte for byte, remarks and blank lines behind our sections too. False: no memory, or the text is
 * UTF-16 (not edited here). */
bool inf_remove(const char *text, size_t size, struct msp_buf *out);

/* The same with our line and sections in it, naming the library as `dll_name`, in the text's own
 * kind of lines. Merging twice gives the same text, and inf_remove() gives back the text before,
 * less sections of ours that it had; a [Services] that had to be made stays. False: as above. */
bool inf_merge(const char *text, size_t size, const char *dll_name, struct msp_buf *out);

/* What to write for a library's full path (UTF-8): the path without the "32" before ".dll", which
 * MAPI puts back at the first period, in the system's ANSI code page; the bare name when the path
 * has another period or letters that the code page has not. Into an empty buffer. False: no
 * memory. */
bool inf_dll_name(const char *module_path, struct msp_buf *out);

#endif
