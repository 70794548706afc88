/* SPDX-License-Identifier: MIT */
/*
 * inf.c - editing MAPISVC.INF as text, so that other services' lines stay as they are.
 *
 * Owns:  nothing.
 * Locks: none.
 */
#include "dll/inf.h"

#include <string.h>

#include "platform/ansi.h"
#include "util/alloc.h"
#include "util/utf.h"

static const char service_section[] = "MAILKEEP";
static const char provider_section[] = "MAILKEEP_Store";
static const char display_name[] = "Mailkeep message store";

/* --- reading lines
 * -------------------------------------------------------------------------------------- */

struct line {
    const char *text; /* with its end of line */
    size_t size;
};

static bool next_line(const char **at, const char *end, struct line *out)
{
    const char *newline;

    if (*at == end)
        return false;
    newline = memchr(*at, '\n', (size_t)(end - *at));
    out->text = *at;
    out->size = (size_t)((newline != NULL ? newline + 1 : end) - *at);
    *at += out->size;
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(const char *a, size_t size, const char *b)
{
    if (size != strlen(b))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *size)
{
    while (*size > 0 && is_blank((*text)[0])) {
        ++*text;
        --*size;
    }
    while (*size > 0 && is_blank((*text)[*size - 1]))
        --*size;
}

/* Is the line the head of a section, and of which? What follows the bracket is nobody's. */
static bool is_head(const struct line *line, const char **name, size_t *size)
{
    const char *close;

    *name = line->text;
    *size = line->size;
    trim(name, size);
    if (*size < 2 || (*name)[0] != '[')
        return false;
    close = memchr(*name, ']', *size);
    if (close == NULL)
        return false;
    ++*name;
    *size = (size_t)(close - *name);
    return true;
}

static bool is_our_section(const char *name, size_t size)
{
    return same(name, size, service_section) || same(name, size, provider_section);
}

/* Blank, or a comment: after the last entry of a section it belongs to what follows. */
static bool is_remark(const struct line *line)
{
    const char *text = line->text;
    size_t size = line->size;

    trim(&text, &size);
    return size == 0 || text[0] == ';';
}

static bool is_our_service_line(const struct line *line)
{
    const char *equals = memchr(line->text, '=', line->size);
    const char *key = line->text;
    size_t size;

    if (equals == NULL)
        return false;
    size = (size_t)(equals - line->text);
    trim(&key, &size);
    return same(key, size, service_section);
}

/* --- taking out
 * ----------------------------------------------------------------------------------------- */

/* Windows reads such files too; bytes between its two-byte characters would ruin one. */
static bool is_utf16(const char *text, size_t size)
{
    return size >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0);
}

static bool ends_with_newline(const char *text, size_t size)
{
    return size == 0 || text[size - 1] == '\n';
}

/* The text's own end of line: that of its first line. */
static const char *line_end(const char *text, size_t size)
{
    const char *newline = memchr(text, '\n', size);

    return newline != NULL && (newline == text || newline[-1] != '\r') ? "\n" : "\r\n";
}

static void drop_newline(struct msp_buf *out, const char *eol)
{
    size_t size = strlen(eol);

    if (out->size >= size && memcmp(out->data + out->size - size, eol, size) == 0)
        msp_buf_truncate(out, out->size - size);
}

bool inf_remove(const char *text, size_t size, struct msp_buf *out)
{
    const char *at = text;
    const char *end = text + size;
    const char *remarks = NULL; /* since the last entry of a section of ours */
    bool in_services = false;
    bool in_ours = false;
    struct line line;

    if (is_utf16(text, size))
        return false;
    while (next_line(&at, end, &line)) {
        const char *name;
        size_t name_size;

        if (is_head(&line, &name, &name_size)) {
            in_services = same(name, name_size, "Services");
            in_ours = is_our_section(name, name_size);
            if (remarks != NULL && !in_ours)
                (void)msp_buf_append(out, remarks, (size_t)(line.text - remarks));
            remarks = NULL;
        } else if (in_services && is_our_service_line(&line)) {
            continue;
        }
        if (!in_ours)
            (void)msp_buf_append(out, line.text, line.size);
        else if (!is_remark(&line))
            remarks = NULL;
        else if (remarks == NULL)
            remarks = line.text;
    }
    if (remarks != NULL)
        (void)msp_buf_append(out, remarks, (size_t)(end - remarks));
    else if (in_ours && !ends_with_newline(text, size))
        drop_newline(out, line_end(text, size)); /* that inf_merge() put before our sections */
    return !out->failed;
}

/* --- putting in
 * ----------------------------------------------------------------------------------------- */

static void append_line(struct msp_buf *out, const char *eol, const char *key, const char *value)
{
    (void)msp_buf_printf(out, "%s=%s%s", key, value, eol);
}

