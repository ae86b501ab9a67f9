/* Where a CLAIM looks from: a low-water mark by lane behind the last operation claimed,
 * and now and then the beginning. While somebody holds an old snapshot, the entries of
 * leased rows stay in the claim index, and each claim from the beginning walks over all
 * of them. */
#ifndef LS_STORE_CLAIM_MARK_H
#define LS_STORE_CLAIM_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/core/op.h"

enum {
    CLAIM_MARK_MARGIN_MS = 2000, /* behind the last claimed run_at: commits come late */
    CLAIM_MARK_SWEEP_MS = 5000,  /* each so often a claim looks from the beginning */
    CLAIM_MARK_FAIR_EVERY = 8,   /* each so many claims give low lanes a share */
};

struct claim_mark {
    uint64_t claims;
    int64_t swept_ms;              /* monotonic: the last look from the beginning */
    int64_t low_ms[LS_LANE_COUNT]; /* wall: run_at of the last claimed, by lane; 0: none */
};

/* Plan the next claim at monotonic `now_ms`: where each lane is looked at from (0: the
 * beginning) and whether low lanes get a share. */
void claim_mark_plan(struct claim_mark *mark,
                     int64_t now_ms,
                     int64_t from_ms_out[LS_LANE_COUNT],
                     bool *is_fair_out);
/* Look from the beginning next: what the marks passed may be for this worker now. */
void claim_mark_forget(struct claim_mark *mark);
/* An operation of `lane` with `run_at_ms` was claimed. */
void claim_mark_raise(struct claim_mark *mark, int64_t lane, int64_t run_at_ms);

#endif
