/* SPDX-License-Identifier: MIT */
/*
 * host_os.c - the operating system as the reference host uses it, Windows and POSIX.
 */
#ifndef _WIN32
#define _GNU_SOURCE 1
#endif

#include "host_os.h"

#include <stdlib.h>
#include <string.h>

#include "host_text.h"

/* The name MAPI makes of a registered one: a suffix before ".dll" (PR_PROVIDER_DLL_NAME). */
static bool registered_path(const char *registered, const char *suffix, char *out, size_t out_size)
{
    size_t length = strlen(registered);
    int n;

    if (length < 4 || !host_text_same_nocase(registered + length - 4, ".dll")) {
        n = snprintf(out, out_size, "%s", registered);
    } else {
        n = snprintf(out, out_size, "%.*s%s%s", (int)(length - 4), registered, suffix,
                registered + length - 4);
    }
    return n > 0 && (size_t)n < out_size;
}

bool host_lib_registered_path(const char *registered, char *out, size_t out_size)
{
    return registered_path(registered, "32", out, out_size);
}

#ifdef _WIN32

#include <windows.h>

#include <ntsecapi.h> /* these need the first */
#include <psapi.h>
#include <shellapi.h>
#include <tlhelp32.h>

_Static_assert(sizeof(SRWLOCK) <= sizeof(struct host_lock), "host_lock holds an SRWLOCK");

struct host_lib {
    HMODULE module;
};

struct host_thread {
    HANDLE handle;
    void (*run)(void *arg);
    void *arg;
};

void host_lock_enter(struct host_lock *lock)
{
    AcquireSRWLockExclusive((SRWLOCK *)lock->words);
}

void host_lock_leave(struct host_lock *lock)
{
    ReleaseSRWLockExclusive((SRWLOCK *)lock->words);
}

/* UTF-16 for the system; the caller frees. NULL when the text is not UTF-8. */
static wchar_t *wide(const char *text)
{
    int count = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *out;

    if (count <= 0)
        return NULL;
    out = malloc((size_t)count * sizeof(*out));
    if (out)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, out, count);
    return out;
}

struct host_lib *host_lib_open(const char *path, char *why, size_t why_size)
{
    struct host_lib *lib = malloc(sizeof(*lib));
    wchar_t *name = wide(path);

