/* A blocking connection to the database for the console's feed thread and the command
 * line: reading facts, performing actions, installing the schema. Each call is one
 * short transaction (or none); nothing is held open between calls.
 *
 * One thread at a time. Every call may return LS_CODE_UNAVAILABLE (no connection; the
 * next call tries again), LS_CODE_REFUSED (role or schema version, `why` says the cure),
 * LS_CODE_UNKNOWN (COMMIT's reply was lost; an action may be repeated with its request
 * id). Statement timeouts bound every call, also where the server has stopped answering
 * altogether: two seconds later the connection is given up. */
#ifndef LOCKSTEP_STORE_SESSION_H
#define LOCKSTEP_STORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"
#include "lockstep/core/action.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/core/batch_facts.h"
#include "lockstep/core/bulk.h"
#include "lockstep/core/facts.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/landed.h"
#include "lockstep/core/store_port.h"

typedef struct ls_session ls_session;

struct ls_session_options {
    const char *url;           /* libpq connection string or URI; "" for PG* variables */
    const char *application;   /* shown in pg_stat_activity */
    int32_t connect_timeout_s; /* 1.. */
    int32_t statement_timeout_ms;
};

/* Make a session without connecting. NULL when memory is exhausted. */
ls_session *ls_session_new(const struct ls_session_options *options);
void ls_session_free(ls_session *session);
/* End what runs and whatever would run from now on: an answer is no longer waited for. A
 * connection that is being made still takes its timeout. Any thread. */
void ls_session_interrupt(ls_session *session);
/* Connect now (or find the connection alive) and check the schema. Every other call does
 * this by itself. `why` never carries a password. */
LS_MUST_CHECK ls_err ls_session_connect(ls_session *session, struct ls_why *why);

/* What the connected login may do. */
struct ls_session_rights {
    char role[64];
    bool may_view, may_operate, may_administer, may_work, may_enqueue;
    bool is_primary; /* not in recovery */
    /* Where a server on this machine, spoken to by its socket, keeps its data; "" for another,
     * or where the login may not know. */
    char data_directory[256];
};
LS_MUST_CHECK ls_err ls_session_rights(ls_session *session,
                                       struct ls_session_rights *rights_out,
                                       struct ls_why *why);

/* Facts. `why` may be NULL. */
LS_MUST_CHECK ls_err ls_session_dashboard(ls_session *session,
                                          struct ls_dashboard *out,
                                          struct ls_why *why);
/* What it was at `at_ms`, ms since 1970: from the sample that the leader wrote at the beginning
 * of that minute. LS_CODE_NOT_FOUND, with the nearest ones in `why`, where there is none. */
LS_MUST_CHECK ls_err ls_session_dashboard_at(ls_session *session,
                                             int64_t at_ms,
                                             struct ls_dashboard *out,
                                             struct ls_why *why);
struct ls_ops_query {
    const struct ls_filter *filter; /* NULL: all operations, live and finished */
    enum ls_op_sort sort;
    const struct ls_op_cursor *after; /* NULL: the first page */
    int32_t limit;                    /* 1..LS_FACTS_PAGE_MAX */
};
/* One page, however long it takes to find its rows (each statement is short). */
LS_MUST_CHECK ls_err ls_session_ops(ls_session *session,
                                    const struct ls_ops_query *query,
                                    struct ls_op_page *out,
                                    struct ls_why *why);
/* The same in steps of about a tenth of a second, for who must do other things meanwhile or
 * be able to stop. Zero it before the first step; the fields below the line are the store's. */
struct ls_ops_search {
    bool is_over;     /* the page is full, or everything was looked at */
    int32_t permille; /* of the operations that were looked at */
    /* - */
    bool has_begun;
    int32_t way;
    int64_t start, next, end, width;
    int64_t base_ms; /* that a step takes at the least */
};
/* Look at more; rows that match are added to `page`, which is zeroed before the first step.
 * After a failure the step may be repeated: `page` and `search` are as before it. */
LS_MUST_CHECK ls_err ls_session_ops_step(ls_session *session,
                                         const struct ls_ops_query *query,
                                         struct ls_ops_search *search,
                                         struct ls_op_page *page,
                                         struct ls_why *why);
