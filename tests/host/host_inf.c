/* SPDX-License-Identifier: MIT */
/*
 * host_inf.c - MAPISVC.INF: sections of name=value lines, as MAPI reads them.
 */
#include "host_inf.h"

#include <stdlib.h>
#include <string.h>

#include "host_os.h"
#include "host_text.h"

#define FILE_MAX (1u << 20) /* a registration file is a few kilobytes */

struct inf_name {
    const char *name;
    ULONG value;
};

/* clang-format off */
static const struct inf_name tags[] = {
    { "PR_DISPLAY_NAME",         PR_DISPLAY_NAME_W },
    { "PR_PROVIDER_DISPLAY",     PR_PROVIDER_DISPLAY_W },
    { "PR_PROVIDER_DLL_NAME",    PR_PROVIDER_DLL_NAME_W },
    { "PR_RESOURCE_TYPE",        PR_RESOURCE_TYPE },
    { "PR_RESOURCE_FLAGS",       PR_RESOURCE_FLAGS },
    { "PR_SERVICE_NAME",         PR_SERVICE_NAME_W },
    { "PR_SERVICE_DLL_NAME",     PR_SERVICE_DLL_NAME_W },
    { "PR_SERVICE_ENTRY_NAME",   PR_SERVICE_ENTRY_NAME },
    { "PR_SERVICE_SUPPORT_FILES", CHANGE_PROP_TYPE(PR_SERVICE_SUPPORT_FILES_W, PT_UNICODE) },
    { "PR_SERVICE_DELETE_FILES",  CHANGE_PROP_TYPE(PR_SERVICE_DELETE_FILES_W, PT_UNICODE) },
    { "PR_MDB_PROVIDER",         PR_MDB_PROVIDER },
    { "PR_PROFILE_NAME",         PR_PROFILE_NAME_W },
};

static const struct inf_name numbers[] = {
    { "MAPI_STORE_PROVIDER",         MAPI_STORE_PROVIDER },
    { "MAPI_AB_PROVIDER",            MAPI_AB_PROVIDER },
    { "MAPI_TRANSPORT_PROVIDER",     MAPI_TRANSPORT_PROVIDER },
    { "SERVICE_DEFAULT_STORE",       SERVICE_DEFAULT_STORE },
    { "SERVICE_SINGLE_COPY",         SERVICE_SINGLE_COPY },
    { "SERVICE_CREATE_WITH_STORE",   SERVICE_CREATE_WITH_STORE },
    { "SERVICE_PRIMARY_IDENTITY",    SERVICE_PRIMARY_IDENTITY },
    { "SERVICE_NO_PRIMARY_IDENTITY", SERVICE_NO_PRIMARY_IDENTITY },
    { "STATUS_DEFAULT_STORE",        STATUS_DEFAULT_STORE },
    { "STATUS_PRIMARY_STORE",        STATUS_PRIMARY_STORE },
    { "STATUS_SECONDARY_STORE",      STATUS_SECONDARY_STORE },
    { "STATUS_PRIMARY_IDENTITY",     STATUS_PRIMARY_IDENTITY },
    { "STATUS_NO_PRIMARY_IDENTITY",  STATUS_NO_PRIMARY_IDENTITY },
    { "STATUS_SIMPLE_STORE",         STATUS_SIMPLE_STORE },
    { "STATUS_NO_DEFAULT_STORE",     STATUS_NO_DEFAULT_STORE },
    { "STATUS_TEMP_SECTION",         STATUS_TEMP_SECTION },
};

static const char *const not_properties[] = { "Providers", "Sections", "WIZARD_ENTRY_NAME" };
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char *copy_trimmed(const char *start, const char *end)
{
    char *copy;

    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    copy = malloc((size_t)(end - start) + 1);
    if (copy) {
        memcpy(copy, start, (size_t)(end - start));
        copy[end - start] = 0;
    }
    return copy;
}

