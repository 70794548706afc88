#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a DLL as a file and checks what Windows and its loader will see.

    pe.py DLL MACHINE DEF VERSION    MACHINE is x64 or x86, DEF the module definition file, VERSION
                                     the project's: three numbers with periods

Exports are exactly those of the .def file, undecorated; imports come only from DLLs that every
supported Windows has; addresses are randomised (with high entropy on x64), data is not executable,
no section is both writable and executable, and there are a dialog and a version resource, which
has the project's version as number and as text.
"""
import re
import struct
import sys

# Of Windows 10 1607 and later, every edition. winsqlite3 is loaded at run time, never imported.
SYSTEM = {"kernel32.dll", "msvcrt.dll", "ole32.dll", "oleaut32.dll", "advapi32.dll", "user32.dll",
          "shell32.dll", "shlwapi.dll", "rpcrt4.dll", "bcrypt.dll", "ntdll.dll", "mpr.dll",
          "version.dll"}
MACHINES = {"x64": (0x8664, 0x20B), "x86": (0x014C, 0x10B)}
DYNAMIC_BASE, NX_COMPAT, HIGH_ENTROPY = 0x40, 0x100, 0x20
WRITE, EXECUTE = 0x80000000, 0x20000000
RT_DIALOG, RT_VERSION = 5, 16


class Image:
    """A PE file: its headers, sections, directories."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        at = self.u32(0x3C)
        if self.data[:2] != b"MZ" or self.data[at:at + 4] != b"PE\0\0":
            raise ValueError("not a PE file")
        self.machine, count = struct.unpack_from("<HH", self.data, at + 4)
        optional_size, self.characteristics = struct.unpack_from("<HH", self.data, at + 20)
        optional = at + 24
        self.magic = self.u16(optional)
        self.dll_characteristics = self.u16(optional + 70)
        directories = optional + (112 if self.magic == 0x20B else 96)
        self.directories = [struct.unpack_from("<II", self.data, directories + 8 * i)
                            for i in range(self.u32(directories - 4))]
        self.sections = []
        for i in range(count):
            section = optional + optional_size + 40 * i
            name = self.data[section:section + 8].rstrip(b"\0").decode()
            size, rva, raw_size, raw = struct.unpack_from("<IIII", self.data, section + 8)
            self.sections.append((name, rva, max(size, raw_size), raw, self.u32(section + 36)))

    def u16(self, at):
        return struct.unpack_from("<H", self.data, at)[0]

    def u32(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def offset(self, rva):
        for _, start, size, raw, _ in self.sections:
            if start <= rva < start + size:
                return raw + rva - start
        raise ValueError(f"address {rva:#x} is in no section")

    def text(self, rva):
        at = self.offset(rva)
        return self.data[at:self.data.index(b"\0", at)].decode()

    def exports(self):
        rva, _ = self.directories[0]
        if not rva:
            return []
        at = self.offset(rva)
        functions, names = self.u32(at + 20), self.u32(at + 24)
        if functions != names:
            raise ValueError(f"{functions} exports, but {names} names")
        table = self.offset(self.u32(at + 32))
        return [self.text(self.u32(table + 4 * i)) for i in range(names)]

    def imports(self):
        found = []
        for directory, size, name in ((1, 20, 12), (13, 32, 4)):    # at load; delayed
            rva = self.directories[directory][0]
            at = self.offset(rva) if rva else None
            while at is not None and self.u32(at + name):
                found.append(self.text(self.u32(at + name)).lower())
                at += size
        return found

    def resource_types(self):
        rva, _ = self.directories[2]
        if not rva:
            return []
        at = self.offset(rva)
        count = self.u16(at + 12) + self.u16(at + 14)
        return [self.u32(at + 16 + 8 * i) for i in range(count)]

    def resource(self, number):
        """The bytes of the first resource of the type, in its first language."""
        rva, _ = self.directories[2]
        if not rva:
            return b""
        at = base = self.offset(rva)
        for wanted in (number, None, None):                         # type, name, language
            entries = self.u16(at + 12) + self.u16(at + 14)
            found = [self.u32(at + 20 + 8 * i) for i in range(entries)
                     if wanted in (None, self.u32(at + 16 + 8 * i))]
            if not found:
                return b""
            at = base + (found[0] & 0x7FFFFFFF)
        data = self.offset(self.u32(at))
        return self.data[data:data + self.u32(at + 4)]

    def versions(self):
        """What the version resource says, each spelling of it: numbers, texts."""
        block = self.resource(RT_VERSION)
        at = block.find(struct.pack("<I", 0xFEEF04BD))              # VS_FIXEDFILEINFO
        found = []
        for i in (8, 16) if at >= 0 else ():                        # file, product
            high, low = struct.unpack_from("<II", block, at + i)
            found.append(f"{high >> 16}.{high & 0xFFFF}.{low >> 16}")
        for name in ("FileVersion", "ProductVersion"):
            _, _, text = block.partition((name + "\0").encode("utf-16-le"))
            text = text[len(text) % 2:].decode("utf-16-le", "replace").lstrip("\0")
            found.append(text.partition("\0")[0])
        return found


def faults(image, machine, names, version):
    """Yields what is wrong, in words."""
    code, magic = MACHINES[machine]
    if (image.machine, image.magic) != (code, magic):
        yield f"machine {image.machine:#x}, optional header {image.magic:#x}"
    if not image.characteristics & 0x2000:
        yield "not marked as a DLL"
    # MSProviderInit.Export.1
    if sorted(image.exports()) != sorted(names):
        yield f"exports {sorted(image.exports())} instead of {sorted(names)}"
    # MSProviderInit.Export.3: neither the MAPI DLL nor anything else that may be missing.
    imports = image.imports()
    foreign = sorted(set(imports) - SYSTEM
                     - {name for name in imports if name.startswith("api-ms-win-")})
    if foreign:
        yield f"imports from {', '.join(foreign)}"
    # Without MAPI's DLL there is no MAPIInitialize: MSProviderInit.DllMain.1
    # The common dialogs and what they load are for those who browse, not for every process.
    forbidden = sorted({"comctl32.dll", "comdlg32.dll", "mapi32.dll"} & set(imports))
    if forbidden:
        yield f"imports from {', '.join(forbidden)}, which not every process has a use for"
    if len(imports) != len(set(imports)):
        yield "a DLL is imported twice"
    wanted = DYNAMIC_BASE | NX_COMPAT | (HIGH_ENTROPY if machine == "x64" else 0)
    if image.dll_characteristics & wanted != wanted:
        yield f"DLL characteristics {image.dll_characteristics:#x} lack some of {wanted:#x}"
    if image.characteristics & 1 or not image.directories[5][0]:
        yield "no relocations: it could not be loaded at a random address"
    for name, _, _, _, flags in image.sections:
        if flags & WRITE and flags & EXECUTE:
            yield f"section {name} is writable and executable"
    for what, number in (("version", RT_VERSION), ("dialog", RT_DIALOG)):
        if number not in image.resource_types():
            yield f"no {what} resource"
    if image.versions() != 4 * [version]:
        yield f"versions {image.versions()} instead of {version}"


def selftest(image, machine, names, version):
    """The checks must be able to fail: each damage has to be found."""
    damages = {
        "machine": lambda i: setattr(i, "machine", 0x1C0),
        "exports": lambda i: setattr(i, "exports", lambda: names + ["Another"]),
        "decorated export": lambda i: setattr(i, "exports", lambda: [n + "@8" for n in names]),
        "imports": lambda i: setattr(i, "imports", lambda: ["libgcc_s_dw2-1.dll"]),
        "common dialogs": lambda i: setattr(i, "imports", lambda: ["kernel32.dll", "comdlg32.dll"]),
        "characteristics": lambda i: setattr(i, "dll_characteristics", 0),
        "sections": lambda i: i.sections.append((".bad", 0, 0, 0, WRITE | EXECUTE)),
        "version": lambda i: setattr(i, "resource_types", lambda: [RT_DIALOG]),
        "version's number": lambda i: setattr(
            i, "versions", lambda: ["9.9.9"] + 3 * [version]),
        "dialog": lambda i: setattr(i, "resource_types", lambda: [RT_VERSION]),
    }
    before = set(faults(image(), machine, names, version))
    for what, damage in damages.items():
        damaged = image()
        damage(damaged)
        if not set(faults(damaged, machine, names, version)) - before:
            yield f"the check of {what} cannot fail"


def main():
    path, machine, def_file, version = sys.argv[1:]
    with open(def_file, encoding="utf-8") as file:
        names = re.findall(r"^\s+(\w+)", file.read().partition("EXPORTS")[2], re.M)
    found = list(faults(Image(path), machine, names, version))
    found += selftest(lambda: Image(path), machine, names, version)
    for fault in found:
        print(f"{path}: {fault}")
    print(f"pe: {len(names)} exports, {len(set(Image(path).imports()))} system DLLs, "
          f"{len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
