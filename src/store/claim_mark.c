#include "claim_mark.h"

#include <stddef.h>

void claim_mark_plan(struct claim_mark *mark,
                     int64_t now_ms,
                     int64_t from_ms_out[LS_LANE_COUNT],
                     bool *is_fair_out)
{
    const bool sweeps = mark->claims == 0 || now_ms - mark->swept_ms >= CLAIM_MARK_SWEEP_MS;

    mark->claims++;
    if (sweeps) mark->swept_ms = now_ms;
    for (size_t lane = 0; lane < LS_LANE_COUNT; lane++) {
        const int64_t from_ms = mark->low_ms[lane] - CLAIM_MARK_MARGIN_MS;
        from_ms_out[lane] = sweeps || from_ms < 0 ? 0 : from_ms;
    }
    *is_fair_out = mark->claims % CLAIM_MARK_FAIR_EVERY == 0;
}

void claim_mark_forget(struct claim_mark *mark)
{
    for (size_t lane = 0; lane < LS_LANE_COUNT; lane++) mark->low_ms[lane] = 0;
}

void claim_mark_raise(struct claim_mark *mark, int64_t lane, int64_t run_at_ms)
{
    if (lane < 0 || lane >= LS_LANE_COUNT) return;
    if (run_at_ms > mark->low_ms[lane]) mark->low_ms[lane] = run_at_ms;
}
