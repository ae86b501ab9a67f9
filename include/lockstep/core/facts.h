/* What a console, the command line and the alert rules know of the system: plain
 * records that the store fills by reading and that views draw. Fixed sizes, no
 * pointers: a snapshot is copied whole between threads.
 *
 * Text here is untrusted (it came from the database or the ledger): it passes the text
 * gate (base/gate.h) before any terminal. Text that does not fit is cut at a character. */
#ifndef LOCKSTEP_CORE_FACTS_H
#define LOCKSTEP_CORE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/core/look.h"
#include "lockstep/core/op.h"
#include "lockstep/core/people.h"
#include "lockstep/core/store_port.h"

enum {
    LS_FACTS_WORKERS_MAX = 16,
    LS_FACTS_ENDPOINTS_MAX = 8,
    LS_FACTS_GATES_MAX = 32,
    LS_FACTS_MINUTES = 60,
    LS_FACTS_CAUSES_MAX = 24,
    LS_FACTS_PAGE_MAX = 200,
    LS_FACTS_ATTEMPTS_MAX = 16,
    LS_FACTS_EVENTS_MAX = 32,
    LS_FACTS_NEWS_MAX = 16,
    LS_FACTS_NOTES_MAX = 8,
    LS_FACTS_WAITING_MAX = 1000,
    LS_FACTS_UNATTENDED_MAX = 10000,
    LS_FACTS_ATTENDED_MAX = 100,
    LS_FACTS_DISKS_MAX = 4,
};

enum ls_severity { LS_SEVERITY_INFO = 0, LS_SEVERITY_WARNING = 1, LS_SEVERITY_CRITICAL = 2 };
const char *ls_severity_name(enum ls_severity severity); /* "info" … */

enum ls_alert_state { LS_ALERT_FIRING = 0, LS_ALERT_ACKED = 1, LS_ALERT_RESOLVED = 2 };
const char *ls_alert_state_name(enum ls_alert_state state);

struct ls_worker_row {
    int64_t id;
    char host[64];
    int64_t pid;
    char version[24];
    int64_t started_ms; /* wall, ms since 1970 by the database's clock, as all times here */
    int64_t heartbeat_ms;
    bool is_alive; /* heartbeat younger than the lease */
    bool is_leader;
    bool is_paused;
    bool is_draining;
    bool is_catching_up; /* it reads what landed, and signs nothing before that is known */
    uint32_t works_on;   /* a bit for each kind that it may begin; 0: all */
    int64_t in_flight;
    /* By its own word; "" before its first. */
    char doing[LS_WORKER_DOING_BYTES];
    char trouble[LS_WORKER_TROUBLE_BYTES];
    int64_t doing_ms; /* since when it is at that, or in trouble */
    char payer[LS_ADDRESS_TEXT_BYTES];
};

struct ls_endpoint_row {
    char name[96];
    bool is_up;
    int64_t slot;
    int64_t latency_ms;
    int64_t error_permille;
    char trouble[96];
    int64_t changed_ms; /* since when is_up has its value */
    int64_t seen_ms;
};

struct ls_gate_row {
    char selector[256];
    char reason[LS_REASON_BYTES_MAX + 1];
    char actor[64];
    bool by_worker;
    int64_t since_ms;
};

/* Due operations of one kind. */
struct ls_kind_waiting {
    enum ls_kind kind; /* NONE: atomic batches that nobody may begin as a whole, though each of
                          their kinds has somebody */
    int64_t waiting;   /* at most LS_FACTS_UNATTENDED_MAX, LS_FACTS_ATTENDED_MAX */
    bool is_attended;  /* a living worker that is neither paused nor drained may begin them */
};

/* A file system of the machine that the console runs on. */
struct ls_disk_row {
    char what[40]; /* what lies there: "log, data" */
    int32_t used_permille;
    uint64_t free_bytes;
    int64_t silent_since_ms; /* it does not answer; the rest is from before. 0: it does */
};

/* Failed and held operations whose causes have one fingerprint, or stuck ones of one state. */
struct ls_cause_row {
    char cause[LS_CAUSE_BYTES_MAX + 1];   /* the fingerprint; "" if no cause is recorded */
    char example[LS_CAUSE_BYTES_MAX + 1]; /* the cause of one of them, as written */
    enum ls_state state;
    enum ls_sub sub;
    bool is_stuck;
    int64_t count;
    int64_t oldest_ms; /* when the oldest of them was enqueued */
    int64_t since_ms;  /* when the first of them came into this state */
    int64_t landed;    /* of them: an attempt landed and had its effect */
    int64_t errored;   /* of the others: an attempt landed with an error, without effect */
    int64_t unknown;   /* of them: an attempt is neither dead nor finalized */
    char signer[LS_ADDRESS_TEXT_BYTES]; /* who pays for all of them; "" where not one */
    char via[96]; /* the endpoint that told the cause of all of them; "" where not one */
};

