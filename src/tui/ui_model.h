/* The console's model, private to tui: what update changes and what the views draw. */
#ifndef LOCKSTEP_TUI_UI_MODEL_H
#define LOCKSTEP_TUI_UI_MODEL_H

#include <stddef.h>

#include "batches.h"
#include "bulks.h"
#include "check.h"
#include "cursor.h"
#include "desk.h"
#include "dialog.h"
#include "edit.h"
#include "export.h"
#include "kinds.h"
#include "lockstep/cells/format.h"
#include "lockstep/tui/keymap.h"
#include "lockstep/tui/ui.h"
#include "lockstep/tui/verdict.h"
#include "mark.h"
#include "pane.h"
#include "past.h"
#include "pause.h"
#include "preview.h"
#include "prompt.h"
#include "recent.h"
#include "results.h"
#include "seen.h"
#include "view.h"

enum {
    LIST_COUNT = 3,
    LIST_PAGE = 100,     /* rows asked for at once */
    LIST_PARTS = 2,      /* the Stuck screen joins two listings */
    LIST_SLOW_MS = 1000, /* a listing that took longer is read again only when asked for */
    LIST_DEPTH = 1024,   /* pages that can be gone down */
    LOST_MS = 5000,      /* without an answer: STALE */
    ASK_AGAIN_MS = 8000, /* an unanswered listing is asked for again */
    TOAST_MS = 6000,
    AUDIT_DEPTH = 1024,
    COLUMNS_FULL = 80,
    ROWS_FULL = 24,
    COLUMNS_LEAST = 60,
    ROWS_LEAST = 16,
};

enum screen {
    SCREEN_DASH,
    SCREEN_FAILED, /* the three listings stand together */
    SCREEN_STUCK,
    SCREEN_QUEUE,
    SCREEN_BATCHES,
    SCREEN_ALERTS,
    SCREEN_AUDIT,
    SCREEN_HEALTH,
    SCREEN_BULK,
    SCREEN_DETAIL,
    SCREEN_COUNT,
};

enum time_mode { SHOW_AGE, SHOW_UTC, SHOW_LOCAL };

struct list {
    char filter_text[LS_FILTER_BYTES_MAX];
    void (*then)(struct ls_ui *ui); /* when its rows have come: mark them all and do this */
    char cause_title[256]; /* the cause whose listing this is; "": another filter, or none */
    bool offers_all;       /* the page was just marked: a again means all that match */
    bool is_all;           /* the marks stand for all that match */
    int64_t all_count;     /* how many that were when they were counted; -1: not known */
    uint64_t all_ticket;
    struct ls_filter filter; /* the person's, beside the screen's own */
    enum ls_op_sort sort;
    struct cursor cursor;
    bool is_held;  /* the person moved or marked: the order stays as seen */
    bool has_news; /* while held, something else matches */
    bool has_data;
    bool has_more;
    int64_t matching;
    size_t count;
    struct ls_op_row rows[LS_FACTS_PAGE_MAX];
    bool is_gone[LS_FACTS_PAGE_MAX]; /* no longer matches, shown as it was */
    struct ls_op_page incoming[LIST_PARTS];
    uint64_t tickets[LIST_PARTS];
    bool is_waiting[LIST_PARTS];
    int64_t asked_ms;
    bool is_searching; /* the rows are those found so far */
    bool is_stopped;   /* by the person, before all was looked at */
    bool is_slow;      /* took long, or was stopped: not read again by itself */
    int32_t looked_permille;
    int64_t began_ms;      /* when the search began */
    int64_t found_wall_ms; /* when its last rows came */
    size_t page;
    int turn;   /* 1, -1: the next, the previous page is awaited; the rows are still the old */
    bool opens; /* and the row that it is entered at is opened */
    struct ls_op_cursor after[LIST_DEPTH]; /* where each page begins */
    size_t mark_count;
    struct mark marks[MARKS_MAX];
    char why[LS_WHY_BYTES]; /* the last answer's error */
};

struct help {
    bool is_open;
    struct input search;
    int64_t at;
};

struct toast {
    char text[LS_WHY_BYTES];
    bool is_bad;
    int64_t until_ms;
};

struct ls_ui {
    struct ls_ui_options options;
    struct ls_theme theme;
    struct ls_keymap keymap;
    int32_t columns, rows;
    int64_t now_ms, wall_ms;
    uint64_t last_ticket;
    struct ls_ui_requests *out; /* only while a message is taken */

    enum screen screen, detail_from;
    enum time_mode time_mode;
    struct pause pause;
    bool may_operate;
    bool has_rights;
    char rights_why[LS_WHY_BYTES];

    bool has_dashboard;
    struct ls_dashboard dashboard;
    struct ls_verdict verdict;
    int64_t dashboard_ms;            /* when what is shown came */
    int64_t fresh_ms, fresh_wall_ms; /* when the last good answer came */
    int64_t skew_ms;      /* this machine's clock against the database's: positive: ahead */
    int64_t alerts_heard; /* that fired at the last reading; -1: nothing was read yet */
    bool is_lost;
    char lost_why[LS_WHY_BYTES];
    bool has_worker_news;
    struct ls_ui_worker worker;
    struct cursor causes, health;

