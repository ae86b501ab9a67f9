/* `lockstep sim compare`: ours and other systems' rules on the same schedules. */
#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "command_sim_run.h"
#include "lockstep/report/out.h"

/* A million operations' share, to one decimal, as text. */
static void write_rate(int64_t count, int64_t ops, char *out, size_t out_bytes)
{
    const int64_t tenths = ops == 0 ? 0 : (count * 10000000 + ops / 2) / ops;
    (void)snprintf(out, out_bytes, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
}

static void add_rate(struct ls_buf *out, const char *name, int64_t count, int64_t ops)
{
    char rate[48];
    write_rate(count, ops, rate, sizeof rate);
    ls_out_json_comma(out);
    ls_buf_printf(out, "\"%s\":%s", name, rate);
}

static enum ls_exit print_json(const struct ls_compare_row *rows)
{
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    ls_buf_add_text(&out, "{\"policies\":[");
    for (int i = 0; i < LS_POLICY_COUNT; i++) {
        const struct ls_compare_row *row = &rows[i];
        ls_out_json_comma(&out);
        ls_buf_add_char(&out, '{');
        ls_out_json_field(&out, "policy", ls_policy_name((enum ls_policy)i));
        ls_out_json_field(&out, "rule", ls_policy_rule((enum ls_policy)i));
        ls_out_json_number(&out, "ops", row->ops);
        ls_out_json_number(&out, "duplicates", row->duplicates);
        ls_out_json_number(&out, "lost", row->lost);
        ls_out_json_number(&out, "misjudged", row->misjudged);
        add_rate(&out, "duplicates_per_million", row->duplicates, row->ops);
        add_rate(&out, "lost_per_million", row->lost, row->ops);
        add_rate(&out, "misjudged_per_million", row->misjudged, row->ops);
        ls_buf_add_char(&out, '}');
    }
    ls_buf_add_text(&out, "]}\n");
    return ls_out_print(&out);
}

static void add_cell(struct ls_out_table *table, int64_t count, int64_t ops)
{
    char rate[48];
    write_rate(count, ops, rate, sizeof rate);
    ls_out_table_cell(table, rate);
}

static enum ls_exit print_table(const struct ls_compare_row *rows)
{
    static const char *const titles[] = {"policy",        "operations",     "twice /million",
                                         "lost /million", "wrong /million", "rule"};
    struct ls_out_table table;
    ls_out_table_init(&table, titles, sizeof titles / sizeof titles[0], 1u << 5);
    for (int i = 0; i < LS_POLICY_COUNT; i++) {
        const struct ls_compare_row *row = &rows[i];
        ls_out_table_cell(&table, ls_policy_name((enum ls_policy)i));
        ls_out_table_number(&table, row->ops);
        add_cell(&table, row->duplicates, row->ops);
        add_cell(&table, row->lost, row->ops);
        add_cell(&table, row->misjudged, row->ops);
        ls_out_table_cell(&table, ls_policy_rule((enum ls_policy)i));
    }
    return ls_out_table_done(&table);
}

enum ls_exit command_sim_compare(const struct command_call *call)
{
    struct ls_campaign_options options = {0};
    struct ls_compare_row rows[LS_POLICY_COUNT];
    struct ls_why why = {0};
    ls_err err = sim_run_options(call->arguments, &options, &why);
    if (!ls_failed(err)) err = ls_compare_run(&options, rows, &why);
    if (ls_failed(err)) return ls_complain_err("sim compare", err, &why);

    const enum ls_exit shown =
        arguments_has(call->arguments, OPTION_JSON) ? print_json(rows) : print_table(rows);
    const struct ls_compare_row *ours = &rows[LS_POLICY_OURS];
    if (ours->duplicates == 0 && ours->lost == 0 && ours->misjudged == 0) return shown;
    ls_complain("sim compare",
                "ours landed something twice or lost it; lockstep sim run finds it");
    return LS_EXIT_DIFFERENCE;
}
