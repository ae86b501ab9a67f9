#include "demo_private.h"

#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WHAT "demo"

enum { INIT_MS = 120000, READY_MS = 30000, STOP_MS = 10000, STEP_MS = 100 };

static bool has_server(const char *bin)
{
    static const char *const names[] = {"initdb", "postgres", "createdb"};
    char path[DEMO_TEXT_BYTES + 16];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", bin, names[i]);
        if (access(path, X_OK) != 0) return false;
    }
    return true;
}

static bool take_bin(struct demo *demo, const char *bin)
{
    if (strlen(bin) >= sizeof demo->bin || !has_server(bin)) return false;
    memcpy(demo->bin, bin, strlen(bin) + 1);
    return true;
}

/* Debian keeps each version's binaries apart; the newest counts. */
static bool find_in_debian(struct demo *demo)
{
    enum { PREFIX_BYTES = sizeof "/usr/lib/postgresql/" - 1 };
    glob_t found;
    long newest = -1;
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) != 0) return false;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const long version = strtol(found.gl_pathv[i] + PREFIX_BYTES, NULL, 10);
        if (version > newest && take_bin(demo, found.gl_pathv[i])) newest = version;
    }
    globfree(&found);
    return newest >= 0;
}

/* Elsewhere pg_config knows. */
static bool find_by_pg_config(struct demo *demo)
{
    char line[DEMO_TEXT_BYTES] = "";
    FILE *answer = popen("pg_config --bindir 2>/dev/null", "re");
    if (answer == NULL) return false;
    const bool has_line = fgets(line, sizeof line, answer) != NULL;
    (void)pclose(answer); /* the binaries themselves are looked at */
    line[strcspn(line, "\n")] = '\0';
    return has_line && take_bin(demo, line);
}

static ls_err find_binaries(struct demo *demo, struct ls_why *why)
{
    if (find_in_debian(demo) || find_by_pg_config(demo)) return LS_OK;
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                     "no PostgreSQL server is installed; run: apt-get install postgresql");
}

/* A folder that the server's user owns. */
static ls_err make_folder(const struct demo *demo, const char *name, struct ls_why *why)
{
    char path[DEMO_TEXT_BYTES];
    demo_path(demo, name, path);
    if (mkdir(path, 0700) == 0 &&
        (!demo->changes_user || chown(path, demo->uid, demo->gid) == 0)) {
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT, "%.200s cannot be made", path);
}

static struct ls_child_options options_of(const struct demo *demo,
                                          const char *const *argv,
                                          const char *log_path,
                                          const char *folder)
{
    return (struct ls_child_options){
        .argv = argv,
        .folder = folder,
        .log_path = log_path,
        .changes_user = demo->changes_user,
        .uid = demo->uid,
        .gid = demo->gid,
        .death_signal = SIGQUIT, /* PostgreSQL's immediate shutdown */
    };
}

static ls_err make_cluster(struct demo *demo, const char *log_path, struct ls_why *why)
{
    char program[DEMO_TEXT_BYTES + 16];
    char data[DEMO_TEXT_BYTES];
    (void)snprintf(program, sizeof program, "%s/initdb", demo->bin);
    demo_path(demo, "pg", data);
    const char *const argv[] = {program,    "--pgdata",    data,        "--username",
                                "lockstep", "--auth",      "trust",     "--encoding",
                                "UTF8",     "--no-locale", "--no-sync", NULL};
    const struct ls_child_options options = options_of(demo, argv, log_path, data);
    return ls_child_run(&options, "initdb", INIT_MS, why);
}

static ls_err start_server(struct demo *demo, const char *log_path, struct ls_why *why)
{
    char program[DEMO_TEXT_BYTES + 16];
    char data[DEMO_TEXT_BYTES];
    char run[DEMO_TEXT_BYTES];
    (void)snprintf(program, sizeof program, "%s/postgres", demo->bin);
    demo_path(demo, "pg", data);
    demo_path(demo, "run", run);
    const char *const argv[] = {program,
                                "-D",
                                data,
                                "-k",
                                run,
                                "-p",
                                "5432",
                                "-c",
                                "listen_addresses=",
                                "-c",
                                "max_connections=50",
                                "-c",
                                "timezone=UTC",
                                NULL};
    const struct ls_child_options options = options_of(demo, argv, log_path, data);
    return ls_child_start(&options, &demo->postgres, why);
}

/* The database appears as soon as the server takes connections. */
static ls_err make_database(struct demo *demo, const char *log_path, struct ls_why *why)
{
    const struct timespec pause = {.tv_nsec = STEP_MS * 1000000L};
    char program[DEMO_TEXT_BYTES + 16];
    char run[DEMO_TEXT_BYTES];
    (void)snprintf(program, sizeof program, "%s/createdb", demo->bin);
    demo_path(demo, "run", run);
    const char *const argv[] = {program, "-h",       run,    "-p", "5432",
                                "-U",    "lockstep", "demo", NULL};
    const struct ls_child_options options = options_of(demo, argv, log_path, run);
    ls_err err = LS_FAIL(LS_CODE_UNAVAILABLE, 0, WHAT);
    for (int64_t waited = 0; waited < READY_MS && ls_failed(err); waited += STEP_MS) {
        (void)nanosleep(&pause, NULL); /* shorter is fine */
        if (!ls_child_runs(&demo->postgres, NULL)) {
            return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                             "the database server ended at once; see %.300s (--keep leaves it)",
                             log_path);
        }
        err = ls_child_run(&options, "createdb", READY_MS, why);
    }
    return err;
}

/* No setting of the caller's own databases may lead elsewhere. */
static void forget_settings(void)
{
    static const char *const names[] = {"PGHOST",           "PGHOSTADDR",
                                        "PGPORT",           "PGDATABASE",
                                        "PGUSER",           "PGPASSWORD",
                                        "PGPASSFILE",       "PGSERVICE",
                                        "PGOPTIONS",        "PGAPPNAME",
                                        "PGSSLMODE",        "PGDATA",
                                        "PGCLIENTENCODING", "PGTARGETSESSIONATTRS",
                                        "PGREQUIRESSL"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) (void)unsetenv(names[i]);
}

ls_err demo_postgres_start(struct demo *demo, struct ls_why *why)
{
    char log_path[DEMO_TEXT_BYTES];
    char run[DEMO_TEXT_BYTES];
    demo_path(demo, "postgres.log", log_path);
    demo_path(demo, "run", run);
    forget_settings();
    LS_TRY(find_binaries(demo, why));
    LS_TRY(make_folder(demo, "pg", why));
    LS_TRY(make_folder(demo, "run", why));
    LS_TRY(make_cluster(demo, log_path, why));
    LS_TRY(start_server(demo, log_path, why));
    LS_TRY(make_database(demo, log_path, why));
    (void)snprintf(demo->database_url, sizeof demo->database_url,
                   "host=%.100s port=5432 user=lockstep dbname=demo", run);
    return LS_OK;
}

void demo_postgres_stop(struct demo *demo)
{
    ls_child_stop(&demo->postgres, SIGINT, STOP_MS); /* fast shutdown */
}
