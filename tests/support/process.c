/* SPDX-License-Identifier: MIT */
/*
 * process.c - processes, their environment and their registry, Windows and POSIX.
 *
 * Owns:  a started process until process_wait(); the private registry key until its end.
 * Locks: none; one thread.
 */
#include "support/process.h"

#include "host/host_os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32

#include <windows.h>

enum { TEXT_MAX = 2048, KILLED_STATUS = 0x4B494C4C };

struct process {
    HANDLE handle;
};

static void widen(const char *text, WCHAR out[TEXT_MAX])
{
    out[0] = 0;
    (void)MultiByteToWideChar(CP_UTF8, 0, text, -1, out, TEXT_MAX);
}

/* Quoted, without a thought for quotes in them. */
static void join(const char *const *arguments, WCHAR out[TEXT_MAX])
{
    char text[TEXT_MAX] = "\"self\"";
    size_t size = arguments[0] ? 0 : strlen(text);

    for (size_t i = arguments[0] ? 0 : 1; arguments[i]; i++) {
        int n = snprintf(text + size, TEXT_MAX - size, "%s\"%s\"", size ? " " : "", arguments[i]);

        size += (size_t)n < TEXT_MAX - size ? (size_t)n : 0;
    }
    widen(text, out);
}

static HANDLE open_output(const char *path)
{
    SECURITY_ATTRIBUTES inherit = { .nLength = sizeof(inherit), .bInheritHandle = TRUE };
    WCHAR wide[TEXT_MAX];

    widen(path, wide);
    return CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit,
            CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
}

struct process *process_start(const char *const *arguments, const char *output_path)
{
    STARTUPINFOW startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION started;
    WCHAR program[TEXT_MAX], command[TEXT_MAX];
    struct process *process = calloc(1, sizeof(*process));
    BOOL ok;

    if (!process)
        return NULL;
    program[0] = 0;
    if (!arguments[0])
        (void)GetModuleFileNameW(NULL, program, TEXT_MAX);
    join(arguments, command);
    if (output_path) {
        startup.dwFlags = STARTF_USESTDHANDLES;
        startup.hStdOutput = open_output(output_path);
        startup.hStdError = startup.hStdOutput;
        startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    }
    ok = CreateProcessW(program[0] ? program : NULL, command, NULL, NULL, output_path != NULL, 0,
            NULL, NULL, &startup, &started);
    if (output_path)
        CloseHandle(startup.hStdOutput);
    if (!ok) {
        free(process);
        return NULL;
    }
    CloseHandle(started.hThread);
    process->handle = started.hProcess;
    return process;
}

bool process_is_running(struct process *process)
{
    return WaitForSingleObject(process->handle, 0) == WAIT_TIMEOUT;
}

void process_kill(struct process *process)
{
    (void)TerminateProcess(process->handle, KILLED_STATUS);
}

MSP_NORETURN void process_kill_self(void)
{
    (void)TerminateProcess(GetCurrentProcess(), KILLED_STATUS);
    for (;;)
        Sleep(INFINITE);
}

int process_wait(struct process *process)
{
    DWORD status = 0;

    (void)WaitForSingleObject(process->handle, INFINITE);
    (void)GetExitCodeProcess(process->handle, &status);
    CloseHandle(process->handle);
    free(process);
    return status <= 255 ? (int)status : PROCESS_KILLED;
}

static WCHAR private_key[64];

/* Makes a key below the process's own and puts it in the place of a root. */
static bool override_root(HKEY root, const WCHAR *name)
{
    WCHAR path[96];
    HKEY key;

    (void)lstrcpyW(path, private_key);
    (void)lstrcatW(path, name);
    if (RegCreateKeyExW(HKEY_CURRENT_USER, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL) !=
            ERROR_SUCCESS)
        return false;
    (void)RegOverridePredefKey(root, key);
    RegCloseKey(key);
    return true;
}

bool process_registry_begin(void)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "Software\\MailkeepTest%lu", host_process_id());
    (void)MultiByteToWideChar(CP_UTF8, 0, name, -1, private_key, 64);
    return override_root(HKEY_LOCAL_MACHINE, u"\\Machine") &&
           override_root(HKEY_CURRENT_USER, u"\\User");
}