/* These operations as they are, live or finished, in one page by id; those of which history is
 * kept no longer are not in it. 1..LS_FACTS_PAGE_MAX of them. */
LS_MUST_CHECK ls_err ls_session_ops_chosen(ls_session *session,
                                           const ls_op_id *ops,
                                           size_t count,
                                           struct ls_op_page *out,
                                           struct ls_why *why);
/* What `lockstep verify` compares with the ledger. */
struct ls_verify_facts {
    ls_op_id op;
    char kind[32];
    char state[16];
    char payload[LS_PAYLOAD_BYTES_MAX + 1];
    uint8_t tag[LS_TAG_BYTES];
    bool has_landed; /* what follows is its landed attempt */
    struct ls_signature signature;
    int64_t slot;
    size_t tx_bytes;
    uint8_t tx[LS_TX_BYTES_MAX]; /* as it was recorded before it was sent */
};
/* LS_CODE_NOT_FOUND when no operation has this key. */
LS_MUST_CHECK ls_err ls_session_verify_facts(ls_session *session,
                                             const char *key,
                                             struct ls_verify_facts *out,
                                             struct ls_why *why);
/* By id, or by key when `key` is not NULL. LS_CODE_NOT_FOUND; its phrase is LS_NO_HISTORY when
 * there was such an operation and `why` says when it ended. */
#define LS_NO_HISTORY "history"
LS_MUST_CHECK ls_err ls_session_op(ls_session *session,
                                   ls_op_id op,
                                   const char *key,
                                   struct ls_op_detail *out,
                                   struct ls_why *why);
/* Those that fire first, then those that are acknowledged, each the worst first, then the
 * newest; from behind the alert `after_id` on, 0: from the first. Where that one changed its
 * place between two pages, the next begins at its new one. */
LS_MUST_CHECK ls_err ls_session_alerts(ls_session *session,
                                       bool with_resolved,
                                       int64_t after_id,
                                       struct ls_alert_page *out,
                                       struct ls_why *why);
/* Newest first, entries with seq < before_seq (0: from the newest). */
LS_MUST_CHECK ls_err ls_session_audit(ls_session *session,
                                      int64_t before_seq,
                                      int32_t limit,
                                      struct ls_audit_page *out,
                                      struct ls_why *why);

/* The pool of nonces in order of number, at most LS_FACTS_NONCES_MAX rows, which are the
 * caller's to free; NULL with a count of 0 when it is empty. */
LS_MUST_CHECK ls_err ls_session_nonces(ls_session *session,
                                       struct ls_nonce_row **rows_out,
                                       size_t *count_out,
                                       struct ls_why *why);
/* Perform one action in one audited transaction. A refusal is in the result. */
void ls_session_act(ls_session *session,
                    const struct ls_action *action,
                    struct ls_action_result *result_out);

/* Batches, newest first, those before `before_id` (0: from the newest); and one with what is
 * known of it. LS_CODE_NOT_FOUND. */
LS_MUST_CHECK ls_err ls_session_batches(ls_session *session,
                                        const struct ls_batch_filter *filter,
                                        int64_t before_id,
                                        struct ls_batch_page *out,
                                        struct ls_why *why);
LS_MUST_CHECK ls_err ls_session_batch(ls_session *session,
                                      int64_t batch,
                                      struct ls_batch_detail *out,
                                      struct ls_why *why);

/* Bulk jobs: what an order would act on; make the job, in one audited transaction that finds
 * and freezes its targets (`new_op` of the result is the job's number); jobs, newest first
 * (`id` 0: all; those before `before_id`, 0: from the newest); a job's targets by operation,
 * those after `after_op`. LS_CODE_INVALID for a filter that can not be read or is empty. */
LS_MUST_CHECK ls_err ls_session_bulk_weigh(ls_session *session,
                                           const struct ls_bulk_order *order,
                                           struct ls_bulk_weight *out,
                                           struct ls_why *why);
void ls_session_bulk_start(ls_session *session,
                           const struct ls_bulk_order *order,
                           struct ls_action_result *result_out);
LS_MUST_CHECK ls_err ls_session_bulks(ls_session *session,
                                      int64_t id,
                                      int64_t before_id,
                                      struct ls_bulk_page *out,
                                      struct ls_why *why);
