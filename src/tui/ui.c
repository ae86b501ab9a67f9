#include "lockstep/tui/ui.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "stray.h"

enum { REFRESH_LEAST_MS = 250, REFRESH_MOST_MS = 60000, CLOCK_MS = 60000 };

ls_ui *ls_ui_new(const struct ls_ui_options *options)
{
    ls_ui *ui = calloc(1, sizeof *ui);
    if (ui == NULL) return NULL;
    ui->options = *options;
    if (ui->options.refresh_ms < REFRESH_LEAST_MS) ui->options.refresh_ms = 1000;
    ui->alerts_heard = -1;
    ui->columns = COLUMNS_FULL;
    ui->rows = ROWS_FULL;
    if (options->starts_with_utc) ui->time_mode = SHOW_UTC;
    if (options->starts_with_local && options->zone_name[0] != '\0') ui->time_mode = SHOW_LOCAL;
    if (options->starts_with_alerts) ui->screen = SCREEN_ALERTS;
    ui->lists[0].sort = LS_SORT_AGE_DESC;
    ui->lists[1].sort = LS_SORT_AGE_DESC;
    ui->lists[2].sort = LS_SORT_ID_DESC;
    struct ls_why why = {0};
    ls_err err = ls_theme_load_builtin("dark", &ui->theme, &why);
    assert(!ls_failed(err));
    return ui;
}

void ls_ui_free(ls_ui *ui)
{
    free(ui);
}

struct ls_ui_request *ui_request(struct ls_ui *ui, enum ls_ui_request_kind kind)
{
    assert(ui->out != NULL);
    if (ui->out->count == LS_UI_REQUESTS_MAX) return NULL;
    struct ls_ui_request *request = &ui->out->items[ui->out->count++];
    *request = (struct ls_ui_request){.kind = kind, .ticket = ++ui->last_ticket};
    return request;
}

void ui_toast(struct ls_ui *ui, bool is_bad, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(ui->toast.text, sizeof ui->toast.text, format, arguments);
    va_end(arguments);
    ui->toast.is_bad = is_bad;
    ui->toast.until_ms = ui->now_ms + TOAST_MS;
}

bool ui_is_stale(const struct ls_ui *ui)
{
    return ui->has_dashboard &&
           (ui->is_lost || ui->now_ms - ui->fresh_ms > LOST_MS + ui->options.refresh_ms);
}

const char *ui_reading_words(const struct ls_ui *ui)
{
    return ui->is_lost ? ui->lost_why : "Reading ...";
}

int64_t ui_database_now(const struct ls_ui *ui)
{
    if (ui->past.is_on) return ui->dashboard.now_ms;
    if (!ui->has_dashboard) return ui->wall_ms;
    return ui->dashboard.now_ms + (ui->now_ms - ui->dashboard_ms);
}

bool ui_is_production(const struct ls_ui *ui)
{
    return strcmp(ui->options.cluster, "mainnet-beta") == 0;
}

