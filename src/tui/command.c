#include <string.h>

#include "ui_model.h"

#define ON(screen_) (1u << (unsigned)(screen_))
#define LISTS       (ON(SCREEN_FAILED) | ON(SCREEN_STUCK) | ON(SCREEN_QUEUE))
#define OPS         (LISTS | ON(SCREEN_DETAIL))
#define ROWS        (LISTS | ON(SCREEN_DASH) | ON(SCREEN_ALERTS) | ON(SCREEN_AUDIT))
#define ANY         (ON(SCREEN_COUNT) - 1u)

static void move_up(struct ls_ui *ui)
{
    ui_move(ui, -1);
}
static void move_down(struct ls_ui *ui)
{
    ui_move(ui, 1);
}
static void page_up(struct ls_ui *ui)
{
    ui_move_page(ui, -1);
}
static void page_down(struct ls_ui *ui)
{
    ui_move_page(ui, 1);
}
static void to_first(struct ls_ui *ui)
{
    ui_move_end(ui, false);
}
static void to_last(struct ls_ui *ui)
{
    ui_move_end(ui, true);
}
static void go_dash(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_DASH);
}
static void go_failed(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_FAILED);
}
static void go_stuck(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_STUCK);
}
static void go_queue(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_QUEUE);
}
static void go_alerts(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_ALERTS);
}
static void go_audit(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_AUDIT);
}
static void go_health(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_HEALTH);
}
static void open_filter(struct ls_ui *ui)
{
    prompt_open(ui, PROMPT_FILTER);
}
static void open_line(struct ls_ui *ui)
{
    prompt_open(ui, PROMPT_COMMAND);
}
static void redraw(struct ls_ui *ui)
{
    (void)ui_request(ui, LS_UI_WANT_REDRAW);
}
static void mark_one(struct ls_ui *ui)
{
    list_toggle(ui, ui_list(ui));
}
static void mark_none(struct ls_ui *ui)
{
    ui_list(ui)->mark_count = 0;
}
static void mark_page(struct ls_ui *ui)
{
    list_mark_all(ui, ui_list(ui), NULL);
}

static void mark_cause(struct ls_ui *ui)
{
    const struct ls_op_row *row = list_row(ui_list(ui));
    if (row != NULL) list_mark_all(ui, ui_list(ui), row->cause);
}

static void next_tab(struct ls_ui *ui)
{
    enum screen from = ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen;
    ui_go(ui, (enum screen)(((int)from + 1) % (int)SCREEN_DETAIL));
}

static void previous_tab(struct ls_ui *ui)
{
    enum screen from = ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen;
    ui_go(ui, (enum screen)(((int)from + (int)SCREEN_DETAIL - 1) % (int)SCREEN_DETAIL));
}

static void show_op(struct ls_ui *ui, const struct ls_op_row *row)
{
    if (row == NULL) return;
    if (ui->screen != SCREEN_DETAIL) ui->detail_from = ui->screen;
    ui->detail_op = row->op;
    ui->has_detail = false;
    ui->detail_waiting = false;
    ui->detail_why[0] = '\0';
    ui->detail_scroll = 0;
    ui_go(ui, SCREEN_DETAIL);
}

/* The listing of a cause group, filtered by exactly that cause. */
static void open_cause(struct ls_ui *ui)
{
    if ((size_t)ui->causes.at >= ui->dashboard.cause_count) return;
    const struct ls_cause_row *cause = &ui->dashboard.causes[ui->causes.at];
    ui_go(ui, cause->state == LS_STATE_FAILED ? SCREEN_FAILED : SCREEN_STUCK);
    struct list *list = ui_list(ui);
    list->mark_count = 0;
    list->filter = (struct ls_filter){.count = 1};
    struct ls_filter_term *term = &list->filter.terms[0];
    term->field = LS_FILTER_CAUSE;
    memcpy(term->text, cause->cause, strlen(cause->cause) + 1);
    memcpy(list->filter_text, "cause:", 6);
    memcpy(list->filter_text + 6, cause->cause, strlen(cause->cause) + 1);
    list_resume(list);
    list->has_data = false;
    ui_refresh_screen(ui, true);
}

static void open_row(struct ls_ui *ui)
{
    if (ui->screen == SCREEN_DASH) {
        open_cause(ui);
    } else if (screen_is_list(ui->screen)) {
        show_op(ui, list_row(ui_list(ui)));
    }
}

