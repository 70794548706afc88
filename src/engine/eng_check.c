/* SPDX-License-Identifier: MIT */
/*
 * eng_check.c - is the file whole? What is derived is computed anew and compared; what is not is
 * checked for sense. A repair puts it right, in the transaction of the check.
 *
 * A finding that concerns rows is a query that finds those rows and, beside it, the statement that
 * puts them right: see `rules`. Records are read one by one.
 *
 * Locks: none of its own; see eng.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/eng_int.h"
#include "util/bag.h"

struct check {
    struct eng *eng;
    bool repair;
    eng_report_fn fn;
    void *context;
    uint64_t found;
};

/* A finding that SQL can make and mend. */
struct rule {
    const char *text;   /* what is wrong, with one %llu for how many */
    const char *count;  /* how many */
    const char *repair; /* puts it right; NULL when nothing can */
};

static const struct rule rules[] = {
    { "%llu folders without a parent (moved to the root)",
            "SELECT count(*) FROM folder f WHERE f.id<>1 AND NOT EXISTS"
            "(SELECT 1 FROM folder p WHERE p.id=f.parent)",
            "UPDATE folder SET parent=1,name=name||' ('||id||')',"
            "folded=CAST(CAST(folded AS TEXT)||' ('||id||')' AS BLOB) "
            "WHERE id<>1 AND NOT EXISTS(SELECT 1 FROM folder p WHERE p.id=folder.parent)" },
    { "%llu messages without properties (removed)",
            "SELECT count(*) FROM msg m WHERE NOT EXISTS(SELECT 1 FROM prop p WHERE p.id=m.id)",
            "DELETE FROM msg WHERE NOT EXISTS(SELECT 1 FROM prop p WHERE p.id=msg.id)" },
    { "%llu messages in no folder (moved to the root)",
            "SELECT count(*) FROM msg m WHERE m.place IS NOT NULL AND NOT EXISTS"
            "(SELECT 1 FROM folder f WHERE f.id=m.place>>1)",
            "UPDATE msg SET place=2|(place&1) WHERE place IS NOT NULL AND NOT EXISTS"
            "(SELECT 1 FROM folder f WHERE f.id=msg.place>>1)" },
    { "%llu attachments that name a message that is not embedded (cleared)",
            "SELECT count(*) FROM attachment a WHERE a.embedded<>0 AND NOT EXISTS"
            "(SELECT 1 FROM msg m WHERE m.id=a.embedded AND m.place IS NULL)",
            "UPDATE attachment SET embedded=0 WHERE embedded<>0 AND NOT EXISTS"
            "(SELECT 1 FROM msg m WHERE m.id=attachment.embedded AND m.place IS NULL)" },
    { "%llu embedded messages without an attachment (removed)",
            "SELECT count(*) FROM msg WHERE place IS NULL AND id NOT IN"
            "(SELECT embedded FROM attachment)",
            "DELETE FROM msg WHERE place IS NULL AND id NOT IN(SELECT embedded FROM attachment)" },
    { "%llu properties without a message (removed)",
            "SELECT count(*) FROM prop p WHERE NOT EXISTS(SELECT 1 FROM msg m WHERE m.id=p.id)",
            "DELETE FROM prop WHERE NOT EXISTS(SELECT 1 FROM msg m WHERE m.id=prop.id)" },
    { "%llu recipient lists without a message (removed)",
            "SELECT count(*) FROM recipient r WHERE NOT EXISTS"
            "(SELECT 1 FROM msg m WHERE m.id=r.id)",
            "DELETE FROM recipient WHERE NOT EXISTS(SELECT 1 FROM msg m WHERE m.id=recipient.id)" },
    { "%llu attachments without a message (removed)",
            "SELECT count(*) FROM attachment a WHERE NOT EXISTS"
            "(SELECT 1 FROM msg m WHERE m.id=a.key>>20)",
            "DELETE FROM attachment WHERE NOT EXISTS"
            "(SELECT 1 FROM msg m WHERE m.id=attachment.key>>20)" },
    { "%llu chunks without a large value (removed)",
            "SELECT count(*) FROM stream s WHERE NOT EXISTS"
            "(SELECT 1 FROM value v WHERE v.id=s.key>>20)",
            "DELETE FROM stream WHERE NOT EXISTS"
            "(SELECT 1 FROM value v WHERE v.id=stream.key>>20)" },
    /* Those without an owner may be in the middle of being written. */
    { "%llu large values that are smaller than their bytes (size corrected)",
            "SELECT count(*) FROM value v WHERE v.owner IS NOT NULL AND EXISTS(SELECT 1 FROM "
            "stream s WHERE s.key>=v.id<<20 "
            "AND s.key<(v.id+1)<<20 AND (s.key&1048575)*262144+length(s.data)>v.size)",
            "UPDATE value SET size=max(size,ifnull((SELECT max((s.key&1048575)*262144"
            "+length(s.data)) FROM stream s WHERE s.key>=value.id<<20 "
            "AND s.key<(value.id+1)<<20),0)) WHERE owner IS NOT NULL" },
    { "%llu receive folders that do not exist (removed)",
            "SELECT count(*) FROM receive r WHERE NOT EXISTS"
            "(SELECT 1 FROM folder f WHERE f.id=r.folder)",
            "DELETE FROM receive WHERE NOT EXISTS"
            "(SELECT 1 FROM folder f WHERE f.id=receive.folder)" },
    { "%llu searches of what is no search folder (removed)",
            "SELECT count(*) FROM search s WHERE NOT EXISTS"
            "(SELECT 1 FROM folder f WHERE f.id=s.folder AND f.type=2)",
            "DELETE FROM search WHERE NOT EXISTS"
            "(SELECT 1 FROM folder f WHERE f.id=search.folder AND f.type=2)" },
    { "%llu results of no search (removed)",
            "SELECT count(*) FROM search_hit h WHERE NOT EXISTS"
            "(SELECT 1 FROM search s WHERE s.folder=h.folder)",
            "DELETE FROM search_hit WHERE NOT EXISTS"
            "(SELECT 1 FROM search s WHERE s.folder=search_hit.folder)" },
    { "%llu messages waiting to be sent that do not exist (removed)",
            "SELECT count(*) FROM outgoing o WHERE NOT EXISTS"
            "(SELECT 1 FROM msg m WHERE m.id=o.msg AND m.place IS NOT NULL)",
            "DELETE FROM outgoing WHERE NOT EXISTS"
            "(SELECT 1 FROM msg m WHERE m.id=outgoing.msg AND m.place IS NOT NULL)" },
    { "%llu messages wrong about waiting to be sent (corrected)",
            "SELECT count(*) FROM msg m WHERE (m.flags&4<>0)<>"
            "(m.place IS NOT NULL AND m.id IN(SELECT msg FROM outgoing))",
            "UPDATE msg SET flags=(flags&~4)|4*(place IS NOT NULL AND id IN"
            "(SELECT msg FROM outgoing)) WHERE (flags&4<>0)<>"
            "(place IS NOT NULL AND id IN(SELECT msg FROM outgoing))" },
    { "%llu folders with wrong counts (corrected)",
            "SELECT count(*) FROM folder f WHERE f.content<>"
            "(SELECT count(*) FROM msg m WHERE m.place=f.id*2) OR f.unread<>"
            "(SELECT count(*) FROM msg m WHERE m.place=f.id*2 AND m.flags&1=0) OR f.assoc<>"
            "(SELECT count(*) FROM msg m WHERE m.place=f.id*2+1) OR f.children<>"
            "(SELECT count(*) FROM folder c WHERE c.parent=f.id)",
            "UPDATE folder SET content=(SELECT count(*) FROM msg m WHERE m.place=folder.id*2),"
            "unread=(SELECT count(*) FROM msg m WHERE m.place=folder.id*2 AND m.flags&1=0),"
            "assoc=(SELECT count(*) FROM msg m WHERE m.place=folder.id*2+1),"
            "children=(SELECT count(*) FROM folder c WHERE c.parent=folder.id)" },
    { "%llu numbers in use that count as free (corrected)",
            "SELECT count(*) FROM (SELECT max(id) AS id FROM folder UNION ALL SELECT max(id) "
            "FROM msg UNION ALL SELECT max(id) FROM value) "
            "WHERE id>=(SELECT value FROM meta WHERE key=1)",
            "UPDATE meta SET value=1+(SELECT max(id) FROM (SELECT max(id) AS id FROM folder "
            "UNION ALL SELECT max(id) FROM msg UNION ALL SELECT max(id) FROM value)) "
            "WHERE key=1 AND value<=(SELECT max(id) FROM (SELECT max(id) AS id FROM folder "
            "UNION ALL SELECT max(id) FROM msg UNION ALL SELECT max(id) FROM value))" },
};

