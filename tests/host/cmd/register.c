/* SPDX-License-Identifier: MIT */
/*
 * register.c - mailhost register, unregister: what setup and the profile wizard do.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#define SERVICE "MAILKEEP"

/* Both entries have rundll32's form. */
typedef void(CALLBACK *rundll_function)(
        HWND window, HINSTANCE instance, LPSTR command_line, int show);

/* mapisvc.inf beside the profile, unless told otherwise. */
static bool inf_path(const struct cmd *cmd, char *out, size_t out_size)
{
    char beside[1024];
    size_t at;

    if (cmd->inf)
        return host_full_path(cmd->inf, out, out_size);
    snprintf(beside, sizeof(beside), "%s", cmd->profile_path);
    at = strlen(beside);
    while (at > 0 && beside[at - 1] != '/' && beside[at - 1] != '\\')
        at--;
    snprintf(beside + at, sizeof(beside) - at, "mapisvc.inf");
    return host_full_path(beside, out, out_size);
}

/* Calls MergeWithMAPISVC or RemoveFromMAPISVC as rundll32 would, with the file as command line. */
static int call_rundll(const char *dll, const char *function, const char *inf)
{
    char why[300], line[1100];
    struct host_lib *lib = host_lib_open(dll, why, sizeof(why));
    rundll_function run;

    if (!lib)
        return complain("%s", why);
    run = (rundll_function)host_lib_symbol(lib, function);
    if (!run) {
        host_lib_close(lib);
        return complain("The library has no %s.", function);
    }
    if (!host_to_ansi(inf, line, sizeof(line))) {
        host_lib_close(lib);
        return complain("The path %s has characters that MAPISVC.INF cannot carry.", inf);
    }
    run(NULL, (HINSTANCE)host_lib_handle(lib), line, 0);
    host_lib_close(lib);
    return 0;
}

static bool make_file(const char *path)
{
    FILE *file = host_file_exists(path) ? NULL : host_fopen(path, "wb");

    if (file)
        fclose(file);
    return host_file_exists(path);
}

/* Creates the service from the file and has it configured. */
static int create_service(const struct cmd *cmd, struct host_session *session, const char *inf_file)
{
    struct host_profile *profile = session->profile;
    struct host_inf inf;
    char why[300], store[1024];
    bool ok;
    HRESULT hr;

    if (!host_inf_read(inf_file, &inf, why, sizeof(why)))
        return complain("%s", why);
    ok = host_profile_add_service(profile, &inf, SERVICE, why, sizeof(why));
    host_inf_free(&inf);
    if (!ok)
        return complain("%s", why);
    if (!host_full_path(cmd->store, store, sizeof(store)))
        return complain("The store's path is too long.");
    hr = host_session_service(session, MSG_SERVICE_CREATE, 0, 0, NULL);
    if (SUCCEEDED(hr))
        hr = host_session_configure(session, store);
    if (FAILED(hr))
        return complain("%s", session->error);
    if (!host_profile_save(profile, cmd->profile_path, why, sizeof(why)))
        return complain("%s", why);
    printf("registered: service %s, store %s\n", SERVICE, store);
    return 0;
}

int verb_register(const struct cmd *cmd)
{
    struct host_session session;
    struct host_profile *profile;
    char inf[1024], dll[1024];
    int status;

    if (!cmd->dll || !cmd->store)
        return complain("register needs --dll and --store.") + 1;
    if (!inf_path(cmd, inf, sizeof(inf)) || !host_full_path(cmd->dll, dll, sizeof(dll)))
        return complain("A path is too long.");
    if (!make_file(inf))
        return complain("The file %s cannot be written.", inf);
    status = call_rundll(dll, "MergeWithMAPISVC", inf);
    if (status != 0)
        return status;
    profile = host_profile_new("mailhost");
    if (!profile)
        return complain("Out of memory.");
    host_session_init(&session, profile, 0);
    status = create_service(cmd, &session, inf);
    if (host_session_done(&session) > 0)
        status = complain("The library broke rules of MAPI, named above.");
    host_profile_free(profile);
    return status;
}

/* The file of the service's library; empty when the profile has none. */
static void library_of(struct host_profile *profile, char *out, size_t out_size)
{
    struct host_section *service = host_profile_find(profile, HOST_SECTION_SERVICE, SERVICE);
    char *registered = service ? host_bag_text(&service->props, PR_SERVICE_DLL_NAME_W) : NULL;

    if (!registered || !host_lib_registered_path(registered, out, out_size))
        out[0] = 0;
    free(registered);
}

int verb_unregister(const struct cmd *cmd)
{
    struct host_session session;
    struct host_profile *profile = host_profile_new("mailhost");
    char inf[1024], dll[1024], why[300];
    int status = 0;

    if (!profile)
        return complain("Out of memory.");
    host_session_init(&session, profile, 0);
    if (!inf_path(cmd, inf, sizeof(inf)))
        status = complain("A path is too long.");
    else if (!host_profile_load(profile, cmd->profile_path, why, sizeof(why)))
        status = complain("%s", why);
    library_of(profile, dll, sizeof(dll));
    if (status == 0 && FAILED(host_session_delete_service(&session)))
        status = complain("%s", session.error);
    if (status == 0)
        status = call_rundll(dll, "RemoveFromMAPISVC", inf);
    if (status == 0 && !host_profile_save(profile, cmd->profile_path, why, sizeof(why)))
        status = complain("%s", why);
    if (host_session_done(&session) > 0)
        status = complain("The library broke rules of MAPI, named above.");
    host_profile_free(profile);
    if (status == 0)
        printf("unregistered: service %s\n", SERVICE);
    return status;
}
