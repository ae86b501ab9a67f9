#include "lockstep/solana/rpc_error.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Sources: Agave's rpc-client-api custom_error.rs for the JSON-RPC codes, the SDK's
 * TransactionError for the names; what each says about an attempt is this table's own
 * judgement. A code or name that is not here is X. */
struct code_row {
    int64_t code;
    enum ls_rpc_class rpc_class;
    const char *sentence;
};
struct name_row {
    const char *name;
    enum ls_rpc_class rpc_class;
    const char *sentence;
};

static const struct code_row code_rows[] = {
    /* -32002 is judged by the transaction error in its data; this row is for none. */
    {-32002, LS_CLASS_AMBIGUOUS, "the endpoint's simulation refused it without saying why"},
    {-32005, LS_CLASS_ELSEWHERE, "the endpoint is behind or limits our rate"},
    {-32016, LS_CLASS_ELSEWHERE, "the endpoint has not reached the slot that was asked for"},
    {-32003, LS_CLASS_PERMANENT, "the endpoint refused a signature of the transaction"},
    {-32006, LS_CLASS_PERMANENT, "a signature check inside the transaction failed"},
    {-32013, LS_CLASS_PERMANENT, "the transaction has a wrong number of signatures"},
    {-32015, LS_CLASS_PERMANENT, "the endpoint does not take this transaction version"},
    {-32602, LS_CLASS_PERMANENT, "the endpoint refused the parameters or the size"},
    {-32001, LS_CLASS_ELSEWHERE, "the endpoint has cleaned up that block"},
    {-32004, LS_CLASS_ELSEWHERE, "the endpoint does not have that block yet"},
    {-32007, LS_CLASS_ELSEWHERE, "the endpoint skipped that slot or lost it in a snapshot"},
    {-32009, LS_CLASS_ELSEWHERE, "the endpoint's history does not have that slot"},
    {-32011, LS_CLASS_ELSEWHERE, "the endpoint keeps no transaction history"},
    {-32014, LS_CLASS_ELSEWHERE, "the endpoint does not have that block's status yet"},
    {-32019, LS_CLASS_ELSEWHERE, "the endpoint's history store does not answer"},
    {-32008, LS_CLASS_ELSEWHERE, "the endpoint has no snapshot"},
    {-32010, LS_CLASS_ELSEWHERE, "the endpoint does not index that key"},
    {-32012, LS_CLASS_ELSEWHERE, "the endpoint failed while it scanned accounts"},
    {-32017, LS_CLASS_ELSEWHERE, "the endpoint is inside an epoch's reward period"},
    {-32018, LS_CLASS_ELSEWHERE, "that slot does not begin an epoch"},
    {-32603, LS_CLASS_AMBIGUOUS, "the endpoint had an internal error"},
};

static const struct name_row name_rows[] = {
    {"AlreadyProcessed", LS_CLASS_LANDED, "the ledger has already processed it"},
    {"BlockhashNotFound", LS_CLASS_AMBIGUOUS, "the node does not know its blockhash"},
    {"AccountInUse", LS_CLASS_TRANSIENT, "an account is locked by another transaction"},
    {"WouldExceedMaxBlockCostLimit", LS_CLASS_TRANSIENT, "the block is full"},
    {"WouldExceedMaxAccountCostLimit", LS_CLASS_TRANSIENT, "an account is used too much"},
    {"WouldExceedMaxVoteCostLimit", LS_CLASS_TRANSIENT, "the block is full of votes"},
    {"WouldExceedAccountDataBlockLimit", LS_CLASS_TRANSIENT, "the block allocates too much"},
    {"WouldExceedAccountDataTotalLimit", LS_CLASS_TRANSIENT, "the ledger allocates too much"},
    {"ClusterMaintenance", LS_CLASS_TRANSIENT, "the cluster is in maintenance"},
    {"ProgramCacheHitMaxLimit", LS_CLASS_TRANSIENT, "the node's program cache is full"},
    {"ProgramExecutionTemporarilyRestricted", LS_CLASS_TRANSIENT,
     "the program may not run for now"},
    {"ResanitizationNeeded", LS_CLASS_TRANSIENT, "the node must check it again"},
    {"CommitCancelled", LS_CLASS_TRANSIENT, "the node gave up its block"},
    {"InsufficientFundsForFee", LS_CLASS_FUNDS, "the payer cannot pay the fee"},
    {"AccountNotFound", LS_CLASS_FUNDS, "the payer has no account yet: fund it"},
    {"InsufficientFundsForRent", LS_CLASS_FUNDS,
     "an account would fall below its rent exemption"},
    {"InvalidRentPayingAccount", LS_CLASS_FUNDS, "an account would have to pay rent"},
    {"MaxLoadedAccountsDataSizeExceeded", LS_CLASS_PERMANENT, "it loads too much account data"},
    {"InstructionError", LS_CLASS_PERMANENT, "an instruction failed"},
    {"AccountLoadedTwice", LS_CLASS_PERMANENT, "it names an account twice"},
    {"ProgramAccountNotFound", LS_CLASS_PERMANENT, "it calls a program that does not exist"},
    {"InvalidProgramForExecution", LS_CLASS_PERMANENT, "it calls what is not a program"},
    {"InvalidAccountForFee", LS_CLASS_PERMANENT, "the payer's account may not pay fees"},
    {"SignatureFailure", LS_CLASS_PERMANENT, "a signature does not match"},
    {"SanitizeFailure", LS_CLASS_PERMANENT, "it is malformed"},
    {"UnsupportedVersion", LS_CLASS_PERMANENT, "its version is not supported"},
    {"InvalidWritableAccount", LS_CLASS_PERMANENT, "it writes an account that it may not"},
    {"TooManyAccountLocks", LS_CLASS_PERMANENT, "it locks too many accounts"},
    {"MissingSignatureForFee", LS_CLASS_PERMANENT, "the payer did not sign"},
    {"InvalidAccountIndex", LS_CLASS_PERMANENT, "it names an account that it does not list"},
    {"DuplicateInstruction", LS_CLASS_PERMANENT, "it holds an instruction twice"},
    {"UnbalancedTransaction", LS_CLASS_PERMANENT, "lamports in and out differ"},
    {"CallChainTooDeep", LS_CLASS_PERMANENT, "its programs call each other too deep"},
    {"InvalidLoadedAccountsDataSizeLimit", LS_CLASS_PERMANENT, "its data limit is not valid"},
    {"AddressLookupTableNotFound", LS_CLASS_PERMANENT, "its lookup table does not exist"},
    {"InvalidAddressLookupTableOwner", LS_CLASS_PERMANENT, "its lookup table is not one"},
    {"InvalidAddressLookupTableData", LS_CLASS_PERMANENT, "its lookup table is malformed"},
    {"InvalidAddressLookupTableIndex", LS_CLASS_PERMANENT, "its lookup table is too short"},
};

