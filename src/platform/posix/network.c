/* SPDX-License-Identifier: MIT */
/*
 * network.c - whether a file is on another machine.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "platform/base.h"
#include "platform/file.h"

#define FUSE_MAGIC 0x65735546u

/* Of statfs(2): the file systems that are a network protocol. */
static const unsigned network_magics[] = {
    0x6969u,     /* nfs */
    0x517Bu,     /* smb */
    0xFF534D42u, /* cifs */
    0xFE534D42u, /* smb2 */
    0x564Cu,     /* ncp */
    0x73757245u, /* coda */
    0x5346414Fu, /* afs (kernel) */
    0x6B414653u, /* afs (kAFS) */
    0x01021997u, /* 9p */
    0x00C36400u, /* ceph */
};

/* FUSE has one magic for all; these of its types reach other machines. */
static const char *const network_fuse[] = {
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.gvfsd-fuse",
    "fuse.glusterfs",
    "fuse.ceph",
    "fuse.ceph-fuse",
    "fuse.s3fs",
    "fuse.gcsfuse",
    "fuse.juicefs",
    "fuse.curlftpfs",
    "fuse.smbnetfs",
    "fuse.davfs",
    "fuse.davfs2",
    "fuse.mfs",
};

/*
 * The type in a line of mountinfo that is about this device, in place, or NULL:
 * "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"
 */
static char *type_of_line(char *line, dev_t device)
{
    unsigned major_number, minor_number;
    char *type = strstr(line, " - ");

    if (!type || sscanf(line, "%*d %*d %u:%u", &major_number, &minor_number) != 2)
        return NULL;
    if (major_number != major(device) || minor_number != minor(device))
        return NULL;
    type += 3;
    type[strcspn(type, " \n")] = '\0';
    return type;
}

static bool is_network_fuse(const char *path)
{
    char line[4096];
    struct stat st;
    bool found = false;
    FILE *mounts;

    if (stat(path, &st) != 0)
        return false;
    mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts)
        return false;
    while (!found && fgets(line, sizeof(line), mounts)) {
        const char *type = type_of_line(line, st.st_dev);

        for (size_t i = 0; type && i < MSP_COUNT_OF(network_fuse); i++) {
            if (strcmp(type, network_fuse[i]) == 0)
                found = true;
        }
    }
    fclose(mounts);
    return found;
}

bool msp_path_is_network(const char *path)
{
    size_t folder_length = (size_t)(msp_path_base(path) - path);
    char folder[PATH_MAX];
    struct statfs fs;

    if (path[0] == '\0' || folder_length + 2 > sizeof(folder))
        return false;
    memcpy(folder, path, folder_length);
    memcpy(folder + folder_length, ".", 2);
    if (statfs(path, &fs) != 0) {
        if (errno != ENOENT || statfs(folder, &fs) != 0)
            return false;
        path = folder;
    }
    for (size_t i = 0; i < MSP_COUNT_OF(network_magics); i++) {
        if ((unsigned)fs.f_type == network_magics[i])
            return true;
    }
    return (unsigned)fs.f_type == FUSE_MAGIC && is_network_fuse(path);
}
