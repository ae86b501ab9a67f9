/* The console as a pure program: messages in, requests out, a grid to draw on.
 *
 * It owns no terminal, clock, thread or connection. The shell (app) turns keys, feed
 * answers and ticks into messages, performs the requests, and blits the grid. So a
 * script of messages replays a whole session in a test. */
#ifndef LOCKSTEP_TUI_UI_H
#define LOCKSTEP_TUI_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/cells/grid.h"
#include "lockstep/cells/key.h"
#include "lockstep/cells/theme.h"
#include "lockstep/core/action.h"
#include "lockstep/core/batch_facts.h"
#include "lockstep/core/bulk.h"
#include "lockstep/core/facts.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/look.h"
#include "lockstep/core/people.h"
#include "lockstep/tui/keymap.h"

typedef struct ls_ui ls_ui;

/* A command of the shell, as the console's command line may run it. */
enum ls_ui_cli_kind { LS_UI_CLI_READS, LS_UI_CLI_ACTS, LS_UI_CLI_REFUSED };
struct ls_ui_cli {
    char words[32];       /* "batch list" */
    const char *synopsis; /* positional arguments */
    const char *help;
    char options[320]; /* "--json --limit", apart by blanks */
    enum ls_ui_cli_kind kind;
    const char *why; /* REFUSED: why it cannot run here */
    bool has_reason, has_dry_run, has_yes, has_expect;
};

struct ls_ui_options {
    char environment[64]; /* name in the header; "mainnet-beta" says PROD */
    char cluster[32];     /* for explorer links */
    bool is_ascii;        /* glyphs and borders in ASCII only */
    bool is_read_only;
    char read_only_why[128];
    char operator_name[64];
    char worker_note[128]; /* why there is no embedded worker; "" when there is one */
    bool has_worker;
    int64_t lag_objective_ms; /* stands beside the lag; 0: none */
    int64_t refresh_ms;
    int32_t zone_offset_s;                   /* local time, seconds east of UTC */
    char zone_name[16];                      /* "CET"; "" hides local time */
    bool starts_with_utc, starts_with_local; /* times on screen; neither: ages */
    bool starts_with_alerts;
    int64_t start_alert;         /* then the cursor begins there; 0: at the first */
    const struct ls_ui_cli *cli; /* outlives the console */
    size_t cli_count;
};
/* A console that knows nothing yet; NULL when memory is exhausted. Options are copied,
 * texts of theirs are gated like all others. */
ls_ui *ls_ui_new(const struct ls_ui_options *options);
void ls_ui_free(ls_ui *ui);

/* How the embedded worker is doing, as its thread tells. */
struct ls_ui_worker {
    bool is_running;
    int64_t worker_id;
    bool is_leader;
    bool is_paused;
    int64_t in_flight;
    char state[64]; /* "working", "waiting for the database" … */
};

enum ls_ui_message_kind {
    LS_UI_TICK,
    LS_UI_KEY,
    LS_UI_PASTE,
    LS_UI_RESIZE,
    LS_UI_DASHBOARD,
    LS_UI_OPS,
    LS_UI_DETAIL,
    LS_UI_ALERTS,
    LS_UI_AUDIT,
    LS_UI_BATCHES,
    LS_UI_BATCH,
    LS_UI_BULKS,
    LS_UI_TARGETS,
    LS_UI_WEIGHED,
    LS_UI_EDIT_WEIGHED, /* `why` is what is wrong with the payload, "" for nothing */
    LS_UI_ACTED,
    LS_UI_CHOSEN, /* in `ops` */
    LS_UI_CHECK,
    LS_UI_DESK, /* unasked, now and then */
    LS_UI_PAST, /* the dashboard of a moment, or `why` there is none */
    LS_UI_FEED_LOST,
    LS_UI_WORKER,
    LS_UI_RIGHTS,
    LS_UI_THEMES, /* `names` of the themes that there are beside the compiled-in ones */
    LS_UI_THEME,  /* a theme to draw with, or `why` there is none */
    LS_UI_KEYS,   /* keys to go by, or `why` they stay as they were */
    LS_UI_EXPORT, /* how far an export is; at its end `why` names the file, or what is bad */
    LS_UI_OUTPUT, /* of a command that RUN asked for */
    LS_UI_NOTE    /* `why` is shown for a moment; is_bad tells how */
};

struct ls_ui_message {
    enum ls_ui_message_kind kind;
    int64_t now_ms;  /* monotonic; every message carries it */
    int64_t wall_ms; /* for clocks on screen */
    struct ls_key key;
    const char *paste;
    int32_t columns, rows;
    uint64_t ticket; /* answers: that of the request */
    const struct ls_dashboard *dashboard;
    const struct ls_op_page *ops;
    const struct ls_op_detail *detail;
    const struct ls_alert_page *alerts;
    const struct ls_audit_page *audit;
    const struct ls_batch_page *batches;
    const struct ls_batch_detail *batch;
    const struct ls_bulk_page *bulks;
    const struct ls_bulk_target_page *targets;
    const struct ls_bulk_weight *weight;
    const struct ls_action_result *acted;
    const struct ls_preflight *preflight;
    const struct ls_people *desk;
    const struct ls_ui_worker *worker;
    const struct ls_theme *theme;
    const char *names; /* THEMES: apart by blanks */
    const struct ls_keymap *keymap;
    bool is_bad;        /* NOTE */
    const char *output; /* OUTPUT: the next bytes, and at the end the exit status */
    size_t output_bytes;
    int64_t rows_done; /* EXPORT: rows written */
    int32_t permille;  /* EXPORT: of the operations that were looked at; 0: not known */
    bool is_end;
    int32_t status;   /* OUTPUT; EXPORT: 1 when the file exists */
    bool may_operate; /* RIGHTS */
    const char *why;  /* FEED_LOST, RIGHTS, failed answers (their record is NULL): one line */
};

