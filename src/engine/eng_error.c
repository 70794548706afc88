/* SPDX-License-Identifier: MIT */
/*
 * eng_error.c - what went wrong: one status, one sentence.
 *
 * Locks: none of its own; see eng.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/eng_int.h"

/* By status; what a person reads when nothing more exact is known. */
static const char *const sentences[ENG_STATUS_COUNT] = {
    [ENG_OK] = "",
    [ENG_NOT_FOUND] = "The object does not exist.",
    [ENG_EXISTS] = "An object of that name already exists.",
    [ENG_CHANGED] = "The message was changed by someone else in the meantime.",
    [ENG_DELETED] = "The message was deleted in the meantime.",
    [ENG_HAS_FOLDERS] = "The folder contains other folders.",
    [ENG_HAS_MESSAGES] = "The folder contains messages.",
    [ENG_CYCLE] = "A folder cannot be moved into itself.",
    [ENG_DENIED] = "This object cannot be changed.",
    [ENG_INVALID] = "The request is not valid.",
    [ENG_NO_MEMORY] = "There is not enough memory.",
    [ENG_INTERRUPTED] = "The operation was cancelled.",
    [ENG_BUSY] = "The message store is in use by another program.",
    [ENG_FULL] = "The disk is full.",
    [ENG_READ_ONLY] = "The message store is open for reading only.",
    [ENG_IO] = "The message store's file could not be read or written.",
    [ENG_CORRUPT] = "The message store's file is damaged.",
    [ENG_PATH_NOT_FOUND] = "The message store's file was not found.",
    [ENG_PATH_IS_FOLDER] = "The path of the message store names a folder.",
    [ENG_PATH_DENIED] = "Access to the message store's file is denied.",
    [ENG_PATH_NETWORK] = "A message store cannot be on a network drive.",
    [ENG_NOT_A_STORE] = "The file is not a message store.",
    [ENG_TOO_NEW] = "The message store was written by a newer version of this program.",
    [ENG_NO_SQLITE] = "Message stores need winsqlite3.dll, which this system lacks.",
};

const char *error_sentence(enum eng_status status)
{
    return status < ENG_STATUS_COUNT ? sentences[status] : "";
}

void error_set(struct eng_error *error, enum eng_status status, int code, const char *text)
{
    error->status = status;
    error->sqlite_code = code;
    (void)snprintf(error->text, sizeof(error->text), "%s", text);
}

enum eng_status eng_fail(struct eng *eng, enum eng_status status)
{
    error_set(&eng->error, status, 0, error_sentence(status));
    return status;
}

enum eng_status eng_failf(struct eng *eng, enum eng_status status, const char *format, ...)
{
    va_list args;

    eng->error.status = status;
    eng->error.sqlite_code = 0;
    va_start(args, format);
    (void)vsnprintf(eng->error.text, sizeof(eng->error.text), format, args);
    va_end(args);
    return status;
}

enum eng_status error_from_sqlite(int code)
{
    if (code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID)
        return ENG_EXISTS;
    if (code == SQLITE_IOERR_NOMEM)
        return ENG_NO_MEMORY;
    if (code == SQLITE_READONLY_CANTINIT || code == SQLITE_READONLY_CANTLOCK ||
            code == SQLITE_READONLY_RECOVERY)
        return ENG_PATH_DENIED;
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ENG_OK;
    case SQLITE_CONSTRAINT:
        return ENG_EXISTS;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return ENG_BUSY;
    case SQLITE_NOMEM:
        return ENG_NO_MEMORY;
    case SQLITE_READONLY:
        return ENG_READ_ONLY;
    case SQLITE_INTERRUPT:
    case SQLITE_ABORT:
        return ENG_INTERRUPTED;
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: /* our SQL is right, so the file's tables are not */
    case SQLITE_MISMATCH:
        return ENG_CORRUPT;
    case SQLITE_NOTADB:
        return ENG_NOT_A_STORE;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
        return ENG_FULL;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return ENG_PATH_DENIED;
    default:
        return ENG_IO;
    }
}

enum eng_status eng_fail_sqlite(struct eng *eng, int code)
{
    enum eng_status status = error_from_sqlite(code);

    /* A wait for another writer ends early when we are asked to stop. */
    if (status == ENG_BUSY && eng_is_interrupted(eng))
        status = ENG_INTERRUPTED;
    error_set(&eng->error, status, code, error_sentence(status));
    return status;
}

void eng_last_error(const struct eng *eng, struct eng_error *out)
{
    *out = eng->error;
}
