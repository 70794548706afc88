/* SPDX-License-Identifier: MIT */
/*
 * mailhost.c - the reference host as a command: runs a message store provider on real mail.
 *
 * usage: mailhost [--profile FILE] [--quiet] VERB [ARGUMENT | --OPTION VALUE]...
 *
 *   register --dll PATH --store FILE [--inf FILE]
 *         Writes the service's sections into the MAPISVC.INF file (default: mapisvc.inf beside the
 *         profile; the library's own MergeWithMAPISVC does it), makes a service of them in the
 *         profile and has the library configure it for the store file, which is created.
 *   unregister [--inf FILE]
 *         Takes the service out of the profile and the sections out of the file; the store stays.
 *   import FILE... [--folder NAME] [--batch] [--journal FILE] [--shutdown HOW] [--kill-after N]
 *         Stores the mails of files written by eml2props.py, by default in the Inbox. --batch asks
 *         the store for bulk mode. --journal appends one line per message whose SaveChanges
 *         returned S_OK: "<entry id, hex> <sha256 of the mail> <source name>", flushed each time.
 *         Prints "imported N of M".
 *   verify FILE... [--folder NAME] [--journal FILE] [--shutdown HOW]
 *         Reads every message back through the interfaces and compares each property, recipient
 *         and attachment byte with the mail files. With --journal only the messages that the
 *         journal acknowledges must be there (after a kill). Prints
 *         "verify: S stored, V verified, L lost"; the exit status is 0 when nothing is lost.
 *   ls [FOLDER] [--sort date|subject|from|size] [--desc] [--from ROW] [--rows N]
 *         Without a folder: the folder tree with counts. With one: its messages.
 *   show ENTRYID
 *         One message: properties, recipients, attachments.
 *   find WORDS [--folder NAME] [--rows N]
 *         Messages whose subject holds the words, found with a restriction and with FindRow, which
 *         must agree.
 *   digest [--list]
 *         A hash over every folder, message, recipient, attachment and property, equal for equal
 *         content whatever the ids and times of storing. --list prints one line per object.
 *   check
 *         The store's own check (status object) and every folder's counts against its tables.
 *   endings [--rounds N]
 *         Logs on and off along every path below, holding open objects of each class, and checks
 *         references, memory and the store file after each.
 *
 *   HOW is one of:
 *         store-release  last Release of the store, nothing else said
 *         store-logoff   StoreLogoff, then Release
 *         session        the session ends while the client still holds the store (the default)
 *         fast           fast shutdown through IMAPIProviderShutdown, then the process ends
 *         kill           the process ends without a word
 *
 * The profile is a text file (default mailhost.profile). Exit status: 0 done, 1 it failed or
 * something is lost, 2 wrong usage. Errors are one line in plain words on stderr; progress too.
 */

