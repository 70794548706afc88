/* SPDX-License-Identifier: MIT */
/*
 * rtf_lzfu.h - the form in which PR_RTF_COMPRESSED holds its RTF: LZFu (compressed) or MELA (as it
 * is), as [MS-OXRTFCP] publishes it.
 *
 * Reading takes untrusted bytes in pieces of any size and needs constant memory: what the header
 * says of the uncompressed size is never used for anything.
 *
 * Locks: none.
 */
#ifndef MSP_MAPI_RTF_LZFU_H
#define MSP_MAPI_RTF_LZFU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msp_buf;

enum {
    RTF_LZFU_HEADER = 16,
    RTF_LZFU_WINDOW = 4096,
    RTF_LZFU_REFERENCE_MAX = 17 /* bytes that one reference can stand for */
};

#define RTF_LZFU_COMPRESSED UINT32_C(0x75465A4C)   /* "LZFu" */
#define RTF_LZFU_UNCOMPRESSED UINT32_C(0x414C454D) /* "MELA" */

enum rtf_lzfu_status {
    RTF_LZFU_OK,
    RTF_LZFU_CORRUPT, /* not such a stream, cut short, or its CRC is wrong */
    RTF_LZFU_STOPPED  /* the sink wants no more */
};

/* Takes RTF as it comes out; false stops the reading. */
typedef bool (*rtf_lzfu_sink)(void *context, const uint8_t *data, size_t size);

/* One stream being read. The fields are rtf_lzfu.c's own. */
struct rtf_lzfu_reader {
    rtf_lzfu_sink sink;
    void *context;
    uint8_t header[RTF_LZFU_HEADER];
    size_t header_size; /* bytes of it that have come */
    uint32_t type;
    uint32_t crc;
    uint64_t left;          /* bytes of the contents still to come */
    unsigned control;       /* what the next tokens are, lowest bit first */
    unsigned control_count; /* bits of it that are left */
    bool has_half;          /* the first byte of a reference has come */
    uint8_t half;
    bool ended; /* by its end mark */
    size_t write;
    size_t flushed; /* where the bytes begin that the sink does not have yet */
    uint8_t window[RTF_LZFU_WINDOW];
};

void rtf_lzfu_read_init(struct rtf_lzfu_reader *reader, rtf_lzfu_sink sink, void *context);
/* The next piece. What comes after the stream's end is ignored. */
enum rtf_lzfu_status rtf_lzfu_read(struct rtf_lzfu_reader *reader, const void *data, size_t size);
/* All pieces have come: RTF_LZFU_OK only for a whole stream with the right CRC. Until then the sink
 * may have been given wrong bytes. */
enum rtf_lzfu_status rtf_lzfu_read_end(const struct rtf_lzfu_reader *reader);

/* Appends `size` bytes of RTF as a stream: LZFu, or MELA where that is smaller; one of 3 GiB or
 * more is refused. False: that, or no memory. */
bool rtf_lzfu_compress(const void *rtf, size_t size, struct msp_buf *out);

#endif
