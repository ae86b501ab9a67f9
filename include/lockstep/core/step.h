/* The engine: what a worker does next, as a pure function of what happened.
 *
 *   ls_core_step(core, event); while (ls_core_next(core, &effect)) carry it out;
 *
 * An event carries its own time; an effect is a wish that the shell carries out through
 * ports and reports back as another event. Nothing here reads a clock, draws entropy or
 * does I/O, so the same engine runs on a thread, as a service and in the simulator, and
 * a recorded list of events replays exactly.
 *
 * It tracks at most `tracked_max` operations, each in a numbered slot. Effects and
 * events name a slot together with its generation, so that an answer that comes late
 * for a slot that was given to another operation is recognised and dropped.
 *
 * What it keeps (names as in docs/blockchain/synchronization-model.md):
 *   A  an attempt is sent only after RECORDED said that it is durable;
 *   B  an attempt is replaced only after a certificate: on two endpoints (on one only where
 *      one is configured, or where below the value limit the others stay silent), each
 *      with one identity around the look, finalized height past last valid height + 2, the
 *      operation's signatures unknown to a search of the node's history, every positive
 *      control that was asked for found, and one more that landed when the attempt no longer
 *      could: a node that finds it sees far enough. Past last valid height + 140 the node
 *      must also list every block of the attempt's heights. A single endpoint needs two
 *      controls above the value limit, past that height, and where others are silent;
 *      without them the operation is held as ambiguous;
 *   C  fence nonce: all attempts of an operation share one value of one nonce account, so
 *      that at most one can land, and further ones (a higher fee; one that only moves the
 *      nonce on, to cancel) need no certificate. The others are dead when one of them is
 *      finalized, with or without an error. Where the finalized nonce moved and none of
 *      them is found in a node's history, the operation is held as ambiguous;
 *      Fence marker: the proof is the marker. Absent at a finalized height past last valid
 *      height + 2 on every endpoint needed, all attempts are dead; present, it is looked up who
 *      made it, and what passes the adoption test is settled. Where neither can be had another
 *      attempt is made beside the living ones, since the ledger lets one of them land;
 *   D  every change names the fencing token of its claim;
 *   E  done and failed-on-chain only from commitment finalized;
 *   F  nothing is signed before the ledger's list of our transactions was read and what
 *      landed adopted (SCAN), and, where commits may have been lost, before everything that
 *      could still land has landed or expired.
 *
 * Several operations may share a transaction: each has its own slot and is followed by
 * itself, so that one can be adopted, held or settled without the others. Only where it
 * failed the shell says whose fault it was.
 *
 * After the loss of its store it forgets everything and begins again with HELLO, SCAN and
 * ADOPT: store and ledger alone know what happened. One thread at a time. */
#ifndef LOCKSTEP_CORE_STEP_H
#define LOCKSTEP_CORE_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/core/op.h"
#include "lockstep/core/store_port.h"

enum { LS_CORE_TRACKED_MAX = 65536, LS_CORE_CAUSE_BYTES = 64, LS_CORE_DETAIL_BYTES = 160 };

/* Heights are block heights. A blockhash is accepted for 150 of them. */
enum {
    LS_BLOCKHASH_HEIGHTS = 150,
    LS_CERTIFICATE_MARGIN = 2,   /* finalized must pass last valid height by this */
    LS_FAMILIES_MAX = 1024,      /* operations of fence nonce tracked at a time */
    LS_FAMILY_MAX = 6,           /* attempts of one that share its nonce, cancels among them */
    LS_CERTIFICATE_WINDOW = 140, /* beyond this a node may have forgotten: control needed */
    /* How far behind the tip the node may be whose head is taken as the tip when it is
     * judged what may still land. */
    LS_QUIET_MARGIN = 64,
    LS_CONTROLS_MAX = 2, /* positive controls in one look */
};

typedef struct ls_core ls_core;

