#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of eml2props.py: malformed mail is stored as well as can be, and what was repaired is said.

    test_eml2props.py                       # the converter alone
    MAILKEEP_MAILHOST=... MAILKEEP_DLL=...  # and what it wrote, through the provider and back
"""
import contextlib
import io
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import eml2props                                            # noqa: E402  (from beside this file)

DATA = HERE.parent / "data/eml"
MAILHOST, DLL = os.environ.get("MAILKEEP_MAILHOST"), os.environ.get("MAILKEEP_DLL")
SUBJECT, BODY, RECIPIENT_TYPE = 0x0037001F, 0x1000001F, 0x0C150003
SENDER_NAME, SENDER_ADDRESS, EMAIL_ADDRESS, DISPLAY_NAME = (
    0x0C1A001F, 0x0C1F001F, 0x3003001F, 0x3001001F)
ATTACH_DATA, ATTACH_METHOD, ATTACH_NAME = 0x37010102, 0x37050003, 0x3707001F
SUBMITTED, ORIGINAL = 0x00390040, 0x68010102


class Reader:
    """Takes a record apart, as mailhost does; stumbles over whatever is not as documented."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        self.at += size
        if self.at > len(self.data):
            raise ValueError("a record is too short")
        return self.data[self.at - size:self.at]

    def u32(self):
        return struct.unpack("<I", self.take(4))[0]

    def props(self):
        found = {}
        for _ in range(self.u32()):
            tag = self.u32()
            raw = self.take(self.u32())
            if tag & 0xFFFF == 0x001F:
                found[tag] = raw.decode("utf-16-le")
            elif tag & 0xFFFF == 0x0003:
                found[tag] = struct.unpack("<i", raw)[0]
            else:
                found[tag] = raw
        return found

    def message(self):
        props = self.props()
        recipients = [self.props() for _ in range(self.u32())]
        attachments = []
        for _ in range(self.u32()):
            row = self.props()
            attachments.append((row, self.message() if self.take(1) == b"\1" else None))
        return props, recipients, attachments


def convert(raw):
    """Properties, recipients, attachments, and what was repaired."""
    record, notes = eml2props.convert(raw, "name")
    reader = Reader(record)
    assert reader.u32() == len(record) - 4
    assert reader.take(reader.u32()) == b"name"
    reader.take(32)
    message = reader.message()
    assert reader.at == len(record)
    assert message[0][ORIGINAL] == raw
    return *message, set(notes)


def convert_file(name):
    return convert((DATA / name).read_bytes())


class Malformed(unittest.TestCase):
    def test_nothing_wrong__nothing_reported(self):
        props, recipients, attachments, notes = convert_file("plain.eml")
        self.assertEqual(notes, set())
        self.assertEqual(props[SUBJECT], "Nothing is wrong")
        self.assertEqual(props[BODY], "A mail as it should be.\n")
        self.assertEqual(props[SENDER_ADDRESS], "ada@example.org")
        self.assertEqual([row[EMAIL_ADDRESS] for row in recipients], ["bob@example.org"])
        self.assertEqual(attachments, [])

    def test_unknown_charset__read_as_windows_reads_it(self):
        props, _, _, notes = convert_file("bad_charset.eml")
        self.assertEqual(props[SUBJECT], "Grüße to you")
        self.assertEqual(props[BODY], "Grüße aus Köln\n")
        self.assertEqual(notes, {"an encoded word in an unknown or wrong character set",
                                 "a body in an unknown or wrong character set"})

    def test_lying_charset__no_byte_is_dropped(self):
        props, _, attachments, notes = convert_file("lying_charset.eml")
        self.assertEqual(props[SUBJECT], "8-bit ä in a header")
        self.assertEqual(props[SENDER_NAME], "Käthe")      # this one in UTF-8
        self.assertEqual(props[BODY], "naïve")
        self.assertEqual(attachments[0][0][ATTACH_NAME], "Größe.txt")
        self.assertEqual(notes, {"8-bit bytes in a header",
                                 "a body in an unknown or wrong character set"})

    def test_broken_base64__what_can_be_decoded_is_kept(self):
        props, _, attachments, notes = convert_file("broken_base64.eml")
        self.assertEqual(props[BODY], "See the file.")
        self.assertEqual(attachments[0][0][ATTACH_NAME], "half.bin")
        self.assertEqual(attachments[0][0][ATTACH_DATA], b"half of it\n")
        self.assertEqual(notes, {"broken base64"})

    def test_missing_headers__a_message_without_them(self):
        props, recipients, _, notes = convert_file("no_headers.eml")
        self.assertEqual(props[SUBJECT], "")
        self.assertEqual(props[BODY], "Only a text.\n")
        self.assertNotIn(SUBMITTED, props)
        self.assertNotIn(SENDER_ADDRESS, props)
        self.assertEqual(recipients, [])
        self.assertEqual(notes, {"no sender", "no usable date"})

    def test_nul__replaced(self):
        props, _, _, notes = convert_file("nul_subject.eml")
        self.assertEqual(props[SUBJECT], "be\ufffdfore")
        self.assertEqual(props[BODY], "bo\ufffddy\n")
        self.assertEqual(notes, {"a NUL in a text"})

    def test_nul_in_an_encoded_word__replaced(self):
        props, _, _, notes = convert(b"From: a@b.c\nDate: Tue, 01 Jan 2019 10:00:00 +0000\n"
                                     b"Subject: =?us-ascii?Q?be=00fore?=\n\n")
        self.assertEqual(props[SUBJECT], "be\ufffdfore")
        self.assertEqual(notes, {"a NUL in a text"})

    def test_multipart_without_end__its_parts_are_kept(self):
        props, _, _, notes = convert_file("no_end.eml")
        self.assertEqual(props[BODY], "The first part")
        self.assertEqual(notes, {"a multipart without an end"})

    def test_nested__each_message_in_its_attachment(self):
        props, _, attachments, notes = convert_file("nested.eml")
        row, middle = attachments[0]
        self.assertEqual(props[SUBJECT], "Outer")
        self.assertEqual(row[ATTACH_METHOD], 5)
        self.assertEqual(middle[0][SUBJECT], "Middle")
        self.assertEqual(middle[0][SENDER_ADDRESS], "eve@example.org")
        row, inner = middle[2][0]
        self.assertEqual(row[ATTACH_METHOD], 5)
        self.assertEqual(inner[0][SUBJECT], "Inner ä")
        self.assertEqual(inner[0][BODY], "Innermost.")
        self.assertNotIn(ORIGINAL, inner[0])
        # What is wrong far inside is said as well.
        self.assertEqual(notes, {"a body in an unknown or wrong character set", "no usable date"})

    def test_nested_too_deep__a_file_at_the_end(self):
        with mock.patch.object(eml2props, "MAX_DEPTH", 2):
            _, _, attachments, notes = convert_file("nested.eml")
        row, inner = attachments[0][1][2][0]
        self.assertIsNone(inner)
        self.assertEqual(row[ATTACH_METHOD], 1)
        self.assertIn(b"Innermost.", row[ATTACH_DATA])
        self.assertIn("nested deeper than 2 messages: kept as a file", notes)

    def test_unreadable__the_bytes_are_kept(self):
        with mock.patch.object(eml2props.Converter, "envelope", side_effect=KeyError):
            props, recipients, attachments, notes = convert_file("plain.eml")
        self.assertEqual((props[SUBJECT], recipients, attachments), ("name", [], []))
        self.assertEqual(notes, {"unreadable (KeyError), stored as bytes only"})