static void set_text(HKEY root, const char *key, const char *name, const char *value)
{
    WCHAR wide_key[TEXT_MAX], wide_name[TEXT_MAX], wide_value[TEXT_MAX];

    widen(key, wide_key);
    widen(name ? name : "", wide_name);
    widen(value, wide_value);
    (void)RegSetKeyValueW(root, wide_key, wide_name, REG_SZ, wide_value,
            (DWORD)((size_t)lstrlenW(wide_value) + 1) * sizeof(WCHAR));
}

void process_registry_set(const char *key, const char *name, const char *value)
{
    set_text(HKEY_CURRENT_USER, key, name, value);
}

void process_registry_set_machine(const char *key, const char *name, const char *value)
{
    set_text(HKEY_LOCAL_MACHINE, key, name, value);
}

bool process_registry_get_machine(const char *key, const char *name, unsigned *out)
{
    WCHAR wide_key[TEXT_MAX], wide_name[TEXT_MAX];
    DWORD value = 0;
    DWORD size = sizeof(value);

    widen(key, wide_key);
    widen(name, wide_name);
    if (RegGetValueW(HKEY_LOCAL_MACHINE, wide_key, wide_name, RRF_RT_REG_DWORD, NULL, &value,
                &size) != ERROR_SUCCESS)
        return false;
    *out = value;
    return true;
}

void process_registry_end(void)
{
    (void)RegOverridePredefKey(HKEY_CURRENT_USER, NULL);
    (void)RegOverridePredefKey(HKEY_LOCAL_MACHINE, NULL);
    (void)RegDeleteTreeW(HKEY_CURRENT_USER, private_key);
}

#else

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct process {
    pid_t pid;
    bool has_ended;
    int status;
};

enum { ARGUMENTS_MAX = 16 };

static void become(const char *const *arguments, const char *output_path)
{
    union {
        const char *const *given;
        char *const *taken;
    } list = { .given = arguments };

    static char name[] = "self";
    char *own[ARGUMENTS_MAX + 1] = { name };

    for (size_t i = 1; !arguments[0] && arguments[i] && i < ARGUMENTS_MAX; i++)
        own[i] = list.taken[i];
    if (output_path) {
        int fd = open(output_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
            _exit(126);
        (void)close(fd);
    }
    if (arguments[0])
        (void)execv(arguments[0], list.taken);
    else
        (void)execv("/proc/self/exe", own);
    _exit(127);
}

struct process *process_start(const char *const *arguments, const char *output_path)
{
    struct process *process = calloc(1, sizeof(*process));

    if (!process)
        return NULL;
    (void)fflush(NULL);
    process->pid = fork();
    if (process->pid == 0)
        become(arguments, output_path);
    if (process->pid < 0) {
        free(process);
        return NULL;
    }
    return process;
}

bool process_is_running(struct process *process)
{
    if (!process->has_ended && waitpid(process->pid, &process->status, WNOHANG) == process->pid)
        process->has_ended = true;
    return !process->has_ended;
}

void process_kill(struct process *process)
{
    if (!process->has_ended)
        (void)kill(process->pid, SIGKILL);
}

MSP_NORETURN void process_kill_self(void)
{
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

int process_wait(struct process *process)
{
    int status;

    while (!process->has_ended && waitpid(process->pid, &process->status, 0) != process->pid)
        ;
    status = WIFEXITED(process->status) ? WEXITSTATUS(process->status) : PROCESS_KILLED;
    free(process);
    return status;
}

bool process_registry_begin(void)
{
    return false;
}

void process_registry_set(const char *key, const char *name, const char *value)
{
    (void)key;
    (void)name;
    (void)value;
}

void process_registry_set_machine(const char *key, const char *name, const char *value)
{
    (void)key;
    (void)name;
    (void)value;
}

bool process_registry_get_machine(const char *key, const char *name, unsigned *out)
{
    (void)key;
    (void)name;
    (void)out;
    return false;
}

void process_registry_end(void)
{
}

#endif

struct process *process_start_self(const char *output_path)
{
    static const char *const none[] = { NULL, NULL };

    return process_start(none, output_path);
}