struct ls_core_options {
    int32_t tracked_max;     /* operations claimed or submitted and not finalized, 1..65536 */
    int32_t unconfirmed_max; /* of them not yet confirmed, 1..tracked_max */
    int32_t claim_max;       /* operations one CLAIM asks for, 1..LS_STORE_ROWS_MAX */
    int32_t endpoint_count;  /* 1..LS_ENDPOINTS_MAX */
    int64_t tick_ms;         /* heartbeat and upkeep of the store */
    int64_t claim_idle_ms;   /* between two looks at an empty queue */
    int64_t rebroadcast_ms;  /* same bytes again while unconfirmed and valid */
    int64_t backoff_base_ms; /* full jitter: uniform in 0..min(max, base * 2^(n-1)) */
    int64_t backoff_max_ms;
    bool only_scan;       /* read the ledger's list once, claim nothing, say BYE */
    int64_t scan_ms;      /* the leader reads the ledger's list so often */
    int64_t drain_ms;     /* after STOP: how long running store requests may take */
    int64_t bump_heights; /* fence nonce: unseen this long, one with a higher fee joins */
    int32_t bump_max;     /* how many of these, 0..LS_FAMILY_MAX - 2 */
    uint64_t payer_min_lamports; /* a gate put on for want of funds goes off at this */
    uint64_t seed;               /* of the jitter alone */
};

struct ls_core_options ls_core_options_default(void);

/* LS_CODE_INVALID when an option is out of range; LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_core_new(const struct ls_core_options *options, ls_core **core_out);
void ls_core_free(ls_core *core);

struct ls_slot {
    int32_t index; /* 0 .. tracked_max - 1 */
    uint32_t generation;
};

/* Whose fault it is that a transaction of several operations was refused or failed. */
enum ls_blame {
    LS_BLAME_OWN,    /* this operation's; always so when it is alone */
    LS_BLAME_OTHER,  /* another's of the same transaction: this one goes again */
    LS_BLAME_NOBODY, /* can not be told: this one goes again, with fewer beside it */
};

/* What the ledger says of one signature. */
struct ls_seen {
    bool is_found;
    bool is_confirmed; /* confirmed or finalized */
    bool is_finalized;
    bool has_error;   /* landed with an error */
    bool marker_used; /* and that is: the marker exists already */
    enum ls_blame blame;
    int64_t slot;
    char cause[LS_CORE_CAUSE_BYTES];
    char detail[LS_CORE_DETAIL_BYTES];
};

/* Whether the marker's account exists at commitment finalized. */
enum ls_marker_seen { LS_MARKER_UNKNOWN, LS_MARKER_ABSENT, LS_MARKER_PRESENT };

/* Who made the marker, by the finalized transactions that name it. */
enum ls_looked {
    LS_LOOKED_NOTHING, /* none of them succeeded */
    LS_LOOKED_FOREIGN, /* some did, and none passes the adoption test */
    LS_LOOKED_LANDED,  /* this one did: it is the operation's */
};

/* One attempt of a family, in order of being made. */
struct ls_member {
    int32_t attempt;
    bool is_cancel;
    struct ls_signature signature;
};

/* What reading a nonce for its value came to. */
enum ls_nonce_read {
    LS_NONCE_READ,   /* the shell keeps the value to sign with */
    LS_NONCE_UNREAD, /* no answer, or one of a node that is behind: read again */
    LS_NONCE_STRANGE /* it is no nonce account of ours */
};

/* How a send ended; classes of solana/rpc_error.h without its names. */
enum ls_send_result {
    LS_SEND_ACCEPTED,
    LS_SEND_LOOK,      /* L: may have landed already */
    LS_SEND_AGAIN,     /* T or E: not carried out; same bytes again */
    LS_SEND_AMBIGUOUS, /* X: treat as sent */
    LS_SEND_FUNDS,     /* H: the payer can not pay */
    LS_SEND_PERMANENT, /* P: refused for good by a node's preflight */
};

/* What becomes of an operation that can not be signed; nothing of it has left. */
enum ls_unsigned {
    LS_UNSIGNED_FAILED, /* for good */
    LS_UNSIGNED_HELD,   /* until a person cured it */
    LS_UNSIGNED_ABSENT, /* what it needs is not on the ledger yet: again, as an attempt */
    LS_UNSIGNED_LATER,  /* the ledger did not answer what must be known: again */
};