static void append_sections(struct msp_buf *out, const char *eol, const char *dll_name)
{
    (void)msp_buf_printf(out, "[%s]%s", service_section, eol);
    append_line(out, eol, "PR_DISPLAY_NAME", display_name);
    append_line(out, eol, "Providers", provider_section);
    append_line(out, eol, "PR_SERVICE_DLL_NAME", dll_name);
    append_line(out, eol, "PR_SERVICE_ENTRY_NAME", "MSGServiceEntry");
    append_line(out, eol, "PR_RESOURCE_FLAGS", "SERVICE_NO_PRIMARY_IDENTITY");
    (void)msp_buf_printf(out, "[%s]%s", provider_section, eol);
    append_line(out, eol, "PR_DISPLAY_NAME", display_name);
    append_line(out, eol, "PR_PROVIDER_DISPLAY", display_name);
    append_line(out, eol, "PR_PROVIDER_DLL_NAME", dll_name);
    append_line(out, eol, "PR_RESOURCE_TYPE", "MAPI_STORE_PROVIDER");
    append_line(out, eol, "PR_RESOURCE_FLAGS", "STATUS_NO_PRIMARY_IDENTITY|STATUS_DEFAULT_STORE");
    append_line(out, eol, "34140102", "311f8e9966e8b74c863d3eb143c174b5"); /* PR_MDB_PROVIDER */
}

/* To a text without them. One without a newline at its end has none at the end of ours either: so
 * inf_remove() knows to take back the one that went before. */
static void insert(const char *text, size_t size, const char *dll_name, struct msp_buf *out)
{
    const char *at = text;
    const char *end = text + size;
    const char *eol = line_end(text, size);
    bool is_ended = ends_with_newline(text, size);
    bool has_services = false;
    struct line line;

    while (next_line(&at, end, &line)) {
        const char *name;
        size_t name_size;

        (void)msp_buf_append(out, line.text, line.size);
        if (at == end && !is_ended)
            (void)msp_buf_append_str(out, eol);
        if (has_services || !is_head(&line, &name, &name_size) ||
                !same(name, name_size, "Services"))
            continue;
        has_services = true;
        append_line(out, eol, service_section, display_name);
    }
    if (!has_services) {
        (void)msp_buf_printf(out, "[Services]%s", eol);
        append_line(out, eol, service_section, display_name);
    }
    append_sections(out, eol, dll_name);
    if (!is_ended)
        drop_newline(out, eol);
}

bool inf_merge(const char *text, size_t size, const char *dll_name, struct msp_buf *out)
{
    struct msp_buf bare = MSP_BUF_INIT;
    const char *bare_text;
    bool ok = inf_remove(text, size, &bare);

    bare_text = ok ? msp_buf_cstr(&bare) : NULL;
    if (bare_text != NULL)
        insert(bare_text, bare.size, dll_name, out);
    msp_buf_free(&bare);
    return bare_text != NULL && !out->failed;
}

/* --- the library's name
 * --------------------------------------------------------------------------------- */

/* As the file holds it, in the system's ANSI code page; false when it has letters that are not
 * there, or no memory. */
static bool append_ansi(const char *utf8, size_t size, struct msp_buf *out)
{
    size_t count = utf8_to_utf16(utf8, size, NULL, 0);
    char16_t *wide = msp_alloc_array(count + 1, sizeof(*wide));
    bool lossy = true;

    if (wide != NULL) {
        (void)utf8_to_utf16(utf8, size, wide, count);
        size = msp_utf16_to_ansi(wide, count, NULL, 0, &lossy);
        if (!lossy) {
            char *bytes = (char *)msp_buf_extend(out, size);

            lossy = bytes == NULL || msp_utf16_to_ansi(wide, count, bytes, size, &lossy) != size ||
                    lossy;
        }
    }
    msp_free(wide);
    return !lossy;
}

bool inf_dll_name(const char *module_path, struct msp_buf *out)
{
    static const char suffix[] = "32.dll";
    size_t suffix_size = sizeof(suffix) - 1;
    size_t size = strlen(module_path);
    const char *name = module_path;
    size_t periods = 0;

    if (size < suffix_size || !same(module_path + size - suffix_size, suffix_size, suffix))
        return msp_buf_append(out, module_path, size); /* no Windows name: as it is */
    for (const char *at = module_path; *at != '\0'; at++) {
        if (*at == '\\' || *at == '/')
            name = at + 1;
        if (*at == '.')
            periods++;
    }
    if (periods != 1 || !append_ansi(module_path, size - suffix_size, out)) {
        msp_buf_clear(out);
        (void)msp_buf_append(out, name, strlen(name) - suffix_size);
    }
    return msp_buf_append_str(out, ".dll");
}
