#include "lockstep/config/mac_key.h"

#include <string.h>

#include <sodium.h>

#include "lockstep/host/key_file.h"

#define WHAT "mac key"

enum { ID_BYTES = 8, HEX_BYTES = LS_MAC_KEY_BYTES * 2 };

static bool parse(const char *text, struct ls_mac_key *key, uint8_t *secret)
{
    const size_t id_bytes = strcspn(text, " \n");
    size_t bytes = 0;
    const char *end = NULL;
    if (id_bytes == 0 || id_bytes >= sizeof key->id || text[id_bytes] != ' ') return false;
    if (strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-") != id_bytes) return false;
    const char *hex = text + id_bytes + 1;
    if (strlen(hex) < HEX_BYTES) return false;
    if (sodium_hex2bin(secret, LS_MAC_KEY_BYTES, hex, HEX_BYTES, NULL, &bytes, &end) != 0)
        return false;
    if (bytes != LS_MAC_KEY_BYTES || strcspn(end, "\n") != 0) return false;
    memcpy(key->id, text, id_bytes);
    key->id[id_bytes] = '\0';
    return true;
}

static ls_err read_one(const char *path, struct ls_mac_key *key, struct ls_why *why)
{
    char *text = sodium_malloc(LS_KEY_FILE_BYTES_MAX + 1);
    uint8_t *secret = sodium_malloc(LS_MAC_KEY_BYTES);
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    if (text != NULL && secret != NULL) err = ls_key_text_read(path, text, why);
    if (!ls_failed(err) && !parse(text, key, secret)) {
        err = ls_refuse(why, LS_CODE_INVALID, WHAT,
                        "%s: is no mac key; expected is one line, a name and 64 hexadecimal "
                        "digits, as lockstep key mac writes it",
                        path);
    }
    sodium_free(text);
    if (err.code == LS_CODE_NOT_FOUND) {
        err = ls_refuse(why, LS_CODE_INVALID, WHAT,
                        "%s: there is no such file; make one with: lockstep key mac %s", path,
                        path);
    }
    if (ls_failed(err)) {
        sodium_free(secret);
        return err;
    }
    key->secret = secret;
    return LS_OK;
}

ls_err ls_mac_ring_read(const struct ls_config *config,
                        struct ls_mac_ring *ring_out,
                        struct ls_why *why)
{
    *ring_out = (struct ls_mac_ring){0};
    for (size_t i = 0; i < config->mac_key_count; i++) {
        struct ls_mac_key *key = &ring_out->keys[i];
        ls_err err = read_one(config->mac_keys[i], key, why);
        for (size_t before = 0; before < i && !ls_failed(err); before++) {
            if (strcmp(ring_out->keys[before].id, key->id) != 0) continue;
            err = ls_refuse(why, LS_CODE_INVALID, WHAT,
                            "%s: has the name %s of another mac_key_file; name each once",
                            config->mac_keys[i], key->id);
        }
        if (key->secret != NULL) ring_out->count++;
        if (ls_failed(err)) {
            ls_mac_ring_done(ring_out);
            return err;
        }
    }
    return LS_OK;
}

void ls_mac_ring_done(struct ls_mac_ring *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        sodium_free((void *)(uintptr_t)ring->keys[i].secret);
    *ring = (struct ls_mac_ring){0};
}

ls_err ls_mac_key_create(const char *path, char id_out[LS_MAC_ID_BYTES], struct ls_why *why)
{
    enum { TEXT_BYTES = 2 * ID_BYTES + 1 + HEX_BYTES + 2 };
    uint8_t id[ID_BYTES];
    uint8_t *secret = sodium_malloc(LS_MAC_KEY_BYTES);
    char *text = sodium_malloc(TEXT_BYTES);
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    if (secret != NULL && text != NULL) {
        randombytes_buf(id, sizeof id);
        randombytes_buf(secret, LS_MAC_KEY_BYTES);
        sodium_bin2hex(id_out, LS_MAC_ID_BYTES, id, sizeof id);
        memcpy(text, id_out, 2 * ID_BYTES);
        text[2 * ID_BYTES] = ' ';
        sodium_bin2hex(text + 2 * ID_BYTES + 1, HEX_BYTES + 1, secret, LS_MAC_KEY_BYTES);
        text[TEXT_BYTES - 2] = '\n';
        err = ls_key_text_create(path, text, TEXT_BYTES - 1, why);
    }
    sodium_free(secret);
    sodium_free(text);
    return err;
}
