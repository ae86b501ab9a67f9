#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "stray.h"
#include "view_hints.h"

enum { LIVE_STEP_S = 5 };

static void write_live(const struct ls_ui *ui, char *out, size_t out_bytes, enum ls_role *role)
{
    *role = LS_ROLE_STALE;
    if (!ui->has_dashboard) {
        (void)snprintf(out, out_bytes, ui->is_lost ? "NO DATABASE" : "CONNECTING");
    } else if (ui->pause.is_on) {
        pause_words(ui, out, out_bytes);
    } else if (ui_is_stale(ui)) {
        int64_t seconds = (ui->now_ms - ui->fresh_ms) / 1000;
        char age[LS_FORMAT_BYTES];
        ls_format_duration((seconds - seconds % LIVE_STEP_S) * 1000, false, age);
        (void)snprintf(out, out_bytes, "STALE %s", age);
    } else if (ui->past.is_on) {
        past_words(ui, out, out_bytes);
    } else {
        *role = LS_ROLE_STATE_DONE;
        (void)snprintf(out, out_bytes, "LIVE");
    }
}

/* Who works for a console without a worker of its own. */
static void write_elsewhere(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct ls_dashboard *facts = &ui->dashboard;
    const struct ls_worker_row *late = ls_dashboard_catching_up(facts);
    (void)snprintf(out, out_bytes, "no worker here");
    if (!ui->has_dashboard || facts->is_past) return;
    for (size_t i = 0; i < facts->worker_count; i++) {
        const struct ls_worker_row *worker = &facts->workers[i];
        if (late != NULL ? worker != late : !worker->is_alive || !worker->is_leader) continue;
        (void)snprintf(out, out_bytes, "no worker here, %" PRId64 " %s", worker->id,
                       late != NULL ? "is catching up" : "leads");
    }
}

/* How much is said of the worker, so that all of it fits. */
enum worker_words { WORKER_FULL, WORKER_ROLE, WORKER_ID };

static void
write_worker(const struct ls_ui *ui, enum worker_words words, char *out, size_t out_bytes)
{
    const struct ls_ui_worker *worker = &ui->pause.worker;
    if (!ui->options.has_worker && words == WORKER_FULL) {
        write_elsewhere(ui, out, out_bytes);
    } else if (!ui->options.has_worker) {
        (void)snprintf(out, out_bytes, "no worker%s", words == WORKER_ID ? "" : " here");
    } else if (ui->has_worker_news && !ui->worker.is_running && ui->worker.worker_id > 0) {
        (void)snprintf(out, out_bytes, "worker %" PRId64 " ENDED", ui->worker.worker_id);
    } else if (!worker->is_running) {
        (void)snprintf(out, out_bytes, "worker starting");
    } else {
        char id[24] = ""; /* the database gives it */
        const char *state = worker->is_paused ? "PAUSED" : worker->state;
        const bool says_state = words == WORKER_FULL || worker->is_paused;
        if (worker->worker_id > 0)
            (void)snprintf(id, sizeof id, " %" PRId64, worker->worker_id);
        (void)snprintf(out, out_bytes, "worker%s%s%s%s", id,
                       worker->is_leader && words != WORKER_ID ? " LEADER" : "",
                       says_state ? " " : "", says_state ? state : "");
    }
}

/* The fullest form that `cells` have room for, else the shortest. */
static void write_worker_for(const struct ls_ui *ui, int32_t cells, char *out, size_t out_bytes)
{
    for (int words = WORKER_FULL; words <= (int)WORKER_ID; words++) {
        write_worker(ui, (enum worker_words)words, out, out_bytes);
        if ((int32_t)strlen(out) <= cells) return;
    }
}

