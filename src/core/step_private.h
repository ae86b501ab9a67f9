/* What the files of the engine share; nobody else includes this. */
#ifndef LOCKSTEP_CORE_STEP_PRIVATE_H
#define LOCKSTEP_CORE_STEP_PRIVATE_H

#include "lockstep/core/step.h"

enum phase {
    PHASE_FREE = 0,
    PHASE_CLAIMED,    /* leased: waits for a blockhash */
    PHASE_READING,    /* fence nonce, leased: the nonce's value is asked for */
    PHASE_SIGNING,    /* SIGN is asked for */
    PHASE_RECORDING,  /* RECORD is asked for: durable or not, unknown to us yet */
    PHASE_LIVE,       /* durable: sent, or about to be */
    PHASE_LOOKING,    /* the marker exists: who made it is looked up */
    PHASE_CERTIFYING, /* past its last valid height: proof is sought */
    PHASE_MOVING,     /* its last move is asked for */
};

/* What becomes of the operation when its attempt is proved dead. */
enum verdict {
    VERDICT_AGAIN = 0, /* expired: another attempt, if the round has one left */
    VERDICT_FAIL,      /* refused for good */
    VERDICT_FUNDS,     /* could not be paid: again without counting, behind the gate */
    VERDICT_REPACK,    /* refused for another operation's sake: again without counting */
};

enum {
    NONE = -1,
    STRETCHES_MAX = 64,
    CONTROLS_MAX = 2 * STRETCHES_MAX,
    CONTROL_HEIGHTS = 16,
    BLOCKS_MAX = 64,
    SEARCHED_MAX = 16,
    VANISHED_LOOKS = 2
};

/* The attempts of one operation of fence nonce, all under one value of one nonce. */
struct family {
    int32_t next; /* in the list of free ones */
    int32_t count;
    struct ls_member members[LS_FAMILY_MAX];
    int32_t made;      /* attempts over the operation's life */
    int32_t bumps;     /* members that were added for their fee */
    int64_t bump_ms;   /* earliest time for another with a higher fee */
    int64_t cancel_ms; /* earliest time for one that cancels */
    bool is_adding;    /* one is being signed or recorded, not yet durable */
    bool is_recording; /* that one may be durable: the store is asked */
    bool wants_deep;   /* the nonce moved: search history in the next look */
    struct ls_member coming;
};

struct slot {
    ls_op_id op;
    int64_t token;
    uint32_t generation;
    enum phase phase;
    enum verdict verdict;
    enum ls_request request;
    int32_t family;  /* fence nonce; NONE */
    int32_t attempt; /* the one under way, 1-based over the operation's life */
    bool is_atomic;  /* its batch fails together */
    bool is_urgent;  /* lane 0 */
    int32_t attempts_round;
    int32_t attempts_max;
    enum ls_fence fence;
    bool has_siblings; /* fence marker: other attempts may land, the marker excludes two */
    bool is_errored;   /* this attempt is finalized with an error, siblings decide */
    int64_t errored_slot;
    struct ls_signature signature;
    int64_t last_valid_height;
    int64_t since_ms; /* when the attempt became durable (or was adopted) */
    int64_t send_ms;  /* next send; INT64_MAX: none */
    int64_t look_ms;  /* next status query or certificate */
    bool is_asked;    /* a query or certificate is under way */
    bool is_sending;
    bool is_confirmed;
    bool is_strict;         /* above its kind's value limit */
    bool is_past_window;    /* the look under way was asked with controls for that */
    int8_t vanished;        /* looks in a row that no longer found what was confirmed */
    bool is_marker_final;   /* it was seen at commitment finalized, so its maker is final too */
    int8_t lookups;         /* of the marker, that found nobody of ours */
    int8_t ambiguous_looks; /* looks past the window without a control; fence marker: looks
                               that proved nothing */
    int8_t unanswered;      /* looks for the proof that found no answer */
    int8_t controls_asked, controls_seen;
    int8_t whole_looks;      /* in a row, past the window */
    int64_t control_wait_ms; /* until when it waits for a control; 0: it does not */
    int32_t looks;
    int32_t sends;
    int32_t notes;   /* notes asked of the store and not yet answered */
    uint32_t agreed; /* endpoints whose certificate holds */
    int64_t certified_height;
    int32_t late_attempt; /* an earlier one that landed after all; 0: none */
    int64_t late_slot;
    struct ls_signature late_signature;
    char cause[LS_CORE_CAUSE_BYTES];
    char detail[LS_CORE_DETAIL_BYTES];
    int32_t next;    /* in the list of claimed slots, or of free ones */
    int32_t heap_at; /* place in the timer heap, NONE when it has no timer */
    int64_t timer_ms;
};

