#include "lockstep/solana/program.h"

#include <inttypes.h>
#include <string.h>

#include "lockstep/base/base58.h"

#include "sim_rpc.h"

enum { UNITS_AN_INSTRUCTION = 200000 };
#define LINE_BYTES_MAX  ((size_t)8 * LS_TX_BYTES_MAX)
#define MEMOS_BYTES_MAX ((size_t)2 * LS_TX_BYTES_MAX)

struct lines {
    struct ls_buf *out;
    struct ls_buf line;
    bool is_first;
};

static void end_line(struct lines *lines)
{
    if (!lines->is_first) ls_buf_add_char(lines->out, ',');
    lines->is_first = false;
    ls_buf_add_json(lines->out, ls_buf_text(&lines->line), lines->line.length);
    ls_buf_reset(&lines->line);
}

static void memo_lines(struct lines *lines,
                       const struct ls_tx_view *tx,
                       const struct ls_tx_view_instruction *instruction,
                       bool is_failed)
{
    for (size_t i = 0; i < instruction->account_count; i++) {
        size_t at = instruction->account_indexes[i];
        char text[LS_ADDRESS_TEXT_BYTES];
        ls_address_text(&tx->accounts[at], text);
        if (!ls_tx_view_is_signer(tx, at)) continue;
        ls_buf_printf(&lines->line, "Program log: Signed by %s", text);
        end_line(lines);
    }
    if (is_failed) return;
    ls_buf_printf(&lines->line, "Program log: Memo (len %zu): ", instruction->data_bytes);
    ls_buf_add_json(&lines->line, (const char *)instruction->data, instruction->data_bytes);
    end_line(lines);
}

static const char *token_name(const struct ls_tx_view_instruction *instruction)
{
    static const struct {
        uint8_t tag;
        const char *name;
    } names[] = {{3, "Transfer"},     {6, "SetAuthority"},     {7, "MintTo"},
                 {8, "Burn"},         {12, "TransferChecked"}, {14, "MintToChecked"},
                 {15, "BurnChecked"}, {20, "InitializeMint2"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (instruction->data_bytes > 0 && names[i].tag == instruction->data[0])
            return names[i].name;
    }
    return NULL;
}

static void program_lines(struct lines *lines,
                          const struct ls_tx_view *tx,
                          const struct ls_tx_view_instruction *instruction,
                          bool is_failed)
{
    const struct ls_address *program = &tx->accounts[instruction->program_index];
    const char *name = NULL;
    if (ls_address_equal(program, &LS_PROGRAM_MEMO)) {
        memo_lines(lines, tx, instruction, is_failed);
    } else if (ls_address_equal(program, &LS_PROGRAM_TOKEN) ||
               ls_address_equal(program, &LS_PROGRAM_TOKEN_2022)) {
        name = token_name(instruction);
        if (name != NULL) ls_buf_printf(&lines->line, "Program log: Instruction: %s", name);
    } else if (ls_address_equal(program, &LS_PROGRAM_ATA)) {
        bool is_plain = instruction->data_bytes == 0 || instruction->data[0] == 0;
        name = is_plain ? "Create" : "CreateIdempotent";
        ls_buf_printf(&lines->line, "Program log: %s", name);
    }
    if (name != NULL) end_line(lines);
}

static void instruction_lines(struct lines *lines,
                              const struct ls_tx_view *tx,
                              size_t at,
                              const struct ls_sim_outcome *failure,
                              uint32_t *budget)
{
    const struct ls_tx_view_instruction *instruction = &tx->instructions[at];
    const struct ls_sim_program *program =
        ls_sim_program_find(&tx->accounts[instruction->program_index]);
    if (program == NULL) return;
    char address[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(program->address, address);
    ls_buf_printf(&lines->line, "Program %s invoke [1]", address);
    end_line(lines);
    program_lines(lines, tx, instruction, failure != NULL);
    if (!program->is_builtin) {
        ls_buf_printf(&lines->line,
                      "Program %s consumed %" PRIu32 " of %" PRIu32 " compute units", address,
                      program->units, *budget);
        end_line(lines);
    }
    *budget -= program->units;
    if (failure == NULL) {
        ls_buf_printf(&lines->line, "Program %s success", address);
    } else {
        ls_buf_printf(&lines->line, "Program %s failed: ", address);
        ls_sim_outcome_text(*failure, &lines->line);
    }
    end_line(lines);
}

void ls_sim_logs_json(const struct ls_tx_view *tx,
                      const struct ls_sim_error *error,
                      struct ls_buf *out)
{
    bool has_run = error->code == LS_SIM_TX_OK || error->code == LS_SIM_TX_INSTRUCTION ||
                   (error->code == LS_SIM_TX_RENT && error->index > 0);
    uint32_t budget = (uint32_t)tx->instruction_count * UNITS_AN_INSTRUCTION;
    struct lines lines = {.out = out, .is_first = true};
    ls_buf_init(&lines.line, LINE_BYTES_MAX);
    ls_buf_add_char(out, '[');
    for (size_t i = 0; has_run && i < tx->instruction_count; i++) {
        bool is_failed = error->code == LS_SIM_TX_INSTRUCTION && error->index == i;
        instruction_lines(&lines, tx, i, is_failed ? &error->inner : NULL, &budget);
        if (is_failed) break;
    }
    ls_buf_add_char(out, ']');
    ls_buf_done(&lines.line);
}

void ls_sim_memos_json(const struct ls_tx_view *tx, struct ls_buf *out)
{
    struct ls_buf text;
    ls_buf_init(&text, MEMOS_BYTES_MAX);
    size_t count = 0;
    for (size_t i = 0; i < tx->instruction_count; i++) {
        const struct ls_tx_view_instruction *instruction = &tx->instructions[i];
        if (!ls_address_equal(&tx->accounts[instruction->program_index], &LS_PROGRAM_MEMO))
            continue;
        ls_buf_printf(&text, "%s[%zu] ", count++ == 0 ? "" : "; ", instruction->data_bytes);
        ls_buf_add(&text, instruction->data, instruction->data_bytes);
    }
    if (count == 0) {
        ls_buf_add_text(out, "null");
    } else {
        ls_buf_add_json(out, ls_buf_text(&text), text.length);
    }
    ls_buf_done(&text);
}
