#include "lockstep/host/disks.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static const char journal[] = "/var/log/journal";

/* Owned by two: whoever asked, and the thread that looks. */
struct ls_disk_question {
    atomic_int owners;
    atomic_bool is_answered;
    ls_disk_look *look;
    void *self;
    char path[LS_DISKS_PATH_BYTES];
    bool is_good;
    struct ls_disk_room room;
};

static void drop(struct ls_disk_question *question)
{
    if (question != NULL && atomic_fetch_sub(&question->owners, 1) == 1) free(question);
}

static void *answer(void *argument)
{
    struct ls_disk_question *question = argument;
    question->is_good = question->look(question->self, question->path, &question->room);
    atomic_store(&question->is_answered, true);
    drop(question);
    return NULL;
}

/* On a thread of its own, which takes no signals; NULL where none can be made: asked again. */
static struct ls_disk_question *ask(const struct ls_disks *it, const char *path)
{
    sigset_t all, before;
    pthread_t thread;
    pthread_attr_t detached;
    struct ls_disk_question *question = calloc(1, sizeof *question);
    if (question == NULL) return NULL;
    atomic_init(&question->owners, 2);
    question->look = it->look;
    question->self = it->self;
    (void)snprintf(question->path, sizeof question->path, "%s", path);
    (void)pthread_attr_init(&detached); /* neither fails on Linux */
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&thread, &detached, answer, question);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&detached);
    if (failed == 0) return question;
    free(question);
    return NULL;
}

/* As `df` counts: of what this user may fill. */
static bool look(void *self, const char *path, struct ls_disk_room *out)
{
    (void)self;
    struct stat about;
    struct statvfs room;
    if (stat(path, &about) != 0 || statvfs(path, &room) != 0) return false;
    const uint64_t used = (uint64_t)room.f_blocks - (uint64_t)room.f_bfree;
    const uint64_t whole = used + (uint64_t)room.f_bavail;
    *out =
        (struct ls_disk_room){.device = (uint64_t)about.st_dev,
                              .used_permille = whole > 0 ? (int32_t)(used * 1000 / whole) : 0,
                              .free_bytes = (uint64_t)room.f_bavail * room.f_frsize};
    return true;
}

/* The folder that holds `file`. */
static void folder_of(const char *file, char out[LS_DISKS_PATH_BYTES])
{
    const char *slash = strrchr(file, '/');
    int length = slash == NULL ? 1 : slash == file ? 1 : (int)(slash - file);
    (void)snprintf(out, LS_DISKS_PATH_BYTES, "%.*s", length, slash == NULL ? "." : file);
}

void ls_disks_init_with(struct ls_disks *it,
                        const char *log_file,
                        ls_disk_look *how,
                        void *self)
{
    *it = (struct ls_disks){.look = how, .self = self};
    char folder[LS_DISKS_PATH_BYTES];
    if (log_file[0] != '\0') folder_of(log_file, folder);
    ls_disks_add(it, log_file[0] != '\0' ? "log" : "journal",
                 log_file[0] != '\0' ? folder : journal);
}

void ls_disks_init(struct ls_disks *it, const char *log_file)
{
    ls_disks_init_with(it, log_file, look, NULL);
}

void ls_disks_done(struct ls_disks *it)
{
    for (size_t i = 0; i < it->folder_count; i++) drop(it->folders[i].question);
    it->folder_count = 0;
}

void ls_disks_add(struct ls_disks *it, const char *what, const char *path)
{
    size_t at = 0;
    while (at < it->folder_count && strcmp(it->folders[at].what, what) != 0) at++;
    if (at == it->folder_count) {
        if (path[0] == '\0') return;
        assert(at < LS_FACTS_DISKS_MAX);
        it->folder_count++;
        (void)snprintf(it->folders[at].what, sizeof it->folders[at].what, "%s", what);
    }
    if (strcmp(it->folders[at].path, path) == 0) return; /* what is known of it stays */
    (void)snprintf(it->folders[at].path, sizeof it->folders[at].path, "%s", path);
    drop(it->folders[at].question);
    it->folders[at].question = NULL;
    it->folders[at].was_asked = false;
    it->folders[at].silent_since_ms = 0;
    it->folders[at].has_room = false;
}

/* Take an answer, or ask, or note that none comes. */
static void follow(struct ls_disks *it, size_t at, int64_t now_ms, int64_t facts_ms)
{
    struct ls_disk_question *question = it->folders[at].question;
    if (it->folders[at].path[0] == '\0') return;
    if (question != NULL && atomic_load(&question->is_answered)) {
        it->folders[at].has_room = question->is_good;
        it->folders[at].room = question->room;
        it->folders[at].silent_since_ms = 0;
        it->folders[at].question = NULL;
        drop(question);
    }
    const int64_t asked_ms = it->folders[at].asked_ms;
    if (it->folders[at].question != NULL) {
        if (now_ms - asked_ms >= LS_DISKS_LATE_MS && it->folders[at].silent_since_ms == 0)
            it->folders[at].silent_since_ms = facts_ms - (now_ms - asked_ms);
    } else if (!it->folders[at].was_asked || now_ms - asked_ms >= LS_DISKS_EVERY_MS) {
        it->folders[at].question = ask(it, it->folders[at].path);
        it->folders[at].was_asked = true;
        it->folders[at].asked_ms = now_ms;
    }
}

/* Join the row of its file system, or make one. */
static void add_row(const struct ls_disks *it,
                    size_t at,
                    uint64_t devices[LS_FACTS_DISKS_MAX],
                    struct ls_dashboard *facts)
{
    const struct ls_disk_room *room = &it->folders[at].room;
    const char *what = it->folders[at].what;
    size_t row = 0;
    while (row < facts->disk_count && devices[row] != room->device) row++;
    struct ls_disk_row *out = &facts->disks[row];
    if (row < facts->disk_count && it->folders[at].has_room) {
        const size_t length = strlen(out->what);
        (void)snprintf(out->what + length, sizeof out->what - length, ", %s", what);
        if (it->folders[at].silent_since_ms != 0)
            out->silent_since_ms = it->folders[at].silent_since_ms;
        return;
    }
    out = &facts->disks[facts->disk_count];
    devices[facts->disk_count++] = it->folders[at].has_room ? room->device : UINT64_MAX;
    *out = (struct ls_disk_row){.used_permille = room->used_permille,
                                .free_bytes = room->free_bytes,
                                .silent_since_ms = it->folders[at].silent_since_ms};
    (void)snprintf(out->what, sizeof out->what, "%s", what);
}

void ls_disks_fill(struct ls_disks *it, int64_t now_ms, struct ls_dashboard *facts)
{
    uint64_t devices[LS_FACTS_DISKS_MAX];
    facts->disk_count = 0;
    for (size_t i = 0; i < it->folder_count; i++) {
        follow(it, i, now_ms, facts->now_ms);
        if (it->folders[i].path[0] == '\0') continue;
        if (!it->folders[i].has_room && it->folders[i].silent_since_ms == 0) continue;
        add_row(it, i, devices, facts);
    }
}