/* Landed somewhere in these heights. */
struct control {
    struct ls_signature signatures[LS_CONTROLS_MAX];
    int32_t count;
    int64_t landed_from, landed_by;
};

/* Heights, both included. */
struct stretch {
    int64_t from, to;
};

/* The reading of blocks for a control; one at a time. */
struct search {
    bool is_on, is_asked;
    int32_t tries;
    int32_t found; /* controls */
    int32_t endpoint;
    struct stretch wanted;
    int64_t slot; /* asked for */
    int64_t began_ms;
};

/* A finalized block that was read lately. */
struct block {
    bool is_used;
    int64_t height, slot;
};

/* What a look for the proof asks for beside the operation's own signatures. */
struct witnesses {
    int32_t control_count;
    struct ls_signature controls[LS_CONTROLS_MAX];
    bool has_newer;
    struct ls_signature newer;
    bool has_blocks; /* around the attempt's heights */
    struct block low, high;
};

/* The urgent lane has a brake of its own: a storm of the others does not slow it. */
enum group { GROUP_URGENT, GROUP_REST, GROUP_COUNT };

/* Counts of a window, and how much slower claims are: 0 .. 990 permille. */
struct brake {
    int32_t good, bad;
    int32_t slowed;
    int64_t due_ms; /* of the group's next claim, while any brake is on */
};

/* Where was looked lately, found or not. */
struct searched {
    bool is_used;
    int64_t height;
    int64_t ended_ms;
};

struct ls_core {
    struct ls_core_options options;
    int64_t now_ms;
    enum ls_core_mode mode;
    uint64_t random;

    struct slot *slots;
    int32_t free_head;
    int32_t tracked;
    int32_t unconfirmed;
    int32_t claimed_head, claimed_tail;

    struct family *families; /* LS_FAMILIES_MAX */
    int32_t family_free;

    int32_t *heap; /* slot indexes, the earliest timer first */
    int32_t heap_count;

    struct ls_effect *effects; /* ring */
    size_t effect_capacity, effect_first, effect_count;

    /* head of the chain */
    bool has_head;
    int64_t head_ms; /* when it was read */
    int64_t last_valid_height, finalized_height, finalized_slot;
    int64_t first_head_ms, first_height, pace_micros; /* over all that was seen; 0: unknown */
    int64_t slot_micros; /* smoothed time of one height, 1/1000 ms */
    bool head_asked;
    int64_t head_due_ms;

    /* store */
    bool hello_asked, tick_asked, claim_asked, adopt_asked, bye_asked, bulk_asked;
    int64_t bulk_due_ms; /* INT64_MAX: no bulk job is under way */
    int64_t hello_due_ms, tick_due_ms, claim_due_ms, observe_due_ms, balance_due_ms;
    int64_t stop_ms;
    int64_t orphan_count;
    int32_t claim_count, adopt_count; /* of the CLAIM and the ADOPT under way */
    uint32_t claim_lanes;
    bool has_left_behind; /* adopted in the store, and no room here */
    int32_t idle_claims;
    bool is_paused, payer_gated, gate_asked, is_stopping;

    /* reading the ledger's list */
    bool scan_asked, needs_pace, is_first, must_be_quiet, is_leader;
    int64_t quiet_height; /* 0: no head was read since it must be quiet */
    int64_t scan_due_ms;

