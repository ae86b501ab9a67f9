/* Room on the disks of this machine that matter: where the log is written, and, of a database
 * server on this machine, where its data lie. A server elsewhere keeps its own watch: SQL tells
 * nobody how full its disk is.
 *
 * A file system can hang for as long as it likes (NFS whose server is gone), and whoever asks
 * it hangs with it: so each folder is asked on a thread of its own, and nobody waits for it. */
#ifndef LOCKSTEP_HOST_DISKS_H
#define LOCKSTEP_HOST_DISKS_H

#include "lockstep/core/facts.h"

enum {
    LS_DISKS_PATH_BYTES = 512,
    LS_DISKS_EVERY_MS = 10000,
    LS_DISKS_LATE_MS = 3000, /* without an answer: it does not answer */
};

struct ls_disk_room {
    uint64_t device; /* the same for folders on one file system */
    int32_t used_permille;
    uint64_t free_bytes;
};
/* Look at one folder; false: it cannot be looked at. May take as long as it likes; called on a
 * thread of its own, of several at once. */
typedef bool ls_disk_look(void *self, const char *path, struct ls_disk_room *out);

struct ls_disk_question; /* one look that is under way */
struct ls_disks {
    ls_disk_look *look;
    void *self;
    size_t folder_count;
    struct {
        char what[16];
        char path[LS_DISKS_PATH_BYTES];
        struct ls_disk_question *question; /* NULL: none is under way */
        bool was_asked;
        int64_t asked_ms;        /* monotonic */
        int64_t silent_since_ms; /* by the clock of the facts; 0: it answers */
        bool has_room;
        struct ls_disk_room room; /* the latest answer */
    } folders[LS_FACTS_DISKS_MAX];
};

/* With the folder of `log_file`, or, where that is "", the journal's. Asks nothing yet. */
void ls_disks_init(struct ls_disks *it, const char *log_file);
/* The same with another way to look, for tests; `self` is handed to it, and must last until
 * each look that it began has ended. */
void ls_disks_init_with(struct ls_disks *it,
                        const char *log_file,
                        ls_disk_look *look,
                        void *self);
/* Nothing is waited for: a look that hangs ends by itself, and nobody hears of it. */
void ls_disks_done(struct ls_disks *it);
/* Look at the folder, too, under a name of its own: what was added under it is replaced. ""
 * takes it away. At most LS_FACTS_DISKS_MAX names. */
void ls_disks_add(struct ls_disks *it, const char *what, const char *path);
/* Write what is known of the disks into `facts`, and ask anew what was asked ten seconds ago;
 * never waits. Folders on one file system are one row. What cannot be looked at is left out;
 * what has not answered for LS_DISKS_LATE_MS is a row that says since when. `now_ms` is
 * monotonic, facts->now_ms what the row counts from. */
void ls_disks_fill(struct ls_disks *it, int64_t now_ms, struct ls_dashboard *facts);

#endif