enum ls_event_kind {
    LS_EVENT_TIME,      /* nothing but time passed */
    LS_EVENT_LEARNED,   /* the ledger's constants are known */
    LS_EVENT_GREETED,   /* HELLO succeeded */
    LS_EVENT_UNGREETED, /* HELLO failed: try again later */
    LS_EVENT_LOST,      /* the store's connection is gone, or it declared us lost */
    LS_EVENT_TICKED,
    LS_EVENT_OP,       /* one operation of a CLAIM or ADOPT reply */
    LS_EVENT_CLAIMED,  /* end of a CLAIM reply */
    LS_EVENT_ADOPTED,  /* end of an ADOPT reply */
    LS_EVENT_HEAD,     /* a fresh blockhash and the finalized height */
    LS_EVENT_HEADLESS, /* fetching them failed */
    LS_EVENT_NONCE,    /* what a NONCE came to */
    LS_EVENT_FAMILY,   /* what a FAMILY found */
    LS_EVENT_SIGNED,   /* an attempt is built and signed, in memory only */
    LS_EVENT_UNSIGNED, /* it can not be */
    LS_EVENT_RECORDED, /* the store answered for an intent */
    LS_EVENT_SENT,
    LS_EVENT_STATUS,
    LS_EVENT_UNANSWERED, /* a QUERY or CERTIFY found no answer: ask again later */
    LS_EVENT_CERTIFIED,
    LS_EVENT_LOOKED,  /* the marker was looked up */
    LS_EVENT_CONTROL, /* what became of a CONTROL: a block, or none there */
    LS_EVENT_MOVED,   /* the store answered for a MOVE */
    LS_EVENT_WISH,    /* a person wants a tracked operation held or cancelled */
    LS_EVENT_BALANCE,
    LS_EVENT_SCANNED,   /* the ledger's list was read and accounted for */
    LS_EVENT_UNSCANNED, /* it could not be, or not without doubt: again later */
    LS_EVENT_BULKED,    /* the store answered for a BULK */
    LS_EVENT_STOP,      /* drain: sign nothing more, hand back what is leased, say BYE */
    LS_EVENT_PARTED,    /* BYE was answered */
};

struct ls_event {
    enum ls_event_kind kind;
    int64_t now_ms; /* monotonic; never smaller than in the event before */
    struct ls_slot slot;
    union {
        struct {
            bool may_have_lost; /* commits may have been lost since they were last read */
            bool is_first;      /* no worker has caught up with this store before */
            bool needs_pace;    /* a payer has no watermark: how far back goes by time */
        } greeted;
        struct {
            bool has_tagged; /* transactions of this store's tags were found */
        } scanned;
        struct {
            bool is_paused;
            bool is_leader;
            bool payer_gated; /* a gate of a worker's stands on our payer */
            int64_t orphan_count;
            bool has_bulk;
        } ticked;
        int64_t bulk_due_ms;           /* BULKED: from now; -1: nothing is under way */
        const struct ls_stored_op *op; /* read during the step only */
        struct {
            int32_t count;
        } batch; /* CLAIMED, ADOPTED */
        struct {
            int64_t last_valid_height;
            int64_t finalized_height;
            int64_t finalized_slot;
        } head;
        struct {
            struct ls_signature signature;
            int64_t last_valid_height;
        } built; /* SIGNED */
        struct {
            enum ls_unsigned verdict;
            const char *cause;
            const char *detail;
        } refusal;              /* UNSIGNED */
        enum ls_row_result row; /* RECORDED, MOVED */
        struct {
            enum ls_send_result result;
            bool marker_used;    /* PERMANENT: the marker exists already */
            enum ls_blame blame; /* of PERMANENT */
            const char *cause;
            const char *detail;
        } sent;
        struct ls_seen seen; /* STATUS */
        struct {
            int32_t endpoint;
            bool same_identity;    /* one node answered the whole look */
            int64_t height_before; /* finalized, before the statuses */
            int64_t height_after;  /* finalized, after them */
            int32_t controls_seen; /* of the controls that CERTIFY named: found finalized */
            bool newer_seen;       /* so was the newer one */
            bool is_whole;         /* the node keeps every block of these heights */
            int64_t whole_from, whole_to;
            enum ls_marker_seen marker; /* fence marker: at a bank of these heights */
            struct ls_seen seen;
            /* Of the operation's earlier attempts the one that was found, if any. */
            struct ls_seen sibling_seen;
            int32_t sibling_attempt;
            struct ls_signature sibling_signature;
        } certified;
        enum ls_nonce_read nonce;
        struct {
            bool same_identity;         /* one node answered the whole look */
            bool is_deep;               /* it searched its history */
            bool has_moved;             /* the finalized nonce, read first, has another value */
            int32_t count;              /* members looked up: the first of the family */
            const struct ls_seen *seen; /* read during the step only */
        } family;
        struct {
            int32_t endpoint;
            enum ls_looked result;
            struct ls_signature signature; /* LANDED */
            int64_t slot;
        } looked;
        struct {
            bool is_block; /* false: skipped, unavailable, unanswered */
            int64_t height, slot;
            int32_t count; /* 0: an empty block */
            struct ls_signature signatures[LS_CONTROLS_MAX];
        } control;
        struct {
            ls_op_id op;
            enum ls_request request;
        } wish;
        uint64_t balance_lamports;
    } as;
};

