#include "command.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/cells/theme_check.h"
#include "lockstep/config/theme_file.h"
#include "lockstep/report/out.h"

enum { THEMES_MAX = 128, NUMBER_BYTES = 24 };

/* Names, each once, compiled in first. */
struct names {
    size_t count;
    char names[THEMES_MAX][LS_THEME_NAME_BYTES];
};

static void add_name(void *self, const char *name)
{
    struct names *names = self;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0) return;
    if (names->count == THEMES_MAX) return;
    (void)snprintf(names->names[names->count++], LS_THEME_NAME_BYTES, "%.31s", name);
}

static void find_names(const struct command_call *call, struct names *names)
{
    names->count = 0;
    for (size_t i = 0; i < call->arguments->count; i++)
        add_name(names, call->arguments->positional[i]);
    if (names->count > 0) return;
    for (size_t i = 0; ls_theme_builtin_name(i) != NULL; i++)
        add_name(names, ls_theme_builtin_name(i));
    ls_theme_files_each(add_name, names);
}

/* "4.93", or "-" when nothing was judged. */
static void centi_text(int32_t centi, char out[NUMBER_BYTES])
{
    if (centi == INT32_MAX) {
        memcpy(out, "-", 2);
    } else {
        (void)snprintf(out, NUMBER_BYTES, "%d.%02d", (int)(centi / 100), (int)(centi % 100));
    }
}

static void add_json(struct ls_buf *json,
                     const struct ls_theme_file *file,
                     const struct ls_theme_report *report,
                     const char *trouble)
{
    ls_out_json_comma(json);
    ls_buf_add_char(json, '{');
    ls_out_json_field(json, "name", file->name);
    ls_out_json_field(json, "path", file->path);
    if (trouble[0] != '\0') {
        ls_out_json_field(json, "trouble", trouble);
    } else {
        ls_out_json_number(json, "failures", report->failures);
        ls_out_json_number(json, "judged", report->judged);
        const struct {
            const char *name;
            int32_t centi;
        } numbers[] = {{"text_centi", report->text.centi},
                       {"line_centi", report->line.centi},
                       {"difference_centi", report->difference.centi}};
        for (size_t i = 0; i < 3; i++)
            if (numbers[i].centi != INT32_MAX)
                ls_out_json_number(json, numbers[i].name, numbers[i].centi);
    }
    ls_buf_add_char(json, '}');
}

static void add_row(struct ls_out_table *table,
                    const struct ls_theme_file *file,
                    const struct ls_theme_report *report,
                    const char *trouble)
{
    char text[NUMBER_BYTES], line[NUMBER_BYTES], difference[NUMBER_BYTES];
    centi_text(report->text.centi, text);
    centi_text(report->line.centi, line);
    centi_text(report->difference.centi, difference);
    ls_out_table_cell(table, file->name);
    ls_out_table_cell(table, text);
    ls_out_table_cell(table, line);
    ls_out_table_cell(table, difference);
    ls_out_table_cell(table, trouble[0] != '\0'      ? trouble
                             : report->judged == 0   ? "the terminal's own colours"
                             : report->failures > 0  ? "fails: see lockstep theme check"
                             : file->path[0] != '\0' ? file->path
                                                     : "built in");
}

enum ls_exit command_theme_list(const struct command_call *call)
{
    static const char *const titles[] = {"NAME", "TEXT", "LINES", "DIFFERENCE", "FROM"};
    const enum listing listing = database_listing(call);
    struct names names;
    struct ls_out_table table;
    struct listing_out out;
    find_names(call, &names);
    listing_out_init(&out, call);
    ls_out_table_init(&table, titles, 5, 1u << 4);
    for (size_t i = 0; i < names.count; i++) {
        struct ls_theme_file file = {0};
        struct ls_theme theme;
        struct ls_theme_report report = {0};
        struct ls_why why = {0};
        (void)snprintf(file.name, sizeof file.name, "%s", names.names[i]);
        if (!ls_failed(ls_theme_file_read(names.names[i], &file, &theme, &why)))
            ls_theme_check(&theme, &report);
        if (listing == LISTING_TABLE) {
            add_row(&table, &file, &report, why.text);
        } else {
            add_json(&out.json, &file, &report, why.text);
            listing_out_row(&out);
        }
    }
    if (listing != LISTING_TABLE) {
        ls_buf_done(&table.text);
        return listing_out_done(&out);
    }
    listing_out_drop(&out);
    table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
    return ls_out_table_done(&table);
}

struct complaints {
    struct ls_buf *out;
    const char *name;
};