static void write_clock(struct view view, char *out, size_t out_bytes)
{
    const struct ls_ui *ui = view.ui;
    struct ls_civil at = ls_civil_of(ui->wall_ms, 0);
    char height[LS_FORMAT_BYTES] = "";
    char clock[16] = ""; /* a paused one would be wrong */
    ls_format_count(ui->dashboard.finalized_height, height);
    bool has_height = ui->has_dashboard && ui->dashboard.finalized_height > 0;
    bool is_wide = view.area.columns >= 90; /* a bare number would say nothing */
    if (!ui->pause.is_on)
        (void)snprintf(clock, sizeof clock, "  %02d:%02d UTC", at.hour, at.minute);
    (void)snprintf(out, out_bytes, "%s%s%s ", has_height && is_wide ? "height " : "",
                   has_height && is_wide ? height : "", clock);
}

static int32_t
header_badge(struct view view, int32_t column, enum ls_role role, const char *text)
{
    struct ls_span span = ls_span_of(view.area.row, column, view.area.columns);
    return ls_grid_printf(view.grid, span, role, " %s ", text) + 1;
}

void view_header(struct view view)
{
    const struct ls_ui *ui = view.ui;
    ls_grid_fill(view.grid, rect_rows(view.area, 0, 1), LS_ROLE_HEADER, LS_ROLE_TEXT);
    char text[128];
    write_clock(view, text, sizeof text);
    struct ls_span span = ls_span_of(0, 40, view.area.columns);
    int32_t end = ls_grid_right(view.grid, span, LS_ROLE_HEADER, text);

    int32_t column =
        ls_grid_text(view.grid, ls_span_of(0, 1, end), LS_ROLE_HEADER, "LOCKSTEP") + 1;
    bool is_production = ui_is_production(ui);
    (void)snprintf(text, sizeof text, "%s%.40s", is_production ? "PROD " : "",
                   ui->options.environment);
    column =
        header_badge(view, column, is_production ? LS_ROLE_ENV_PROD : LS_ROLE_ENV_OTHER, text);
    enum ls_role role = LS_ROLE_TEXT;
    write_live(ui, text, sizeof text, &role);
    if (role == LS_ROLE_STALE) {
        column = header_badge(view, column, role, text);
    } else {
        column = ls_grid_text(view.grid, ls_span_of(0, column, end), LS_ROLE_HEADER, text) + 2;
    }
    bool reads_only = ui->options.is_read_only || (ui->has_rights && !ui->may_operate);
    if (reads_only) column = header_badge(view, column, LS_ROLE_READONLY, "RO");
    desk_holds(ui, text, sizeof text);
    if (text[0] != '\0') column = header_badge(view, column, LS_ROLE_READONLY, text);
    write_worker_for(ui, end - 2 - column, text, sizeof text);
    column = ls_grid_text(view.grid, ls_span_of(0, column, end - 2), LS_ROLE_HEADER, text) + 2;
    desk_others(ui, text, sizeof text);
    if (column + (int32_t)strlen(text) < end - 2)
        (void)ls_grid_text(view.grid, ls_span_of(0, column, end - 2), LS_ROLE_HEADER, text);
}

static int64_t tab_count(const struct ls_ui *ui, enum screen screen)
{
    const struct ls_dashboard *facts = &ui->dashboard;
    switch (screen) {
    case SCREEN_FAILED: return facts->counts[LS_STATE_FAILED];
    case SCREEN_STUCK: return facts->counts[LS_STATE_HELD] + facts->stuck;
    case SCREEN_QUEUE: return facts->depth;
    case SCREEN_ALERTS: return facts->alerts_firing;
    case SCREEN_DASH:
    case SCREEN_BATCHES:
    case SCREEN_BULK:
    case SCREEN_AUDIT:
    case SCREEN_HEALTH:
    case SCREEN_DETAIL:
    case SCREEN_COUNT: break;
    }
    return 0;
}

static enum ls_role count_role(enum screen screen)
{
    if (screen == SCREEN_FAILED) return LS_ROLE_STATE_FAILED;
    if (screen == SCREEN_STUCK || screen == SCREEN_ALERTS) return LS_ROLE_STATE_HELD;
    return LS_ROLE_MUTED;
}

/* The key that leads to a screen: its command is called go-SCREEN. */
static void tab_key(const struct ls_ui *ui, enum screen screen, char out[LS_KEY_NAME_BYTES])
{
    char name[LS_KEY_SCREEN_BYTES + 4] = "go-";
    (void)ls_key_screen_name((int32_t)screen, name + 3);
    command_key_named(ui, name, out);
}

