/* SPDX-License-Identifier: MIT */
/*
 * host_profile.c - a MAPI profile: sections of properties, in memory and in a text file.
 *
 * The file is lines:
 *     mailhost profile 1
 *     [service|provider|other 32-digit-uid service-name]
 *     TTTTTTTT=hex bytes          (8 hex digits of the tag; strings as UTF-8 behind a ")
 */
#include "host_profile.h"

#include <stdlib.h>
#include <string.h>

#include "host_text.h"

#define FIRST_LINE "mailhost profile 1"

static const char *const kind_names[] = { "other", "service", "provider" };

static char *copy_text(const char *text)
{
    char *copy = malloc(strlen(text) + 1);

    if (copy)
        memcpy(copy, text, strlen(text) + 1);
    return copy;
}

struct host_profile *host_profile_new(const char *name)
{
    struct host_profile *profile = calloc(1, sizeof(*profile));

    if (!profile)
        return NULL;
    profile->name = copy_text(name);
    if (!profile->name) {
        free(profile);
        return NULL;
    }
    return profile;
}

static void section_free(struct host_section *section)
{
    host_bag_free(&section->props);
    free(section->service);
    free(section);
}

static void sections_free(struct host_section *section)
{
    while (section) {
        struct host_section *next = section->next;

        section_free(section);
        section = next;
    }
}

void host_profile_free(struct host_profile *profile)
{
    if (!profile)
        return;
    sections_free(profile->sections);
    sections_free(profile->removed);
    free(profile->name);
    free(profile);
}

static struct host_section *section_new(
        enum host_section_kind kind, const char *service, const MAPIUID *uid)
{
    struct host_section *section = calloc(1, sizeof(*section));

    if (!section)
        return NULL;
    section->kind = kind;
    section->service = copy_text(service ? service : "");
    if (!section->service) {
        free(section);
        return NULL;
    }
    if (uid)
        section->uid = *uid;
    else
        host_random(&section->uid, sizeof(section->uid));
    return section;
}

static void append(struct host_section **list, struct host_section *section)
{
    while (*list)
        list = &(*list)->next;
    *list = section;
}

struct host_section *host_profile_add(struct host_profile *profile, enum host_section_kind kind,
        const char *service, const MAPIUID *uid)
{
    struct host_section *section = section_new(kind, service, uid);

    if (!section)
        return NULL;
    host_lock_enter(&profile->lock);
    append(&profile->sections, section);
    host_lock_leave(&profile->lock);
    return section;
}

struct host_section *host_profile_by_uid(struct host_profile *profile, const MAPIUID *uid)
{
    struct host_section *section;

    host_lock_enter(&profile->lock);
    section = profile->sections;
    while (section && memcmp(&section->uid, uid, sizeof(*uid)) != 0)
        section = section->next;
    host_lock_leave(&profile->lock);
    return section;
}

struct host_section *host_profile_find(
        struct host_profile *profile, enum host_section_kind kind, const char *service)
{
    struct host_section *section;

    host_lock_enter(&profile->lock);
    for (section = profile->sections; section; section = section->next) {
        if (section->kind == kind && (!service || host_text_same_nocase(section->service, service)))
            break;
    }
    host_lock_leave(&profile->lock);
    return section;
}

void host_profile_remove_service(struct host_profile *profile, const char *service)
{
    struct host_section **at = &profile->sections;

    host_lock_enter(&profile->lock);
    while (*at) {
        struct host_section *section = *at;

        if (host_text_same_nocase(section->service, service)) {
            *at = section->next;
            section->next = NULL;
            if (section->readers || section->writers)
                append(&profile->removed, section);
            else
                section_free(section);
        } else {
            at = &section->next;
        }
    }
    host_lock_leave(&profile->lock);
}

/* ---- Services ---- */

static bool fill_section(struct host_section *section, const struct host_inf_section *from,
        char *why, size_t why_size)
{
    size_t i;

    for (i = 0; i < from->count; i++) {
        bool is_property;

        if (!host_inf_property(&from->entries[i], &section->props, &is_property, why, why_size))
            return false;
    }
    return true;
}

/* The provider sections that `Providers=A, B` names. */
static bool add_providers(struct host_section **list, const struct host_inf *inf,
        const char *service, const char *names, char *why, size_t why_size)
{
    while (*names) {
        size_t length = strcspn(names, ",");
        char name[128];
        const struct host_inf_section *from;
        struct host_section *section;

        while (length > 0 && *names == ' ') {
            names++;
            length--;
        }
        snprintf(name, sizeof(name), "%.*s", (int)length, names);
        from = host_inf_section(inf, name);
        if (!from) {
            snprintf(why, why_size, "The service names a provider that has no section: %s.", name);
            return false;
        }
        section = section_new(HOST_SECTION_PROVIDER, service, NULL);
        if (!section)
            return false;
        append(list, section);
        if (!fill_section(section, from, why, why_size))
            return false;
        if (!host_bag_get(&section->props, PR_PROVIDER_DLL_NAME_W) ||
                !host_bag_get(&section->props, PR_RESOURCE_TYPE)) {
            snprintf(why, why_size,
                    "The provider section %s has no PR_PROVIDER_DLL_NAME or "
                    "PR_RESOURCE_TYPE.",
                    name);
            return false;
        }
        names += length;
        if (*names == ',')
            names++;
    }
    return true;
}

