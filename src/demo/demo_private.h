/* The parts of the demonstration; demo.c puts them together. */
#ifndef LOCKSTEP_DEMO_DEMO_PRIVATE_H
#define LOCKSTEP_DEMO_DEMO_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lockstep/base/err.h"
#include "lockstep/config/config.h"
#include "lockstep/demo/demo.h"
#include "lockstep/host/child.h"

enum { DEMO_PATH_BYTES = 128, DEMO_TEXT_BYTES = 256 };

struct demo {
    struct ls_demo_options options;
    char program[512]; /* ourselves */
    char dir[DEMO_PATH_BYTES];
    bool is_dir_made;
    bool is_placed;    /* the folder is fit: what is in it may say why something failed */
    bool changes_user; /* the server runs as another user, since it refuses root */
    uid_t uid;
    gid_t gid;
    char bin[DEMO_TEXT_BYTES]; /* where initdb and postgres are */
    char database_url[DEMO_TEXT_BYTES];
    char ledger_url[64];
    char config_path[DEMO_TEXT_BYTES];
    struct ls_config config;
    struct ls_child postgres;
    struct ls_child ledger;
    struct ls_child worker; /* headless only */
    int stop_fd;            /* stop_signal.h */
};

/* A file of the demo's folder: DIR/name. Cut when too long, which `demo_place` excludes. */
void demo_path(const struct demo *demo, const char *name, char out[DEMO_TEXT_BYTES]);

/* Make the folder. Undone by demo_place_done(), unless the demo keeps it. */
LS_MUST_CHECK ls_err demo_place(struct demo *demo, struct ls_why *why);
void demo_place_done(struct demo *demo);

/* Find the binaries, make the cluster, start the server, make the database. */
LS_MUST_CHECK ls_err demo_postgres_start(struct demo *demo, struct ls_why *why);
void demo_postgres_stop(struct demo *demo);

/* Start the simulated ledger as a process; its URL. */
LS_MUST_CHECK ls_err demo_ledger_start(struct demo *demo, struct ls_why *why);
/* Give the payer lamports and wait until they show. */
LS_MUST_CHECK ls_err demo_ledger_fund(struct demo *demo,
                                      const struct ls_address *payer,
                                      struct ls_why *why);

/* Without a screen: traffic, settling, audit, one JSON object. */
enum ls_exit demo_headless(struct demo *demo);
/* With the console. */
enum ls_exit demo_console(struct demo *demo, struct ls_console_start *console);

#endif