    if (lib)
        lib->module = NULL;
    if (lib && name)
        lib->module = LoadLibraryExW(name, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (!lib || !lib->module) {
        snprintf(why, why_size, "The library %s cannot be loaded (Windows error %lu).", path,
                (unsigned long)GetLastError());
        free(lib);
        lib = NULL;
    }
    free(name);
    return lib;
}

void (*host_lib_symbol(struct host_lib *lib, const char *name))(void)
{
    return (void (*)(void))GetProcAddress(lib->module, name);
}

void *host_lib_handle(struct host_lib *lib)
{
    return lib->module;
}

void host_lib_close(struct host_lib *lib)
{
    if (!lib)
        return;
    FreeLibrary(lib->module);
    free(lib);
}

bool host_lib_is_loaded(const char *path)
{
    wchar_t *name = wide(path);
    bool loaded = name && GetModuleHandleW(name) != NULL;

    free(name);
    return loaded;
}

FILE *host_fopen(const char *path, const char *mode)
{
    wchar_t *name = wide(path), *how = wide(mode);
    FILE *file = name && how ? _wfopen(name, how) : NULL;

    free(name);
    free(how);
    return file;
}

bool host_file_exists(const char *path)
{
    wchar_t *name = wide(path);
    bool there = name && GetFileAttributesW(name) != INVALID_FILE_ATTRIBUTES;

    free(name);
    return there;
}

bool host_file_remove(const char *path)
{
    wchar_t *name = wide(path);
    bool done = name && DeleteFileW(name);

    free(name);
    return done;
}

bool host_dir_make(const char *path)
{
    wchar_t *name = wide(path);
    bool done = name && (CreateDirectoryW(name, NULL) || GetLastError() == ERROR_ALREADY_EXISTS);

    free(name);
    return done;
}

bool host_dir_exists(const char *path)
{
    wchar_t *name = wide(path);
    DWORD attributes = name ? GetFileAttributesW(name) : INVALID_FILE_ATTRIBUTES;

    free(name);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

bool host_dir_remove(const char *path)
{
    wchar_t *folder = wide(path), pattern[MAX_PATH], file[MAX_PATH];
    WIN32_FIND_DATAW found;
    HANDLE search = INVALID_HANDLE_VALUE;
    bool done = false;

    if (folder && _snwprintf(pattern, MAX_PATH, L"%ls\\*", folder) > 0)
        search = FindFirstFileW(pattern, &found);
    while (search != INVALID_HANDLE_VALUE) {
        if (_snwprintf(file, MAX_PATH, L"%ls\\%ls", folder, found.cFileName) > 0)
            DeleteFileW(file);
        if (!FindNextFileW(search, &found))
            break;
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    if (folder)
        done = RemoveDirectoryW(folder);
    free(folder);
    return done;
}

bool host_file_replace(const char *from, const char *to)
{
    wchar_t *a = wide(from), *b = wide(to);
    bool done = a && b && MoveFileExW(a, b, MOVEFILE_REPLACE_EXISTING);

    free(a);
    free(b);
    return done;
}

bool host_file_is_free(const char *path)
{
    wchar_t *name = wide(path);
    HANDLE file = INVALID_HANDLE_VALUE;

    if (name)
        file = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    free(name);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(file);
    return true;
}

void host_temp_path(const char *suffix, char *out, size_t out_size)
{
    wchar_t folder[MAX_PATH + 2] = { 0 };
    char narrow[3 * MAX_PATH] = "";
    uint64_t word;

    GetTempPathW(MAX_PATH + 1, folder);
    WideCharToMultiByte(CP_UTF8, 0, folder, -1, narrow, sizeof(narrow), NULL, NULL);
    host_random(&word, sizeof(word));
    snprintf(out, out_size, "%smailkeep-%08lx%s", narrow, (unsigned long)(word & 0xFFFFFFFF),
            suffix);
}

bool host_full_path(const char *path, char *out, size_t out_size)
{
    wchar_t *name = wide(path), full[4 * MAX_PATH];
    DWORD count = name ? GetFullPathNameW(name, 4 * MAX_PATH, full, NULL) : 0;
    int n = 0;

    if (count > 0 && count < 4 * MAX_PATH)
        n = WideCharToMultiByte(CP_UTF8, 0, full, -1, out, (int)out_size, NULL, NULL);
    free(name);
    return n > 0;
}

bool host_to_ansi(const char *text, char *out, size_t out_size)
{
    BOOL *lost_out = NULL, lost = FALSE;
    wchar_t *name = wide(text);
    int n = 0;

    if (GetACP() != CP_UTF8)
        lost_out = &lost; /* not allowed for UTF-8 */
    if (name)
        n = WideCharToMultiByte(CP_ACP, 0, name, -1, out, (int)out_size, NULL, lost_out);
    free(name);
    return n > 0 && !lost;
}

uint64_t host_ticks_ms(void)
{
    return GetTickCount64();
}

void host_sleep_ms(unsigned ms)
{
    Sleep(ms);
}

void host_random(void *out, size_t out_size)
{
    RtlGenRandom(out, (ULONG)out_size);
}

bool host_env(const char *name, char *out, size_t out_size)
{
    wchar_t *key = wide(name), value[4 * MAX_PATH];
    DWORD count = key ? GetEnvironmentVariableW(key, value, 4 * MAX_PATH) : 0;
    int n = 0;

    if (count > 0 && count < 4 * MAX_PATH)
        n = WideCharToMultiByte(CP_UTF8, 0, value, -1, out, (int)out_size, NULL, NULL);
    free(key);
    return n > 0;
}

void host_env_set(const char *name, const char *value)
{
    wchar_t *key = wide(name), *text = value ? wide(value) : NULL;

    if (key && (text || !value))
        SetEnvironmentVariableW(key, text);
    free(key);
    free(text);
}

unsigned long host_process_id(void)
{
    return GetCurrentProcessId();
}

size_t host_memory_peak(void)
{
    PROCESS_MEMORY_COUNTERS counters = { .cb = sizeof(counters) };

    return K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters))
                   ? counters.PeakPagefileUsage
                   : 0;
}

MSP_NORETURN void host_die(int status)
{
    TerminateProcess(GetCurrentProcess(), (UINT)status);
    for (;;)
        Sleep(INFINITE);
}

char **host_args(int argc, char **argv, int *out_count)
{
    int count = 0, i;
    LPWSTR *words = CommandLineToArgvW(GetCommandLineW(), &count);
    char **args = words ? calloc((size_t)count + 1, sizeof(*args)) : NULL;

    if (!args) {
        *out_count = argc;
        return argv;
    }
    for (i = 0; i < count; i++) {
        int size = WideCharToMultiByte(CP_UTF8, 0, words[i], -1, NULL, 0, NULL, NULL);

        args[i] = malloc((size_t)size);
        if (args[i])
            WideCharToMultiByte(CP_UTF8, 0, words[i], -1, args[i], size, NULL, NULL);
    }
    LocalFree(words);
    *out_count = count;
    return args;
}

static DWORD WINAPI thread_main(LPVOID arg)
{
    struct host_thread *thread = arg;

    thread->run(thread->arg);
    return 0;
}

struct host_thread *host_thread_start(void (*run)(void *arg), void *arg)
{
    struct host_thread *thread = malloc(sizeof(*thread));

