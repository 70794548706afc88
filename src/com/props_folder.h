/* SPDX-License-Identifier: MIT */
/*
 * props_folder.h - what a folder's properties are, for the object and for rows of hierarchy tables.
 */
#ifndef MSP_COM_PROPS_FOLDER_H
#define MSP_COM_PROPS_FOLDER_H

#include "com/prop.h"
#include "engine/eng.h"

/* The cell of any folder property: S_OK with a cell (borrowed from the arguments or in scratch),
 * MAPI_E_NOT_FOUND. */
HRESULT folder_row_cell(struct logon *logon, const struct eng_folder *row, const char *name,
        size_t name_size, const void *packed, size_t packed_size, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out);

extern const struct prop_class folder_props;

#endif
