#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns mails (.eml, RFC 5322 with MIME) into MAPI properties for `mailhost import`.

    eml2props.py -o mail.mkm PATH...        # files, or folders walked in name order
    eml2props.py -o mail.mkm -n 500 DIR     # at most 500 mails
    mailhost import mail.mkm                # the second step

The product never parses MIME, its hosts do; this is the host's half. Only the standard `email`
library is used. A mail is never dropped because it is malformed: what can be read becomes
properties, what was repaired is reported on stderr and counted at the end, and the complete
original bytes go along in a binary property, so that "every byte is there" can be proved.

File format, all integers little-endian, every length in front of what it measures:

    file      "MKMAIL1\\n"  record*  u32 0  u32 record count
    record    u32 length  name  sha256[32]  message         (sha256 of the original bytes)
    name      u32 length  UTF-8                             (where the mail came from)
    message   props  u32 count  props*  u32 count  attachment*      (recipients, attachments)
    attachment  props  u8 nested  [message]
    props     u32 count  (u32 tag  u32 length  bytes)*

Values are as MAPI has them in memory: PT_LONG 4 bytes, PT_BOOLEAN 2, PT_SYSTIME and PT_I8 8,
PT_UNICODE UTF-16 without terminator, PT_BINARY the bytes.
"""
import argparse
import collections
import email
import email.header
import email.parser
import email.policy
import email.utils
import hashlib
import os
import re
import struct
import sys
import time

MAGIC = b"MKMAIL1\n"
MAX_DEPTH = 250                         # nesting of message/rfc822; deeper stays an .eml attachment

PT_LONG, PT_SYSTIME, PT_UNICODE, PT_BINARY = 0x0003, 0x0040, 0x001F, 0x0102

IMPORTANCE = 0x0017
MESSAGE_CLASS = 0x001A
PRIORITY = 0x0026
SENSITIVITY = 0x0036
SUBJECT = 0x0037
CLIENT_SUBMIT_TIME = 0x0039
# name, entry id, address type, address, search key
SENT_REPRESENTING = (0x0042, 0x0041, 0x0064, 0x0065, 0x003B)
SENDER = (0x0C1A, 0x0C19, 0x0C1E, 0x0C1F, 0x0C1D)
CONVERSATION_TOPIC = 0x0070
TRANSPORT_HEADERS = 0x007D
RECIPIENT_TYPE = 0x0C15
MESSAGE_DELIVERY_TIME = 0x0E06
MESSAGE_FLAGS = 0x0E07
ENTRYID = 0x0FFF
BODY = 0x1000
HTML = 0x1013
INTERNET_MESSAGE_ID = 0x1035
INTERNET_REFERENCES = 0x1039
IN_REPLY_TO = 0x1042
DISPLAY_NAME, ADDRTYPE, EMAIL_ADDRESS = 0x3001, 0x3002, 0x3003
SEARCH_KEY = 0x300B
ATTACH_DATA = 0x3701
ATTACH_EXTENSION, ATTACH_FILENAME, ATTACH_METHOD = 0x3703, 0x3704, 0x3705
ATTACH_LONG_FILENAME = 0x3707
RENDERING_POSITION = 0x370B
ATTACH_MIME_TAG, ATTACH_CONTENT_ID = 0x370E, 0x3712
INTERNET_CPID = 0x3FDE
ORIGINAL_BYTES, SOURCE_NAME = 0x6801, 0x6802        # ours: client properties

ONE_OFF_UID = bytes.fromhex("812b1fa4bea310199d6e00dd010f5402")
# What the parser finds wrong, in words; the rest goes by its class name.
DEFECTS = {"NoBoundaryInMultipartDefect": "a multipart without a boundary",
           "StartBoundaryNotFoundDefect": "a multipart whose boundary is not there",
           "CloseBoundaryNotFoundDefect": "a multipart without an end",
           "MultipartInvariantViolationDefect": "a multipart without parts",
           "InvalidMultipartContentTransferEncodingDefect": "a multipart that is encoded",
           "MissingHeaderBodySeparatorDefect": "headers that run into the body",
           "FirstHeaderLineIsContinuationDefect": "headers that begin in the middle",
           "MisplacedEnvelopeHeaderDefect": "an envelope line among the headers",
           "InvalidBase64PaddingDefect": "broken base64",
           "InvalidBase64CharactersDefect": "broken base64",
           "InvalidBase64LengthDefect": "broken base64"}
CODE_PAGES = {"utf-8": 65001, "us-ascii": 20127, "iso-8859-1": 28591, "iso-8859-15": 28605,
              "windows-1252": 1252, "koi8-r": 20866, "iso-2022-jp": 50220, "gb2312": 936}


def clean(text):
    """Text that is valid UTF-16 and holds no NUL, which MAPI strings cannot carry."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode("utf-16-le")
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "replace").decode("utf-16-le", "replace")