static void add_complaint(void *self, const struct ls_theme_worst *pair, int32_t least_centi)
{
    struct complaints *complaints = self;
    char has[NUMBER_BYTES], least[NUMBER_BYTES];
    centi_text(pair->centi, has);
    centi_text(least_centi, least);
    const bool is_contrast = pair->over == LS_ROLE_TEXT || pair->over == LS_ROLE_SELECT ||
                             pair->over == LS_ROLE_DIALOG;
    if (is_contrast) {
        ls_buf_printf(complaints->out, "%s: %s on %s has a contrast of %s, less than %s\n",
                      complaints->name, ls_role_name(pair->role), ls_role_name(pair->over), has,
                      least);
    } else {
        ls_buf_printf(complaints->out, "%s: %s and %s differ by %s to %s eyes, less than %s\n",
                      complaints->name, ls_role_name(pair->role), ls_role_name(pair->over), has,
                      ls_vision_name(pair->vision), least);
    }
}

/* Judge one theme; false when it cannot be read or fails. */
static bool check_one(const char *name, struct ls_buf *out)
{
    struct ls_theme_file file = {0};
    struct ls_theme theme;
    struct ls_theme_report report;
    struct ls_why why = {0};
    if (ls_failed(ls_theme_file_read(name, &file, &theme, &why))) {
        ls_out_gated(out, why.text);
        ls_buf_add_char(out, '\n');
        return false;
    }
    ls_theme_check(&theme, &report);
    struct complaints complaints = {.out = out, .name = name};
    ls_theme_complaints(&theme, add_complaint, &complaints);
    if (report.failures == 0) {
        char text[NUMBER_BYTES], line[NUMBER_BYTES], difference[NUMBER_BYTES];
        centi_text(report.text.centi, text);
        centi_text(report.line.centi, line);
        centi_text(report.difference.centi, difference);
        if (report.judged == 0) {
            ls_buf_printf(out, "%s: ok, the terminal's own colours\n", name);
        } else {
            ls_buf_printf(out, "%s: ok, text %s:1, lines %s:1, difference %s\n", name, text,
                          line, difference);
        }
    }
    return report.failures == 0;
}

enum ls_exit command_theme_check(const struct command_call *call)
{
    struct names names;
    struct ls_buf out;
    bool is_good = true;
    find_names(call, &names);
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    for (size_t i = 0; i < names.count; i++)
        is_good = check_one(names.names[i], &out) && is_good;
    const enum ls_exit printed = ls_out_print(&out);
    if (printed != LS_EXIT_DONE) return printed;
    return is_good ? LS_EXIT_DONE : LS_EXIT_DIFFERENCE;
}

/* SGR of a style, where the output is a terminal that may be coloured. */
static void add_sample(struct ls_buf *out, const struct ls_style *style, const char *text)
{
    ls_buf_add_text(out, "\033[0");
    if ((style->attributes & LS_ATTRIBUTE_BOLD) != 0) ls_buf_add_text(out, ";1");
    if ((style->attributes & LS_ATTRIBUTE_DIM) != 0) ls_buf_add_text(out, ";2");
    if ((style->attributes & LS_ATTRIBUTE_ITALIC) != 0) ls_buf_add_text(out, ";3");
    if ((style->attributes & LS_ATTRIBUTE_UNDERLINE) != 0) ls_buf_add_text(out, ";4");
    if ((style->attributes & LS_ATTRIBUTE_REVERSE) != 0) ls_buf_add_text(out, ";7");
    if (style->foreground.of_256 >= 0)
        ls_buf_printf(out, ";38;5;%d", (int)style->foreground.of_256);
    if (style->background.of_256 >= 0)
        ls_buf_printf(out, ";48;5;%d", (int)style->background.of_256);
    ls_buf_printf(out, "m%s\033[0m", text);
}

static void color_text(const struct ls_color *color, char out[NUMBER_BYTES])
{
    if (color->of_256 == LS_COLOR_NONE) {
        memcpy(out, "-", 2);
    } else {
        (void)snprintf(out, NUMBER_BYTES, "%d", (int)color->of_256);
    }
}

enum ls_exit command_theme_show(const struct command_call *call)
{
    struct ls_theme_file file = {0};
    struct ls_theme theme;
    struct ls_why why = {0};
    struct ls_buf out;
    const ls_err err = ls_theme_file_read(call->arguments->positional[0], &file, &theme, &why);
    if (ls_failed(err)) return ls_complain_err("theme", err, &why);
    const bool is_colored = ls_out_is_colored();
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    for (int i = 0; i < LS_ROLE_COUNT; i++) {
        const struct ls_style style = ls_theme_style(&theme, (enum ls_role)i, LS_ROLE_TEXT);
        char front[NUMBER_BYTES], back[NUMBER_BYTES], sample[64];
        color_text(&style.foreground, front);
        color_text(&style.background, back);
        ls_buf_printf(&out, "%-18s %4s on %-4s", ls_role_name((enum ls_role)i), front, back);
        (void)snprintf(sample, sizeof sample, " %-40s ", "17 failed, 3 stuck. Oldest 41 min.");
        ls_buf_add_text(&out, "  ");
        if (is_colored) add_sample(&out, &style, sample);
        ls_buf_add_char(&out, '\n');
    }
    return ls_out_print(&out);
}
