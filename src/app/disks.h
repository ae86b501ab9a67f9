/* Room on the disks of this machine that matter: where the log is written, and, of a database
 * server on this machine, where its data lie. A server elsewhere keeps its own watch: SQL tells
 * nobody how full its disk is. */
#ifndef LOCKSTEP_APP_DISKS_H
#define LOCKSTEP_APP_DISKS_H

#include "lockstep/core/facts.h"

enum { DISKS_PATH_BYTES = 512, DISKS_EVERY_MS = 10000 };

struct disks {
    size_t folder_count;
    struct {
        char what[16];
        char path[DISKS_PATH_BYTES];
    } folders[LS_FACTS_DISKS_MAX];
    bool was_read;
    int64_t read_ms; /* monotonic */
    size_t count;
    struct ls_disk_row rows[LS_FACTS_DISKS_MAX];
};

/* With the folder of `log_file`, or, where that is "", the journal's, if this machine has one.
 */
void disks_init(struct disks *it, const char *log_file);
/* Look at the folder, too, under a name of its own: what was added under it is replaced. ""
 * takes it away. At most LS_FACTS_DISKS_MAX names. */
void disks_add(struct disks *it, const char *what, const char *path);
/* Write what the disks have into `facts`: looked at each ten seconds. Folders on one file
 * system are one row. What cannot be looked at is left out. May wait for a file system that
 * hangs. */
void disks_fill(struct disks *it, int64_t now_ms, struct ls_dashboard *facts);

#endif
