#include "sim_rpc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "lockstep/base/base58.h"

enum { MESSAGE_BYTES = 512 };

bool ls_sim_call_fail(
    struct ls_sim_call *call, int32_t code, const char *data, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t bytes = length < 0 ? 0 : (size_t)length;
    if (bytes >= sizeof message) bytes = sizeof message - 1;

    if (call->out->data != NULL) {
        call->out->length = call->mark;
        call->out->data[call->mark] = '\0';
    }
    ls_buf_printf(call->out,
                  "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":%" PRId32 ",\"message\":", code);
    ls_buf_add_json(call->out, message, bytes);
    if (data != NULL) {
        ls_buf_add_text(call->out, ",\"data\":");
        ls_buf_add_text(call->out, data);
    }
    ls_buf_add_char(call->out, '}');
    call->has_failed = true;
    return false;
}

const json_t *ls_sim_call_param(const struct ls_sim_call *call, size_t at)
{
    const json_t *value = call->params == NULL ? NULL : json_array_get(call->params, at);
    return json_is_null(value) ? NULL : value;
}

bool ls_sim_call_config(struct ls_sim_call *call, size_t at, const json_t **config_out)
{
    const json_t *value = ls_sim_call_param(call, at);
    if (value != NULL && !json_is_object(value)) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                "Invalid params: parameter %zu must be an object.", at + 1);
    }
    *config_out = value;
    return true;
}

static const char *text_param(struct ls_sim_call *call, size_t at)
{
    const json_t *value = ls_sim_call_param(call, at);
    if (json_is_string(value)) return json_string_value(value);
    if (value == NULL) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "`params` should have at least %zu argument(s)", at + 1);
    } else {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Invalid params: parameter %zu must be a string.", at + 1);
    }
    return NULL;
}

bool ls_sim_call_address(struct ls_sim_call *call, size_t at, struct ls_address *address_out)
{
    const char *text = text_param(call, at);
    if (text == NULL) return false;
    if (ls_address_parse(text, address_out)) return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "Invalid param: Invalid");
}

bool ls_sim_call_signature(struct ls_sim_call *call,
                           const json_t *value,
                           struct ls_signature *signature_out)
{
    if (json_is_string(value) && ls_signature_parse(json_string_value(value), signature_out))
        return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "Invalid param: Invalid");
}

bool ls_sim_call_integer(struct ls_sim_call *call, size_t at, int64_t *value_out)
{
    const json_t *value = ls_sim_call_param(call, at);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                "Invalid params: parameter %zu must be an unsigned integer.",
                                at + 1);
    }
    *value_out = json_integer_value(value);
    return true;
}

const char *ls_sim_call_text(struct ls_sim_call *call,
                             const json_t *config,
                             const char *name,
                             const char *fallback)
{
    const json_t *value = json_object_get(config, name);
    if (value == NULL || json_is_null(value)) return fallback;
    if (json_is_string(value)) return json_string_value(value);
    (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                           "Invalid params: `%s` must be a string.", name);
    return NULL;
}

bool ls_sim_call_flag(const json_t *config, const char *name)
{
    return json_is_true(json_object_get(config, name));
}

int32_t ls_sim_call_height(const struct ls_sim_call *call, enum ls_commitment commitment)
{
    return ls_sim_chain_height(call->ledger, call->endpoint, commitment);
}

int64_t ls_sim_call_slot(const struct ls_sim_call *call, int32_t height)
{
    return call->ledger->blocks[height].slot;
}

int64_t ls_sim_block_unix_s(const ls_sim_ledger *ledger, int32_t height)
{
    return LS_SIM_FIRST_UNIX_S + ledger->blocks[height].slot * ledger->options.slot_ms / 1000;
}

static bool parse_commitment(const char *text, enum ls_commitment *commitment_out)
{
    static const enum ls_commitment all[] = {LS_PROCESSED, LS_CONFIRMED, LS_FINALIZED};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(text, ls_commitment_name(all[i])) != 0) continue;
        *commitment_out = all[i];
        return true;
    }
    return false;
}

bool ls_sim_call_bank(struct ls_sim_call *call,
                      const json_t *config,
                      const char *name,
                      int32_t *height_out)
{
    const char *text = ls_sim_call_text(call, config, name, "finalized");
    enum ls_commitment commitment = LS_FINALIZED;
    if (text == NULL) return false;
    if (!parse_commitment(text, &commitment)) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                "Invalid params: unknown variant `%s`, expected one of "
                                "`processed`, `confirmed`, `finalized`.",
                                text);
    }
    int32_t height = ls_sim_call_height(call, commitment);
    const json_t *least = json_object_get(config, "minContextSlot");
    if (json_is_integer(least) && ls_sim_call_slot(call, height) < json_integer_value(least)) {
        char data[64];
        (void)snprintf(data, sizeof data, "{\"contextSlot\":%" PRId64 "}",
                       ls_sim_call_slot(call, height));
        return ls_sim_call_fail(call, LS_SIM_RPC_CONTEXT, data,
                                "Minimum context slot has not been reached");
    }
    *height_out = height;
    return true;
}

void ls_sim_call_context(struct ls_sim_call *call, int32_t height)
{
    ls_buf_printf(call->out,
                  "{\"context\":{\"apiVersion\":\"" LS_SIM_API_VERSION "\",\"slot\":%" PRId64
                  "},\"value\":",
                  ls_sim_call_slot(call, height));
}

enum ls_commitment ls_sim_call_level(const struct ls_sim_call *call, int32_t height)
{
    if (height <= ls_sim_call_height(call, LS_FINALIZED)) return LS_FINALIZED;
    if (height <= ls_sim_call_height(call, LS_CONFIRMED)) return LS_CONFIRMED;
    return LS_PROCESSED;
}

bool ls_sim_call_is_foreign(const struct ls_sim_call *call)
{
    const bool is_foreign = (call->ledger->faults.foreign_mask >> call->asked & 1u) != 0;
    if (is_foreign) ls_sim_fault_count(call->ledger, LS_SIM_FAULT_FOREIGN);
    return is_foreign;
}

bool ls_sim_call_denies(const struct ls_sim_call *call)
{
    const bool denies = (call->ledger->faults.deny_mask >> call->asked & 1u) != 0;
    if (denies) ls_sim_fault_count(call->ledger, LS_SIM_FAULT_DENY);
    return denies || ls_sim_call_is_foreign(call);
}

int64_t ls_sim_call_above(const struct ls_sim_call *call)
{
    enum { FOREIGN_HEIGHTS = 1000000 };
    return ls_sim_call_is_foreign(call) ? FOREIGN_HEIGHTS : 0;
}