    struct control controls[CONTROLS_MAX]; /* by stretch: our own, then those of blocks */
    struct block blocks[BLOCKS_MAX];       /* likewise */
    struct search search;
    struct brake brakes[GROUP_COUNT];
    int64_t brake_end_ms;   /* of the window */
    bool is_brake_told;     /* its alert stands */
    int32_t scans_failed;   /* one after the other while it catches up */
    bool is_unscanned_told; /* that nothing is signed because of them */
    struct searched searched[SEARCHED_MAX];
};

/* step_slots.c, timer.c */
struct ls_effect *ls_step_push(ls_core *core, enum ls_effect_kind kind);
struct ls_effect *ls_step_push_for(ls_core *core, enum ls_effect_kind kind, int32_t index);
void ls_step_trace(
    ls_core *core, int32_t index, enum ls_state state, const char *text, int64_t number);
int32_t ls_step_slot_take(ls_core *core);
void ls_step_slot_forget(ls_core *core, int32_t index);
void ls_step_set_timer(ls_core *core, int32_t index, int64_t timer_ms);
uint64_t ls_step_draw(ls_core *core, uint64_t below);
void ls_step_keep_text(char *out, size_t out_bytes, const char *text);

/* step_upkeep.c */
void ls_step_upkeep(ls_core *core);
void ls_step_adopt_more(ls_core *core);
void ls_step_drain(ls_core *core);

/* step_catchup.c: nothing is signed before the ledger's list is accounted for */
void ls_step_catch_up(ls_core *core);
void ls_step_on_catchup_head(ls_core *core);
void ls_step_on_greeted(ls_core *core, const struct ls_event *event);
void ls_step_on_scanned(ls_core *core, bool has_tagged);
void ls_step_on_unscanned(ls_core *core);
int64_t ls_step_quiet_left_ms(const ls_core *core);

/* step_claim.c: from leased to durable */
void ls_step_claim_op(ls_core *core, const struct ls_stored_op *op);
void ls_step_sign_claimed(ls_core *core);
void ls_step_on_signed(ls_core *core, int32_t index, const struct ls_event *event);
void ls_step_on_unsigned(ls_core *core, int32_t index, const struct ls_event *event);
void ls_step_on_recorded(ls_core *core, int32_t index, enum ls_row_result row);
bool ls_step_head_is_fresh(const ls_core *core);
bool ls_step_may_claim(const ls_core *core);
void ls_step_claim_more(ls_core *core);
void ls_step_adopt_op(ls_core *core, const struct ls_stored_op *op);

/* step_nonce.c: operations whose attempts share a nonce */
void ls_step_families_empty(ls_core *core);
bool ls_step_family_take(ls_core *core, int32_t index);
void ls_step_family_drop(ls_core *core, int32_t index);
void ls_step_family_adopt(ls_core *core, int32_t index, const struct ls_stored_op *op);
/* Leased: what a person wished comes before anything is read or signed for it. */
bool ls_step_honours_wish(ls_core *core, int32_t index);
void ls_step_nonce_read(ls_core *core, int32_t index);
void ls_step_nonce_begin(ls_core *core, int32_t index);
void ls_step_nonce_follow(ls_core *core, int32_t index);
void ls_step_nonce_refused(ls_core *core, int32_t index, const struct ls_event *event);
void ls_step_nonce_unsigned(ls_core *core, int32_t index, enum ls_unsigned verdict);
void ls_step_nonce_signed(ls_core *core, int32_t index, const struct ls_event *event);
void ls_step_nonce_recorded(ls_core *core, int32_t index);
void ls_step_on_nonce(ls_core *core, int32_t index, enum ls_nonce_read read);
void ls_step_on_family(ls_core *core, int32_t index, const struct ls_event *event);

