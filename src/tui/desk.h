/* The desk: what people leave for each other, as the console knows it. Included by
 * ui_model.h; the actions stand in desk.c. */
#ifndef LOCKSTEP_TUI_DESK_H
#define LOCKSTEP_TUI_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/core/people.h"

struct desk {
    bool has_facts;
    struct ls_people facts;
};

struct ls_ui;
struct ls_ui_message;
struct ls_cause_row;

void desk_answer(struct ls_ui *ui, const struct ls_ui_message *message);
void desk_warn(struct ls_ui *ui, const char *target);
void desk_warn_of_targets(struct ls_ui *ui);
/* "op2 57m left" when somebody acknowledged the cause. */
bool desk_cause_words(const struct ls_ui *ui,
                      const struct ls_cause_row *cause,
                      char *out,
                      size_t out_bytes);
void desk_others(const struct ls_ui *ui, char *out, size_t out_bytes);
void desk_holds(const struct ls_ui *ui, char *out, size_t out_bytes);

#endif
