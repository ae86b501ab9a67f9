#include "lockstep/report/batch_json.h"

#include "lockstep/report/out.h"

void ls_json_batch(struct ls_buf *out, const struct ls_batch_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "id", row->id);
    ls_out_json_field(out, "name", row->name);
    ls_out_json_field(out, "policy", ls_batch_policy_name(row->policy));
    ls_out_json_field(out, "state", ls_batch_state_name(row->state));
    ls_out_json_number(out, "total", row->total);
    ls_out_json_number(out, "done", row->done);
    ls_out_json_number(out, "failed", row->failed);
    ls_out_json_number(out, "held", row->held);
    ls_out_json_number(out, "live", row->queued + row->sent);
    ls_out_json_number(out, "cancelled", row->cancelled);
    ls_out_json_number(out, "compensated", row->compensated);
    ls_out_json_number(out, "opened_ms", row->opened_ms);
    ls_out_json_number(out, "sealed_ms", row->sealed_ms);
    ls_out_json_number(out, "ended_ms", row->ended_ms);
    ls_out_json_field(out, "opened_by", row->opened_by);
    ls_out_json_field(out, "detail", row->detail);
    ls_buf_add_char(out, '}');
}

void ls_json_bulk(struct ls_buf *out, const struct ls_bulk_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "id", row->id);
    ls_out_json_field(out, "action", ls_verb_name(row->verb));
    ls_out_json_field(out, "state", ls_bulk_state_name(row->state));
    ls_out_json_number(out, "total", row->total);
    ls_out_json_number(out, "waiting", row->waiting);
    ls_out_json_number(out, "sent", row->sent);
    ls_out_json_number(out, "done", row->done);
    ls_out_json_number(out, "failed", row->failed);
    ls_out_json_number(out, "repeats", row->repeats);
    ls_out_json_number(out, "refused", row->refused);
    ls_out_json_number(out, "already_landed", row->landed);
    ls_out_json_number(out, "in_doubt", row->doubt);
    ls_out_json_number(out, "without_answer", row->silent);
    ls_out_json_number(out, "left_out", row->left_out);
    ls_out_json_number(out, "left_unknown", row->left_unknown);
    ls_out_json_number(out, "rate", row->rate);
    ls_out_json_number(out, "canary", row->canary);
    ls_out_json_number(out, "abort_above", row->abort_above);
    ls_out_json_field(out, "filter", row->filter);
    ls_out_json_field(out, "reason", row->reason);
    ls_out_json_field(out, "by", row->actor);
    ls_out_json_field(out, "why", row->why);
    ls_out_json_number(out, "created_ms", row->created_ms);
    ls_out_json_number(out, "ended_ms", row->ended_ms);
    ls_buf_add_char(out, '}');
}

void ls_json_bulk_target(struct ls_buf *out, const struct ls_bulk_target_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "id", row->op.value);
    ls_out_json_field(out, "key", row->key);
    ls_out_json_field(out, "state", ls_bulk_target_state_name(row->state));
    ls_out_json_field(out, "why", row->why);
    ls_out_json_number(out, "new_op", row->new_op);
    ls_out_json_number(out, "acted_ms", row->acted_ms);
    ls_buf_add_char(out, '}');
}