    if (!thread)
        return NULL;
    thread->run = run;
    thread->arg = arg;
    thread->handle = CreateThread(NULL, 0, thread_main, thread, 0, NULL);
    if (!thread->handle) {
        free(thread);
        return NULL;
    }
    return thread;
}

void host_thread_join(struct host_thread *thread)
{
    if (!thread)
        return;
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}

uintptr_t host_thread_id(void)
{
    return GetCurrentThreadId();
}

unsigned host_thread_count(void)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = { .dwSize = sizeof(entry) };
    unsigned count = 0;

    for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(all);
    return count;
}

#else

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct host_lock), "host_lock holds a mutex");

struct host_lib {
    void *module;
};

struct host_thread {
    pthread_t handle;
    void (*run)(void *arg);
    void *arg;
};

/* All-zero bytes are PTHREAD_MUTEX_INITIALIZER on every system this is built for. */
void host_lock_enter(struct host_lock *lock)
{
    pthread_mutex_lock((pthread_mutex_t *)(void *)lock->words);
}

void host_lock_leave(struct host_lock *lock)
{
    pthread_mutex_unlock((pthread_mutex_t *)(void *)lock->words);
}

struct host_lib *host_lib_open(const char *path, char *why, size_t why_size)
{
    struct host_lib *lib = malloc(sizeof(*lib));

    if (lib)
        lib->module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!lib || !lib->module) {
        const char *text = lib ? dlerror() : "out of memory";

        snprintf(why, why_size, "The library cannot be loaded: %s.", text ? text : path);
        free(lib);
        return NULL;
    }
    return lib;
}

void (*host_lib_symbol(struct host_lib *lib, const char *name))(void)
{
    void (*function)(void) = NULL;
    void *address = dlsym(lib->module, name);

    memcpy(&function, &address, sizeof(function)); /* ISO C has no cast for it */
    return function;
}

void *host_lib_handle(struct host_lib *lib)
{
    return lib->module;
}

void host_lib_close(struct host_lib *lib)
{
    if (!lib)
        return;
    dlclose(lib->module);
    free(lib);
}

bool host_lib_is_loaded(const char *path)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_NOLOAD);

    if (!module)
        return false;
    dlclose(module);
    return true;
}

FILE *host_fopen(const char *path, const char *mode)
{
    return fopen(path, mode);
}

bool host_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool host_file_remove(const char *path)
{
    return unlink(path) == 0;
}