bool host_profile_add_service(struct host_profile *profile, const struct host_inf *inf,
        const char *service, char *why, size_t why_size)
{
    const struct host_inf_section *services = host_inf_section(inf, "Services");
    const struct host_inf_section *from = host_inf_section(inf, service);
    const char *providers = host_inf_value(from, "Providers");
    struct host_section *list = NULL, *section, *at;

    snprintf(why, why_size, "Out of memory.");
    if (!host_inf_value(services, service) || !from || !providers || !*providers) {
        snprintf(why, why_size, "The registration file has no service %s with providers.", service);
        return false;
    }
    section = section_new(HOST_SECTION_SERVICE, service, NULL);
    if (!section)
        return false;
    append(&list, section);
    if (!fill_section(section, from, why, why_size) ||
            !add_providers(&list, inf, service, providers, why, why_size) ||
            host_bag_set_text(&section->props, PR_SERVICE_NAME_W, service) != S_OK)
        goto fail;
    if ((host_bag_long(&section->props, PR_RESOURCE_FLAGS, 0) & SERVICE_SINGLE_COPY) &&
            host_profile_find(profile, HOST_SECTION_SERVICE, service)) {
        snprintf(why, why_size, "The profile already has the service %s.", service);
        goto fail;
    }
    for (at = list->next; at; at = at->next) {
        if (host_bag_set_binary(&at->props, PR_SERVICE_UID, &section->uid, sizeof(MAPIUID)) !=
                        S_OK ||
                host_bag_set_binary(&at->props, PR_PROVIDER_UID, &at->uid, sizeof(MAPIUID)) != S_OK)
            goto fail;
    }
    host_lock_enter(&profile->lock);
    append(&profile->sections, list);
    host_lock_leave(&profile->lock);
    why[0] = 0;
    return true;

fail:
    sections_free(list);
    return false;
}

struct host_section *host_profile_add_plain(
        struct host_profile *profile, const char *dll, const char *store_path)
{
    struct host_section *service =
            host_profile_add(profile, HOST_SECTION_SERVICE, "MAILKEEP", NULL);
    struct host_section *provider =
            host_profile_add(profile, HOST_SECTION_PROVIDER, "MAILKEEP", NULL);

    if (!service || !provider)
        return NULL;
    host_bag_set_text(&service->props, PR_SERVICE_NAME_W, "MAILKEEP");
    host_bag_set_text(&service->props, PR_SERVICE_DLL_NAME_W, dll);
    host_bag_set_text(&service->props, CHANGE_PROP_TYPE(PR_SERVICE_ENTRY_NAME, PT_UNICODE),
            "MSGServiceEntry");
    host_bag_set_text(&provider->props, PR_DISPLAY_NAME_W, "Mailkeep");
    host_bag_set_text(&provider->props, PR_PROVIDER_DISPLAY_W, "Mailkeep");
    host_bag_set_text(&provider->props, PR_PROVIDER_DLL_NAME_W, dll);
    host_bag_set_long(&provider->props, PR_RESOURCE_TYPE, MAPI_STORE_PROVIDER);
    host_bag_set_long(&provider->props, PR_RESOURCE_FLAGS, STATUS_NO_PRIMARY_IDENTITY);
    host_bag_set_binary(&provider->props, PR_PROVIDER_UID, &provider->uid, sizeof(MAPIUID));
    host_bag_set_binary(&provider->props, PR_SERVICE_UID, &service->uid, sizeof(MAPIUID));
    if (store_path)
        host_bag_set_text(&provider->props, PROP_TAG(PT_UNICODE, 0x6600), store_path);
    return provider;
}

/* ---- The file ---- */

static bool write_value(FILE *file, const SPropValue *value)
{
    unsigned long tag = value->ulPropTag;
    const unsigned char *bytes;
    char *text;
    size_t size, i;

    if (PROP_TYPE(value->ulPropTag) & MV_FLAG)
        return false;
    if (PROP_TYPE(value->ulPropTag) == PT_UNICODE) {
        text = host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);
        if (!text)
            return false;
        for (i = 0; text[i]; i++) {
            if (text[i] == '\n' || text[i] == '\r')
                text[i] = ' ';
        }
        fprintf(file, "%08lx=\"%s\n", tag, text);
        free(text);
        return true;
    }
    bytes = host_prop_bytes(value, &size);
    fprintf(file, "%08lx=", tag);
    for (i = 0; i < size; i++)
        fprintf(file, "%02x", bytes[i]);
    fputc('\n', file);
    return true;
}