/* Custom errors of the programs that operations use. */
struct custom_row {
    const char *program;
    uint32_t custom;
    const char *name; /* as the program's own source has it */
    const char *sentence;
};
static const struct custom_row custom_rows[] = {
    {"system", 0, "AccountAlreadyInUse", "an account with that address is already in use"},
    {"system", 1, "ResultWithNegativeLamports", "the payer has too few lamports"},
    {"system", 2, "InvalidProgramId", "the program may not own the account"},
    {"system", 3, "InvalidAccountDataLength", "the account would be too large"},
    {"system", 4, "MaxSeedLengthExceeded", "the seed is too long"},
    {"system", 5, "AddressWithSeedMismatch", "the address does not follow from base and seed"},
    {"system", 6, "NonceNoRecentBlockhashes", "the ledger has no recent blockhash"},
    {"system", 7, "NonceBlockhashNotExpired", "the nonce moved in this block already"},
    {"system", 8, "NonceUnexpectedBlockhashValue", "the nonce has another value"},
    {"token", 0, "NotRentExempt", "the account is not rent exempt"},
    {"token", 1, "InsufficientFunds", "the token account has too little"},
    {"token", 2, "InvalidMint", "the mint is not valid"},
    {"token", 3, "MintMismatch", "the token account belongs to another mint"},
    {"token", 4, "OwnerMismatch", "the owner does not match"},
    {"token", 5, "FixedSupply", "the mint's supply is fixed"},
    {"token", 6, "AlreadyInUse", "the account is already in use"},
    {"token", 9, "UninitializedState", "the account is not initialized"},
    {"token", 13, "InvalidState", "the account is in a state that forbids this"},
    {"token", 14, "Overflow", "the amount overflows"},
    {"token", 15, "AuthorityTypeNotSupported", "the account has no such authority"},
    {"token", 17, "AccountFrozen", "the token account is frozen"},
    {"token", 18, "MintDecimalsMismatch", "the decimals do not match the mint's"},
    /* Token-2022 has the Token program's own up to 19, then those of its extensions. */
    {"token-2022", 22, "ExtensionAlreadyInitialized", "the extension is initialized already"},
    {"token-2022", 31, "MintRequiredForTransfer",
     "the mint charges a fee or calls a hook on transfers, which lockstep does not carry out"},
    {"token-2022", 36, "NoMemo", "the receiving account demands a memo before each transfer"},
    {"token-2022", 37, "NonTransferable", "tokens of this mint cannot be transferred"},
    {"ata", 0, "InvalidOwner", "the associated account has another owner"},
};

#define COUNT(rows_) (sizeof(rows_) / sizeof((rows_)[0]))

static const struct code_row *find_code(int64_t code)
{
    for (size_t i = 0; i < COUNT(code_rows); i++)
        if (code_rows[i].code == code) return &code_rows[i];
    return NULL;
}