    struct list lists[LIST_COUNT];
    struct batches batches;
    struct bulks bulks;
    struct recent recent;

    ls_op_id detail_op;
    bool has_detail;
    struct ls_op_detail detail;
    uint64_t detail_ticket;
    bool detail_waiting;
    int64_t detail_asked_ms;
    int64_t detail_scroll;
    bool shows_evidence;
    char detail_why[LS_WHY_BYTES];

    struct ls_alert_page alerts;
    bool has_alerts, alerts_waiting;
    uint64_t alerts_ticket;
    int64_t alerts_asked_ms;
    size_t alerts_page;
    bool alerts_is_back; /* the page before is awaited: the cursor goes to its end */
    int64_t alerts_after[AUDIT_DEPTH];
    struct cursor alert;

    struct ls_audit_page audit;
    bool has_audit, audit_waiting;
    uint64_t audit_ticket;
    int64_t audit_asked_ms;
    struct cursor entry;
    size_t audit_page;
    bool audit_is_back; /* the page before is awaited: the cursor goes to its end */
    int64_t audit_before[AUDIT_DEPTH];

    bool copies; /* y was pressed: the next letter says what to copy */
    struct prompt prompt;
    struct pane pane;
    struct export export;
    struct past past;
    struct preview preview;
    struct dialog dialog;
    struct results results;
    struct check check;
    struct desk desk;
    struct edit edit;
    struct input edit_input;
    char last_reason[INPUT_BYTES]; /* of a dialog: the next one offers it */
    struct help help;
    struct toast toast;
    struct seen seen;
};

/* ui.c */
struct ls_ui_request *ui_request(struct ls_ui *ui, enum ls_ui_request_kind kind);
LS_PRINTF(3, 4) void ui_toast(struct ls_ui *ui, bool is_bad, const char *format, ...);
void ui_go(struct ls_ui *ui, enum screen screen);
/* Judge the dashboard anew; what to do is named by the keys as they are. */
void ui_judge(struct ls_ui *ui);
void ui_refresh_screen(struct ls_ui *ui, bool at_once);
bool ui_is_stale(const struct ls_ui *ui);

/* What stands in the place of facts that did not come yet. */
const char *ui_reading_words(const struct ls_ui *ui);
/* The database's clock now, ms since 1970. */
int64_t ui_database_now(const struct ls_ui *ui);
/* Whether a person may change the world from here now; `why` says why not. */
bool ui_may_act(const struct ls_ui *ui, struct ls_why *why);
const char *ui_glyph(const struct ls_ui *ui, enum ls_glyph glyph);
struct ls_rect ui_body(int32_t columns, int32_t rows);
bool ui_is_production(const struct ls_ui *ui);

/* ui_answer.c */
void answer_dashboard(struct ls_ui *ui, const struct ls_ui_message *message);
void answer_detail(struct ls_ui *ui, const struct ls_ui_message *message);
void answer_alerts(struct ls_ui *ui, const struct ls_ui_message *message);
void answer_audit(struct ls_ui *ui, const struct ls_ui_message *message);
void ask_detail(struct ls_ui *ui);
void ask_alerts(struct ls_ui *ui);
void ask_audit(struct ls_ui *ui);

/* list.c */
bool screen_is_list(enum screen screen);
struct list *ui_list(struct ls_ui *ui);
const struct list *ui_list_const(const struct ls_ui *ui);
/* The listing of a screen that is one. */
struct list *list_of(struct ls_ui *ui, enum screen screen);
void list_ask(struct ls_ui *ui, enum screen screen);
/* Fill `request` with what this listing shows; what joins it is asked for too. */
void list_want_export(struct ls_ui *ui, struct ls_ui_request *request);
void list_answer(struct ls_ui *ui, const struct ls_ui_message *message);
/* Ask for the next or the previous page; false where there is none. */
bool list_turn(struct ls_ui *ui, struct list *list, bool forward);
void list_resume(struct list *list);
/* Let the search end with what it found; false when none goes on. */
bool list_stop(struct ls_ui *ui, struct list *list);
const struct ls_op_row *list_row(const struct list *list);
bool list_set_filter(struct ls_ui *ui, struct list *list, const char *text);

/* mark.c */
bool list_is_marked(const struct list *list, ls_op_id op);
void list_mark(struct ls_ui *ui, struct list *list, const struct ls_op_row *row);
void list_toggle(struct ls_ui *ui, struct list *list);
void list_mark_all(struct ls_ui *ui, struct list *list, const char *cause);
void list_mark_none(struct list *list);
void list_unmark(struct list *list, ls_op_id op);
struct mark mark_of(const struct ls_op_row *row);

/* move.c */
void cursor_move(struct cursor *cursor, int64_t by, int64_t count, int64_t visible);
void ui_move(struct ls_ui *ui, int64_t by);
void ui_move_page(struct ls_ui *ui, int direction);
void ui_move_end(struct ls_ui *ui, bool to_last);
int64_t health_rows(const struct ls_ui *ui);