def crowd(count):
    """A mail to so many."""
    people = ",\n ".join('"Person, %d" <p%d@example.org>' % (i, i) for i in range(count))
    return ("From: ada@example.org\nDate: Tue, 01 Jan 2019 10:00:00 +0000\nSubject: All of you\n"
            "To: %s\n\nHello.\n" % people).encode()


class Large(unittest.TestCase):
    def test_ten_thousand_recipients__each_is_a_row(self):
        _, recipients, _, notes = convert(crowd(10000))
        self.assertEqual(len(recipients), 10000)
        self.assertEqual(recipients[9999][EMAIL_ADDRESS], "p9999@example.org")
        self.assertEqual(recipients[9999][DISPLAY_NAME], "Person, 9999")
        self.assertEqual({row[RECIPIENT_TYPE] for row in recipients}, {1})
        self.assertEqual(notes, set())


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_main(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(sys, "argv", ["eml2props.py", *map(str, arguments)]), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = eml2props.main()
        return status, out.getvalue(), err.getvalue()

    def test_folder__counts_what_was_repaired_even_when_quiet(self):
        status, out, err = self.run_main("-q", "-o", self.folder / "mail.mkm", DATA)
        self.assertEqual((status, err), (0, ""))
        first, second = out.splitlines()
        self.assertEqual(first, "converted 8 mails, 7 of them malformed, 0 files left out")
        self.assertEqual(second, "repaired: a body in an unknown or wrong character set (3), "
                         "no usable date (2), 8-bit bytes in a header (1), a NUL in a text (1), "
                         "a multipart without an end (1), "
                         "an encoded word in an unknown or wrong character set (1), "
                         "broken base64 (1), no sender (1)")

    def test_folder__names_each_mail_that_was_repaired(self):
        _, _, err = self.run_main("-o", self.folder / "mail.mkm", DATA)
        lines = err.splitlines()
        self.assertEqual(len(lines), 7)
        self.assertIn("eml2props: broken_base64.eml: broken base64", lines)

    def test_nothing_wrong__one_line(self):
        _, out, err = self.run_main("-o", self.folder / "mail.mkm", DATA / "plain.eml")
        self.assertEqual(out, "converted 1 mails, 0 of them malformed, 0 files left out\n")
        self.assertEqual(err, "")

    def test_file_that_is_no_mail__left_out_and_said(self):
        (self.folder / "README").write_text("No mail at all\n")
        _, out, err = self.run_main("-o", self.folder / "mail.mkm", self.folder / "README")
        self.assertTrue(out.startswith("converted 0 mails, 0 of them malformed, 1 files left out"))
        self.assertEqual(err, "eml2props: README is not a mail, left out\n")

    def host(self, *arguments):
        done = subprocess.run([MAILHOST, "--quiet", "--profile", self.folder / "p", *arguments],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    @unittest.skipUnless(MAILHOST and DLL, "there is no mailhost to import with")
    def test_import__every_mail_is_in_the_store_as_converted(self):
        (self.folder / "crowd.eml").write_bytes(crowd(10000))
        mail = self.folder / "mail.mkm"
        self.run_main("-q", "-o", mail, DATA, self.folder / "crowd.eml")
        self.host("register", "--dll", DLL, "--store", self.folder / "s.mkeep",
                  "--inf", self.folder / "inf")
        self.assertIn("imported 9 of 9", self.host("import", mail))
        self.assertIn("verify: 9 stored, 9 verified, 0 lost", self.host("verify", mail))
        self.host("check")


if __name__ == "__main__":
    unittest.main()