static void report(struct check *check, const char *line)
{
    if (check->fn != NULL)
        check->fn(check->context, line);
}

static void finding(struct check *check, uint64_t count, const char *format)
{
    char line[200];

    check->found += count;
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif
    (void)snprintf(line, sizeof(line), format, (unsigned long long)count);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
    report(check, line);
}

/* --- rules in SQL --------------------------------------------------------------------------- */

static enum eng_status prepare(struct eng *eng, const char *sql, sqlite3_stmt **out)
{
    int code = sqlite3_prepare_v2(eng->db, sql, -1, out, NULL);

    return code == SQLITE_OK ? ENG_OK : eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
}

/* Runs a statement; *out: the number it gives, if it is to give one. */
static enum eng_status run(struct eng *eng, const char *sql, uint64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    enum eng_status status = prepare(eng, sql, &stmt);
    int code;

    if (status != ENG_OK)
        return status;
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW && out != NULL)
        *out = (uint64_t)sqlite3_column_int64(stmt, 0);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
    (void)sqlite3_finalize(stmt);
    if (out == NULL)
        eng->write_count++;
    return status;
}

static enum eng_status check_rules(struct check *check, size_t first, size_t end)
{
    enum eng_status status = ENG_OK;

    for (size_t i = first; status == ENG_OK && i < end; i++) {
        uint64_t count = 0;

        status = op_check(check->eng);
        if (status == ENG_OK)
            status = run(check->eng, rules[i].count, &count);
        if (status != ENG_OK || count == 0)
            continue;
        finding(check, count, rules[i].text);
        if (check->repair && rules[i].repair != NULL)
            status = run(check->eng, rules[i].repair, NULL);
    }
    return status;
}