bool host_dir_make(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

bool host_dir_exists(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

bool host_dir_remove(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL)
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    return rmdir(path) == 0;
}

bool host_file_replace(const char *from, const char *to)
{
    return rename(from, to) == 0;
}

/* Whether a descriptor of this process refers to the file. */
static bool is_open_here(const struct stat *wanted)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    bool found = false;

    if (!folder)
        return false;
    while (!found && (entry = readdir(folder)) != NULL) {
        struct stat st;

        if (fstatat(dirfd(folder), entry->d_name, &st, 0) == 0)
            found = st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino;
    }
    closedir(folder);
    return found;
}

bool host_file_is_free(const char *path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct stat st;
    int fd;
    bool locked;

    if (stat(path, &st) != 0 || is_open_here(&st))
        return false;
    fd = open(path, O_RDWR);
    if (fd < 0)
        return false;
    locked = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    return !locked;
}

void host_temp_path(const char *suffix, char *out, size_t out_size)
{
    const char *folder = getenv("TMPDIR");
    uint64_t word;

    host_random(&word, sizeof(word));
    snprintf(out, out_size, "%s/mailkeep-%016llx%s", folder && *folder ? folder : "/tmp",
            (unsigned long long)word, suffix);
}

bool host_full_path(const char *path, char *out, size_t out_size)
{
    char here[2048];
    int n;

    if (path[0] == '/')
        n = snprintf(out, out_size, "%s", path);
    else if (getcwd(here, sizeof(here)))
        n = snprintf(out, out_size, "%s/%s", here, path);
    else
        return false;
    return n > 0 && (size_t)n < out_size;
}

bool host_to_ansi(const char *text, char *out, size_t out_size)
{
    int n = snprintf(out, out_size, "%s", text);

    return n >= 0 && (size_t)n < out_size;
}

uint64_t host_ticks_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void host_sleep_ms(unsigned ms)
{
    struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };

    nanosleep(&pause, NULL);
}

void host_random(void *out, size_t out_size)
{
    unsigned char *at = out;

    while (out_size > 0) {
        ssize_t n = getrandom(at, out_size, 0);

        if (n <= 0)
            continue;
        at += n;
        out_size -= (size_t)n;
    }
}

bool host_env(const char *name, char *out, size_t out_size)
{
    const char *value = getenv(name);

    if (!value || strlen(value) >= out_size)
        return false;
    memcpy(out, value, strlen(value) + 1);
    return true;
}

void host_env_set(const char *name, const char *value)
{
    if (value)
        (void)setenv(name, value, 1);
    else
        (void)unsetenv(name);
}

unsigned long host_process_id(void)
{
    return (unsigned long)getpid();
}

/* Of this program alone: what getrusage() says also counts the one that it was started from. */
size_t host_memory_peak(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    unsigned long kilobytes = 0;
    char line[256];

    while (file && kilobytes == 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtoul(line + 6, NULL, 10);
    }
    if (file)
        fclose(file);
    return (size_t)kilobytes * 1024;
}

MSP_NORETURN void host_die(int status)
{
    _exit(status);
}

char **host_args(int argc, char **argv, int *out_count)
{
    *out_count = argc;
    return argv;
}

static void *thread_main(void *arg)
{
    struct host_thread *thread = arg;

    thread->run(thread->arg);
    return NULL;
}

struct host_thread *host_thread_start(void (*run)(void *arg), void *arg)
{
    struct host_thread *thread = malloc(sizeof(*thread));

    if (!thread)
        return NULL;
    thread->run = run;
    thread->arg = arg;
    if (pthread_create(&thread->handle, NULL, thread_main, thread) != 0) {
        free(thread);
        return NULL;
    }
    return thread;
}

void host_thread_join(struct host_thread *thread)
{
    if (!thread)
        return;
    pthread_join(thread->handle, NULL);
    free(thread);
}

uintptr_t host_thread_id(void)
{
    return (uintptr_t)pthread_self();
}

unsigned host_thread_count(void)
{
    DIR *folder = opendir("/proc/self/task");
    unsigned count = 0;

    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count > 2 ? count - 2 : 0; /* "." and ".." */
}

#endif
