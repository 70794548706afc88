/* SPDX-License-Identifier: MIT */
/*
 * bell.c - bells as named events, which end with their last handle. The name is one for all
 * sessions of the machine: events need no privilege for that.
 */
#include "platform/bell.h"

#include <assert.h>
#include <windows.h>

enum { NAME_ROOM = 64 };

static HANDLE event_of(const struct msp_bell *bell)
{
    return (HANDLE)bell->handle;
}

static WCHAR digit(unsigned value)
{
    return (WCHAR)(value < 10 ? '0' + value : 'a' + value - 10);
}

/* Global\Mailkeep-<32 digits>-<number> */
static void make_name(const uint8_t name[MSP_BELL_NAME_SIZE], unsigned number, WCHAR out[NAME_ROOM])
{
    static const char prefix[] = "Global\\Mailkeep-";
    size_t at = 0;

    static_assert(sizeof(prefix) + 2 * MSP_BELL_NAME_SIZE + 2 <= NAME_ROOM, "the name fits");
    static_assert(MSP_BELL_COUNT <= 10, "a number is one digit");
    while (prefix[at] != '\0') {
        out[at] = (WCHAR)prefix[at];
        at++;
    }
    for (size_t i = 0; i < MSP_BELL_NAME_SIZE; i++) {
        out[at++] = digit(name[i] >> 4);
        out[at++] = digit(name[i] & 15u);
    }
    out[at++] = '-';
    out[at++] = digit(number);
    out[at] = 0;
}

bool msp_bell_open(struct msp_bell *out, const uint8_t name[MSP_BELL_NAME_SIZE])
{
    WCHAR text[NAME_ROOM];

    for (unsigned number = 0; number < MSP_BELL_COUNT; number++) {
        HANDLE event;

        make_name(name, number, text);
        event = CreateEventW(NULL, FALSE, FALSE, text);
        if (event != NULL && GetLastError() != ERROR_ALREADY_EXISTS) {
            out->handle = (uintptr_t)event;
            out->number = number;
            return true;
        }
        if (event != NULL)
            CloseHandle(event);
    }
    return false;
}

void msp_bell_close(struct msp_bell *bell)
{
    CloseHandle(event_of(bell));
    bell->handle = 0;
}

bool msp_bell_wait(struct msp_bell *bell, uint32_t timeout_ms)
{
    return WaitForSingleObject(event_of(bell), timeout_ms) == WAIT_OBJECT_0;
}

void msp_bell_ring(const struct msp_bell *bell)
{
    SetEvent(event_of(bell));
}

bool msp_bell_ring_all(const uint8_t name[MSP_BELL_NAME_SIZE], uint32_t except)
{
    WCHAR text[NAME_ROOM];
    bool is_heard = false;

    for (unsigned number = 0; number < MSP_BELL_COUNT; number++) {
        HANDLE event;

        if ((except >> number & 1) != 0)
            continue;
        make_name(name, number, text);
        event = OpenEventW(EVENT_MODIFY_STATE, FALSE, text);
        if (event == NULL)
            continue;
        SetEvent(event);
        CloseHandle(event);
        is_heard = true;
    }
    return is_heard;
}