enum ls_effect_kind {
    LS_EFFECT_LEARN = 1, /* genesis hash, rent: answer LEARNED (keep trying until then) */
    LS_EFFECT_HELLO,
    LS_EFFECT_TICK,
    LS_EFFECT_CLAIM,
    LS_EFFECT_ADOPT,
    LS_EFFECT_OBSERVE,
    LS_EFFECT_HEAD,
    LS_EFFECT_BALANCE,
    LS_EFFECT_SCAN,   /* read the ledger's list of our transactions: SCANNED or UNSCANNED */
    LS_EFFECT_ADMIT,  /* the OP of this step was given `slot`: keep its payload or bytes */
    LS_EFFECT_NONCE,  /* read the finalized value of the operation's nonce: answer NONCE */
    LS_EFFECT_FAMILY, /* look: the nonce, then all members (ls_core_family): answer FAMILY */
    LS_EFFECT_SIGN,
    LS_EFFECT_RECORD,
    LS_EFFECT_SEND,
    LS_EFFECT_QUERY,
    LS_EFFECT_CERTIFY, /* look with all of the operation's attempts and the controls */
    LS_EFFECT_LOOKUP,  /* look the marker up: LOOKED or UNANSWERED */
    LS_EFFECT_CONTROL, /* read the finalized block of a slot: answer CONTROL */
    LS_EFFECT_MOVE,
    LS_EFFECT_FORGET, /* `slot` is free: drop what is kept for it */
    LS_EFFECT_GATE,   /* the payer's gate on or off */
    LS_EFFECT_ALERT,
    LS_EFFECT_BULK, /* one step of the bulk jobs: answer BULKED */
    LS_EFFECT_BYE,
    LS_EFFECT_TRACE, /* one line of what happened to an operation, for logs and goldens */
};