static void go_back(struct ls_ui *ui)
{
    if (ui->screen == SCREEN_DETAIL) {
        enum screen to = ui->detail_from;
        ui->screen = to; /* the listing is as it was left */
        ui_refresh_screen(ui, true);
    } else if (screen_is_list(ui->screen) && ui_list(ui)->filter_text[0] != '\0') {
        (void)list_set_filter(ui, ui_list(ui), "");
        ui_refresh_screen(ui, true);
    } else if (ui->screen != SCREEN_DASH) {
        ui_go(ui, SCREEN_DASH);
    }
}

static void back_or_quit(struct ls_ui *ui)
{
    if (ui->screen == SCREEN_DASH) {
        act_quit(ui);
    } else {
        go_back(ui);
    }
}

static void sort_next(struct ls_ui *ui)
{
    struct list *list = ui_list(ui);
    list->sort = (enum ls_op_sort)(((int)list->sort + 1) % ((int)LS_SORT_UPDATED_DESC + 1));
    list_resume(list);
    ui_refresh_screen(ui, true);
}

static void pause_or_resume(struct ls_ui *ui)
{
    if (screen_is_list(ui->screen) && ui_list(ui)->is_held && !ui->is_paused) {
        list_resume(ui_list(ui));
        ui_refresh_screen(ui, true);
        return;
    }
    ui->is_paused = !ui->is_paused;
    ui_toast(ui, false,
             ui->is_paused ? "the view is paused, the worker is not; = goes on" : "live again");
    if (!ui->is_paused) ui_refresh_screen(ui, true);
}

static void set_refresh(struct ls_ui *ui, int64_t ms)
{
    if (ms < 500) ms = 500;
    if (ms > 60000) ms = 60000;
    ui->options.refresh_ms = ms;
    char every[LS_FORMAT_BYTES];
    ls_format_duration(ms, true, every);
    ui_toast(ui, false, "listings are read every %s", every);
}

static void faster(struct ls_ui *ui)
{
    set_refresh(ui, ui->options.refresh_ms / 2);
}
static void slower(struct ls_ui *ui)
{
    set_refresh(ui, ui->options.refresh_ms * 2);
}

static void next_time(struct ls_ui *ui)
{
    bool has_local = ui->options.zone_name[0] != '\0';
    enum time_mode last = has_local ? SHOW_LOCAL : SHOW_UTC;
    ui->time_mode = ui->time_mode == last ? SHOW_AGE : (enum time_mode)(ui->time_mode + 1);
    ui_toast(ui, false, "times are shown as %s", time_mode_name(ui));
}

static void refresh_now(struct ls_ui *ui)
{
    (void)ui_request(ui, LS_UI_WANT_REFRESH);
    ui_refresh_screen(ui, true);
}

static void suspend(struct ls_ui *ui)
{
    if (ui->options.has_worker) {
        ui_toast(ui, true, "Ctrl-Z would stop the embedded worker: use another terminal");
    } else {
        (void)ui_request(ui, LS_UI_WANT_SUSPEND);
    }
}

static void toggle_evidence(struct ls_ui *ui)
{
    ui->shows_evidence = !ui->shows_evidence;
    ui_move(ui, 0);
}

static void step_row(struct ls_ui *ui, int64_t by)
{
    struct list *list = ui_list(ui);
    int64_t to = list->cursor.at + by;
    if (!screen_is_list(ui->detail_from) || to < 0 || to >= (int64_t)list->count) {
        ui_toast(ui, false, "no %s operation in the listing", by > 0 ? "next" : "previous");
        return;
    }
    list->cursor.at = to;
    list->is_held = true;
    show_op(ui, list_row(list));
}

static void next_row(struct ls_ui *ui)
{
    step_row(ui, 1);
}
static void previous_row(struct ls_ui *ui)
{
    step_row(ui, -1);
}