def bytes_to_text(raw):
    for charset in ("utf-8", "cp1252"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            pass
    return raw.decode("latin-1")


class Props:
    """The properties of one object, in the file's form."""

    def __init__(self):
        self.items = {}

    def put(self, prop_id, prop_type, raw):
        self.items[prop_id << 16 | prop_type] = raw

    def text(self, prop_id, value):
        if value is not None:
            self.put(prop_id, PT_UNICODE, clean(value).encode("utf-16-le"))

    def long(self, prop_id, value):
        self.put(prop_id, PT_LONG, struct.pack("<i", value))

    def binary(self, prop_id, value):
        self.put(prop_id, PT_BINARY, value)

    def systime(self, prop_id, seconds):
        if seconds is None:
            return
        ticks = int((seconds + 11644473600) * 10000000)
        if 0 < ticks < 1 << 63:
            self.put(prop_id, PT_SYSTIME, struct.pack("<Q", ticks))

    def pack(self, out):
        out.append(struct.pack("<I", len(self.items)))
        for tag in sorted(self.items):
            out.append(struct.pack("<II", tag, len(self.items[tag])))
            out.append(self.items[tag])


class AsTheyCame(email.policy.Compat32):
    """Header values with the bytes that are not ASCII still in them, as surrogates; the library
    would give question marks."""

    def header_fetch_parse(self, name, value):
        return value


class Converter:
    """Turns one mail into packed bytes; `notes` says what had to be repaired."""

    def __init__(self):
        self.notes = []

    def check(self, text):
        """Text is about to lose its NULs, see clean()."""
        if "\0" in text:
            self.notes.append("a NUL in a text")

    # -- headers -----------------------------------------------------------

    def decoded(self, value):
        """Header text with RFC 2047 words decoded, whatever is wrong with it."""
        if value is None:
            return None
        value = str(value)
        self.check(value)
        raw = value.encode("utf-8", "surrogateescape")
        if any(b > 127 for b in raw):
            self.notes.append("8-bit bytes in a header")
            value = bytes_to_text(raw)
        value = re.sub(r"[\r\n]+[ \t]*", " ", value).strip()
        if "=?" not in value:
            return value
        value = self.words(value)
        self.check(value)
        return value

    def words(self, value):
        """RFC 2047 words decoded."""
        try:
            parts = []
            for text, charset in email.header.decode_header(value):
                if isinstance(text, str):
                    parts.append(text)
                    continue
                try:
                    parts.append(text.decode(charset or "latin-1"))
                except (LookupError, UnicodeDecodeError):
                    self.notes.append("an encoded word in an unknown or wrong character set")
                    parts.append(bytes_to_text(text))
            return "".join(parts)
        except Exception:                                   # binascii, header parse errors
            self.notes.append("an encoded word that cannot be decoded")
            return value

    def header(self, msg, name):
        """First occurrence, as text; None when it is absent."""
        try:
            return self.decoded(msg.get(name))
        except Exception:
            self.notes.append("a %s header that cannot be read" % name)
            return None

    def addresses(self, msg, name):
        out = []
        for value in msg.get_all(name, []):
            text = str(value).encode("utf-8", "surrogateescape")
            try:
                pairs = email.utils.getaddresses([bytes_to_text(text)])
            except Exception:
                self.notes.append("a %s header that cannot be parsed" % name)
                pairs = [(bytes_to_text(text), "")]
            for display, address in pairs:
                display = self.decoded(display) or ""
                if display or address:
                    out.append((display or address, address))
        return out

    def date(self, msg, name):
        try:
            value = msg.get(name)
            if value is None:
                return None
            if name == "Received":
                value = str(value).rsplit(";", 1)[-1]
            fields = email.utils.parsedate_tz(str(value))
            return email.utils.mktime_tz(fields) if fields else None
        except Exception:
            return None

    # -- one message -------------------------------------------------------

    def message(self, msg, out, raw, name, depth):
        props, recipients, attachments = Props(), [], []

        self.envelope(msg, props)
        for header, kind in (("To", 1), ("Cc", 2), ("Bcc", 3)):
            for display, address in self.addresses(msg, header):
                recipients.append(self.recipient(display, address, kind))
        self.body_parts(msg, props, attachments, depth)
        if raw is not None:
            props.binary(ORIGINAL_BYTES, raw)
            props.text(SOURCE_NAME, name)

        props.pack(out)
        out.append(struct.pack("<I", len(recipients)))
        for row in recipients:
            row.pack(out)
        out.append(struct.pack("<I", len(attachments)))
        for row, nested in attachments:
            row.pack(out)
            out.append(struct.pack("<B", nested is not None))
            if nested is not None:
                self.message(nested, out, None, None, depth + 1)

    def envelope(self, msg, props):
        kind = "IPM.Note"
        ctype = msg.get_content_type()
        if ctype in ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"):
            kind = "IPM.Note.SMIME"
        elif ctype == "multipart/signed":
            kind = "IPM.Note.SMIME.MultipartSigned"
        props.text(MESSAGE_CLASS, kind)

        subject = self.header(msg, "Subject")
        props.text(SUBJECT, subject or "")
        topic = re.sub(r"^(?:\s*[A-Za-z]{1,3}:\s*)+", "", subject or "")
        props.text(CONVERSATION_TOPIC, topic)
        high = (self.header(msg, "X-Priority") or "").startswith(("1", "2")) \
            or (self.header(msg, "Importance") or "").lower() == "high"
        low = (self.header(msg, "Importance") or "").lower() == "low"
        props.long(IMPORTANCE, 2 if high else 0 if low else 1)
        props.long(PRIORITY, 1 if high else -1 if low else 0)
        props.long(SENSITIVITY, 0)
        props.long(MESSAGE_FLAGS, 1)                        # read, not unsent

        sent, received = self.date(msg, "Date"), self.date(msg, "Received")
        if sent is None:
            self.notes.append("no usable date")
        props.systime(CLIENT_SUBMIT_TIME, sent)
        props.systime(MESSAGE_DELIVERY_TIME, received if received is not None else sent)

        people = self.addresses(msg, "From")
        if not people:
            self.notes.append("no sender")
        for header, ids in (("From", SENT_REPRESENTING), ("Sender", SENDER)):
            who = self.addresses(msg, header) or people
            if who:
                self.person(props, ids, who[0])

        for header, prop in (("Message-ID", INTERNET_MESSAGE_ID), ("In-Reply-To", IN_REPLY_TO),
                             ("References", INTERNET_REFERENCES)):
            props.text(prop, self.header(msg, header))
        try:
            lines = []
            for key, value in msg.raw_items():
                text = bytes_to_text(str(value).encode("utf-8", "surrogateescape"))
                lines.append("%s: %s\r\n" % (key, re.sub(r"\r?\n|\r", "\r\n", text)))
            props.text(TRANSPORT_HEADERS, "".join(lines))
        except Exception:
            self.notes.append("headers that cannot be listed")

    def person(self, props, ids, who):
        display, address = who
        name_id, entry_id, type_id, address_id, key_id = ids
        props.text(name_id, display)
        props.text(type_id, "SMTP")
        props.text(address_id, address)
        props.binary(entry_id, self.one_off(display, address))
        props.binary(key_id, self.search_key(address))

    def recipient(self, display, address, kind):
        row = Props()
        row.long(RECIPIENT_TYPE, kind)
        row.text(DISPLAY_NAME, display)
        row.text(ADDRTYPE, "SMTP")
        row.text(EMAIL_ADDRESS, address)
        row.binary(ENTRYID, self.one_off(display, address))
        row.binary(SEARCH_KEY, self.search_key(address))
        return row

    @staticmethod
    def one_off(display, address):
        body = "".join(clean(s) + "\0" for s in (display, "SMTP", address))
        return bytes(4) + ONE_OFF_UID + struct.pack("<HH", 0, 0x8001) + body.encode("utf-16-le")

    @staticmethod
    def search_key(address):
        return ("SMTP:" + clean(address).upper()).encode("utf-8") + b"\0"

    # -- parts -------------------------------------------------------------

    def body_parts(self, msg, props, attachments, depth):
        have = set()
        stack, seen = [msg], []
        while stack:
            part = stack.pop()
            seen.append(part)
            ctype = part.get_content_type()
            payload = part.get_payload()
            if isinstance(payload, list) and ctype.startswith("multipart/"):
                stack.extend(reversed(payload))
                continue
            if ctype == "message/rfc822" and isinstance(payload, list) and payload:
                attachments.append(self.embedded(part, payload[0], depth))
                continue
            attached = (part.get_content_disposition() == "attachment") or self.filename(part)
            if ctype == "text/plain" and not attached and "plain" not in have:
                have.add("plain")
                props.text(BODY, self.text(part))
            elif ctype == "text/html" and not attached and "html" not in have:
                have.add("html")
                props.binary(HTML, self.content(part))
                charset = self.charset(part)
                props.long(INTERNET_CPID, CODE_PAGES.get(charset, 65001))
            elif part is not msg or self.content(part):
                attachments.append((self.by_value(part), None))
        for part in seen:                                   # now that they have been decoded
            for defect in getattr(part, "defects", []):
                name = type(defect).__name__
                self.notes.append(DEFECTS.get(name, name))

    def content(self, part):
        try:
            data = part.get_payload(decode=True)
        except Exception:
            data = None
        if data is None:                                    # a container, or undecodable
            try:
                data = b"".join(p.as_bytes() for p in part.get_payload()) \
                    if isinstance(part.get_payload(), list) \
                    else str(part.get_payload()).encode("utf-8", "surrogateescape")
            except Exception:
                self.notes.append("a part that cannot be decoded")
                data = b""
        return data

    @staticmethod
    def charset(part):
        try:
            return (part.get_content_charset() or "us-ascii").lower()
        except Exception:
            return "us-ascii"

    def text(self, part):
        data = self.content(part)
        try:
            text = data.decode(self.charset(part))
        except (LookupError, UnicodeDecodeError, ValueError):
            self.notes.append("a body in an unknown or wrong character set")
            text = bytes_to_text(data)
        self.check(text)
        return text

    def filename(self, part):
        try:
            name = part.get_filename()
        except Exception:
            self.notes.append("a file name that cannot be read")
            return None
        return self.decoded(name) if name else None

    def attachment_props(self, part, method, name):
        row = Props()
        row.long(ATTACH_METHOD, method)
        row.long(RENDERING_POSITION, -1)
        row.text(DISPLAY_NAME, name)
        row.text(ATTACH_LONG_FILENAME, name)
        stem, ext = os.path.splitext(name)
        row.text(ATTACH_EXTENSION, ext)
        short = re.sub(r"[^A-Za-z0-9_-]", "_", stem)[:8] or "ATT"
        row.text(ATTACH_FILENAME, (short + re.sub(r"[^A-Za-z0-9.]", "", ext)[:4]).upper())
        row.text(ATTACH_MIME_TAG, part.get_content_type())
        cid = self.header(part, "Content-ID")
        if cid:
            row.text(ATTACH_CONTENT_ID, cid.strip("<>"))
        return row

    def by_value(self, part):
        row = self.attachment_props(part, 1, self.filename(part) or "part.bin")
        row.binary(ATTACH_DATA, self.content(part))
        return row

    def embedded(self, part, inner, depth):
        name = self.filename(part) or self.header(inner, "Subject") or "message"
        if depth + 1 < MAX_DEPTH:
            return self.attachment_props(part, 5, name), inner
        self.notes.append("nested deeper than %d messages: kept as a file" % MAX_DEPTH)
        row = self.attachment_props(part, 1, name + ".eml")
        try:
            row.binary(ATTACH_DATA, inner.as_bytes())
        except Exception:
            row.binary(ATTACH_DATA, b"")
        return row, None


def convert(raw, name):
    """One record of the file (with its length) and the list of what was repaired."""
    conv = Converter()
    out = []
    try:
        msg = email.parser.BytesParser(policy=AsTheyCame()).parsebytes(raw)
        conv.message(msg, out, raw, name, 0)
    except Exception as e:                                  # still stored: a bare note around the bytes
        conv.notes.append("unreadable (%s), stored as bytes only" % type(e).__name__)
        out = []
        props = Props()
        props.text(MESSAGE_CLASS, "IPM.Note")
        props.text(SUBJECT, name)
        props.long(MESSAGE_FLAGS, 1)
        props.binary(ORIGINAL_BYTES, raw)
        props.text(SOURCE_NAME, name)
        props.pack(out)
        out.append(struct.pack("<II", 0, 0))
    utf8 = name.encode("utf-8", "replace")
    body = struct.pack("<I", len(utf8)) + utf8 + hashlib.sha256(raw).digest() + b"".join(out)
    return struct.pack("<I", len(body)) + body, conv.notes


def looks_like_mail(path, raw):
    """Folders hold other things too; a header line near the top makes a mail."""
    if path.lower().endswith(".eml"):
        return True
    return re.search(rb"(?m)^[A-Za-z][A-Za-z0-9-]*:[ \t]", raw[:2048]) is not None


def walk(paths):
    """(path, name shown) of every candidate, in an order that does not depend on the disk."""
    for top in paths:
        if not os.path.isdir(top):
            yield top, shown(os.path.basename(top))
            continue
        for folder, dirs, files in os.walk(top):
            dirs.sort()
            for f in sorted(files):
                path = os.path.join(folder, f)
                yield path, shown(os.path.relpath(path, top).replace(os.sep, "/"))


def shown(name):
    """A file name as text of one line."""
    return clean(re.sub(r"[\x00-\x1f\x7f]", "_", name))


def main():
    ap = argparse.ArgumentParser(description="mails to MAPI properties, for mailhost import")
    ap.add_argument("-o", "--out", required=True)
    ap.add_argument("-n", "--limit", type=int, default=0, help="at most N mails (0: all)")
    ap.add_argument("-q", "--quiet", action="store_true", help="no list of repaired mails")
    ap.add_argument("paths", nargs="+")
    args = ap.parse_args()
    sys.setrecursionlimit(20000)

    count = repaired = skipped = 0
    repairs = collections.Counter()
    shown = time.monotonic()
    with open(args.out, "wb") as out:
        out.write(MAGIC)
        for path, name in walk(args.paths):
            if args.limit and count >= args.limit:
                break
            try:
                with open(path, "rb") as f:
                    raw = f.read()
            except OSError as e:
                print("eml2props: %s cannot be read: %s" % (path, e.strerror), file=sys.stderr)
                return 1
            if not looks_like_mail(path, raw):
                skipped += 1
                print("eml2props: %s is not a mail, left out" % name, file=sys.stderr)
                continue
            record, notes = convert(raw, name)
            out.write(record)
            count += 1
            if notes:
                repaired += 1
                repairs.update(set(notes))
                if not args.quiet:
                    print("eml2props: %s: %s" % (name, "; ".join(sorted(set(notes)))),
                          file=sys.stderr)
            if time.monotonic() - shown > 1:
                shown = time.monotonic()
                print("eml2props: %d mails" % count, file=sys.stderr)
        out.write(struct.pack("<II", 0, count))
    print("converted %d mails, %d of them malformed, %d files left out" % (count, repaired, skipped))
    if repairs:
        kinds = sorted(repairs, key=lambda kind: (-repairs[kind], kind))
        print("repaired: " + ", ".join("%s (%d)" % (kind, repairs[kind]) for kind in kinds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
