/* SPDX-License-Identifier: MIT */
/*
 * user.c - a person in front of the screen, driven by a timer that the window's own loop runs.
 */
#include "support/user.h"

#include "support/support.h"
#include "support/system.h"

#ifdef _WIN32

enum {
    TICK_MS = 10,
    PATIENCE = 3000, /* ticks without a step forward */
    DIALOG_CLASS_COUNT = 16
};

static struct {
    const struct user_act *acts;
    size_t count;
    size_t next;
    unsigned idle; /* ticks since the last step */
    unsigned windows;
    UINT_PTR timer;
    char waiting[512]; /* why the next act is not possible yet */
    char fault[512];   /* the first thing that was not as planned */
} user;

/* --- windows ---------------------------------------------------------------------------------- */

/* The dialog that can be worked with: not one that waits for another. */
static BOOL CALLBACK look_at_window(HWND window, LPARAM out)
{
    WCHAR name[DIALOG_CLASS_COUNT];

    if (GetClassNameW(window, name, DIALOG_CLASS_COUNT) == 0 || lstrcmpW(name, L"#32770") != 0 ||
            !IsWindowVisible(window) || !IsWindowEnabled(window))
        return TRUE;
    *(HWND *)out = window;
    return FALSE;
}

static HWND dialog_in_front(void)
{
    HWND found = NULL;

    EnumThreadWindows(GetCurrentThreadId(), look_at_window, (LPARAM)&found);
    return found;
}

static LRESULT CALLBACK on_window(int code, WPARAM window, LPARAM params)
{
    if (code == HCBT_CREATEWND) {
        const CBT_CREATEWNDW *created = (const CBT_CREATEWNDW *)params;

        if (!(created->lpcs->style & WS_CHILD))
            user.windows++;
    }
    return CallNextHookEx(NULL, code, window, params);
}

/* --- acts ------------------------------------------------------------------------------------- */

static char *text_of(HWND control)
{
    WCHAR wide[4096];

    GetWindowTextW(control, wide, 4096);
    return host_text_to_utf8((const uint16_t *)wide, SIZE_MAX);
}

static bool sees(HWND control, const struct user_act *act)
{
    char *text = text_of(control);
    bool ok =
            act->verb == USER_SEES ? strcmp(text, act->text) == 0 : strstr(text, act->text) != NULL;

    if (!ok)
        snprintf(user.waiting, sizeof(user.waiting), "control %d shows \"%s\", not \"%s\"",
                act->control, text, act->text);
    free(text);
    return ok;
}

static void type(HWND control, const char *text)
{
    uint16_t *keys = host_text_to_utf16(text);

    SendMessageW(control, EM_SETSEL, 0, -1);
    SendMessageW(control, WM_CHAR, VK_BACK, 0);
    for (size_t i = 0; keys[i]; i++)
        SendMessageW(control, WM_CHAR, keys[i], 0);
    free(keys);
}

/* The innermost: an edit field in a combo box has the box's number. */
static HWND find_control(HWND dialog, int control)
{
    HWND found = NULL;

    for (HWND next = GetDlgItem(dialog, control); next; next = GetDlgItem(next, control))
        found = next;
    return found;
}

/* Does the next act, as far as it can be done already. */
static bool act_once(HWND dialog, const struct user_act *act)
{
    HWND control = act->control ? find_control(dialog, act->control) : NULL;

    if (act->control && !control)
        return false; /* not the dialog that it is about */
    switch (act->verb) {
    case USER_SEES:
    case USER_READS:
        return sees(control, act);
    case USER_TYPES:
        type(control, act->text);
        return true;
    case USER_PRESSES:
        PostMessageW(control, BM_CLICK, 0, 0); /* what comes of it comes after this call */
        return true;
    case USER_ESCAPES:
        PostMessageW(dialog, WM_CLOSE, 0, 0);
        return true;
    case USER_THINKS:
        if (!act->think(act->context, (uintptr_t)dialog) && user.fault[0] == '\0')
            snprintf(user.fault, sizeof(user.fault), "act %zu is not as expected", user.next);
        return true;
    }
    return false;
}