struct ls_effect {
    enum ls_effect_kind kind;
    struct ls_slot slot;
    ls_op_id op; /* of the slot */
    union {
        int32_t count; /* ADOPT: how many at most */
        struct {
            int32_t count;  /* how many at most */
            uint32_t lanes; /* as ls_store_request.lanes */
        } claim;
        struct {
            int64_t from_height; /* a node whose finalized height is lower does not do */
            int64_t micros;      /* measured time of a height, 1/1000 ms; 0: unknown */
            bool is_conclusive;  /* what it accounts for may be remembered even if tagged
                                    transactions are found */
            bool needs_proof;    /* commits may have been lost: a list that no blocks prove
                                    does not do; else every landing's attempt is known */
        } scan;
        struct {
            int64_t token;
            int32_t attempt;
            struct ls_signature signature;
            int64_t last_valid_height; /* 0: fence nonce, it never expires */
            bool is_cancel;            /* SIGN, RECORD */
            int32_t turn; /* SEND: how often it was sent before; another endpoint each time */
            int32_t fee_level; /* SIGN: 0 as usual, then the higher the dearer */
        } attempt;             /* SIGN (token, attempt), RECORD, SEND, QUERY */
        bool is_deep;          /* FAMILY: search the node's history */
        struct {
            int32_t endpoint;
            struct ls_signature signature;
            int64_t last_valid_height;
            int32_t control_count;
            struct ls_signature controls[LS_CONTROLS_MAX];
            bool has_newer; /* one that landed when the attempt no longer could */
            struct ls_signature newer;
            int64_t from_slot, to_slot; /* are all blocks of these kept? 0, 0: not asked */
            bool asks_marker;
        } certify;
        struct {
            int32_t endpoint;
        } lookup;
        struct {
            int32_t endpoint;
            int64_t slot;
        } control;
        struct {
            int64_t token;
            enum ls_state to;
            enum ls_sub sub;
            int64_t delay_ms;
            bool counts;
            char cause[LS_CORE_CAUSE_BYTES];
            char detail[LS_CORE_DETAIL_BYTES];
            int32_t attempt; /* 0: about none */
            enum ls_attempt_state attempt_state;
            bool has_signature;
            struct ls_signature signature;
            int64_t landed_slot;
            bool siblings_dead;  /* every other attempt that was live is dead too */
            bool is_adoption;    /* `signature` was found by the marker: the evidence */
            bool by_marker;      /* the certificate is the marker's absence */
            bool has_evidence;   /* what the looks said is to be kept */
            bool is_certificate; /* and it proves the attempt dead: the three below */
            uint32_t endpoints;  /* bit set of those that agreed */
            int64_t certified_height;
            int32_t controls; /* most that one look found */
            int64_t last_valid_height;
            bool by_nonce; /* has_evidence: that the landed attempt used the nonce of all */
            enum ls_nonce_fate nonce;
        } move;
        struct {
            bool on;
            const char *reason; /* static storage */
        } gate;
        struct {
            const char *rule; /* static storage */
            int severity;
            const char *message; /* static storage */
            bool is_over;
        } alert;
        struct {
            enum ls_state state;
            const char *text; /* static storage */
            int32_t attempt;
            int64_t number; /* what the text is about; 0 if nothing */
        } trace;
    } as;
};

/* Take one event. Asserts that time does not run backwards. */
void ls_core_step(ls_core *core, const struct ls_event *event);
/* The next effect in order; false when there is none. Events may be stepped between. */
bool ls_core_next(ls_core *core, struct ls_effect *effect_out);
/* When LS_EVENT_TIME is needed at the latest, in the events' time; INT64_MAX: never. */
int64_t ls_core_due_ms(const ls_core *core);

enum ls_core_mode {
    LS_CORE_LEARNING,    /* waits for the ledger's constants */
    LS_CORE_GREETING,    /* waits for the store */
    LS_CORE_CATCHING_UP, /* reads what landed before it signs anything */
    LS_CORE_ADOPTING,    /* takes over what was left, signs nothing new */
    LS_CORE_RUNNING,
    LS_CORE_DRAINING,
    LS_CORE_STOPPED,
};
enum ls_core_mode ls_core_mode(const ls_core *core);
const char *ls_core_mode_name(enum ls_core_mode mode);

struct ls_core_numbers {
    int32_t tracked;
    int32_t unconfirmed;
    int64_t finalized_height;
    int64_t finalized_slot;
    int32_t slowed_permille; /* the brake on retry storms; 0: off */
    int64_t slot_micros;     /* measured time of one height, in 1/1000 ms */
    bool head_is_fresh;
    bool is_paused;
    bool payer_gated;
    int64_t quiet_height;  /* nothing is signed before this is final; 0: no need to wait */
    int64_t quiet_left_ms; /* until then, by the measured pace */
};
void ls_core_numbers(const ls_core *core, struct ls_core_numbers *numbers_out);
/* The attempts of the family in `slot`, at most LS_FAMILY_MAX; the count, 0 for none. */
int32_t ls_core_family(const ls_core *core,
                       struct ls_slot slot,
                       struct ls_member members_out[LS_FAMILY_MAX]);
/* Whether a person wants the operation that is to be signed held or cancelled: then it is not
 * signed, alone or with others, but answered UNSIGNED. What is SIGNED is made durable and sent,
 * and a wish waits for its end. */
bool ls_core_is_wished(const ls_core *core, struct ls_slot slot);
/* Ids of the operations tracked as submitted, at most `max`; the count. */
size_t ls_core_submitted(const ls_core *core, ls_op_id *ids_out, size_t max);

#endif
