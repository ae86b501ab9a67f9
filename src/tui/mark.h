/* An operation as a person marked it, or as a dialog froze it. Included by ui_model.h. */
#ifndef LOCKSTEP_TUI_MARK_H
#define LOCKSTEP_TUI_MARK_H

#include <stdint.h>

#include "lockstep/core/op.h"

enum { MARKS_MAX = 200 }; /* operations that one dialog acts on */

struct mark {
    ls_op_id op;
    int64_t version;
    enum ls_kind kind;
    enum ls_state state;
    enum ls_sub sub;
    char key[64];
};

#endif
