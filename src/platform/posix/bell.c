/* SPDX-License-Identifier: MIT */
/*
 * bell.c - bells as sockets of Linux's abstract namespace, which have no file and end with their
 * process. A datagram is a ring; one that finds no room is not needed.
 */
#include "platform/bell.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int socket_of(const struct msp_bell *bell)
{
    return (int)bell->handle;
}

static int make_socket(void)
{
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* NUL, then mailkeep-<32 digits>-<number>; the size says where it ends. */
static socklen_t make_address(
        const uint8_t name[MSP_BELL_NAME_SIZE], unsigned number, struct sockaddr_un *out)
{
    char *path = out->sun_path;
    int at;

    out->sun_family = AF_UNIX;
    path[0] = '\0';
    at = 1 + snprintf(path + 1, sizeof(out->sun_path) - 1, "mailkeep-");
    for (size_t i = 0; i < MSP_BELL_NAME_SIZE; i++)
        at += snprintf(path + at, sizeof(out->sun_path) - (size_t)at, "%02x", name[i]);
    at += snprintf(path + at, sizeof(out->sun_path) - (size_t)at, "-%u", number);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)at);
}

bool msp_bell_open(struct msp_bell *out, const uint8_t name[MSP_BELL_NAME_SIZE])
{
    int fd = make_socket();

    if (fd < 0)
        return false;
    for (unsigned number = 0; number < MSP_BELL_COUNT; number++) {
        struct sockaddr_un address;
        socklen_t size = make_address(name, number, &address);

        if (bind(fd, (const struct sockaddr *)&address, size) == 0) {
            out->handle = (uintptr_t)fd;
            out->number = number;
            return true;
        }
    }
    close(fd);
    return false;
}

void msp_bell_close(struct msp_bell *bell)
{
    close(socket_of(bell));
    bell->handle = 0;
}

bool msp_bell_wait(struct msp_bell *bell, uint32_t timeout_ms)
{
    struct pollfd poller = { .fd = socket_of(bell), .events = POLLIN };
    char byte;

    if (poll(&poller, 1, timeout_ms > INT32_MAX ? -1 : (int)timeout_ms) <= 0)
        return false;
    while (recv(poller.fd, &byte, 1, 0) >= 0)
        continue;
    return true;
}

void msp_bell_ring(const struct msp_bell *bell)
{
    struct sockaddr_un address;
    socklen_t size = sizeof(address);

    if (getsockname(socket_of(bell), (struct sockaddr *)&address, &size) == 0)
        (void)sendto(socket_of(bell), "", 1, 0, (const struct sockaddr *)&address, size);
}

bool msp_bell_ring_all(const uint8_t name[MSP_BELL_NAME_SIZE], uint32_t except)
{
    int fd = make_socket();
    bool is_heard = false;

    if (fd < 0)
        return false;
    for (unsigned number = 0; number < MSP_BELL_COUNT; number++) {
        struct sockaddr_un address;
        socklen_t size = make_address(name, number, &address);

        if ((except >> number & 1) == 0 &&
                (sendto(fd, "", 1, 0, (const struct sockaddr *)&address, size) == 1 ||
                        errno == EAGAIN))
            is_heard = true;
    }
    close(fd);
    return is_heard;
}