static bool ends_a_tick(const struct user_act *act)
{
    return act->verb == USER_PRESSES || act->verb == USER_ESCAPES;
}

static void CALLBACK tick(HWND window, UINT message, UINT_PTR id, DWORD time)
{
    HWND dialog = dialog_in_front();

    (void)window;
    (void)message;
    (void)id;
    (void)time;
    if (!dialog)
        return;
    while (user.next < user.count) {
        const struct user_act *act = &user.acts[user.next];

        if (!act_once(dialog, act))
            break;
        user.idle = 0;
        user.waiting[0] = '\0';
        user.next++;
        if (ends_a_tick(act))
            return;
    }
    /* Not a word more: the window goes away, and user_done() says why. */
    if (++user.idle > (user.next < user.count ? PATIENCE : PATIENCE / 10)) {
        if (user.next == user.count && user.fault[0] == '\0')
            snprintf(user.fault, sizeof(user.fault), "a window that was not expected");
        EndDialog(dialog, IDCANCEL);
    }
}

/* --- from outside ----------------------------------------------------------------------------- */

/* Wine without a display has windows only on a desktop with the driver that shows nothing. */
static bool has_desktop(void)
{
    WCHAR command[] = L"explorer.exe /desktop=mailkeep-user,1024x768,null";
    STARTUPINFOW startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION process;
    HDESK desktop;
    DWORD idle;

    if (!system_is_wine())
        return true;
    desktop = CreateDesktopW(L"mailkeep-user", NULL, NULL, 0, GENERIC_ALL, NULL);
    if (!desktop ||
            !CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))
        return false;
    idle = WaitForInputIdle(process.hProcess, 60000);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return idle == 0 && SetThreadDesktop(desktop);
}

bool user_begin(void)
{
    uintptr_t window;

    if (!has_desktop())
        return false;
    window = user_own_window();
    if (!window)
        return false;
    user_close_window(window);
    SetWindowsHookExW(WH_CBT, on_window, NULL, GetCurrentThreadId());
    return true;
}

void user_plan(const struct user_act *acts, size_t count)
{
    memset(&user, 0, sizeof(user));
    user.acts = acts;
    user.count = count;
    user.timer = SetTimer(NULL, 0, TICK_MS, tick);
    assert_true(user.timer != 0);
}

void user_done(void)
{
    KillTimer(NULL, user.timer);
    if (user.next < user.count && user.fault[0] == '\0')
        fail_msg("only %zu of %zu acts were possible; %s", user.next, user.count, user.waiting);
    if (user.fault[0] != '\0')
        fail_msg("%s", user.fault);
}

unsigned user_windows(void)
{
    return user.windows;
}

uintptr_t user_own_window(void)
{
    return (uintptr_t)CreateWindowExW(0, L"STATIC", L"A mail client", WS_OVERLAPPEDWINDOW, 0, 0,
            300, 200, NULL, NULL, GetModuleHandleW(NULL), NULL);
}

void user_close_window(uintptr_t window)
{
    DestroyWindow((HWND)window);
}

uintptr_t user_owner_of(uintptr_t window)
{
    return (uintptr_t)GetWindow((HWND)window, GW_OWNER);
}

bool user_can_change(uintptr_t dialog, int control)
{
    HWND window = GetDlgItem((HWND)dialog, control);

    return IsWindowEnabled(window) && !(GetWindowLongW(window, GWL_STYLE) & ES_READONLY);
}

#else

bool user_begin(void)
{
    return false;
}

void user_plan(const struct user_act *acts, size_t count)
{
    (void)acts;
    (void)count;
}

void user_done(void)
{
}

unsigned user_windows(void)
{
    return 0;
}

uintptr_t user_own_window(void)
{
    return 0;
}

void user_close_window(uintptr_t window)
{
    (void)window;
}

uintptr_t user_owner_of(uintptr_t window)
{
    (void)window;
    return 0;
}

bool user_can_change(uintptr_t dialog, int control)
{
    (void)dialog;
    (void)control;
    return false;
}

#endif
