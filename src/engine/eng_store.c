/* SPDX-License-Identifier: MIT */
/*
 * eng_store.c - the store object: what the file says about itself, and its properties.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_int.h"
#include "util/bag.h"

void eng_info(const struct eng *eng, struct eng_info *out)
{
    memcpy(out->store_uid, eng->store_uid, sizeof(out->store_uid));
    out->read_only = eng->is_read_only;
    out->format = eng->format;
}

enum eng_status eng_store_props_get(struct eng *eng, struct msp_buf *out_packed)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_META_GET);
    query_u64(&query, META_PACKED);
    if (query_row(&query)) {
        struct eng_text packed = query_col_text(&query, 0);

        if (query.status == ENG_OK && !packed_check(packed.data, packed.size))
            query.status = eng_failf(eng, ENG_CORRUPT, "The properties of the store are damaged.");
        if (query.status == ENG_OK && !msp_buf_append(out_packed, packed.data, packed.size))
            query.status = eng_fail(eng, ENG_NO_MEMORY);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_CORRUPT);
    }
    return query_end(&query);
}

/* Large values of the store belong to the root folder, which always exists. */
static enum eng_status props_set(struct eng *eng, const void *packed, size_t packed_size)
{
    struct eng_query query;
    enum eng_status status;

    query_begin(&query, eng, STMT_META_GET);
    query_u64(&query, META_PACKED);
    if (query_row(&query)) {
        struct eng_text old = query_col_text(&query, 0);

        if (!packed_check(old.data, old.size))
            old.size = 0;
        if (query.status == ENG_OK)
            query.status =
                    values_change(eng, ENG_ROOT_FOLDER, old.data, old.size, packed, packed_size);
    }
    status = query_end(&query);
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_META_SET);
    query_u64(&query, META_PACKED);
    query_blob(&query, packed, packed_size);
    return query_run(&query);
}

enum eng_status eng_store_props_set(struct eng *eng, const void *packed, size_t packed_size)
{
    enum eng_status status = packed_accept(eng, packed, packed_size);

    if (status == ENG_OK)
        status = op_write(eng);
    return status == ENG_OK ? op_end(eng, props_set(eng, packed, packed_size)) : status;
}
