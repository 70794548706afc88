/* SPDX-License-Identifier: MIT */
/*
 * inf.c - editing MAPISVC.INF as text, so that other services' lines stay as they are.
 *
 * Owns:  nothing.
 * Locks: none.
 */
#include "dll/inf.h"

#include <string.h>

static const char service_line[] = "MAILKEEP=Mailkeep message store";
static const char service_section[] = "MAILKEEP";
static const char provider_section[] = "MAILKEEP_Store";

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

static void trim(const char **text, size_t *size)
{
    while (*size > 0 && strchr(" \t\r\n", (*text)[0]) != NULL) {
        ++*text;
        --*size;
    }
    while (*size > 0 && strchr(" \t\r\n", (*text)[*size - 1]) != NULL)
        --*size;
}

/* Is the line the head of a section, and of which? */
static bool is_head(const struct line *line, const char **name, size_t *size)
{
    *name = line->text;
    *size = line->size;
    trim(name, size);
    if (*size < 2 || (*name)[0] != '[' || (*name)[*size - 1] != ']')
        return false;
    ++*name;
    *size -= 2;
    return true;
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

/* --- our text
 * ------------------------------------------------------------------------------------------- */

static bool append_sections(struct msp_buf *out, const char *dll_name)
{
    return msp_buf_printf(out,
            "[%s]\r\n"
            "PR_DISPLAY_NAME=Mailkeep message store\r\n"
            "Providers=%s\r\n"
            "PR_SERVICE_DLL_NAME=%s\r\n"
            "PR_SERVICE_ENTRY_NAME=MSGServiceEntry\r\n"
            "PR_RESOURCE_FLAGS=SERVICE_NO_PRIMARY_IDENTITY\r\n"
            "[%s]\r\n"
            "PR_DISPLAY_NAME=Mailkeep message store\r\n"
            "PR_PROVIDER_DISPLAY=Mailkeep message store\r\n"
            "PR_PROVIDER_DLL_NAME=%s\r\n"
            "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\r\n"
            "PR_RESOURCE_FLAGS=STATUS_NO_PRIMARY_IDENTITY|STATUS_DEFAULT_STORE\r\n"
            "34140102=311f8e9966e8b74c863d3eb143c174b5\r\n",
            service_section, provider_section, dll_name, provider_section, dll_name);
}

static bool end_line(struct msp_buf *out)
{
    if (out->size == 0 || out->data[out->size - 1] == '\n')
        return true;
    return msp_buf_append_str(out, "\r\n");
}

/* dll_name NULL: our lines go and do not come back. */
static bool rewrite(const char *text, size_t size, const char *dll_name, struct msp_buf *out)
{
    const char *at = text;
    const char *end = text + size;
    bool in_services = false;
    bool in_ours = false;
    bool has_services = false;
    struct line line;

    while (next_line(&at, end, &line)) {
        const char *name;
        size_t name_size;

        if (is_head(&line, &name, &name_size)) {
            in_services = same(name, name_size, "Services");
            in_ours = same(name, name_size, service_section) ||
                      same(name, name_size, provider_section);
        } else if (in_services && is_our_service_line(&line)) {
            continue;
        }
        if (in_ours)
            continue;
        msp_buf_append(out, line.text, line.size);
        if (in_services && dll_name != NULL && !has_services) {
            has_services = true;
            end_line(out);
            msp_buf_printf(out, "%s\r\n", service_line);
        }
    }
    if (dll_name == NULL)
        return !out->failed;
    end_line(out);
    if (!has_services)
        msp_buf_printf(out, "[Services]\r\n%s\r\n", service_line);
    return append_sections(out, dll_name) && !out->failed;
}

bool inf_remove(const char *text, size_t size, struct msp_buf *out)
{
    return rewrite(text, size, NULL, out);
}

bool inf_merge(const char *text, size_t size, const char *dll_name, struct msp_buf *out)
{
    return rewrite(text, size, dll_name, out);
}

bool inf_dll_name(const char *module_path, struct msp_buf *out)
{
    static const char suffix[] = "32.dll";
    size_t size = strlen(module_path);
    const char *name = module_path;
    size_t periods = 0;

    if (size < sizeof(suffix) - 1 ||
            !same(module_path + size - (sizeof(suffix) - 1), sizeof(suffix) - 1, suffix))
        return msp_buf_append(out, module_path, size); /* no Windows name: as it is */
    for (const char *at = module_path; *at != '\0'; at++) {
        if (*at == '\\' || *at == '/')
            name = at + 1;
        if (*at == '.')
            periods++;
        if ((unsigned char)*at >= 0x80)
            periods = 2;
    }
    if (periods != 1)
        module_path = name;
    return msp_buf_append(out, module_path, strlen(module_path) - (sizeof(suffix) - 1)) &&
           msp_buf_append_str(out, ".dll");
}
