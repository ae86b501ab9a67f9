/* A question before something is changed: frozen targets, fields, what must be typed, and what
 * was answered. Included by ui_model.h. */
#ifndef LOCKSTEP_TUI_DIALOG_H
#define LOCKSTEP_TUI_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kinds.h"
#include "lockstep/core/action.h"
#include "lockstep/tui/ui.h"
#include "mark.h"
#include "pane.h"
#include "prompt.h"

enum { FIELDS_MAX = 5 };

enum field_kind {
    FIELD_OUTCOME,
    FIELD_REASON,
    FIELD_CONFIRM,
    FIELD_DURATION,
    FIELD_RATE,
    FIELD_CANARY,
    FIELD_ABORT,
    FIELD_SELECTOR,
    FIELD_KINDS,
};
struct field {
    enum field_kind kind;
    struct input input;
};

enum dialog_phase { DIALOG_CLOSED, DIALOG_ASKS, DIALOG_SENDS };
struct outcome {
    bool is_answered;
    enum ls_code code;
    int64_t new_op; /* that it made; 0: none */
    char text[200];
};
struct left_out {
    struct mark mark;
    char why[96];
};
struct dialog {
    enum dialog_phase phase;
    bool is_hidden; /* the person closed it while it sends */
    bool is_quit;   /* asks whether to quit */
    bool is_line;   /* asks whether to run a command of the shell */
    char line[PANE_LINE_BYTES];
    size_t expected; /* is_line: operations that it would act on; 0: not known */
    enum ls_verb verb;
    char word[32]; /* "RETRY" */
    char title[160];
    char effect[320];
    char subject[320];       /* what it is about, where that is no operation */
    char confirm[96];        /* what must be typed */
    char trouble[160];       /* why it did not go on */
    char twin[480];          /* more words of the command line, quoted */
    char warning[320];       /* somebody else has it, or what it would leave to nobody */
    char lacks[LACKS_BYTES]; /* FIELD_KINDS: what is wrong with it; "": nothing */
    bool is_whole;           /* one action on all its targets, else one on each */
    bool is_atomic;          /* which go all or not at all */
    size_t target_count;
    struct mark targets[MARKS_MAX];
    size_t left_out;
    struct left_out left[MARKS_MAX];
    bool is_checked; /* the ledger is asked before it can go on */
    bool shows_list; /* all targets instead of the question */
    int64_t alert_id, alert_version, worker_id, batch_id, bulk_id;
    int64_t counted; /* where there are no targets: how many it is about; -1: not known yet */
    bool is_bulk;    /* makes a bulk job of `order` */
    struct ls_bulk_order order;
    uint64_t weigh_ticket;
    char selector[256];
    size_t field_count, focus;
    struct field fields[FIELDS_MAX];
    uint64_t first_ticket;
    size_t answered;
    struct outcome outcomes[MARKS_MAX];
    int64_t scroll;
};

/* dialog.c */
void dialog_leave_out(struct dialog *dialog, const struct mark *mark, const char *why);
/* What must be typed and what the title says, by the number of targets. */
void dialog_count(struct ls_ui *ui);
void dialog_open(struct ls_ui *ui);
void dialog_key(struct ls_ui *ui, struct ls_key key);
void dialog_paste(struct ls_ui *ui, const char *text);
void dialog_answer(struct ls_ui *ui, const struct ls_ui_message *message);
bool dialog_is_shown(const struct ls_ui *ui);
/* Actions that it asks for. */
size_t dialog_sends(const struct dialog *dialog);
bool dialog_is_right(const struct dialog *dialog);
const struct field *dialog_field(const struct dialog *dialog, enum field_kind kind);
/* Whether Ctrl-R would fill in the reason of the dialog before. */
bool dialog_offers_reason(const struct ls_ui *ui);
/* How many of the targets a newer reading shows as changed or gone. */
size_t dialog_changed(const struct ls_ui *ui);
/* dialog_twin.c: the same on the command line. */
void dialog_twin(const struct dialog *dialog, char *out, size_t out_bytes);
/* Append `text` to `out`, quoted for a POSIX shell. */
void twin_quoted(char *out, size_t out_bytes, const char *text);

/* dialog_targets.c: a key of the list of all targets. */
void dialog_list_key(struct ls_ui *ui, struct ls_key key);
/* view_dialog.c: rows of that list that are seen at once. */
int64_t dialog_visible(const struct ls_ui *ui);

#endif