/* Why SQLite's check could not read a page, as it says in its line; 0: that is not what it says. */
static long page_error(const char *line)
{
    static const char mark[] = "error code=";
    const char *at = strstr(line, mark);

    return at != NULL ? strtol(at + sizeof(mark) - 1, NULL, 10) : 0;
}

/* The structure of the file itself: SQLite's own check. Nothing here can be repaired. */
static enum eng_status check_pages(struct check *check)
{
    sqlite3_stmt *stmt = NULL;
    enum eng_status status = prepare(check->eng, "PRAGMA integrity_check(20)", &stmt);
    int code;

    if (status != ENG_OK)
        return status;
    for (;;) {
        const char *line;

        code = sqlite3_step(stmt);
        if (code != SQLITE_ROW)
            break;
        line = (const char *)sqlite3_column_text(stmt, 0);
        if (line != NULL && page_error(line) == SQLITE_NOMEM) {
            status = eng_fail(check->eng, ENG_NO_MEMORY);
            break;
        }
        if (line != NULL && strcmp(line, "ok") != 0) {
            char text[300];

            check->found++;
            (void)snprintf(text, sizeof(text), "structure of the file: %s", line);
            report(check, text);
        }
    }
    if (status == ENG_OK && code != SQLITE_DONE)
        status = eng_fail_sqlite(check->eng, sqlite3_extended_errcode(check->eng->db));
    (void)sqlite3_finalize(stmt);
    return status;
}

/* --- folders -------------------------------------------------------------------------------- */

/* Marks every folder that can be reached from the root; the others are in a loop. */
static enum eng_status check_tree(struct check *check)
{
    static const char reach[] =
            "WITH RECURSIVE below(id) AS (SELECT id FROM folder WHERE id=1 OR parent NOT IN "
            "(SELECT id FROM folder) UNION SELECT f.id FROM folder f "
            "JOIN below b ON f.parent=b.id) SELECT count(*) FROM folder WHERE id NOT IN below";
    static const char mend[] =
            "WITH RECURSIVE below(id) AS (SELECT 1 UNION SELECT f.id FROM folder f "
            "JOIN below b ON f.parent=b.id) UPDATE folder SET parent=1,name=name||' ('||id||')',"
            "folded=CAST(CAST(folded AS TEXT)||' ('||id||')' AS BLOB) WHERE id=(SELECT min(id) "
            "FROM folder WHERE id NOT IN below)";
    uint64_t before = 0;

    for (;;) {
        uint64_t count = 0;
        enum eng_status status = run(check->eng, reach, &count);

        if (status != ENG_OK || count == 0)
            return status;
        if (before == 0)
            finding(check, count, "%llu folders in a loop (moved to the root)");
        else if (count >= before)
            return eng_failf(check->eng, ENG_CORRUPT, "The order of the folders is damaged.");
        before = count;
        if (!check->repair)
            return ENG_OK;
        status = run(check->eng, mend, NULL); /* takes one loop apart */
        if (status != ENG_OK)
            return status;
    }
}

/* --- records -------------------------------------------------------------------------------- */

/* A set of ids, as an SQL table of this connection that nobody else sees. */
static enum eng_status names_begin(struct check *check)
{
    enum eng_status status = run(check->eng,
            "CREATE TEMP TABLE IF NOT EXISTS seen(id INTEGER, "
            "owner INTEGER)",
            NULL);

