/* SPDX-License-Identifier: MIT */
/*
 * dialog.c - the settings dialog of def/mailkeep32.rc, and questions.
 *
 * Owns:  nothing beyond one call; the dialog's settings hang on its window.
 * Locks: none; a window lives on the thread that opens it.
 */
#include "platform/dialog.h"

#include <stdlib.h>
#include <windows.h>

#include <cderr.h>
#include <commdlg.h>

#include "platform/base.h"
#include "platform/env.h"
#include "platform/library.h"
#include "platform/win32/dialog_ids.h"
#include "platform/win32/own_module.h"
#include "platform/win32/wide.h"

/* What can be typed. A unit takes three bytes of UTF-8 at most. */
enum { NAME_COUNT = 255, PATH_COUNT = 1024 };

_Static_assert(NAME_COUNT * 3 < sizeof(((struct msp_settings *)0)->name) &&
                       PATH_COUNT * 3 < sizeof(((struct msp_settings *)0)->path),
        "what is typed fits");

static const char16_t title[] = u"Mailkeep message store";

bool msp_dialog_is_possible(void)
{
    /* The only station whose windows are on a screen has this name; those of services have not. */
    static const char16_t interactive[] = u"WinSta0";
    char16_t name[32] = { 0 };
    DWORD size = 0;

    if (msp_env_get("MAILKEEP_NO_DIALOGS", NULL, 0) > 1)
        return false;
    return GetUserObjectInformationW(
                   GetProcessWindowStation(), UOI_NAME, name, sizeof(name) - 2, &size) &&
           lstrcmpiW(name, interactive) == 0;
}

/* A window that is gone owns nothing; asking for it would be an error. */
static HWND owner_window(uintptr_t owner)
{
    HWND window = (HWND)owner;

    return window && IsWindow(window) ? window : NULL;
}

static void show_text(HWND dialog, int control, const char *text)
{
    char16_t *wide = wide_dup(text);

    SetDlgItemTextW(dialog, control, wide ? wide : u"");
    free(wide);
}

/* As long as what has been shown, which may be more than can be typed. */
static void read_text(HWND dialog, int control, char *out, size_t out_size)
{
    char16_t wide[sizeof(((struct msp_settings *)0)->path)] = { 0 };

    GetDlgItemTextW(dialog, control, wide, (int)MSP_COUNT_OF(wide));
    wide_to_utf8(wide, out, out_size);
}

/* --- Browse ----------------------------------------------------------------------------------- */

typedef BOOL(WINAPI *file_name_fn)(OPENFILENAMEW *);
typedef DWORD(WINAPI *error_fn)(void);

/* What was typed before need not be a file name to begin with: then it is forgotten. */
static BOOL ask_for_file(
        const struct msp_library *library, const char *function, OPENFILENAMEW *request)
{
    file_name_fn ask = (file_name_fn)msp_library_symbol(library, function);
    error_fn error = (error_fn)msp_library_symbol(library, "CommDlgExtendedError");
    BOOL chosen;

    if (!ask || !error)
        return FALSE;
    chosen = ask(request);
    if (!chosen && error() == FNERR_INVALIDFILENAME) {
        request->lpstrFile[0] = 0;
        chosen = ask(request);
    }
    return chosen;
}

/* Only who browses needs the common dialogs and all that they load. */
static void browse(HWND dialog, const struct msp_settings *settings)
{
    static const char16_t filter[] = u"Mailkeep stores (*.mkeep)\0*.mkeep\0All files (*.*)\0*.*\0";
    char16_t path[PATH_COUNT + 1] = { 0 };
    OPENFILENAMEW request = { .lStructSize = sizeof(request),
        .hwndOwner = dialog,
        .lpstrFilter = filter,
        .lpstrFile = path,
        .nMaxFile = MSP_COUNT_OF(path),
        .lpstrDefExt = u"mkeep",
        .Flags = OFN_PATHMUSTEXIST | OFN_HIDEREADONLY | OFN_NOCHANGEDIR };
    struct msp_library library;

    if (settings->must_exist)
        request.Flags |= OFN_FILEMUSTEXIST;
    GetDlgItemTextW(dialog, CONTROL_PATH, path, (int)MSP_COUNT_OF(path));
    if (msp_library_open(&library, "comdlg32.dll") &&
            ask_for_file(&library, settings->must_exist ? "GetOpenFileNameW" : "GetSaveFileNameW",
                    &request))
        SetDlgItemTextW(dialog, CONTROL_PATH, path);
    msp_library_close(&library);
}