/* What somebody or something did: an entry of the audit log or an alert. */
struct ls_event_row {
    int64_t at_ms;
    char who[48];    /* "worker 3", "alert", a person */
    char action[32]; /* "op.failed", "retry", "gate.on", "alert.fired" */
    char target[128];
    char reason[256];
};

/* The first thing before trouble began that may have to do with it. */
struct ls_first_event {
    int64_t at_ms; /* 0: nothing is known */
    char kind[16]; /* endpoint, payer, gate, worker, failover, or an alert's rule */
    char what[128];
    char why[256];
};

struct ls_dashboard {
    int64_t now_ms;  /* the database's clock, or the moment that is shown */
    bool is_past;    /* from the record, not from now */
    int64_t read_ms; /* how long reading it took */
    int32_t schema_version;
    char database[64];
    int64_t counts[LS_STATE_COUNT]; /* live rows, and totals of the terminal states */
    int64_t gated;
    int64_t depth; /* ready + blocked */
    int64_t held_ambiguous;
    int64_t age_ms; /* of the oldest due operation; 0 when none is due */
    int64_t lag_ms; /* commit to finalized, p50 of the operations done in the last minute */
    int64_t lag_p95_ms;
    int64_t stuck; /* leased, submitted or blocked longer than their kind's objective */
    int64_t oldest_stuck_ms; /* when the first of them came into its state; or 0 */
    int64_t first_failed_ms; /* when the oldest failed-or-held trouble began; 0 if none */
    int64_t
        oldest_trouble_ms; /* when the oldest failed, held or stuck one was enqueued; or 0 */
    struct ls_first_event first;
    int64_t duplicates; /* operations with two landed attempts: must be 0 */
    bool has_balance;
    uint64_t balance_lamports;
    char payer[LS_ADDRESS_TEXT_BYTES];
    int64_t finalized_height;
    int64_t heard_ms; /* newest heartbeat of any worker, also of one that parted; 0: none */
    int64_t minute_done[LS_FACTS_MINUTES]; /* [59] is the current minute */
    int64_t minute_failed[LS_FACTS_MINUTES];
    int64_t minute_enqueued[LS_FACTS_MINUTES];
    int64_t minute_depth[LS_FACTS_MINUTES];     /* at the end of each minute */
    int64_t minute_in_flight[LS_FACTS_MINUTES]; /* these three at its beginning, [59] now */
    int64_t minute_stuck[LS_FACTS_MINUTES];
    int64_t minute_lag_ms[LS_FACTS_MINUTES];
    uint64_t sampled;        /* a bit for each minute that these three are recorded of */
    uint64_t spent_lamports; /* by the payer within the minutes below */
    int64_t spent_minutes;   /* of this hour, that both ends of are known; 0: none */
    size_t worker_count;
    struct ls_worker_row workers[LS_FACTS_WORKERS_MAX];
    size_t waiting_count; /* kinds of which due operations wait */
    struct ls_kind_waiting waiting[LS_KIND_MAX + 1];
    size_t endpoint_count;
    struct ls_endpoint_row endpoints[LS_FACTS_ENDPOINTS_MAX];
    size_t gate_count;
    struct ls_gate_row gates[LS_FACTS_GATES_MAX];
    size_t cause_count;
    struct ls_cause_row causes[LS_FACTS_CAUSES_MAX];
    int64_t alerts_firing;
    int64_t alerts_critical;
    int64_t alerts_acked;
    size_t event_count;
    struct ls_event_row events[LS_FACTS_NEWS_MAX]; /* newest first */
    size_t disk_count; /* the console's own, filled in by it: the store knows of none */
    struct ls_disk_row disks[LS_FACTS_DISKS_MAX];
};

/* How many living workers there are, and whether none of them begins anything: all are paused
 * or drain. */
size_t ls_dashboard_living(const struct ls_dashboard *facts, bool *are_idle_out);
/* What a worker is at, in one word of ours: "silent", "draining", "paused", "catching up",
 * "in trouble" or "working". Static storage. */