/* step_follow.c: from durable to finalized */
void ls_step_follow(ls_core *core, int32_t index);
void ls_step_on_sent(ls_core *core, int32_t index, const struct ls_event *event);
void ls_step_on_status(ls_core *core, int32_t index, const struct ls_seen *seen);
void ls_step_on_unanswered(ls_core *core, int32_t index);
bool ls_step_settle_if_final(ls_core *core, int32_t index, const struct ls_seen *seen);
void ls_step_plan(ls_core *core, int32_t index);
void ls_step_on_found(ls_core *core, int32_t index, const struct ls_seen *seen);
void ls_step_roll_back(ls_core *core, int32_t index);
void ls_step_send(ls_core *core, int32_t index);
void ls_step_reject(ls_core *core,
                    int32_t index,
                    const struct ls_event *event,
                    enum verdict verdict);
void ls_step_gate_payer(ls_core *core);
int64_t ls_step_look_again_ms(const ls_core *core, struct slot *slot);
int64_t ls_step_heights_ms(const ls_core *core, int64_t heights);

/* step_certify.c: the proof that an attempt can no longer land */
void ls_step_certify(ls_core *core, int32_t index);
void ls_step_on_certified(ls_core *core, int32_t index, const struct ls_event *event);
void ls_step_certify_unanswered(ls_core *core, int32_t index);
void ls_step_begin_proof(ls_core *core, int32_t index);
void ls_step_look_again(ls_core *core, int32_t index, int64_t wait_ms);
void ls_step_agree(ls_core *core, int32_t index, const struct ls_event *event);

/* step_brake.c: fewer claims while attempts come to nothing */
void ls_step_brake_count(ls_core *core, const struct slot *slot, bool is_good);
void ls_step_brake_turn(ls_core *core);
bool ls_step_is_braked(const ls_core *core);
/* The most that may be claimed now of `room`, and the lanes; 0: nothing. */
int32_t ls_step_brake_claim(const ls_core *core, int32_t room, uint32_t *lanes_out);
void ls_step_brake_claimed(ls_core *core, int32_t count);
int64_t ls_step_brake_due_ms(const ls_core *core);

/* step_control.c: what a truthful node must find */
void ls_step_remember_control(ls_core *core, const struct slot *slot);
bool ls_step_is_past_window(const ls_core *core, const struct slot *slot);
void ls_step_find_witnesses(const ls_core *core,
                            const struct slot *slot,
                            struct witnesses *out);
bool ls_step_search_older(ls_core *core, const struct slot *slot, int32_t look_endpoint);
bool ls_step_search_newer(ls_core *core, const struct slot *slot, int32_t look_endpoint);
void ls_step_on_control(ls_core *core, const struct ls_event *event);

/* step_marker.c: what the marker tells */
void ls_step_ask_marker(ls_core *core, int32_t index);
void ls_step_look_up(ls_core *core, int32_t index);
void ls_step_on_looked(ls_core *core, int32_t index, const struct ls_event *event);
void ls_step_errored(ls_core *core, int32_t index, const struct ls_seen *seen);
void ls_step_marker_unproved(ls_core *core, int32_t index, int64_t wait_ms);
void ls_step_marker_certified(ls_core *core, int32_t index, const struct ls_event *event);

/* step_move.c: changes of state asked of the store */
struct ls_effect *ls_step_move(ls_core *core, int32_t index, enum ls_state to, enum ls_sub sub);
struct ls_effect *
ls_step_move_last(ls_core *core, int32_t index, enum ls_state to, enum ls_sub sub);
void ls_step_on_moved(ls_core *core, int32_t index, enum ls_row_result row);
void ls_step_on_wish(ls_core *core, const struct ls_event *event);
void ls_step_retire(ls_core *core, int32_t index);
bool ls_step_round_is_over(const struct slot *slot);
int64_t ls_step_backoff_ms(ls_core *core, const struct slot *slot);
void ls_step_give_up(ls_core *core, int32_t index);
void ls_step_put_back(ls_core *core, int32_t index, bool counts);
void ls_step_settle_late(ls_core *core, int32_t index);
struct ls_effect *ls_step_conclude(ls_core *core, int32_t index);
void ls_step_keep_blame(struct slot *slot, enum ls_blame blame);

#endif
