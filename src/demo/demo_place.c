#include "demo_private.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define WHAT "demo"

/* What a socket's path, DIR/run/.s.PGSQL.5432, may take of its 107 bytes. */
enum { DIR_BYTES_MAX = 80 };

void demo_path(const struct demo *demo, const char *name, char out[DEMO_TEXT_BYTES])
{
    (void)snprintf(out, DEMO_TEXT_BYTES, "%s/%s", demo->dir, name);
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    size_t entries = 0;
    if (folder == NULL) return false;
    while (entries < 3 && readdir(folder) != NULL) entries++; /* "." and ".." are two */
    (void)closedir(folder);
    return entries == 2;
}

static ls_err use_named(struct demo *demo, struct ls_why *why)
{
    const char *dir = demo->options.dir;
    if (mkdir(dir, 0700) == 0) {
        demo->is_dir_made = true;
    } else if (errno != EEXIST || !is_empty(dir)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "--dir %.200s is no new or empty folder that can be written; name "
                         "another",
                         dir);
    }
    char *path = realpath(dir, NULL); /* of any length, hence from the heap */
    if (path == NULL || strlen(path) > DIR_BYTES_MAX) {
        free(path);
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "--dir %.200s has a path longer than %d bytes, too long for the "
                         "database's socket; name another",
                         dir, DIR_BYTES_MAX);
    }
    memcpy(demo->dir, path, strlen(path) + 1);
    free(path);
    return LS_OK;
}

static ls_err make_new(struct demo *demo, struct ls_why *why)
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] != '/' || strlen(base) > DIR_BYTES_MAX - 24) base = "/tmp";
    (void)snprintf(demo->dir, sizeof demo->dir, "%s/lockstep-demo-XXXXXX", base);
    if (mkdtemp(demo->dir) == NULL) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                         "%s: no folder can be made there; set TMPDIR", base);
    }
    demo->is_dir_made = true;
    return LS_OK;
}

/* Whether every folder above the demo's lets others through. */
static bool is_reachable(const char *dir)
{
    char path[DEMO_PATH_BYTES];
    struct stat status;
    (void)snprintf(path, sizeof path, "%s", dir);
    for (char *slash = strrchr(path, '/'); slash != NULL && slash != path;
         slash = strrchr(path, '/')) {
        *slash = '\0';
        if (stat(path, &status) != 0 || (status.st_mode & S_IXOTH) == 0) return false;
    }
    return true;
}

/* A new cluster takes 60 MB, its write-ahead log and a while of traffic as much again. */
static ls_err check_room(const struct demo *demo, struct ls_why *why)
{
    enum { NEEDED_MB = 150 };
    struct statvfs disk;
    if (statvfs(demo->dir, &disk) != 0) return LS_OK; /* the cluster itself will tell */
    const uint64_t free_mb = ((uint64_t)disk.f_bavail * disk.f_frsize) >> 20;
    if (free_mb >= NEEDED_MB) return LS_OK;
    return ls_refuse(why, LS_CODE_FULL, WHAT,
                     "%s has room for %" PRIu64 " MB and the demo needs %d; make room, or name "
                     "another folder with --dir",
                     demo->dir, free_mb, NEEDED_MB);
}

ls_err demo_place(struct demo *demo, struct ls_why *why)
{
    LS_TRY(demo->options.dir != NULL ? use_named(demo, why) : make_new(demo, why));
    if (demo->changes_user && !is_reachable(demo->dir)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s stands in a folder that the database server's user cannot enter "
                         "(it does not run as root); name another with --dir",
                         demo->dir);
    }
    LS_TRY(check_room(demo, why));
    /* The server's user has to reach its own folders below. */
    if (chmod(demo->dir, demo->changes_user ? 0711 : 0700) != 0) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT, "%s: its mode cannot be set",
                         demo->dir);
    }
    demo->is_placed = true;
    return LS_OK;
}

void demo_place_done(struct demo *demo)
{
    enum { REMOVE_MS = 60000 };
    struct ls_why why = {0};
    if (demo->dir[0] == '\0' || demo->options.keeps || !demo->is_dir_made) return;
    const char *const argv[] = {"/bin/rm", "-rf", "--one-file-system", "--", demo->dir, NULL};
    const struct ls_child_options options = {
        .argv = argv, .folder = "/", .log_path = "/dev/null", .death_signal = SIGTERM};
    /* What cannot be removed stays, and nobody is left to be told. */
    (void)ls_failed(ls_child_run(&options, "rm", REMOVE_MS, &why));
}