bool ui_may_act(const struct ls_ui *ui, struct ls_why *why)
{
    const char *reason = NULL;
    if (ui->options.is_read_only) {
        reason = ui->options.read_only_why[0] != '\0' ? ui->options.read_only_why
                                                      : "this console is read-only";
    } else if (!ui->has_dashboard) {
        reason = "nothing was read from the database yet";
    } else if (ui->past.is_on) {
        reason = "what is shown is the past; :at now goes back to the present";
    } else if (ui_is_stale(ui)) {
        reason = "STALE: actions wait until the database answers again";
    } else if (ui->has_rights && !ui->may_operate) {
        reason = ui->rights_why[0] != '\0' ? ui->rights_why
                                           : "this login is not a lockstep_operator";
    } else if (ui->dialog.phase == DIALOG_SENDS) {
        reason = "another action is still under way";
    }
    if (reason == NULL) return true;
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

const char *ui_glyph(const struct ls_ui *ui, enum ls_glyph glyph)
{
    return ui->options.is_ascii ? ui->theme.ascii_glyphs[glyph] : ui->theme.glyphs[glyph];
}

struct ls_rect ui_body(int32_t columns, int32_t rows)
{
    return (struct ls_rect){3, 0, rows > 5 ? rows - 5 : 0, columns};
}

void ui_refresh_screen(struct ls_ui *ui, bool at_once)
{
    int64_t due_ms = ui->now_ms - (at_once ? 0 : ui->options.refresh_ms);
    int64_t again_ms = ui->now_ms - ASK_AGAIN_MS;
    if (screen_is_list(ui->screen)) {
        struct list *list = ui_list(ui);
        bool waits = list->is_waiting[0] || list->is_waiting[1];
        if (list->is_slow && !waits && list->asked_ms != 0) return; /* F5 reads it again */
        if (list->asked_ms == 0 || list->asked_ms <= (waits ? again_ms : due_ms))
            list_ask(ui, ui->screen);
    } else if (ui->screen == SCREEN_DETAIL) {
        if (!ui->has_detail || ui->detail_asked_ms <= (ui->detail_waiting ? again_ms : due_ms))
            if (!ui->detail_waiting || ui->detail_asked_ms <= again_ms) ask_detail(ui);
    } else if (ui->screen == SCREEN_BATCHES) {
        const struct batches *batches = &ui->batches;
        if (!batches->has_page ||
            batches->asked_ms <= (batches->is_waiting ? again_ms : due_ms))
            if (!batches->is_waiting || batches->asked_ms <= again_ms) batches_ask(ui);
    } else if (ui->screen == SCREEN_BULK) {
        const struct bulks *bulks = &ui->bulks;
        if (!bulks->has_page || bulks->asked_ms <= (bulks->is_waiting ? again_ms : due_ms))
            if (!bulks->is_waiting || bulks->asked_ms <= again_ms) bulks_ask(ui);
    } else if (ui->screen == SCREEN_ALERTS) {
        if (ui->alerts_asked_ms == 0 ||
            ui->alerts_asked_ms <= (ui->alerts_waiting ? again_ms : due_ms))
            ask_alerts(ui);
    } else if (ui->screen == SCREEN_AUDIT) {
        if (ui->audit_asked_ms == 0 ||
            ui->audit_asked_ms <= (ui->audit_waiting ? again_ms : due_ms))
            ask_audit(ui);
    }
}

void ui_go(struct ls_ui *ui, enum screen screen)
{
    if (screen != SCREEN_DASH && screen != SCREEN_HEALTH && ui->past.is_on) {
        past_leave(ui);
        ui_toast(ui, false, "back in the present: listings have no record");
    }
    ui->screen = screen;
    ui->copies = false;
    if (screen_is_list(screen) && ui_list(ui)->mark_count == 0) list_resume(ui_list(ui));
    ui_refresh_screen(ui, true);
}

static void take_rights(struct ls_ui *ui, const struct ls_ui_message *message)
{
    ui->has_rights = true;
    ui->may_operate = message->may_operate;
    (void)snprintf(ui->rights_why, sizeof ui->rights_why, "%s",
                   message->why == NULL ? "" : message->why);
}

static void take_theme(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (message->theme == NULL) {
        ui_toast(ui, true, "%s", message->why == NULL ? "no such theme" : message->why);
        return;
    }
    ui->theme = *message->theme;
}

static void take_keys(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (message->keymap == NULL) {
        ui_toast(ui, true, "%s", message->why == NULL ? "no such keys" : message->why);
        return;
    }
    ui->keymap = *message->keymap;
    if (ui->has_dashboard) ui_judge(ui);
}

static void take_lost(struct ls_ui *ui, const struct ls_ui_message *message)
{
    ui->is_lost = true;
    (void)snprintf(ui->lost_why, sizeof ui->lost_why, "%s",
                   message->why == NULL ? "the database does not answer" : message->why);
}

/* An action on a whole cause waits for its rows before it can ask. What is typed meanwhile was
 * meant for that question: it must not open, mark or leave anything. */
static bool awaits_question(struct ls_ui *ui, struct ls_key key)
{
    struct list *list = screen_is_list(ui->screen) ? ui_list(ui) : NULL;
    const bool is_typed = key.code == LS_KEY_CHAR || key.code == LS_KEY_ENTER ||
                          key.code == LS_KEY_TAB || key.code == LS_KEY_BACKSPACE;
    if (list == NULL || list->then == NULL) return false;
    if (key.code == LS_KEY_ESC) {
        list->then = NULL;
        ui_toast(ui, false, "given up: nothing was asked, nothing was changed");
        return true;
    }
    if (is_typed)
        ui_toast(ui, false, "its rows are read first: that key was dropped; Esc gives up");
    return is_typed;
}

static void take_key(struct ls_ui *ui, struct ls_key key)
{
    if (key.code == LS_KEY_NONE) return;
    if (awaits_question(ui, key)) return;
    if (stray_is_blind(ui)) {
        stray_blind_key(ui, key);
    } else if (dialog_is_shown(ui)) {
        dialog_key(ui, key);
    } else if (ui->edit.is_open) {
        edit_key(ui, key);
    } else if (ui->help.is_open) {
        help_key(ui, key);
    } else if (ui->prompt.kind != PROMPT_NONE) {
        prompt_key(ui, key);
    } else if (ui->results.is_open) {
        results_key(ui, key);
    } else if (pane_is_open(ui)) {
        pane_key(ui, key);
    } else if (ui->copies) {
        copy_take(ui, key);
    } else {
        const struct command *command = key_command_of(&ui->keymap, ui->screen, key);
        if (command == NULL) {
            stray_report(ui, key);
        } else if (ui->export.is_running && command->run == do_go_back) {
            export_stop(ui);
        } else if (!command->acts || command->run == act_undo || seen_may_act(ui)) {
            key_command_run(ui, command); /* undo is about no row */
        }
    }
    ui->seen.has_key = true;
}

static void take_paste(struct ls_ui *ui, const char *text)
{
    if (text == NULL || stray_is_blind(ui)) return;
    if (dialog_is_shown(ui)) {
        dialog_paste(ui, text);
    } else if (ui->edit.is_open) {
        if (ui->edit.is_typing) input_paste(&ui->edit_input, text);
    } else if (ui->help.is_open) {
        input_paste(&ui->help.search, text);
    } else if (ui->prompt.kind != PROMPT_NONE) {
        prompt_paste(ui, text);
    } else {
        ui_toast(ui, false, "a paste is taken by input fields alone; it was dropped");
    }
}

static void take(struct ls_ui *ui, const struct ls_ui_message *message)
{
    switch (message->kind) {
    case LS_UI_TICK:
        if (!ui->pause.is_on) ui_refresh_screen(ui, false);
        check_tick(ui);
        results_tick(ui);
        break;
    case LS_UI_KEY: take_key(ui, message->key); break;
    case LS_UI_PASTE: take_paste(ui, message->paste); break;
    case LS_UI_RESIZE:
        ui->columns = message->columns;
        ui->rows = message->rows;
        pane_resize(ui);
        ui_move(ui, 0);
        break;
    case LS_UI_DASHBOARD: answer_dashboard(ui, message); break;
    case LS_UI_PAST: past_take(ui, message); break;
    case LS_UI_OPS:
        if (!check_take_rows(ui, message)) list_answer(ui, message);
        break;
    case LS_UI_DETAIL:
        if (!preview_take(ui, message)) answer_detail(ui, message);
        break;
    case LS_UI_ALERTS: answer_alerts(ui, message); break;
    case LS_UI_AUDIT: answer_audit(ui, message); break;
    case LS_UI_BATCHES: batches_answer(ui, message); break;
    case LS_UI_BATCH: batches_detail_answer(ui, message); break;
    case LS_UI_BULKS: bulks_answer(ui, message); break;
    case LS_UI_TARGETS: bulks_targets_answer(ui, message); break;
    case LS_UI_WEIGHED: bulks_weigh_answer(ui, message); break;
    case LS_UI_EDIT_WEIGHED: edit_weighed(ui, message); break;
    case LS_UI_ACTED: dialog_answer(ui, message); break;
    case LS_UI_CHOSEN: results_answer(ui, message); break;
    case LS_UI_CHECK: check_answer(ui, message); break;
    case LS_UI_DESK: desk_answer(ui, message); break;
    case LS_UI_FEED_LOST: take_lost(ui, message); break;
    case LS_UI_WORKER:
        ui->has_worker_news = message->worker != NULL;
        if (message->worker != NULL) ui->worker = *message->worker;
        break;
    case LS_UI_RIGHTS: take_rights(ui, message); break;
    case LS_UI_THEME: take_theme(ui, message); break;
    case LS_UI_THEMES:
        (void)snprintf(ui->prompt.themes, sizeof ui->prompt.themes, "%s",
                       message->names == NULL ? "" : message->names);
        break;
    case LS_UI_KEYS: take_keys(ui, message); break;
    case LS_UI_EXPORT: export_take(ui, message); break;
    case LS_UI_OUTPUT: pane_take(ui, message); break;
    case LS_UI_NOTE:
        ui_toast(ui, message->is_bad, "%s", message->why == NULL ? "" : message->why);
        break;
    }
}

void ls_ui_update(ls_ui *ui,
                  const struct ls_ui_message *message,
                  struct ls_ui_requests *requests)
{
    assert(requests->count <= LS_UI_REQUESTS_MAX);
    ui->now_ms = message->now_ms;
    ui->wall_ms = message->wall_ms;
    ui->out = requests;
    if (ui->toast.text[0] != '\0' && ui->now_ms >= ui->toast.until_ms) ui->toast.text[0] = '\0';
    take(ui, message);
    preview_follow(ui);
    pause_follow(ui, message);
    ui->out = NULL;
}

const char *ls_ui_screen(const ls_ui *ui)
{
    return screen_name(ui->screen);
}

int64_t ls_ui_next_tick_ms(const ls_ui *ui)
{
    int64_t wait_ms = CLOCK_MS - ui->wall_ms % CLOCK_MS;
    if (!ui->pause.is_on && ui->screen != SCREEN_DASH && wait_ms > ui->options.refresh_ms)
        wait_ms = ui->options.refresh_ms;
    if (!ui->pause.is_on && results_move(ui) && wait_ms > ui->options.refresh_ms)
        wait_ms = ui->options.refresh_ms;
    if (wait_ms > LOST_MS) wait_ms = LOST_MS;
    const int64_t preview_ms = preview_wait_ms(ui);
    if (preview_ms >= 0 && preview_ms < wait_ms) wait_ms = preview_ms;
    if (ui->check.phase == CHECK_RUNS && wait_ms > CHECK_EVERY_MS) wait_ms = CHECK_EVERY_MS;
    if (ui->toast.text[0] != '\0' && ui->toast.until_ms - ui->now_ms < wait_ms)
        wait_ms = ui->toast.until_ms - ui->now_ms;
    return ui->now_ms + (wait_ms < 10 ? 10 : wait_ms);
}

static void draw_screen(struct view view)
{
    switch (view.ui->screen) {
    case SCREEN_DASH: view_dash(view); break;
    case SCREEN_FAILED:
    case SCREEN_STUCK:
    case SCREEN_QUEUE: view_list(view); break;
    case SCREEN_BATCHES: view_batches(view); break;
    case SCREEN_BULK: view_bulks(view); break;
    case SCREEN_ALERTS: view_alerts(view); break;
    case SCREEN_AUDIT: view_audit(view); break;
    case SCREEN_HEALTH: view_health(view); break;
    case SCREEN_DETAIL: view_detail(view); break;
    case SCREEN_COUNT: break;
    }
}

void ls_ui_draw(const ls_ui *ui, ls_grid *grid)
{
    ls_grid_clear(grid);
    const int32_t columns = ls_grid_columns(grid);
    const int32_t rows = ls_grid_rows(grid);
    struct view view = {ui, grid, {0, 0, rows, columns}};
    if (columns < COLUMNS_LEAST || rows < ROWS_LEAST) {
        view_small(view);
        return;
    }
    view_header(view);
    view_tabs(view);
    view.area = ui_body(columns, rows);
    draw_screen(view);
    if (pane_is_open(ui)) view_pane(view);
    if (ui->results.is_open) view_results(view);
    view.area = (struct ls_rect){0, 0, rows, columns};
    view_bottom(view);
    view.area = ui_body(columns, rows);
    if (ui->edit.is_open) view_edit(view);
    if (ui->help.is_open) view_help(view);
    if (dialog_is_shown(ui)) view_dialog(view);
}