/* How much of the tabs is said, so that all of them fit. */
enum tab_style { TABS_FULL, TABS_DENSE, TABS_TIGHT, TABS_CUT };

/* Drawn, or with `grid` NULL measured: the column after it. */
static int32_t put_tab(struct view view, int32_t column, enum ls_role role, const char *text)
{
    if (view.grid == NULL) return column + (int32_t)strlen(text);
    return ls_grid_text(view.grid, ls_span_of(1, column, view.area.columns), role, text);
}

static int32_t
draw_tab(struct view view, int32_t column, enum screen screen, enum tab_style style)
{
    char key[LS_KEY_NAME_BYTES];
    const struct ls_ui *ui = view.ui;
    enum screen active = ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen;
    if (batches_is_opened(ui))
        active = SCREEN_BATCHES; /* its operations, in the Queue's form */
    const bool is_active = active == screen;
    const enum ls_role role = is_active ? LS_ROLE_TAB_ACTIVE : LS_ROLE_TAB;
    char text[LS_KEY_NAME_BYTES + 64];
    tab_key(ui, screen, key);
    (void)snprintf(text, sizeof text, "%s%s", is_active ? "[" : " ", key);
    column = put_tab(view, column, is_active ? role : LS_ROLE_KEY, text);
    (void)snprintf(text, sizeof text, "%s%.*s",
                   style <= TABS_DENSE && key[0] != '\0' ? " " : "",
                   style == TABS_CUT && !is_active ? 4 : 16, screen_name(screen));
    column = put_tab(view, column, role, text);
    const int64_t count = tab_count(ui, screen);
    const bool counts = style == TABS_FULL || (style < TABS_CUT && screen != SCREEN_QUEUE);
    if (count > 0 && counts) {
        char number[LS_FORMAT_BYTES];
        ls_format_short_count(count, number);
        (void)snprintf(text, sizeof text, " %s", number);
        column = put_tab(view, column, is_active ? role : count_role(screen), text);
    }
    if (style != TABS_FULL && !is_active) return column;
    return put_tab(view, column, role, is_active ? "]" : " ");
}

static int32_t draw_tab_row(struct view view, enum tab_style style)
{
    int32_t column = style == TABS_FULL ? 1 : 0;
    for (int i = 0; i < SCREEN_DETAIL; i++)
        column = draw_tab(view, column, (enum screen)i, style);
    return column;
}

static enum tab_style fitting_style(struct view view)
{
    enum tab_style style = TABS_FULL;
    view.grid = NULL;
    while (style < TABS_CUT && draw_tab_row(view, style) > view.area.columns) style++;
    return style;
}

void help_words(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    key_words(ui, "{help} help", out, out_bytes);
}

bool tabs_have_help(struct view view)
{
    char help[LS_KEY_NAME_BYTES + 8];
    help_words(view.ui, help, sizeof help);
    const enum tab_style style = fitting_style(view);
    view.grid = NULL;
    return draw_tab_row(view, style) + (int32_t)strlen(help) + 2 <= view.area.columns;
}

void view_tabs(struct view view)
{
    char help[LS_KEY_NAME_BYTES + 8];
    const int32_t column = draw_tab_row(view, fitting_style(view));
    help_words(view.ui, help, sizeof help);
    if (tabs_have_help(view)) {
        (void)ls_grid_right(view.grid, ls_span_of(1, column, view.area.columns - 1),
                            LS_ROLE_HINT, help);
    }
    ls_grid_rule(view.grid, ls_span_of(2, 0, view.area.columns), LS_ROLE_BORDER);
}