/* --- the settings ----------------------------------------------------------------------------- */

static void begin(HWND dialog, struct msp_settings *settings)
{
    SetWindowLongPtrW(dialog, DWLP_USER, (LONG_PTR)settings);
    SendDlgItemMessageW(dialog, CONTROL_NAME, EM_SETLIMITTEXT, NAME_COUNT, 0);
    SendDlgItemMessageW(dialog, CONTROL_PATH, EM_SETLIMITTEXT, PATH_COUNT, 0);
    show_text(dialog, CONTROL_NAME, settings->name);
    show_text(dialog, CONTROL_PATH, settings->path);
    show_text(dialog, CONTROL_REASON, settings->reason);
    SendDlgItemMessageW(dialog, CONTROL_NAME, EM_SETREADONLY, settings->read_only, 0);
    SendDlgItemMessageW(dialog, CONTROL_PATH, EM_SETREADONLY, settings->read_only, 0);
    EnableWindow(GetDlgItem(dialog, CONTROL_BROWSE), !settings->read_only);
}

static void finish(HWND dialog, struct msp_settings *settings)
{
    HCURSOR before;
    bool accepted;

    if (settings->read_only) {
        EndDialog(dialog, IDOK);
        return;
    }
    read_text(dialog, CONTROL_NAME, settings->name, sizeof(settings->name));
    read_text(dialog, CONTROL_PATH, settings->path, sizeof(settings->path));
    settings->reason[0] = '\0';
    before = SetCursor(LoadCursorW(NULL, (const WCHAR *)IDC_WAIT));
    accepted = settings->accept(settings);
    SetCursor(before);
    if (accepted) {
        EndDialog(dialog, IDOK);
        return;
    }
    show_text(dialog, CONTROL_REASON, settings->reason);
    MessageBeep(MB_ICONWARNING);
    SendMessageW(dialog, WM_NEXTDLGCTL, (WPARAM)GetDlgItem(dialog, CONTROL_PATH), TRUE);
}

static INT_PTR CALLBACK settings_proc(HWND dialog, UINT message, WPARAM wparam, LPARAM lparam)
{
    struct msp_settings *settings = (struct msp_settings *)GetWindowLongPtrW(dialog, DWLP_USER);

    if (message == WM_INITDIALOG) {
        begin(dialog, (struct msp_settings *)lparam);
        return TRUE;
    }
    if (message != WM_COMMAND || !settings)
        return FALSE;
    switch (LOWORD(wparam)) {
    case CONTROL_BROWSE:
        browse(dialog, settings);
        return TRUE;
    case IDOK:
        finish(dialog, settings);
        return TRUE;
    case IDCANCEL:
        EndDialog(dialog, IDCANCEL);
        return TRUE;
    default:
        return FALSE;
    }
}

enum msp_answer msp_dialog_settings(uintptr_t owner, struct msp_settings *settings)
{
    INT_PTR pressed;

    if (!msp_dialog_is_possible())
        return MSP_ANSWER_NONE;
    pressed = DialogBoxParamW(own_module(), MAKEINTRESOURCEW(DIALOG_SETTINGS), owner_window(owner),
            settings_proc, (LPARAM)settings);
    if (pressed == IDOK)
        return MSP_ANSWER_OK;
    return pressed == IDCANCEL ? MSP_ANSWER_CANCEL : MSP_ANSWER_NONE;
}

enum msp_answer msp_dialog_confirm(uintptr_t owner, const char *question)
{
    char16_t *wide = msp_dialog_is_possible() ? wide_dup(question) : NULL;
    int pressed = 0;

    if (wide)
        pressed = MessageBoxW(owner_window(owner), wide, title,
                MB_YESNO | MB_ICONQUESTION | MB_DEFBUTTON2 | MB_SETFOREGROUND);
    free(wide);
    if (pressed == IDYES)
        return MSP_ANSWER_OK;
    return pressed == IDNO ? MSP_ANSWER_CANCEL : MSP_ANSWER_NONE;
}