    return status == ENG_OK ? run(check->eng, "DELETE FROM temp.seen", NULL) : status;
}

/* Notes the values a record names. */
static enum eng_status note_values(struct check *check, sqlite3_stmt *insert, uint64_t owner,
        const void *packed, size_t packed_size)
{
    for (size_t i = 0; i < packed_count(packed, packed_size); i++) {
        struct bag_value value;
        struct bag_large large;

        packed_at(packed, packed_size, i, &value);
        if ((value.flags & BAG_LARGE) == 0 || !bag_large_get(&value, &large))
            continue;
        (void)sqlite3_bind_int64(insert, 1, (sqlite3_int64)large.id);
        (void)sqlite3_bind_int64(insert, 2, (sqlite3_int64)owner);
        (void)sqlite3_step(insert);
        if (sqlite3_reset(insert) != SQLITE_OK)
            return eng_fail_sqlite(check->eng, sqlite3_extended_errcode(check->eng->db));
    }
    return ENG_OK;
}

/* Reads rows of (key, owner, record). Damaged ones are emptied by `mend`, bound to the key. */
static enum eng_status check_records(
        struct check *check, const char *what, const char *sql, const char *mend)
{
    sqlite3_stmt *rows = NULL;
    sqlite3_stmt *insert = NULL;
    sqlite3_stmt *empty = NULL;
    uint64_t damaged = 0;
    int code = SQLITE_DONE;
    enum eng_status status = prepare(check->eng, sql, &rows);

    if (status == ENG_OK)
        status = prepare(check->eng, "INSERT INTO temp.seen(id,owner) VALUES(?,?)", &insert);
    if (status == ENG_OK && check->repair)
        status = prepare(check->eng, mend, &empty);
    while (status == ENG_OK) {
        const void *packed;
        size_t size;

        code = sqlite3_step(rows);
        if (code != SQLITE_ROW)
            break;
        packed = sqlite3_column_blob(rows, 2);
        size = (size_t)sqlite3_column_bytes(rows, 2);
        if (packed == NULL)
            size = 0;
        if (packed_check(packed, size)) {
            status = note_values(
                    check, insert, (uint64_t)sqlite3_column_int64(rows, 1), packed, size);
            continue;
        }
        damaged++;
        if (check->repair) {
            (void)sqlite3_bind_int64(empty, 1, sqlite3_column_int64(rows, 0));
            (void)sqlite3_step(empty);
            if (sqlite3_reset(empty) != SQLITE_OK)
                code = SQLITE_ERROR;
            check->eng->write_count++;
        }
        if (code == SQLITE_ERROR)
            break;
    }
    if (status == ENG_OK && code != SQLITE_DONE)
        status = eng_fail_sqlite(check->eng, sqlite3_extended_errcode(check->eng->db));
    (void)sqlite3_finalize(rows);
    (void)sqlite3_finalize(insert);
    (void)sqlite3_finalize(empty);
    if (damaged > 0)
        finding(check, damaged, what);
    return status;
}

/* Lists of recipients have a form of their own. */
static enum eng_status check_recipients(struct check *check)
{
    uint64_t damaged = 0;
    sqlite3_stmt *rows = NULL;
    int code = SQLITE_DONE;
    enum eng_status status = prepare(check->eng, "SELECT id,list FROM recipient", &rows);

    while (status == ENG_OK) {
        struct msp_reader reader;

        code = sqlite3_step(rows);
        if (code != SQLITE_ROW)
            break;
        msp_reader_init(
                &reader, sqlite3_column_blob(rows, 1), (size_t)sqlite3_column_bytes(rows, 1));
        if (recipients_check(&reader))
            continue;
        damaged++;
        if (check->repair)
            status = query_do1(
                    check->eng, STMT_RECIPIENT_DELETE, (uint64_t)sqlite3_column_int64(rows, 0));
    }
    if (status == ENG_OK && code != SQLITE_DONE)
        status = eng_fail_sqlite(check->eng, sqlite3_extended_errcode(check->eng->db));
    (void)sqlite3_finalize(rows);
    if (damaged > 0)
        finding(check, damaged, "%llu damaged lists of recipients (removed)");
    return status;
}

