/* The configuration: one INI file, read once at start.
 *
 * A section or key that this version does not know is an error that names file, line and
 * the nearest known one; nothing is ignored. It holds no secrets: keys and passwords stay
 * in files of their own (a key file, ~/.pgpass, a libpq service). */
#ifndef LOCKSTEP_CONFIG_CONFIG_H
#define LOCKSTEP_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/audit/mac.h"
#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/base/log.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/core/store_port.h"

enum {
    LS_CONFIG_PATH_BYTES = 512,
    LS_CONFIG_URL_BYTES = 512,
    LS_CONFIG_NAME_BYTES = 64,
    LS_CONFIG_LINE_BYTES_MAX = 195, /* inih cuts longer lines silently: refused here */
    LS_CONFIG_LINES_MAX = 10000,
};

struct ls_config_signer {
    char name[LS_CONFIG_NAME_BYTES];
    char keypair[LS_CONFIG_PATH_BYTES]; /* path of a key file; "" until given */
};

enum ls_config_switch { LS_SWITCH_OFF = 0, LS_SWITCH_ON = 1, LS_SWITCH_AUTO = 2 };
enum ls_config_time { LS_TIME_RELATIVE = 0, LS_TIME_LOCAL = 1, LS_TIME_UTC = 2 };

/* Settings of one kind of operation; 0: as the database has it. `lockstep migrate` writes
 * them into the database, where enqueue and the workers of every machine read them. */
#define LS_DAY_MS INT64_C(86400000)

struct ls_config_kind {
    int64_t max_attempts;
    int64_t stuck_after_ms;
    bool has_fence;
    enum ls_fence fence; /* what enqueue takes where none is named */
    bool has_value_limit;
    int64_t value_limit; /* more lamports or base units than this are strict; -1: no limit */
    /* Of this worker alone: whether such operations share transactions; AUTO: as
     * ls_worker_options_default() has it. */
    bool has_price; /* of a compute unit, for this kind alone */
    int64_t price;  /* as ls_config.fee_price */
    enum ls_config_switch pack;
};

struct ls_config {
    char path[LS_CONFIG_PATH_BYTES]; /* the file that was read; "" for the defaults alone */
    char environment[LS_CONFIG_NAME_BYTES];
    char database_url[LS_CONFIG_URL_BYTES]; /* "" leaves everything to PG* variables */
    char worker_url[LS_CONFIG_URL_BYTES];   /* "": the database url */
    char cluster[32];
    bool has_genesis; /* of the one ledger that endpoints may answer for */
    struct ls_hash genesis;
    size_t endpoint_count;
    char endpoints[LS_ENDPOINTS_MAX][LS_CONFIG_URL_BYTES];
    int64_t calls_per_second; /* of each endpoint; 0: no limit of ours */
    int64_t behind_slots;     /* an endpoint further behind comes last */
    int64_t fee_price; /* micro-lamports a compute unit; 0: none; -1: what recent slots asked */
    int64_t fee_percentile;  /* of the recent slots */
    int64_t fee_cap;         /* no price is above it */
    int64_t fee_bump;        /* fence nonce: the first price of a fee bump */
    int64_t fee_bump_factor; /* and how many times as much each further one offers */
    int64_t bump_after;      /* heights unseen before one is made */
    int64_t bumps;           /* at most so many of one operation */
    int64_t unit_margin;     /* percent that a limit is above what a simulation used */
    enum ls_config_switch simulate;
    size_t signer_count;
    struct ls_config_signer signers[LS_SIGNERS_MAX]; /* the first pays the fees */
    int64_t batch;                                   /* operations in one claim */
    int64_t in_flight_max;
    int64_t lease_ms;
    int64_t heartbeat_ms;
    int64_t backup_horizon_ms; /* how far back a ledger that was never read is read */
    uint32_t works_on;         /* kinds that the worker may begin (core/kinds.h); 0: all */
    size_t mac_key_count;
    char mac_keys[LS_MAC_KEYS_MAX][LS_CONFIG_PATH_BYTES]; /* files; the first seals */
    int64_t history_ms, keys_ms, markers_ms, samples_ms;  /* whole days */
    int64_t outcomes;                             /* that the feed keeps for its consumers */
    struct ls_config_kind kinds[LS_KIND_MAX + 1]; /* by enum ls_kind */
    struct ls_alert_rules rules;
    enum ls_config_switch desktop;
    char open[LS_CONFIG_PATH_BYTES]; /* what a notification's Open starts; "": a terminal */
    char theme[LS_CONFIG_NAME_BYTES];
    enum ls_config_switch links;     /* addresses that can be clicked; AUTO where known */
    char keys[LS_CONFIG_PATH_BYTES]; /* "": the person's keys.conf, if there is one */
    int64_t refresh_ms;
    enum ls_config_time time;
    char log_file[LS_CONFIG_PATH_BYTES]; /* "": standard error, or the journal */
    enum ls_level log_level;
};

/* Every default, no file. */
void ls_config_init(struct ls_config *config_out);

/* Where the configuration is looked for: `option` (a --config argument) if not NULL, else
 * $LOCKSTEP_CONFIG, else $XDG_CONFIG_HOME/lockstep/lockstep.conf (~/.config if unset),
 * else /etc/lockstep/lockstep.conf. `was_chosen_out` tells whether somebody named it: then
 * it must exist. LS_CODE_INVALID for a path that is too long. */
LS_MUST_CHECK ls_err ls_config_find(const char *option,
                                    char path_out[LS_CONFIG_PATH_BYTES],
                                    bool *was_chosen_out,
                                    struct ls_why *why);

/* Read `path` over the defaults. LS_CODE_NOT_FOUND when there is no such file;
 * LS_CODE_INVALID with `why` as "FILE:LINE: what; cure". On failure the output is
 * untouched. */
LS_MUST_CHECK ls_err ls_config_read(const char *path,
                                    struct ls_config *config_out,
                                    struct ls_why *why);

/* The login of the worker: worker_url, or database_url where it is empty. */
const char *ls_config_worker_url(const struct ls_config *config);

/* Lamports from "5000000" or "0.5sol" (nine decimals at most), also the thresholds' form.
 * False, output untouched, for anything else or beyond 2^63 - 1. */
bool ls_lamports_parse(const char *text, int64_t *lamports_out);

#endif
