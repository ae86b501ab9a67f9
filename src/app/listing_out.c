#include "listing_out.h"

#include <stdio.h>

#include "lockstep/report/out.h"

enum { FLUSH_BYTES = 65536 };

void listing_out_init(struct listing_out *out, const struct command_call *call)
{
    *out = (struct listing_out){.listing = database_listing(call)};
    ls_buf_init(&out->json, LS_OUT_BYTES_MAX);
    ls_buf_init(&out->lines, LS_OUT_BYTES_MAX);
    if (out->listing == LISTING_JSON) ls_buf_add_char(&out->json, '[');
}

static void write_out(struct listing_out *out, struct ls_buf *from)
{
    const bool is_whole = from->code == LS_CODE_OK;
    const size_t put = from->length == 0 ? 0 : fwrite(from->data, 1, from->length, stdout);
    if (!is_whole || put != from->length) out->is_bad = true;
    ls_buf_reset(from);
}

void listing_out_sample(struct listing_out *out, const char *object)
{
    if (out->listing != LISTING_CSV || out->has_head) return;
    if (ls_failed(ls_csv_init(&out->csv, object))) out->is_bad = true;
    ls_csv_head(&out->csv, &out->lines);
    out->has_head = true;
}

void listing_out_row(struct listing_out *out)
{
    if (out->listing == LISTING_JSONL) {
        ls_buf_add_char(&out->json, '\n');
        if (out->json.length >= FLUSH_BYTES) write_out(out, &out->json);
    } else if (out->listing == LISTING_CSV) {
        const char *object = ls_buf_text(&out->json);
        listing_out_sample(out, object);
        if (ls_failed(ls_csv_row(&out->csv, object, &out->lines))) out->is_bad = true;
        ls_buf_reset(&out->json);
        if (out->lines.length >= FLUSH_BYTES) write_out(out, &out->lines);
    }
}

enum ls_exit listing_out_done(struct listing_out *out)
{
    if (out->listing == LISTING_JSON) ls_buf_add_text(&out->json, "]\n");
    if (out->listing != LISTING_CSV) write_out(out, &out->json);
    write_out(out, &out->lines);
    if (fflush(stdout) != 0) out->is_bad = true;
    const bool is_bad = out->is_bad;
    listing_out_drop(out);
    return is_bad ? LS_EXIT_FAILED : LS_EXIT_DONE;
}

void listing_out_drop(struct listing_out *out)
{
    ls_buf_done(&out->json);
    ls_buf_done(&out->lines);
}