enum ls_ui_request_kind {
    LS_UI_WANT_OPS = 1,
    LS_UI_WANT_STOP, /* no more of the answer to request `ticket`: what is there will do */
    LS_UI_WANT_DETAIL,
    LS_UI_WANT_ALERTS,
    LS_UI_WANT_AUDIT,
    LS_UI_WANT_BATCHES, /* that match `text`, before `before_seq` */
    LS_UI_WANT_BATCH,
    LS_UI_WANT_BULKS,      /* before `before_seq` */
    LS_UI_WANT_TARGETS,    /* of job `bulk`, after operation `before_seq` */
    LS_UI_WANT_WEIGH,      /* what `order` would act on */
    LS_UI_WANT_WEIGH_EDIT, /* whether `op` could have `payload` */
    LS_UI_WANT_BULK,       /* make the job that `order` says: answered as ACT is */
    LS_UI_WANT_ACT,
    LS_UI_WANT_CHOSEN, /* `ops` as they are now, in one page */
    LS_UI_WANT_CHECK,
    LS_UI_WANT_PAST,
    LS_UI_WANT_REFRESH,
    LS_UI_WANT_COPY,
    LS_UI_WANT_BELL,
    LS_UI_WANT_REDRAW,
    LS_UI_WANT_QUIT,
    LS_UI_WANT_SUSPEND,
    LS_UI_WANT_THEMES, /* answered by LS_UI_THEMES */
    LS_UI_WANT_THEME,
    LS_UI_WANT_RUN,         /* `text` is a command of the shell; answered by OUTPUTs */
    LS_UI_WANT_STOP_RUN,    /* end it */
    LS_UI_WANT_EXPORT,      /* all rows of a listing into the file `text` */
    LS_UI_WANT_STOP_EXPORT, /* and leave no file */
    LS_UI_WANT_PLAIN,       /* the screen as plain text, to be copied, until a key is pressed */
    LS_UI_WANT_FLUSH        /* a dialog opened: drop keys that were typed before it was seen */
};
enum ls_ui_export {
    LS_UI_EXPORT_OPS,
    LS_UI_EXPORT_ALERTS,
    LS_UI_EXPORT_AUDIT,
    LS_UI_EXPORT_BATCHES, /* that match `batches` */
    LS_UI_EXPORT_BULKS,
    LS_UI_EXPORT_TARGETS, /* of job `bulk` */
};
struct ls_ui_request {
    enum ls_ui_request_kind kind;
    uint64_t ticket;
    struct ls_filter filter;
    enum ls_op_sort sort;
    struct ls_op_cursor after;
    int32_t limit;
    ls_op_id op;
    int64_t batch, bulk;
    struct ls_bulk_order order;
    int64_t before_seq;      /* AUDIT, and the lists that name it */
    int64_t at_ms;           /* PAST */
    bool with_resolved;      /* ALERTS */
    struct ls_action action; /* request_id is filled by the shell */
    const char *payload; /* WEIGH_EDIT; ACT, LS_VERB_EDIT: the console's; copy what is kept */
    size_t op_count;     /* CHOSEN; CHECK: look these up on the ledger …; ACT: action.ops */
    ls_op_id ops[LS_PREFLIGHT_OPS_MAX];
    int64_t versions[LS_PREFLIGHT_OPS_MAX]; /* ACT: of `ops`, as they were seen */
    bool is_again;            /* … or only read what became of look action.request_id */
    bool for_retry;           /* CHECK: values and fee of what can be sent again */
    char text[512];           /* COPY, THEME, RUN */
    bool acts;                /* RUN: add that it is confirmed, and action.reason if not "" */
    bool is_trial;            /* RUN: add --dry-run instead */
    int64_t expected;         /* RUN: add --expect when above 0 */
    enum ls_ui_export export; /* EXPORT, with filter and sort */
    struct ls_batch_filter batches; /* EXPORT_BATCHES */
    bool overwrites;                /* EXPORT: a file that exists */
    bool is_further;                /* EXPORT: rows for the export just asked for */
};
enum { LS_UI_REQUESTS_MAX = 256 };
struct ls_ui_requests {
    size_t count;
    struct ls_ui_request items[LS_UI_REQUESTS_MAX];
};

/* Take one message. Requests are appended; never more than LS_UI_REQUESTS_MAX: what does
 * not fit is asked again later, an action that does not fit is refused and says so. */
void ls_ui_update(ls_ui *ui,
                  const struct ls_ui_message *message,
                  struct ls_ui_requests *requests);
/* Draw the whole screen; the grid is brought to the size of the last RESIZE by the
 * caller, any other size is drawn too. */
void ls_ui_draw(const ls_ui *ui, ls_grid *grid);
/* The frame that was drawn last is on the terminal now: which row it showed under the cursor is
 * what a key is for (src/tui/seen.h). A shell that never says so has every key taken at once.
 */
void ls_ui_painted(ls_ui *ui, int64_t now_ms);
/* The name of the screen that is looked at: static storage. */
const char *ls_ui_screen(const ls_ui *ui);
/* When a TICK is needed at the latest for what is on screen (monotonic ms). */
int64_t ls_ui_next_tick_ms(const ls_ui *ui);

#endif