/* Who owns the large values, according to the records that name them. */
static enum eng_status check_owners(struct check *check)
{
    static const struct rule owner_rules[] = {
        { "%llu large values that are named but not there",
                "SELECT count(*) FROM temp.seen s WHERE NOT EXISTS"
                "(SELECT 1 FROM value v WHERE v.id=s.id AND v.token IS NOT 0)",
                NULL },
        { "%llu large values with a wrong owner (corrected)",
                "SELECT count(*) FROM value v JOIN temp.seen s ON s.id=v.id "
                "WHERE v.owner IS NOT s.owner AND v.token IS NOT 0",
                "UPDATE value SET token=NULL,owner=(SELECT s.owner FROM temp.seen s "
                "WHERE s.id=value.id) WHERE token IS NOT 0 AND id IN(SELECT id FROM temp.seen)" },
        { "%llu large values that their owner does not name (removed)",
                "SELECT count(*) FROM value WHERE owner IS NOT NULL "
                "AND id NOT IN(SELECT id FROM temp.seen)",
                "UPDATE value SET owner=NULL,token=0 WHERE owner IS NOT NULL "
                "AND id NOT IN(SELECT id FROM temp.seen)" },
    };
    enum eng_status status = ENG_OK;

    for (size_t i = 0; status == ENG_OK && i < MSP_COUNT_OF(owner_rules); i++) {
        uint64_t count = 0;

        status = run(check->eng, owner_rules[i].count, &count);
        if (status != ENG_OK || count == 0)
            continue;
        finding(check, count, owner_rules[i].text);
        if (check->repair && owner_rules[i].repair != NULL)
            status = run(check->eng, owner_rules[i].repair, NULL);
    }
    return status;
}

static enum eng_status check_all_records(struct check *check)
{
    enum eng_status status = names_begin(check);

    if (status == ENG_OK)
        status = check_records(check, "%llu messages with damaged properties (emptied)",
                "SELECT id,id,packed FROM prop", "UPDATE prop SET packed=x'' WHERE id=?");
    if (status == ENG_OK)
        status = check_records(check, "%llu damaged attachments (emptied)",
                "SELECT key,key>>20,packed FROM attachment",
                "UPDATE attachment SET packed=x'' WHERE key=?");
    if (status == ENG_OK)
        status = check_records(check, "%llu folders with damaged properties (emptied)",
                "SELECT id,id,packed FROM folder", "UPDATE folder SET packed=x'' WHERE id=?");
    if (status == ENG_OK)
        status = check_records(check, "%llu damaged records of the store (emptied)",
                "SELECT key,1,value FROM meta WHERE key=3",
                "UPDATE meta SET value=x'' WHERE key=?");
    if (status == ENG_OK)
        status = check_recipients(check);
    return status == ENG_OK ? check_owners(check) : status;
}

static enum eng_status check_columns(struct check *check)
{
    uint64_t damaged = 0;
    enum eng_status status = columns_check(check->eng, check->repair, &damaged);

    if (status == ENG_OK && damaged > 0)
        finding(check, damaged, "%llu damaged columns of folders (removed)");
    return status;
}

enum { MOST_PASSES = 10 };

static enum eng_status check_all(struct check *check)
{
    uint64_t found;
    int passes = 0;
    enum eng_status status = check_pages(check);

    /* Before anything is repaired: a repair is not in the journal. */
    if (status == ENG_OK)
        status = check_columns(check);
    if (status == ENG_OK)
        status = check_rules(check, 0, 1);
    if (status == ENG_OK)
        status = check_tree(check);
    /* What one rule removes can leave something without an owner: again, until all is well, or
     * until it is plain that it will not be, because damaged pages hide what was repaired. */
    do {
        found = check->found;
        if (status == ENG_OK)
            status = check_rules(check, 1, MSP_COUNT_OF(rules));
    } while (status == ENG_OK && check->repair && check->found != found && ++passes < MOST_PASSES);
    return status == ENG_OK ? check_all_records(check) : status;
}

enum eng_status eng_check(
        struct eng *eng, bool repair, eng_report_fn fn, void *context, uint64_t *out_found)
{
    struct check check = { eng, repair, fn, context, 0 };
    enum eng_status status;

    *out_found = 0;
    if (eng->depth > 0)
        return eng_failf(eng, ENG_INVALID, "A transaction is open.");
    status = repair ? op_write(eng) : op_read(eng);
    if (status != ENG_OK)
        return status;
    status = check_all(&check);
    if (status == ENG_OK && repair && check.found > 0)
        status = query_do2(eng, STMT_META_SET, META_REPAIRED, eng_now());
    status = op_end(eng, status);
    if (status == ENG_OK)
        *out_found = check.found;
    if (repair) {
        eng->value.id = 0; /* what is kept may be gone */
        eng->value.has_chunk = false;
        eng->has_dead_values = true;
    }
    return status;
}