static const struct command table[] = {
    {"Enter", LISTS | ON(SCREEN_DASH), false, "open", "open what the cursor is on", open_row,
     NULL},
    {"k Up", ANY, false, NULL, "up", move_up, NULL},
    {"j Down", ANY, false, NULL, "down", move_down, NULL},
    {"PgUp Ctrl-B", ANY, false, NULL, "page up; at the top the previous page", page_up, NULL},
    {"PgDn Ctrl-F", ANY, false, NULL, "page down; at the end the next page", page_down, NULL},
    {"g Home", ANY, false, NULL, "to the first", to_first, NULL},
    {"G End", ANY, false, NULL, "to the last (the one harmless capital)", to_last, NULL},
    {"Space", LISTS, false, "mark", "mark or unmark", mark_one, NULL},
    {"*", LISTS, false, "same cause", "mark all of the same cause on this page", mark_cause,
     NULL},
    {"a", LISTS, false, "all", "mark all on this page (never more than is shown)", mark_page,
     NULL},
    {"u", LISTS, false, "none", "unmark all", mark_none, NULL},
    {"/", LISTS, false, "filter", "filter: state:failed kind:token.* cause:X age>10m",
     open_filter, NULL},
    {"s", LISTS, false, "sort", "next order: id, age, last change", sort_next, NULL},
    {"] n", ON(SCREEN_DETAIL), false, "next", "the next operation of the listing", next_row,
     NULL},
    {"[ p", ON(SCREEN_DETAIL), false, "previous", "the previous operation of the listing",
     previous_row, NULL},
    {"e", ON(SCREEN_DETAIL), false, "evidence", "show or hide the evidence of each attempt",
     toggle_evidence, NULL},
    {"R", OPS, true, "retry", "retry: a new round of attempts for a failed operation",
     act_retry, can_retry},
    {"C", OPS, true, "compensate", "compensate: undo on chain what landed", act_compensate,
     can_compensate},
    {"H", OPS, true, "hold", "hold, or release what is held", act_hold, can_hold},
    {"X", OPS, true, "cancel", "cancel an operation that did not land", act_cancel, can_cancel},
    {"V", OPS, true, "resolve", "resolve a held(ambiguous) operation: landed, or never",
     act_resolve, can_resolve},
    {"A", ON(SCREEN_ALERTS), true, "acknowledge", "acknowledge an alert, with a reason",
     act_acknowledge, can_acknowledge},
    {"P", ON(SCREEN_HEALTH), true, "pause", "pause or resume a worker, lift a gate", act_pause,
     can_pause},
    {"y", OPS | ON(SCREEN_DASH), false, "copy",
     "copy id, key, signature, entity, link, account", copy_begin, NULL},
    {"o", OPS, false, NULL, "copy the explorer's link", copy_link, NULL},
    {"t", ANY, false, "time", "ages, UTC or local time", next_time, NULL},
    {"=", ANY, false, NULL, "pause the view, or let it go on", pause_or_resume, NULL},
    {"+", ANY, false, NULL, "read listings more often", faster, NULL},
    {"-", ANY, false, NULL, "read listings less often", slower, NULL},
    {"F5 Ctrl-R", ANY, false, NULL, "read everything now", refresh_now, NULL},
    {"Ctrl-L", ANY, false, NULL, "draw the screen anew", redraw, NULL},
    {"1", ANY, false, NULL, "the dashboard", go_dash, NULL},
    {"2", ANY, false, NULL, "failed operations", go_failed, NULL},
    {"3", ANY, false, NULL, "held and stuck operations", go_stuck, NULL},
    {"4", ANY, false, NULL, "all live operations and recent ones", go_queue, NULL},
    {"6", ANY, false, NULL, "alerts", go_alerts, NULL},
    {"7", ANY, false, NULL, "the audit log", go_audit, NULL},
    {"8", ANY, false, NULL, "workers, endpoints, gates, database", go_health, NULL},
    {"Tab", ANY, false, NULL, "next screen", next_tab, NULL},
    {"BackTab", ANY, false, NULL, "previous screen", previous_tab, NULL},
    {":", ANY, false, "command", "command line: :theme, :filter, :op, :gate, :q", open_line,
     NULL},
    {"? F1", ANY, false, "help", "this help", help_open, NULL},
    {"Esc", ANY, false, NULL, "back", go_back, NULL},
    {"q", ANY, false, "back", "back, then quit", back_or_quit, NULL},
    {"Ctrl-C", ANY, false, NULL, "quit", act_quit, NULL},
    {"Ctrl-Z", ANY, false, NULL, "suspend, where no worker is embedded", suspend, NULL},
};

const struct command *key_commands(size_t *count_out)
{
    *count_out = sizeof table / sizeof table[0];
    return table;
}

static bool has_key(const char *keys, struct ls_key key)
{
    while (*keys != '\0') {
        char name[LS_KEY_NAME_BYTES];
        size_t length = strcspn(keys, " ");
        struct ls_key candidate;
        memcpy(name, keys, length);
        name[length] = '\0';
        if (ls_key_parse(name, &candidate) && ls_key_equal(candidate, key)) return true;
        keys += length;
        while (*keys == ' ') keys++;
    }
    return false;
}

const struct command *key_command_of(enum screen screen, struct ls_key key)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if ((table[i].screens & ON(screen)) != 0 && has_key(table[i].keys, key))
            return &table[i];
    }
    return NULL;
}

void key_command_run(struct ls_ui *ui, const struct command *command)
{
    struct ls_why why = {0};
    if (command->acts &&
        (!ui_may_act(ui, &why) || (command->can != NULL && !command->can(ui, &why)))) {
        ui_toast(ui, true, "%.16s: %s", command->keys, why.text);
        return;
    }
    command->run(ui);
}
