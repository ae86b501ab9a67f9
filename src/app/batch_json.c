#include "batch_json.h"

#include "out.h"

void json_batch(struct ls_buf *out, const struct ls_batch_row *row)
{
    out_json_comma(out);
    ls_buf_add_char(out, '{');
    out_json_number(out, "id", row->id);
    out_json_field(out, "name", row->name);
    out_json_field(out, "policy", ls_batch_policy_name(row->policy));
    out_json_field(out, "state", ls_batch_state_name(row->state));
    out_json_number(out, "total", row->total);
    out_json_number(out, "done", row->done);
    out_json_number(out, "failed", row->failed);
    out_json_number(out, "held", row->held);
    out_json_number(out, "live", row->queued + row->sent);
    out_json_number(out, "cancelled", row->cancelled);
    out_json_number(out, "compensated", row->compensated);
    out_json_number(out, "opened_ms", row->opened_ms);
    out_json_number(out, "sealed_ms", row->sealed_ms);
    out_json_number(out, "ended_ms", row->ended_ms);
    out_json_field(out, "opened_by", row->opened_by);
    out_json_field(out, "detail", row->detail);
    ls_buf_add_char(out, '}');
}

void json_bulk(struct ls_buf *out, const struct ls_bulk_row *row)
{
    out_json_comma(out);
    ls_buf_add_char(out, '{');
    out_json_number(out, "id", row->id);
    out_json_field(out, "action", ls_verb_name(row->verb));
    out_json_field(out, "state", ls_bulk_state_name(row->state));
    out_json_number(out, "total", row->total);
    out_json_number(out, "waiting", row->waiting);
    out_json_number(out, "sent", row->sent);
    out_json_number(out, "done", row->done);
    out_json_number(out, "failed", row->failed);
    out_json_number(out, "repeats", row->repeats);
    out_json_number(out, "refused", row->refused);
    out_json_number(out, "already_landed", row->landed);
    out_json_number(out, "in_doubt", row->doubt);
    out_json_number(out, "without_answer", row->silent);
    out_json_number(out, "left_out", row->left_out);
    out_json_number(out, "left_unknown", row->left_unknown);
    out_json_number(out, "rate", row->rate);
    out_json_number(out, "canary", row->canary);
    out_json_number(out, "abort_above", row->abort_above);
    out_json_field(out, "filter", row->filter);
    out_json_field(out, "reason", row->reason);
    out_json_field(out, "by", row->actor);
    out_json_field(out, "why", row->why);
    out_json_number(out, "created_ms", row->created_ms);
    out_json_number(out, "ended_ms", row->ended_ms);
    ls_buf_add_char(out, '}');
}

void json_bulk_target(struct ls_buf *out, const struct ls_bulk_target_row *row)
{
    out_json_comma(out);
    ls_buf_add_char(out, '{');
    out_json_number(out, "id", row->op.value);
    out_json_field(out, "key", row->key);
    out_json_field(out, "state", ls_bulk_target_state_name(row->state));
    out_json_field(out, "why", row->why);
    out_json_number(out, "new_op", row->new_op);
    out_json_number(out, "acted_ms", row->acted_ms);
    ls_buf_add_char(out, '}');
}