LS_MUST_CHECK ls_err ls_session_bulk_targets(ls_session *session,
                                             int64_t bulk,
                                             int64_t after_op,
                                             struct ls_bulk_target_page *out,
                                             struct ls_why *why);

/* Make the given alerts fire and resolve the rules' others; the changes of this call
 * come back for the sinks (fired, worsened, resolved). */
enum ls_alert_event { LS_ALERT_EVENT_FIRED, LS_ALERT_EVENT_WORSE, LS_ALERT_EVENT_RESOLVED };
struct ls_alert_news {
    size_t count;
    struct {
        enum ls_alert_event event;
        struct ls_alert_row alert;
    } items[LS_ALERTS_DUE_MAX];
};
LS_MUST_CHECK ls_err ls_session_apply_alerts(ls_session *session,
                                             const struct ls_alerts_due *due,
                                             struct ls_alert_news *news_out,
                                             struct ls_why *why);

/* Enqueue one operation as an application would. Refusals (LS001 …) come back as
 * LS_CODE_REFUSED / LS_CODE_INVALID with the database's own sentence in `why`. */
struct ls_enqueue {
    const char *kind, *payload, *key, *entity; /* entity NULL: none */
    int32_t lane;
    const char *fence; /* NULL: default */
    int64_t delay_ms;  /* run_at = now + delay */
    int64_t batch;     /* an open one; 0: none */
};
LS_MUST_CHECK ls_err ls_session_enqueue(ls_session *session,
                                        const struct ls_enqueue *request,
                                        ls_op_id *op_out,
                                        struct ls_why *why);

/* A batch of operations as an application opens and seals it: opening again under the same
 * name and policy gives the same one, sealing again is nothing. Refusals as enqueue's;
 * LS_CODE_NOT_FOUND. */
LS_MUST_CHECK ls_err ls_session_batch_open(ls_session *session,
                                           const char *name,
                                           const char *policy,
                                           int64_t *batch_out,
                                           struct ls_why *why);
LS_MUST_CHECK ls_err ls_session_batch_seal(ls_session *session,
                                           int64_t batch,
                                           struct ls_why *why);

/* Audit entries in ascending order with everything that their hash covers, for the
 * verifier: `take` is called for each; it may stop the walk by an error. */
struct ls_audit_entry {
    int64_t seq;
    uint8_t prev_hash[32];
    uint8_t hash[32];
    const char *canonical; /* the bytes that were hashed after prev_hash */
    size_t canonical_bytes;
};
LS_MUST_CHECK ls_err ls_session_audit_walk(ls_session *session,
                                           int64_t from_seq,
                                           ls_err (*take)(void *self,
                                                          const struct ls_audit_entry *entry),
                                           void *self,
                                           struct ls_why *why);

/* The log's id as text. The first entry's prev_hash is SHA-256 of this text: hand that to
 * ls_audit_verifier_init. */
enum { LS_LOG_ID_BYTES = 40 };
LS_MUST_CHECK ls_err ls_session_log_id(ls_session *session,
                                       char out[LS_LOG_ID_BYTES],
                                       struct ls_why *why);

/* Keys of operations and what the database says became of each, for audits against the
 * ledger (demo, campaigns). Ascending by id, live and finished. */
struct ls_outcome_row {
    ls_op_id op;
    enum ls_kind kind;
    enum ls_state state;
    enum ls_sub sub;
    char key[LS_KEY_BYTES_MAX + 1];
    char signature[LS_SIGNATURE_TEXT_BYTES];
};
LS_MUST_CHECK ls_err ls_session_outcomes(ls_session *session,
                                         int64_t after_id,
                                         int32_t limit,
                                         struct ls_outcome_row *rows_out,
                                         size_t *count_out,
                                         struct ls_why *why);

