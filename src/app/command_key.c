#include "command.h"

#include "lockstep/base/base58.h"
#include "lockstep/config/mac_key.h"
#include "lockstep/host/key_file.h"
#include "lockstep/report/out.h"

static enum ls_exit print_address(const struct ls_address *address)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(address, text);
    return ls_out_line(text);
}

enum ls_exit command_key_new(const struct command_call *call)
{
    struct ls_address address;
    struct ls_why why = {0};
    const ls_err err = ls_keypair_create(call->arguments->positional[0], &address, &why);
    if (ls_failed(err)) return ls_complain_err("key", err, &why);
    return print_address(&address);
}

enum ls_exit command_key_mac(const struct command_call *call)
{
    char id[LS_MAC_ID_BYTES];
    struct ls_why why = {0};
    const ls_err err = ls_mac_key_create(call->arguments->positional[0], id, &why);
    if (ls_failed(err)) return ls_complain_err("key", err, &why);
    return ls_out_line(id);
}

enum ls_exit command_key_show(const struct command_call *call)
{
    struct ls_keypair key = {0};
    struct ls_why why = {0};
    const ls_err err = ls_keypair_read(call->arguments->positional[0], &key, &why);
    if (ls_failed(err)) return ls_complain_err("key", err, &why);
    ls_keypair_done(&key);
    return print_address(&key.address);
}
