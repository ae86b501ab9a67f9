/* The editor of an operation's payload: its leaves, one a line. Included by ui_model.h. */
#ifndef LOCKSTEP_TUI_EDIT_H
#define LOCKSTEP_TUI_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/core/leaf.h"
#include "lockstep/core/op.h"

struct edit {
    bool is_open;
    bool is_typing;        /* the value of the line under the cursor */
    uint64_t weigh_ticket; /* asked whether the payload is one; 0: not */
    ls_op_id op;
    int64_t version;
    int64_t at, top;
    size_t count;
    struct ls_leaf leaves[LS_LEAVES_MAX];        /* of `after` */
    struct ls_leaf leaves_before[LS_LEAVES_MAX]; /* of `before`: the same paths */
    char before[LS_PAYLOAD_BYTES_MAX + 1];
    char after[LS_PAYLOAD_BYTES_MAX + 1];
    char trouble[160];
};

#endif