static bool write_all(struct host_profile *profile, FILE *file)
{
    const struct host_section *section;
    bool ok = true;

    fputs(FIRST_LINE "\n", file);
    for (section = profile->sections; section; section = section->next) {
        char uid[33];
        size_t i;

        if (section->temporary)
            continue;
        host_hex_write(&section->uid, sizeof(section->uid), uid);
        fprintf(file, "[%s %s %s]\n", kind_names[section->kind], uid, section->service);
        for (i = 0; i < section->props.count; i++)
            ok = write_value(file, section->props.items[i]) && ok;
    }
    return ok;
}

bool host_profile_save(struct host_profile *profile, const char *path, char *why, size_t why_size)
{
    char beside[1100];
    FILE *file;
    bool ok;

    snprintf(beside, sizeof(beside), "%s.new", path);
    file = host_fopen(beside, "wb");
    if (!file) {
        snprintf(why, why_size, "The profile %s cannot be written.", path);
        return false;
    }
    host_lock_enter(&profile->lock);
    ok = write_all(profile, file);
    host_lock_leave(&profile->lock);
    ok = fflush(file) == 0 && ok;
    ok = fclose(file) == 0 && ok;
    ok = ok && host_file_replace(beside, path);
    if (!ok)
        snprintf(why, why_size, "The profile %s cannot be written.", path);
    return ok;
}

static bool read_value(struct host_section *section, const char *line)
{
    unsigned char head[4];
    const char *text = line + 9;
    SPropValue value = { 0 };
    unsigned char *bytes;
    size_t size, fixed;
    bool ok;

    if (strlen(line) < 9 || line[8] != '=' || !host_hex_read(line, 8, head, 4, &size))
        return false;
    value.ulPropTag = (ULONG)head[0] << 24 | (ULONG)head[1] << 16 | (ULONG)head[2] << 8 | head[3];
    if (PROP_TYPE(value.ulPropTag) == PT_UNICODE)
        return *text == '"' &&
               host_bag_set_text(&section->props, value.ulPropTag, text + 1) == S_OK;
    if (!host_prop_type_known(PROP_TYPE(value.ulPropTag)) || (value.ulPropTag & MV_FLAG))
        return false;
    bytes = calloc(1, strlen(text) / 2 + 1);
    if (!bytes)
        return false;
    fixed = host_prop_fixed_size(PROP_TYPE(value.ulPropTag));
    ok = host_hex_read(text, strlen(text), bytes, strlen(text) / 2, &size);
    if (ok && PROP_TYPE(value.ulPropTag) == PT_BINARY) {
        ok = host_bag_set_binary(&section->props, value.ulPropTag, bytes, size) == S_OK;
    } else if (ok && PROP_TYPE(value.ulPropTag) == PT_STRING8) {
        value.Value.lpszA = (char *)bytes;
        ok = memchr(bytes, 0, size) == NULL && host_bag_set(&section->props, &value) == S_OK;
    } else if (ok) {
        ok = size == fixed && fixed <= 8;
        if (ok) {
            memcpy(&value.Value, bytes, fixed);
            ok = host_bag_set(&section->props, &value) == S_OK;
        }
    }
    free(bytes);
    return ok;
}

static struct host_section *read_head(char *line)
{
    size_t length = strlen(line), size;
    unsigned kind;
    MAPIUID uid;

    if (length < 3 || line[length - 1] != ']')
        return NULL;
    line[length - 1] = 0;
    line++;
    for (kind = 0; kind < 3; kind++) {
        size_t n = strlen(kind_names[kind]);

        if (strncmp(line, kind_names[kind], n) == 0 && line[n] == ' ' && strlen(line) >= n + 34 &&
                line[n + 33] == ' ' && host_hex_read(line + n + 1, 32, &uid, 16, &size))
            return section_new((enum host_section_kind)kind, line + n + 34, &uid);
    }
    return NULL;
}

bool host_profile_load(struct host_profile *profile, const char *path, char *why, size_t why_size)
{
    FILE *file = host_fopen(path, "rb");
    struct host_section *list = NULL, *last = NULL;
    static const size_t line_max = 65536;
    char *line = malloc(line_max);
    unsigned number = 0;
    bool ok = file && line;

    snprintf(why, why_size, "The profile %s cannot be opened.", path);
    while (ok && fgets(line, (int)line_max, file)) {
        size_t length = strcspn(line, "\r\n");

        number++;
        ok = line[length] != 0 || feof(file);
        line[length] = 0;
        if (number == 1)
            ok = ok && strcmp(line, FIRST_LINE) == 0;
        else if (line[0] == '[' && ok) {
            last = read_head(line);
            ok = last != NULL;
            if (ok)
                append(&list, last);
        } else if (line[0] != 0) {
            ok = ok && last && read_value(last, line);
        }
        if (!ok)
            snprintf(
                    why, why_size, "Line %u of the profile %s cannot be understood.", number, path);
    }
    if (ok && number == 0) {
        snprintf(why, why_size, "The profile %s is empty.", path);
        ok = false;
    }
    if (file)
        fclose(file);
    free(line);
    if (!ok) {
        sections_free(list);
        return false;
    }
    host_lock_enter(&profile->lock);
    append(&profile->sections, list);
    host_lock_leave(&profile->lock);
    why[0] = 0;
    return true;
}