static bool add_section(struct host_inf *inf, const char *start, const char *end)
{
    struct host_inf_section *more = realloc(inf->sections, (inf->count + 1) * sizeof(*more));

    if (!more)
        return false;
    inf->sections = more;
    more[inf->count] = (struct host_inf_section){ .name = copy_trimmed(start, end) };
    inf->count++;
    return more[inf->count - 1].name != NULL;
}

static bool add_entry(struct host_inf_section *section, unsigned line, const char *start,
        const char *equals, const char *end)
{
    struct host_inf_entry *more = realloc(section->entries, (section->count + 1) * sizeof(*more));

    if (!more)
        return false;
    section->entries = more;
    more[section->count] = (struct host_inf_entry){
        .key = copy_trimmed(start, equals), .value = copy_trimmed(equals + 1, end), .line = line
    };
    section->count++;
    return more[section->count - 1].key && more[section->count - 1].value;
}

/* One line, without its end. */
static bool parse_line(struct host_inf *inf, unsigned line, const char *start, const char *end,
        char *why, size_t why_size)
{
    const char *equals, *close;

    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    if (start == end || *start == ';')
        return true;
    if (memchr(start, 0, (size_t)(end - start))) {
        snprintf(why, why_size, "Line %u holds a zero byte.", line);
        return false;
    }
    if (*start == '[') {
        close = memchr(start, ']', (size_t)(end - start));
        if (close && close > start + 1 && add_section(inf, start + 1, close))
            return true;
        snprintf(why, why_size, "Line %u starts a section that has no name or no end.", line);
        return false;
    }
    equals = memchr(start, '=', (size_t)(end - start));
    if (!equals || equals == start) {
        snprintf(why, why_size, "Line %u is neither a [section] nor name=value.", line);
        return false;
    }
    if (inf->count == 0) {
        snprintf(why, why_size, "Line %u stands before the first [section].", line);
        return false;
    }
    return add_entry(&inf->sections[inf->count - 1], line, start, equals, end);
}

bool host_inf_parse(const char *text, size_t size, struct host_inf *out, char *why, size_t why_size)
{
    const char *at = text, *stop = text + size;
    unsigned line = 0;

    *out = (struct host_inf){ 0 };
    snprintf(why, why_size, "Out of memory.");
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    while (at < stop) {
        const char *end = memchr(at, '\n', (size_t)(stop - at));

        if (!end)
            end = stop;
        if (!parse_line(out, ++line, at, end, why, why_size)) {
            host_inf_free(out);
            return false;
        }
        at = end < stop ? end + 1 : stop;
    }
    why[0] = 0;
    return true;
}

bool host_inf_read(const char *path, struct host_inf *out, char *why, size_t why_size)
{
    FILE *file = host_fopen(path, "rb");
    char *text = malloc(FILE_MAX);
    bool ok = false;
    size_t size;

    *out = (struct host_inf){ 0 };
    if (!file || !text) {
        snprintf(why, why_size, "The file %s cannot be opened.", path);
    } else {
        size = fread(text, 1, FILE_MAX, file);
        if (size == FILE_MAX)
            snprintf(why, why_size, "The file %s is too large for a registration file.", path);
        else
            ok = host_inf_parse(text, size, out, why, why_size);
    }
    if (file)
        fclose(file);
    free(text);
    return ok;
}

void host_inf_free(struct host_inf *inf)
{
    size_t i, j;

    for (i = 0; i < inf->count; i++) {
        for (j = 0; j < inf->sections[i].count; j++) {
            free(inf->sections[i].entries[j].key);
            free(inf->sections[i].entries[j].value);
        }
        free(inf->sections[i].entries);
        free(inf->sections[i].name);
    }
    free(inf->sections);
    *inf = (struct host_inf){ 0 };
}

const struct host_inf_section *host_inf_section(const struct host_inf *inf, const char *name)
{
    size_t i;

    for (i = 0; i < inf->count; i++) {
        if (host_text_same_nocase(inf->sections[i].name, name))
            return &inf->sections[i];
    }
    return NULL;
}

