#include "lockstep/core/filter_value.h"

#include <assert.h>

#include "lockstep/core/op.h"

enum { SUB_END = 64 }; /* their numbers have gaps */

static const struct ls_filter_value fixed[] = {
    {"state:", "stuck", "longer in one state than its kind's objective"},
    {"kind:", "token.*", "all that begin so"},
    {"lane:", "0", "urgent"},
    {"lane:", "1", ""},
    {"lane:", "2", ""},
    {"lane:", "3", "bulk"},
    {"age>", "1m", "enqueued longer ago"},
    {"age>", "10m", "enqueued longer ago"},
    {"age>", "1h", "enqueued longer ago"},
    {"age>", "6h", "enqueued longer ago"},
    {"age>", "1d", "enqueued longer ago"},
    {"age>", "7d", "enqueued longer ago"},
    {"age<", "1m", "enqueued since"},
    {"age<", "10m", "enqueued since"},
    {"age<", "1h", "enqueued since"},
    {"age<", "6h", "enqueued since"},
    {"age<", "1d", "enqueued since"},
    {"age<", "7d", "enqueued since"},
};

bool ls_filter_value_at(size_t index, struct ls_filter_value *value_out)
{
    assert(value_out != NULL);
    if (index < LS_STATE_COUNT) {
        *value_out =
            (struct ls_filter_value){"state:", ls_state_name((enum ls_state)index), ""};
        return true;
    }
    index -= LS_STATE_COUNT;
    if (index < LS_KIND_MAX) {
        *value_out =
            (struct ls_filter_value){"kind:", ls_kind_name((enum ls_kind)(index + 1)), ""};
        return true;
    }
    index -= LS_KIND_MAX;
    for (int i = 1; i < SUB_END; i++) {
        enum ls_sub sub = LS_SUB_NONE;
        const char *name = ls_sub_name((enum ls_sub)i);
        if (!ls_sub_parse(name, &sub)) continue;
        if (index-- > 0) continue;
        *value_out = (struct ls_filter_value){"sub:", name, ""};
        return true;
    }
    if (index >= sizeof fixed / sizeof fixed[0]) return false;
    *value_out = fixed[index];
    return true;
}
