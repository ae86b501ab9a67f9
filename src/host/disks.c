#include "lockstep/host/disks.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static const char journal[] = "/var/log/journal";

/* The folder that holds `file`. */
static void folder_of(const char *file, char out[LS_DISKS_PATH_BYTES])
{
    const char *slash = strrchr(file, '/');
    int length = slash == NULL ? 1 : slash == file ? 1 : (int)(slash - file);
    (void)snprintf(out, LS_DISKS_PATH_BYTES, "%.*s", length, slash == NULL ? "." : file);
}

void ls_disks_init(struct ls_disks *it, const char *log_file)
{
    struct stat about;
    *it = (struct ls_disks){0};
    char folder[LS_DISKS_PATH_BYTES];
    if (log_file[0] != '\0') {
        folder_of(log_file, folder);
        ls_disks_add(it, "log", folder);
    } else if (stat(journal, &about) == 0) {
        ls_disks_add(it, "journal", journal);
    }
}

void ls_disks_add(struct ls_disks *it, const char *what, const char *path)
{
    size_t at = 0;
    while (at < it->folder_count && strcmp(it->folders[at].what, what) != 0) at++;
    if (at == it->folder_count) {
        if (path[0] == '\0') return;
        assert(at < LS_FACTS_DISKS_MAX);
        it->folder_count++;
    }
    (void)snprintf(it->folders[at].what, sizeof it->folders[at].what, "%s", what);
    (void)snprintf(it->folders[at].path, sizeof it->folders[at].path, "%s", path);
    it->was_read = false;
}

/* As `df` counts: of what this user may fill. */
static struct ls_disk_row row_of(const struct statvfs *room, const char *what)
{
    const uint64_t used = (uint64_t)room->f_blocks - (uint64_t)room->f_bfree;
    const uint64_t whole = used + (uint64_t)room->f_bavail;
    struct ls_disk_row row = {.free_bytes = (uint64_t)room->f_bavail * room->f_frsize};
    if (whole > 0) row.used_permille = (int32_t)(used * 1000 / whole);
    (void)snprintf(row.what, sizeof row.what, "%s", what);
    return row;
}

static void look(struct ls_disks *it)
{
    dev_t devices[LS_FACTS_DISKS_MAX];
    it->count = 0;
    for (size_t i = 0; i < it->folder_count; i++) {
        struct stat about;
        struct statvfs room;
        const char *path = it->folders[i].path;
        if (path[0] == '\0' || stat(path, &about) != 0 || statvfs(path, &room) != 0) continue;
        size_t at = 0;
        while (at < it->count && devices[at] != about.st_dev) at++;
        if (at < it->count) {
            struct ls_disk_row *row = &it->rows[at];
            const size_t length = strlen(row->what);
            (void)snprintf(row->what + length, sizeof row->what - length, ", %s",
                           it->folders[i].what);
            continue;
        }
        devices[it->count] = about.st_dev;
        it->rows[it->count++] = row_of(&room, it->folders[i].what);
    }
}

void ls_disks_fill(struct ls_disks *it, int64_t now_ms, struct ls_dashboard *facts)
{
    if (!it->was_read || now_ms - it->read_ms >= LS_DISKS_EVERY_MS) {
        look(it);
        it->was_read = true;
        it->read_ms = now_ms;
    }
    facts->disk_count = it->count;
    memcpy(facts->disks, it->rows, sizeof it->rows);
}
