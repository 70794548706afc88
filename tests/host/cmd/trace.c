/* SPDX-License-Identifier: MIT */
/*
 * trace.c - what the provider says of this client's logons, shown when it has ended.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static long size_of(const char *path)
{
    FILE *file = host_fopen(path, "rb");
    long size = 0;

    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (file)
        fclose(file);
    return size;
}

void trace_begin(struct client *client)
{
    if (client->cmd->quiet)
        return;
    if (!host_env("MAILKEEP_TRACE", client->trace, sizeof(client->trace))) {
        host_temp_path(".trace", client->trace, sizeof(client->trace));
        host_env_set("MAILKEEP_TRACE", client->trace);
        client->trace_is_ours = true;
    }
    client->trace_from = size_of(client->trace);
}

/* The line without its time and process; NULL: it is another process's. */
static const char *own_part(const char *line)
{
    char head[32];
    const char *at;

    snprintf(head, sizeof(head), " %lu: ", host_process_id());
    at = strstr(line, head);
    return at ? at + strlen(head) : NULL;
}

void trace_show(struct client *client)
{
    FILE *file = client->trace[0] ? host_fopen(client->trace, "rb") : NULL;
    char line[2048];

    if (file && fseek(file, client->trace_from, SEEK_SET) == 0) {
        while (fgets(line, sizeof(line), file)) {
            const char *part = own_part(line);

            if (part)
                fprintf(stderr, "mailhost: %s", part);
        }
    }
    if (file)
        fclose(file);
    if (client->trace_is_ours) {
        host_file_remove(client->trace);
        host_env_set("MAILKEEP_TRACE", NULL);
    }
    client->trace[0] = 0;
    client->trace_is_ours = false;
}
