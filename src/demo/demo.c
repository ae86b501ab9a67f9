#include "lockstep/demo/demo.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "demo_private.h"
#include "lockstep/host/key_file.h"
#include "lockstep/host/stop_signal.h"
#include "lockstep/service/migrate.h"

#define WHAT "demo"

enum { STOP_MS = 6000 };

/* PostgreSQL refuses to run as root. */
static ls_err choose_user(struct demo *demo, struct ls_why *why)
{
    static const char *const names[] = {"postgres", "nobody"};
    char memory[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if (geteuid() != 0) return LS_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (getpwnam_r(names[i], &entry, memory, sizeof memory, &found) != 0 || found == NULL) {
            continue;
        }
        demo->changes_user = true;
        demo->uid = found->pw_uid;
        demo->gid = found->pw_gid;
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                     "PostgreSQL does not run as root and there is no user postgres or nobody; "
                     "start the demo as another user");
}

static ls_err find_self(struct demo *demo, struct ls_why *why)
{
    const ssize_t bytes = readlink("/proc/self/exe", demo->program, sizeof demo->program - 1);
    if (bytes > 0 && (size_t)bytes < sizeof demo->program - 1) return LS_OK;
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                     "/proc/self/exe cannot be read; is /proc mounted?");
}

static ls_err install_schema(struct demo *demo, struct ls_why *why)
{
    const struct ls_session_options options = {
        .url = demo->database_url,
        .application = "lockstep demo",
        .connect_timeout_s = 10,
        .statement_timeout_ms = 120000,
    };
    struct ls_buf report;
    ls_session *session = ls_session_new(&options);
    if (session == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    ls_buf_init(&report, 1 << 20);
    const ls_err err = ls_migrate_schema(session, 0, false, &report, why);
    ls_buf_done(&report);
    ls_session_free(session);
    return err;
}

/* The configuration as a file, so that every command of the command line can look at the
 * demo too; then read as any other. */
static ls_err write_config(struct demo *demo, const char *key_path, struct ls_why *why)
{
    demo_path(demo, "lockstep.conf", demo->config_path);
    FILE *file = fopen(demo->config_path, "we");
    if (file == NULL) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT, "%.200s cannot be written",
                         demo->config_path);
    }
    const int put = fprintf(file,
                            "[environment]\nname = demo\n"
                            "[database]\nurl = %s\n"
                            "[ledger]\ncluster = localnet\nendpoint = %s\n"
                            "[signer \"payer\"]\nkeypair = %s\n"
                            "[worker]\nlease = 10s\nheartbeat = 1s\n"
                            "[log]\nfile = %s/lockstep.log\n",
                            demo->database_url, demo->ledger_url, key_path, demo->dir);
    const bool is_closed = fclose(file) == 0;
    if (put < 0 || !is_closed) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT, "%.200s cannot be written",
                         demo->config_path);
    }
    return ls_config_read(demo->config_path, &demo->config, why);
}

static void say(const char *text)
{
    if (isatty(STDERR_FILENO) == 0) return;
    (void)fprintf(stderr, "lockstep demo: %s\n", text); /* progress alone */
}

static ls_err start(struct demo *demo, struct ls_why *why)
{
    struct ls_address payer;
    char key_path[DEMO_TEXT_BYTES];
    LS_TRY(find_self(demo, why));
    LS_TRY(choose_user(demo, why));
    LS_TRY(demo_place(demo, why));
    say("starting a private PostgreSQL");
    LS_TRY(demo_postgres_start(demo, why));
    LS_TRY(install_schema(demo, why));
    say("starting the simulated ledger");
    LS_TRY(demo_ledger_start(demo, why));
    demo_path(demo, "payer.json", key_path);
    LS_TRY(ls_keypair_create(key_path, &payer, why));
    LS_TRY(demo_ledger_fund(demo, &payer, why));
    return write_config(demo, key_path, why);
}

static void stop(struct demo *demo)
{
    ls_child_stop(&demo->worker, SIGTERM, STOP_MS);
    ls_child_stop(&demo->ledger, SIGTERM, STOP_MS);
    demo_postgres_stop(demo);
    demo_place_done(demo);
    if (demo->options.keeps && demo->dir[0] != '\0') {
        (void)fprintf(stderr, "lockstep demo: files are kept in %s\n", demo->dir);
    }
}

enum ls_exit ls_demo_run(const struct ls_demo_options *options,
                         struct ls_console_start *console)
{
    struct demo demo = {.options = *options};
    struct ls_why why = {0};
    demo.stop_fd = ls_stop_signal_open();
    if (demo.stop_fd < 0) {
        ls_complain("demo", "no descriptor left; raise the limit (ulimit -n)");
        return LS_EXIT_FAILED;
    }
    const ls_err err = start(&demo, &why);
    enum ls_exit status = LS_EXIT_FAILED;
    if (ls_failed(err)) {
        demo.options.keeps = demo.is_placed; /* the logs say why */
        status = ls_complain_err("demo", err, &why);
    } else if (demo.options.headless_s > 0) {
        status = demo_headless(&demo);
    } else {
        status = demo_console(&demo, console);
    }
    stop(&demo);
    (void)close(demo.stop_fd);
    return status;
}
