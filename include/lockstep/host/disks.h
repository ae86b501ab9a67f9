/* Room on the disks of this machine that matter: where the log is written, and, of a database
 * server on this machine, where its data lie. A server elsewhere keeps its own watch: SQL tells
 * nobody how full its disk is. */
#ifndef LOCKSTEP_HOST_DISKS_H
#define LOCKSTEP_HOST_DISKS_H

#include "lockstep/core/facts.h"

enum { LS_DISKS_PATH_BYTES = 512, LS_DISKS_EVERY_MS = 10000 };

struct ls_disks {
    size_t folder_count;
    struct {
        char what[16];
        char path[LS_DISKS_PATH_BYTES];
    } folders[LS_FACTS_DISKS_MAX];
    bool was_read;
    int64_t read_ms; /* monotonic */
    size_t count;
    struct ls_disk_row rows[LS_FACTS_DISKS_MAX];
};

/* With the folder of `log_file`, or, where that is "", the journal's, if this machine has one.
 */
void ls_disks_init(struct ls_disks *it, const char *log_file);
/* Look at the folder, too, under a name of its own: what was added under it is replaced. ""
 * takes it away. At most LS_FACTS_DISKS_MAX names. */
void ls_disks_add(struct ls_disks *it, const char *what, const char *path);
/* Write what the disks have into `facts`: looked at each ten seconds. Folders on one file
 * system are one row. What cannot be looked at is left out. May wait for a file system that
 * hangs. */
void ls_disks_fill(struct ls_disks *it, int64_t now_ms, struct ls_dashboard *facts);

#endif