const char *ls_worker_word(const struct ls_worker_row *worker);
/* What it says beside that word: "page 3, slot 1,204 of 1,000..2,000, about 5 s left",
 * "ledger: no endpoint answers"; "" for nothing, and of one that is silent. Untrusted. */
enum { LS_WORKER_WORDS_BYTES = LS_WORKER_DOING_BYTES + LS_WORKER_TROUBLE_BYTES + 8 };
void ls_worker_words(const struct ls_worker_row *worker, char out[LS_WORKER_WORDS_BYTES]);
/* Where every worker that lives and is neither paused nor drained is catching up, so that
 * nothing is signed: the leader if it is one of them, else the first. NULL: it is not so. */
const struct ls_worker_row *ls_dashboard_catching_up(const struct ls_dashboard *facts);
/* "nobody works on token.burn: 12 waiting", "nobody works on memo (3 waiting), event (1
 * waiting) and 2 more", while a worker lives; "" where everything that waits has
 * somebody. */
enum { LS_UNATTENDED_BYTES = 192 };
void ls_dashboard_unattended(const struct ls_dashboard *facts, char out[LS_UNATTENDED_BYTES]);
/* "token.burn", "an atomic batch of kinds that no worker has together". Static storage. */
const char *ls_kind_waiting_name(const struct ls_kind_waiting *waiting);

/* "41%, 9.1 GB free", "does not answer" */
enum { LS_DISK_WORDS_BYTES = 64 };
void ls_disk_words(const struct ls_disk_row *disk, char out[LS_DISK_WORDS_BYTES]);
/* From 90 % on it wants room, from 95 % on at once. */
bool ls_disk_is_full(const struct ls_disk_row *disk);
bool ls_disk_is_critical(const struct ls_disk_row *disk);
/* It answers, and has room. */
bool ls_disk_is_good(const struct ls_disk_row *disk);

/* When what failed, is held or stuck first came into that state; 0: nothing is. */
int64_t ls_dashboard_began_ms(const struct ls_dashboard *facts);

/* How work comes and goes: operations a minute over the last five full minutes, and what
 * follows for those that wait. */
struct ls_flow {
    int64_t arriving, finishing;
    int64_t drains_minutes; /* until nothing waits, rounded up; -1: not at this pace */
    int64_t grows;          /* by so many a minute; 0: it does not */
    bool stands; /* something due or stuck, more all that time than leaves in a minute, and no
                  * more leaves than arrives */
};
struct ls_flow ls_dashboard_flow(const struct ls_dashboard *facts);
/* Minutes that the payer's balance lasts at this hour's pace; -1: not known, or nothing is
 * spent. */
int64_t ls_dashboard_payer_minutes(const struct ls_dashboard *facts);
/* And for how many operations, at what those of that time cost; -1: unknown. */
int64_t ls_dashboard_payer_ops(const struct ls_dashboard *facts);

/* Operations done within the last 60 seconds: what the current minute has, and of the one
 * before the share that is not older than that. So a first minute counts from its first
 * second, and the end of one is no fall. */
int64_t ls_dashboard_done_per_minute(const struct ls_dashboard *facts);

/* "lasts about 12,000 operations, 9 days", "lasts about 5 hours", "lasts for years"; "" while
 * nothing is known. */
enum { LS_FORECAST_BYTES = 128 };
void ls_dashboard_forecast(const struct ls_dashboard *facts, char out[LS_FORECAST_BYTES]);

struct ls_op_row {
    ls_op_id op;
    int64_t version; /* grows with every change; actions name it */
    char key[LS_KEY_BYTES_MAX + 1];
    char entity[LS_ENTITY_BYTES_MAX + 1]; /* "" if none */
    enum ls_kind kind;
    enum ls_state state;
    enum ls_sub sub;
    enum ls_request request;
    int64_t batch; /* 0 if none */
    int32_t lane;
    int32_t attempts_made;
    int32_t attempts_max;
    int64_t created_ms;
    int64_t updated_ms;
    int64_t run_at_ms;
    bool is_stuck;
    char cause[LS_CAUSE_BYTES_MAX + 1];
    char signature[LS_SIGNATURE_TEXT_BYTES]; /* of the landed or newest attempt; "" */
    int64_t slot;
    enum ls_look look; /* the newest answered look at the ledger; see ls_look_of() */
    int64_t looked_ms; /* when it was answered; 0: never */
};

/* Where a listing goes on: the last row seen. Zero: the first page. */
struct ls_op_cursor {
    bool has;
    int64_t sort_value;
    int64_t id;
};