/* command_act.c: the capitals */
void act_retry(struct ls_ui *ui);
void act_compensate(struct ls_ui *ui);
void act_hold(struct ls_ui *ui);
void act_cancel(struct ls_ui *ui);
void act_resolve(struct ls_ui *ui);
void act_acknowledge(struct ls_ui *ui);
void act_pause(struct ls_ui *ui);
void act_drain(struct ls_ui *ui);
void act_quit(struct ls_ui *ui);
void act_gate(struct ls_ui *ui, const char *selector, bool on);
bool can_retry(const struct ls_ui *ui, struct ls_why *why);
bool can_compensate(const struct ls_ui *ui, struct ls_why *why);
bool can_hold(const struct ls_ui *ui, struct ls_why *why);
bool can_cancel(const struct ls_ui *ui, struct ls_why *why);
bool can_resolve(const struct ls_ui *ui, struct ls_why *why);
/* What an action would be about: the marked operations, else the one under the cursor. At
 * most MARKS_MAX. */
size_t act_candidates(const struct ls_ui *ui, struct mark *marks_out);
bool can_acknowledge(const struct ls_ui *ui, struct ls_why *why);
bool can_pause(const struct ls_ui *ui, struct ls_why *why);
bool can_drain(const struct ls_ui *ui, struct ls_why *why);
/* The parts of a dialog's making, in this order: begin, title, fields, finish. */
void act_begin(struct ls_ui *ui, enum ls_verb verb);
void act_title(struct ls_ui *ui, const char *verb, const char *what);
void act_field(struct dialog *dialog, enum field_kind kind, const char *text);
void act_finish(struct ls_ui *ui);

/* edit.c */
void act_edit(struct ls_ui *ui);
bool can_edit(const struct ls_ui *ui, struct ls_why *why);
void edit_key(struct ls_ui *ui, struct ls_key key);
void edit_weighed(struct ls_ui *ui, const struct ls_ui_message *message);
bool edit_is_changed(const struct edit *edit, size_t index);

/* desk.c: the actions; what it shows stands in desk.h */
void act_note(struct ls_ui *ui);
/* `target` as "op 17", "batch 3", "alert 5". */
void act_note_on(struct ls_ui *ui, const char *target);
void act_undo(struct ls_ui *ui);
void act_silence(struct ls_ui *ui);
void act_claim(struct ls_ui *ui);
void act_hold_work(struct ls_ui *ui);
bool can_note(const struct ls_ui *ui, struct ls_why *why);
bool can_undo(const struct ls_ui *ui, struct ls_why *why);
bool can_silence(const struct ls_ui *ui, struct ls_why *why);
bool can_claim(const struct ls_ui *ui, struct ls_why *why);

/* copy.c */
void copy_begin(struct ls_ui *ui);
void copy_take(struct ls_ui *ui, struct ls_key key);
void copy_link(struct ls_ui *ui);
void copy_error(struct ls_ui *ui);
void explorer_link(const struct ls_ui *ui, const char *signature, char *out, size_t out_bytes);
const struct ls_op_row *ui_current_row(const struct ls_ui *ui);

/* input.c */
void input_clear(struct input *input);
void input_set(struct input *input, const char *text);
/* True when the key was one of editing. */
bool input_key(struct input *input, struct ls_key key);
void input_paste(struct input *input, const char *text);

/* prompt.c */
void prompt_open(struct ls_ui *ui, enum prompt_kind kind);
void prompt_key(struct ls_ui *ui, struct ls_key key);
void prompt_paste(struct ls_ui *ui, const char *text);

/* line_act.c: ask before a command of the shell acts. `expected`: how many operations it
 * would act on, where a dry run told; 0: not known. */
void act_line(struct ls_ui *ui, const char *line, const struct ls_ui_cli *cli, size_t expected);
/* command_do.c */
void ui_show_op(struct ls_ui *ui, ls_op_id op);

/* help.c */
void help_open(struct ls_ui *ui);
void help_key(struct ls_ui *ui, struct ls_key key);

/* moment.c */
/* A moment as the chosen time mode shows it. */
void moment_text(const struct ls_ui *ui, int64_t wall_ms, char out[LS_FORMAT_BYTES]);
/* "02:31:07 UTC" */
void moment_clock(const struct ls_ui *ui, int64_t wall_ms, char out[LS_FORMAT_BYTES]);
void moment_full(const struct ls_ui *ui, int64_t wall_ms, char out[LS_FORMAT_BYTES]);
const char *time_mode_name(const struct ls_ui *ui);
/* Cells that moment_text takes at most. */
int32_t moment_cells(const struct ls_ui *ui);

/* words.c */
/* "HELD ambiguous" */
void state_words(enum ls_state state, enum ls_sub sub, char *out, size_t out_bytes);
/* What is known of an operation's effect on chain: "never landed", "UNKNOWN" … */
const char *chain_words(const struct ls_op_row *row);
enum ls_role chain_role(const struct ls_op_row *row);

const char *screen_name(enum screen screen);

#endif
