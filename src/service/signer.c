#include "lockstep/service/signer.h"

#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

#define WHAT "signer"

struct ls_file_signer {
    size_t count;
    struct ls_keypair keys[LS_SIGNERS_MAX];
};

void ls_file_signer_free(ls_file_signer *signer)
{
    if (signer == NULL) return;
    for (size_t i = 0; i < signer->count; i++) ls_keypair_done(&signer->keys[i]);
    free(signer);
}

static const struct ls_keypair *find(const ls_file_signer *signer,
                                     const struct ls_address *address)
{
    for (size_t i = 0; i < signer->count; i++) {
        if (ls_address_equal(&signer->keys[i].address, address)) return &signer->keys[i];
    }
    return NULL;
}

static ls_err add(ls_file_signer *signer, const char *path, struct ls_why *why)
{
    struct ls_keypair key = {0};
    LS_TRY(ls_keypair_read(path, &key, why));
    if (find(signer, &key.address) != NULL) {
        ls_keypair_done(&key);
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: another [signer] holds the same key; remove one of them", path);
    }
    signer->keys[signer->count++] = key;
    return LS_OK;
}

ls_err ls_file_signer_new(const struct ls_config *config,
                          ls_file_signer **signer_out,
                          struct ls_why *why)
{
    assert(config != NULL && signer_out != NULL);
    if (config->signer_count == 0) {
        return ls_refuse(why, LS_CODE_NOT_FOUND, WHAT,
                         "no key is configured; add [signer \"payer\"] with keypair = FILE");
    }
    ls_file_signer *signer = calloc(1, sizeof *signer);
    if (signer == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    for (size_t i = 0; i < config->signer_count; i++) {
        const ls_err err = add(signer, config->signers[i].keypair, why);
        if (!ls_failed(err)) continue;
        ls_file_signer_free(signer);
        return err;
    }
    *signer_out = signer;
    return LS_OK;
}

static struct ls_address payer(void *self)
{
    const ls_file_signer *signer = self;
    return signer->keys[0].address;
}

static size_t addresses(void *self, struct ls_address *addresses_out, size_t max)
{
    const ls_file_signer *signer = self;
    size_t count = 0;
    for (; count < signer->count && count < max; count++) {
        addresses_out[count] = signer->keys[count].address;
    }
    return count;
}

static bool holds(void *self, const struct ls_address *address)
{
    return find(self, address) != NULL;
}

static ls_err sign(void *self,
                   const struct ls_address *address,
                   const uint8_t *message,
                   size_t message_bytes,
                   struct ls_signature *signature_out)
{
    const struct ls_keypair *key = find(self, address);
    if (key == NULL) return LS_FAIL(LS_CODE_NOT_FOUND, 0, "sign");
    (void)crypto_sign_detached(signature_out->bytes, NULL, message, message_bytes,
                               key->secret); /* always 0 */
    return LS_OK;
}

struct ls_signer_port ls_file_signer_port(ls_file_signer *signer)
{
    return (struct ls_signer_port){
        .self = signer,
        .payer = payer,
        .addresses = addresses,
        .holds = holds,
        .sign = sign,
    };
}
