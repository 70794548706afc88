/* SPDX-License-Identifier: MIT */
/*
 * search.h - search folders: what they look for and what they have found.
 *
 * A running search is evaluated when somebody looks at it and kept in memory, with the state of the
 * store it was evaluated at; later looks only follow the journal of what has changed since. A
 * stopped search has its results in the file, where they stay as they are.
 *
 * Locks: the domain lock is held for everything here but the two methods.
 */
#ifndef MSP_COM_SEARCH_H
#define MSP_COM_SEARCH_H

#include "com/call.h"
#include "engine/eng.h"
#include "util/array.h"
#include "util/buf.h"

struct logon;
struct restrict_program;
struct table_row;
struct table_source;

/* What was set for a folder, as the engine keeps it. state: SEARCH_RUNNING, SEARCH_RECURSIVE and
 * SEARCH_FOREGROUND; the last one is the wish, also of a stopped search. */
struct search_criteria {
    struct eng_search row;
    struct msp_buf packed; /* the restriction: mapi/restrict_pack.h */
    struct msp_buf scope;  /* uint64_t ids of the folders, as they were listed */
};

/* The results of one search folder. */
struct search {
    uint64_t folder;
    uint64_t stamp;   /* eng_change_stamp() they were brought up to */
    uint64_t journal; /* the first event that was not looked at */
    struct search_criteria criteria;
    struct restrict_program *program; /* of a running search; NULL matches everything */
    struct msp_array scope; /* uint64_t ids of all folders searched, ascending; of a running one */
    struct msp_array hits;  /* struct eng_hit, by delivery time, then id */
};

/* --- search_result.c -------------------------------------------------------------------------- */

/* Appends to empty buffers. MAPI_E_NOT_INITIALIZED: nothing was ever set. */
HRESULT search_criteria_load(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct search_criteria *out);
void search_criteria_done(struct search_criteria *criteria);

/* Runs a search over all its folders. The criteria are copied. MAPI_E_INVALID_OBJECT: the logon is
 * going away. */
HRESULT search_run(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct search_criteria *criteria, struct search **out);
void search_free(struct search *search);
/* In a read transaction: the search as the file has it, with its results. A folder that was never
 * searched has none. */
HRESULT search_start(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct search **out);
/* In a read transaction: brings the results up to date; after a failure they are not to be used. */
HRESULT search_follow(struct msp_call *call, struct logon *logon, struct search *search);
/* The order of results, for qsort() and bsearch(). */
int search_compare_hits(const void *left, const void *right);
/* One message as a row of a contents source. What is damaged is read without its properties. */
HRESULT search_read_row(struct msp_call *call, struct table_source *contents, uint64_t message,
        bool with_props, struct table_row *out);

/* --- search_look.c ---------------------------------------------------------------------------- */

/* The searches a logon has looked at. */
struct search_cache;
void search_cache_free(struct search_cache *cache);
/* Room for one more, so that search_adopt() cannot fail. */
HRESULT search_cache_reserve(struct logon *logon);
/* Keeps the search from now on, instead of an older one of the same folder. */
void search_adopt(struct logon *logon, struct search *search);
void search_forget(struct logon *logon, uint64_t folder);

/* The results as they are now, borrowed until the next search_ call. A folder that was never
 * searched has none. */
HRESULT search_look(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct search **out);
/* Is the message, as it was read just now, among the results? */
HRESULT search_has(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct eng_msg *message, bool *out);
/* Appends the ids of the results, uint64_t in order. */
HRESULT search_ids(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct msp_buf *out);
/* Has anybody looked at the folder's results? Until then they are not known, and nobody was told of
 * them. */
bool search_is_known(const struct logon *logon, uint64_t folder);
/* PR_CONTENT_COUNT and PR_CONTENT_UNREAD. */
HRESULT search_count(
        struct logon *logon, uint64_t folder, uint32_t *out_count, uint32_t *out_unread);

/* --- source_search.c -------------------------------------------------------------------------- */

/* The results as rows; ownership of *out passes to table_new(). */
HRESULT source_search_new(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct table_source **out);

#endif