static const struct name_row *find_name(const char *name)
{
    for (size_t i = 0; i < COUNT(name_rows); i++)
        if (strcmp(name_rows[i].name, name) == 0) return &name_rows[i];
    return NULL;
}

static const struct custom_row *find_custom(const char *program, uint32_t custom)
{
    enum { TOKEN_SHARED_MAX = 19 };
    const bool is_shared = custom <= TOKEN_SHARED_MAX && strcmp(program, "token-2022") == 0;
    const char *whose = is_shared ? "token" : program;
    for (size_t i = 0; i < COUNT(custom_rows); i++) {
        if (custom_rows[i].custom == custom && strcmp(custom_rows[i].program, whose) == 0)
            return &custom_rows[i];
    }
    return NULL;
}

static const char *custom_sentence(const char *program, uint32_t custom)
{
    const struct custom_row *row = find_custom(program, custom);
    return row == NULL ? "an instruction failed" : row->sentence;
}

const char *ls_rpc_class_name(enum ls_rpc_class rpc_class)
{
    switch (rpc_class) {
    case LS_CLASS_LANDED: return "L";
    case LS_CLASS_TRANSIENT: return "T";
    case LS_CLASS_ELSEWHERE: return "E";
    case LS_CLASS_AMBIGUOUS: return "X";
    case LS_CLASS_FUNDS: return "H";
    case LS_CLASS_PERMANENT: return "P";
    }
    return "X";
}

enum ls_rpc_class ls_rpc_class_of_code(int64_t code)
{
    const struct code_row *row = find_code(code);
    return row == NULL ? LS_CLASS_AMBIGUOUS : row->rpc_class;
}

enum ls_rpc_class ls_rpc_class_of_transaction_error(const char *name)
{
    static const char instruction[] = "InstructionError:";
    assert(name != NULL);
    if (strncmp(name, instruction, sizeof instruction - 1) == 0) return LS_CLASS_PERMANENT;
    const struct name_row *row = find_name(name);
    return row == NULL ? LS_CLASS_AMBIGUOUS : row->rpc_class;
}

enum ls_rpc_class ls_rpc_class_of_http(int32_t status)
{
    switch (status) {
    case 429: return LS_CLASS_TRANSIENT;
    case 401:
    case 403:
    case 404:
    case 410: return LS_CLASS_ELSEWHERE;
    default: return LS_CLASS_AMBIGUOUS;
    }
}

static void explain_instruction(const struct ls_rpc_error *error,
                                const char *program,
                                char *out,
                                size_t out_bytes)
{
    static const struct {
        const char *name;
        const char *title;
    } programs[] = {{"token", "Token program"},
                    {"token-2022", "Token-2022 program"},
                    {"system", "System program"},
                    {"ata", "Associated Token Account program"},
                    {"memo", "Memo program"}};
    const char *title = NULL;
    for (size_t i = 0; i < COUNT(programs); i++) {
        if (program != NULL && strcmp(programs[i].name, program) == 0)
            title = programs[i].title;
    }

    if (error->has_custom && title != NULL) {
        (void)snprintf(out, out_bytes, "%s (%s error %u)",
                       custom_sentence(program, error->custom), title, error->custom);
    } else if (title != NULL) {
        (void)snprintf(out, out_bytes, "instruction %d failed in the %s: %s",
                       error->instruction + 1, title, error->name);
    } else {
        (void)snprintf(out, out_bytes, "instruction %d failed: %s", error->instruction + 1,
                       error->name);
    }
}

void ls_rpc_error_cause(const struct ls_rpc_error *error,
                        const char *program,
                        char *out,
                        size_t out_bytes)
{
    assert(out_bytes > 0);
    const struct custom_row *row = NULL;
    if (error->has_custom && program != NULL) row = find_custom(program, error->custom);
    if (row != NULL) {
        (void)snprintf(out, out_bytes, "%s:%s", program, row->name); /* cut by design */
    } else {
        (void)snprintf(out, out_bytes, "%s", error->name);
    }
}

void ls_rpc_error_explain(const struct ls_rpc_error *error,
                          const char *program,
                          char *out,
                          size_t out_bytes)
{
    assert(out_bytes > 0);
    if (error->has_instruction) {
        explain_instruction(error, program, out, out_bytes);
        return;
    }
    /* Cut by design, here and above. */
    const struct name_row *named = find_name(error->name);
    const struct code_row *coded = find_code(error->code);
    if (named != NULL) {
        (void)snprintf(out, out_bytes, "%s (%s)", named->sentence, error->name);
    } else if (coded != NULL) {
        (void)snprintf(out, out_bytes, "%s (%s)", coded->sentence, error->name);
    } else {
        (void)snprintf(out, out_bytes, "the endpoint's answer is not understood (%s)",
                       error->name);
    }
}