void view_banner(struct view view, int32_t row, enum ls_role role, const char *text)
{
    const struct ls_span span = ls_span_of(row, 1, view.area.columns - 1);
    const size_t length = strlen(text);
    const size_t first = wrap_bytes(text, length, view.area.columns - 4);
    const int32_t lines = first < length ? 2 : 1; /* nothing of what they cover stays beside */
    ls_grid_fill(view.grid, (struct ls_rect){row - lines + 1, 0, lines, view.area.columns},
                 LS_ROLE_TEXT, LS_ROLE_TEXT);
    if (first < length) {
        (void)ls_grid_printf(view.grid, ls_span_of(row - 1, 1, span.end), role, " %.*s ",
                             (int)first, text);
    }
    (void)ls_grid_printf(view.grid, span, role, " %s ",
                         text + (first < length ? wrap_skip(text, first) : 0));
}

/* What is said once; else what goes on. `row`: the last line for it. */
static void draw_news(struct view view, int32_t row)
{
    const struct ls_ui *ui = view.ui;
    const int32_t end = view.area.columns;
    if (ui->toast.text[0] != '\0') {
        view_banner(view, row, ui->toast.is_bad ? LS_ROLE_TOAST_ERR : LS_ROLE_TOAST_OK,
                    ui->toast.text);
    } else if (ui->export.is_running) {
        char count[LS_FORMAT_BYTES];
        ls_format_count(ui->export.rows, count);
        char stops[LS_KEY_NAME_BYTES];
        key_words(ui, "{back}", stops, sizeof stops);
        (void)ls_grid_printf(view.grid, ls_span_of(row, 1, end - 1), LS_ROLE_TOAST_OK,
                             " Exporting: %s rows, %d %% looked at. %s stops ", count,
                             (int)ui->export.permille / 10, stops);
    } else if (ui->is_lost && ui->has_dashboard) {
        (void)ls_grid_printf(view.grid, ls_span_of(row, 1, end - 1), LS_ROLE_STALE,
                             " No answer: %s ", ui->lost_why);
    }
}

void view_bottom(struct view view)
{
    const struct ls_ui *ui = view.ui;
    const int32_t row = view.area.rows - 2;
    if (ui->prompt.kind != PROMPT_NONE) {
        view_prompt(view);
        return;
    }
    if (dialog_is_shown(ui) || ui->edit.is_open || ui->help.is_open) {
        draw_news(view, row + 1); /* the box above has the keys, and covers what it can */
        return;
    }
    if (pane_is_open(ui) && !ui->results.is_open) {
        (void)ls_grid_text(view.grid, ls_span_of(row + 1, 1, view.area.columns), LS_ROLE_HINT,
                           "arrows, PgUp, PgDn scroll   : another command   Esc closes");
    } else {
        view_hints(view, row + 1);
    }
    draw_news(view, row);
}

/* The verdict over as many lines as there are but one; the lines that it took. */
static int32_t draw_small_verdict(struct view view)
{
    const struct ls_ui *ui = view.ui;
    char text[LS_WHY_BYTES];
    if (view.area.rows > 1) view.area.rows--;
    if (!ui->has_dashboard) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 0, 0), LS_ROLE_STALE,
                           ui->is_lost ? "NO DATABASE" : "CONNECTING");
        return 1;
    }
    (void)snprintf(text, sizeof text, "%s%s %s",
                   ui_is_stale(ui)   ? "STALE "
                   : ui->pause.is_on ? "PAUSED "
                                     : "",
                   ls_verdict_word(ui->verdict.level), ui->verdict.headline);
    const int32_t used = view_wrap(view, LS_ROLE_TITLE, text);
    view.area = rect_rows(view.area, used, view.area.rows);
    return used + view_wrap(view, LS_ROLE_TEXT, ui->verdict.safety);
}

/* The verdict, and below it what is missing, or what waits. */
void view_small(struct view view)
{
    char waits[LS_WHY_BYTES];
    const struct ls_span span = ls_rect_line(view.area, draw_small_verdict(view), 0);
    stray_blind_words(view.ui, waits, sizeof waits);
    if (waits[0] != '\0') {
        (void)ls_grid_text(view.grid, span, LS_ROLE_STALE, waits);
    } else {
        (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "needs %dx%d, has %dx%d",
                             COLUMNS_LEAST, ROWS_LEAST, view.area.columns, view.area.rows);
    }
}