struct ls_op_page {
    size_t count;
    struct ls_op_row rows[LS_FACTS_PAGE_MAX];
    bool has_more;
    int64_t matching;        /* rows that match in all; -1 when there may be others */
    bool is_searching;       /* these are the rows so far: more of the answer comes */
    bool is_stopped;         /* a person stopped it: more may match */
    int32_t looked_permille; /* of the operations that were looked at for this page */
};

struct ls_attempt_row {
    int32_t attempt;
    enum ls_attempt_state state;
    char signature[LS_SIGNATURE_TEXT_BYTES];
    char blockhash[LS_HASH_TEXT_BYTES];
    int64_t last_valid_height;
    int64_t created_ms;
    int64_t slot;
    char cause[LS_CAUSE_BYTES_MAX + 1];
    char evidence[2048]; /* JSON of a certificate or of what a person vouched for */
    char seal[16]; /* "verified", "unverified", "ALTERED"; "": not asked, see command show */
};

struct ls_audit_row {
    int64_t seq;
    int64_t at_ms;
    char actor[64];   /* database role that acted */
    int64_t worker;   /* whose decision it was; 0: a person's */
    char os_user[64]; /* a claim of the client */
    char client[64];  /* address, "local" for a socket */
    char action[32];
    char target[224]; /* "op 17", "alert 3", "gate kind:memo" */
    char before[64];
    char after[64];
    char reason[LS_REASON_BYTES_MAX + 1];
    char hash[65]; /* hex of the entry's SHA-256 */
    char prev_hash[65];
};

struct ls_audit_page {
    size_t count;
    struct ls_audit_row rows[LS_FACTS_PAGE_MAX];
    bool has_more;
};

/* An account of the pool of nonces. */
struct ls_nonce_row {
    int64_t number;
    char address[LS_ADDRESS_TEXT_BYTES];
    enum ls_nonce_state state;
    int64_t op; /* that it is bound to, or that closes it; 0: none */
    bool is_used;
    char value[LS_HASH_TEXT_BYTES]; /* as an attempt last used it; "" */
    char authority[LS_ADDRESS_TEXT_BYTES];
    int64_t slot;
    int64_t changed_ms;
};
enum { LS_FACTS_NONCES_MAX = 1024 };

struct ls_op_detail {
    struct ls_op_row row;
    char payload[LS_PAYLOAD_BYTES_MAX + 1];
    char detail[512];                 /* one line about the present state */
    char mint[LS_ADDRESS_TEXT_BYTES]; /* token.create_mint: the mint's address; "" */
    int64_t depends_on;               /* operation id; 0 if none */
    int64_t compensates;              /* operation that this one undoes; 0 if none */
    int64_t compensated_by;           /* operation that undoes this one; 0 if none */
    enum ls_fence fence;
    char signer[LS_ADDRESS_TEXT_BYTES]; /* fee payer of its attempts; "" before the first */
    char nonce[LS_ADDRESS_TEXT_BYTES];  /* fence nonce: its nonce account; "" */
    char marker[LS_ADDRESS_TEXT_BYTES]; /* fence marker: the account it creates; "" */
    char look_signature[LS_SIGNATURE_TEXT_BYTES]; /* what row.look found; "" */
    int64_t look_slot;
    int64_t reclaimed_by; /* operation that takes its marker's rent back; 0 if none */
    size_t note_count;    /* the newest of them, oldest first */
    struct ls_note notes[LS_FACTS_NOTES_MAX];
    int64_t waiting_behind; /* later ones of its entity, or that depend on it; at most
                               LS_FACTS_WAITING_MAX */
    size_t attempt_count;
    struct ls_attempt_row attempts[LS_FACTS_ATTEMPTS_MAX]; /* newest last */
    size_t event_count;
    struct ls_audit_row events[LS_FACTS_EVENTS_MAX]; /* newest first */
};

struct ls_alert_row {
    int64_t id;
    int64_t version;
    char rule[32];
    char subject[224];
    enum ls_severity severity;
    enum ls_alert_state state;
    char message[256];
    int64_t fired_ms;
    int64_t changed_ms;
    char owner[64];
    int64_t acked_until_ms;
    char note[LS_REASON_BYTES_MAX + 1];
    int32_t times; /* how often it fired */
};

struct ls_alert_page {
    size_t count;
    struct ls_alert_row rows[LS_FACTS_PAGE_MAX];
    bool has_more;
};

#endif
