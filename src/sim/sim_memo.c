#include "lockstep/base/utf8.h"

#include "sim_run.h"

/* The Memo program: every account it is given must have signed; the text is UTF-8. */
struct ls_sim_outcome ls_sim_memo_run(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    for (size_t i = 0; i < instruction->account_count; i++) {
        if (!ls_sim_frame_is_signer(frame, i))
            return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    }

    const char *text = (const char *)instruction->data;
    for (size_t at = 0; at < instruction->data_bytes;) {
        uint32_t scalar = 0;
        size_t used = ls_utf8_next(text + at, instruction->data_bytes - at, &scalar);
        if (used == 0) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
        at += used;
    }
    return ls_sim_outcome_of(LS_SIM_OK);
}