/* Small lists that are shown as they are read: each row as texts, "" for nothing. */
enum ls_list {
    LS_LIST_HOOKS,     /* kind, function, current or changed, waiting, error, by, since_ms */
    LS_LIST_CONSUMERS, /* name, login, acked, lag, lost, oldest_ms, acked_ms; times since 1970
                        */
    /* id, name, policy, state, total, done, failed, held, live, cancelled, compensated,
     * opened_ms, sealed_ms, ended_ms, opened_by, detail; newest first */
    LS_LIST_BATCHES,
    /* of one batch, by `id`: id, key, kind, state, sub, attempt, cause, signature */
    LS_LIST_BATCH_OPS,
    /* of operation `id` the newest answered look: found, signature, slot, height, detail */
    LS_LIST_LOOK,
    /* resolutions that wait for a second person, oldest first: op, key, says, login, at_ms,
     * reason, the command that confirms */
    LS_LIST_RESOLUTIONS,
};
enum { LS_LIST_COLUMNS_MAX = 16 };
/* `id` limits the list to that batch or operation; 0: all batches. The other lists ignore
 * it. */
LS_MUST_CHECK ls_err ls_session_list(ls_session *session,
                                     enum ls_list list,
                                     int64_t id,
                                     void (*take)(void *self, const char *const *texts),
                                     void *self,
                                     struct ls_why *why);

/* What is sealed of one attempt (lockstep/audit/mac.h), for whoever has the key: attempts
 * that may still land and those that landed, oldest first. */
struct ls_seal_row {
    bool is_whole;               /* every field could be read as what it is */
    struct ls_intent_row intent; /* as it was written; token, pack and mint aside */
    char seal_key[LS_STORE_SEAL_KEY_BYTES];
    uint8_t tx[LS_TX_BYTES_MAX];
};
LS_MUST_CHECK ls_err ls_session_seals(ls_session *session,
                                      ls_op_id op,
                                      void (*take)(void *self, const struct ls_seal_row *row),
                                      void *self,
                                      struct ls_why *why);

/* Schema. */
struct ls_migration {
    int32_t version; /* ascending; gaps are allowed */
    const char *name;
    const char *sql;
};
/* The schema is made of two sorts of SQL, both compiled into this binary. Migrations make
 * what holds data (tables, indexes, sequences); each is applied once and never edited after a
 * release. Routines are all the rest (functions, views, composite types, triggers): they are
 * dropped and made anew, in order, whenever the database's are not this binary's own.
 * Static storage. */
const struct ls_migration *ls_migrations(size_t *count_out);
const struct ls_migration *ls_routines(size_t *count_out);
/* SHA-256 of all routines, as hex; stands in the comment of schema lockstep. */
const char *ls_routines_digest(void);
/* The newest migration's version. */
int32_t ls_schema_version(void);
struct ls_migrate_options {
    int32_t to;          /* 0: newest; below the newest the routines stay as they are */
    bool dry_run;        /* append what would be done to `report`, change nothing */
    uint8_t tag_key[32]; /* fresh random K, used only when the schema has none */
};
/* Install or upgrade under an advisory lock. LS_CODE_REFUSED when the schema is newer
 * than this binary. Appends one line per step to `report`. */
LS_MUST_CHECK ls_err ls_session_migrate(ls_session *session,
                                        const struct ls_migrate_options *options,
                                        struct ls_buf *report,
                                        struct ls_why *why);
/* Settings of a kind; what is not given stays as it is. */
struct ls_kind_settings {
    const char *kind;       /* by name */
    int64_t max_attempts;   /* in a round; 0: not given */
    int64_t stuck_after_ms; /* 0: not given */
    const char *fence;      /* what enqueue takes where none is named; NULL: not given */
    bool has_value_limit;
    int64_t value_limit; /* more lamports or base units than this are strict; -1: no limit */
};
/* Needs lockstep_admin or lockstep_worker; audited where it changes something, which
 * `changed_out` tells. Operations that are enqueued already keep attempts and fence. */
LS_MUST_CHECK ls_err ls_session_configure_kind(ls_session *session,
                                               const struct ls_kind_settings *settings,
                                               bool *changed_out,
                                               struct ls_why *why);
/* Set how many days finished operations, keys, markers and samples are kept, and how many
 * outcomes. As above. */
LS_MUST_CHECK ls_err ls_session_configure_retention(ls_session *session,
                                                    const int64_t wanted[5],
                                                    bool *changed_out,
                                                    struct ls_why *why);
/* The installation's K and pinned genesis, where the login may read them (worker,
 * admin): for audits against the ledger. */
LS_MUST_CHECK ls_err ls_session_tag_key(ls_session *session,
                                        uint8_t tag_key_out[32],
                                        struct ls_hash *genesis_out,
                                        struct ls_why *why);

#endif