const char *host_inf_value(const struct host_inf_section *section, const char *key)
{
    size_t i;

    for (i = 0; section && i < section->count; i++) {
        if (host_text_same_nocase(section->entries[i].key, key))
            return section->entries[i].value;
    }
    return NULL;
}

static bool find_name(
        const struct inf_name *names, size_t count, const char *text, size_t length, ULONG *out)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (strlen(names[i].name) == length && memcmp(names[i].name, text, length) == 0) {
            *out = names[i].value;
            return true;
        }
    }
    return false;
}

/* A sum of names and numbers: A | B | 0x10 | 16. */
static bool parse_number(const char *text, ULONG *out)
{
    *out = 0;
    for (;;) {
        const char *end = text + strcspn(text, "|"), *stop = end;
        char *rest;
        ULONG part;

        while (text < stop && (*text == ' ' || *text == '\t'))
            text++;
        while (stop > text && (stop[-1] == ' ' || stop[-1] == '\t'))
            stop--;
        if (text == stop)
            return false;
        if (!find_name(numbers, COUNT(numbers), text, (size_t)(stop - text), &part)) {
            part = (ULONG)strtoul(text, &rest, 0);
            if (rest != stop)
                return false;
        }
        *out |= part;
        if (*end == 0)
            return true;
        text = end + 1;
    }
}

/* A value under a hex tag is the bytes as they lie in memory. */
static bool set_hex_value(ULONG tag, const char *text, struct host_bag *bag)
{
    size_t fixed = host_prop_fixed_size(PROP_TYPE(tag)), size;
    unsigned char bytes[2048];
    SPropValue value = { .ulPropTag = tag };

    if (!host_hex_read(text, strlen(text), bytes, sizeof(bytes), &size))
        return false;
    if (PROP_TYPE(tag) == PT_BINARY)
        return host_bag_set_binary(bag, tag, bytes, size) == S_OK;
    if (fixed == 0 || fixed > 8)
        return false;
    if (PROP_TYPE(tag) == PT_BOOLEAN && size == 4)
        size = 2;
    if (size != fixed)
        return false;
    memcpy(&value.Value, bytes, fixed);
    return host_bag_set(bag, &value) == S_OK;
}

static bool parse_tag(const char *key, ULONG *out)
{
    unsigned char bytes[4];
    size_t size;

    if (find_name(tags, COUNT(tags), key, strlen(key), out))
        return true;
    if (strlen(key) != 8 || !host_hex_read(key, 8, bytes, 4, &size))
        return false;
    *out = (ULONG)bytes[0] << 24 | (ULONG)bytes[1] << 16 | (ULONG)bytes[2] << 8 | bytes[3];
    return host_prop_type_known(PROP_TYPE(*out));
}

bool host_inf_property(const struct host_inf_entry *entry, struct host_bag *bag,
        bool *out_is_property, char *why, size_t why_size)
{
    bool by_name = strncmp(entry->key, "PR_", 3) == 0, ok;
    ULONG tag, number;
    size_t i;

    *out_is_property = false;
    for (i = 0; i < COUNT(not_properties); i++) {
        if (host_text_same_nocase(entry->key, not_properties[i]))
            return true;
    }
    if (!parse_tag(entry->key, &tag)) {
        snprintf(why, why_size, "Line %u names a property that MAPI does not know: %.60s.",
                entry->line, entry->key);
        return false;
    }
    *out_is_property = true;
    if (PROP_TYPE(tag) == PT_UNICODE || PROP_TYPE(tag) == PT_STRING8)
        ok = host_bag_set_text(bag, CHANGE_PROP_TYPE(tag, PT_UNICODE), entry->value) == S_OK;
    else if (PROP_TYPE(tag) == PT_LONG && by_name)
        ok = parse_number(entry->value, &number) &&
             host_bag_set_long(bag, tag, (LONG)number) == S_OK;
    else
        ok = set_hex_value(tag, entry->value, bag);
    if (!ok)
        snprintf(why, why_size, "Line %u has a value that does not fit its property.", entry->line);
    return ok;
}
