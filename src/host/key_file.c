#include "lockstep/host/key_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define WHAT "key file"

void ls_process_harden(void)
{
    /* Neither can fail with these arguments; where a sandbox refuses them, the key's own
     * memory is still excluded from dumps by sodium_malloc. */
#if !defined(__SANITIZE_ADDRESS__) /* whose leak check attaches to its own process */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
}

void ls_keypair_done(struct ls_keypair *key)
{
    if (key->secret != NULL) sodium_free(key->secret); /* zeroes it */
    key->secret = NULL;
}

static ls_err check_status(const char *path, const struct stat *status, struct ls_why *why)
{
    if (!S_ISREG(status->st_mode)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: is no regular file; name the key file itself", path);
    }
    if (status->st_uid != geteuid() && status->st_uid != 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: belongs to another user; chown it to the user that runs lockstep",
                         path);
    }
    if ((status->st_mode & 077) != 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: others may read it (mode %04o); run: chmod 600 %s", path,
                         (unsigned)(status->st_mode & 07777), path);
    }
    if (status->st_size > LS_KEY_FILE_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: is no keypair (more than %d bytes); expected are 64 numbers in "
                         "brackets",
                         path, LS_KEY_FILE_BYTES_MAX);
    }
    return LS_OK;
}

static ls_err open_key(const char *path, int *fd_out, struct ls_why *why)
{
    struct stat status;
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        return ls_refuse(why, LS_CODE_NOT_FOUND, WHAT,
                         "%s: there is no such file; make one with: lockstep key new %s", path,
                         path);
    }
    if (fd < 0 && errno == ELOOP) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: is a symbolic link; name the key file itself", path);
    }
    if (fd < 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: cannot be opened; check its owner and mode", path);
    }
    const ls_err err = fstat(fd, &status) != 0 ? ls_refuse(why, LS_CODE_INVALID, WHAT,
                                                           "%s: cannot be examined", path)
                                               : check_status(path, &status, why);
    if (ls_failed(err)) {
        (void)close(fd); /* nothing was written */
        return err;
    }
    *fd_out = fd;
    return LS_OK;
}

/* The whole file into `text` of LS_KEY_FILE_BYTES_MAX + 1 guarded bytes, terminated. */
static bool read_all(int fd, char *text)
{
    size_t length = 0;
    while (length < LS_KEY_FILE_BYTES_MAX) {
        const ssize_t got = read(fd, text + length, LS_KEY_FILE_BYTES_MAX - length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) break;
        length += (size_t)got;
    }
    text[length] = '\0';
    return true;
}

ls_err ls_key_text_read(const char *path, char *text, struct ls_why *why)
{
    int fd = -1;
    LS_TRY(open_key(path, &fd, why));
    const bool is_read = read_all(fd, text);
    (void)close(fd); /* only read */
    if (is_read) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s: cannot be read", path);
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* One number 0..255 at `at`; the place behind it, NULL when there is none. */
static const char *read_byte(const char *at, uint8_t *out)
{
    unsigned number = 0;
    size_t digits = 0;
    for (; at[digits] >= '0' && at[digits] <= '9' && digits < 3; digits++) {
        number = number * 10 + (unsigned)(at[digits] - '0');
    }
    if (digits == 0 || number > 255) return NULL;
    *out = (uint8_t)number;
    return at + digits;
}

/* Own reader instead of a JSON library's, whose values would leave the secret in ordinary
 * memory. */
static bool parse_secret(const char *text, uint8_t *secret)
{
    const char *at = skip_blanks(text);
    if (*at != '[') return false;
    at++;
    for (size_t i = 0; i < LS_SECRET_BYTES; i++) {
        at = read_byte(skip_blanks(at), &secret[i]);
        if (at == NULL) return false;
        at = skip_blanks(at);
        if (*at != (i + 1 == LS_SECRET_BYTES ? ']' : ',')) return false;
        at++;
    }
    return *skip_blanks(at) == '\0';
}

static bool halves_match(const uint8_t *secret, uint8_t *scratch)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    if (crypto_sign_seed_keypair(public_key, scratch, secret) != 0) return false;
    return sodium_memcmp(public_key, secret + crypto_sign_SEEDBYTES, sizeof public_key) == 0;
}

static ls_err
read_secret(const char *path, int fd, char *text, uint8_t *secret, struct ls_why *why)
{
    if (!read_all(fd, text)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s: cannot be read", path);
    }
    if (!parse_secret(text, secret)) {
        return ls_refuse(
            why, LS_CODE_INVALID, WHAT,
            "%s: is no keypair; expected are 64 numbers from 0 to 255 in brackets, "
            "as lockstep key new writes them",
            path);
    }
    if (!halves_match(secret, (uint8_t *)text)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s: the public half does not belong to the secret half; the file is "
                         "damaged, restore it from a copy",
                         path);
    }
    return LS_OK;
}

ls_err ls_keypair_read(const char *path, struct ls_keypair *key_out, struct ls_why *why)
{
    assert(path != NULL && key_out != NULL);
    int fd = -1;
    LS_TRY(open_key(path, &fd, why));

    char *text = sodium_malloc(LS_KEY_FILE_BYTES_MAX + 1);
    uint8_t *secret = sodium_malloc(LS_SECRET_BYTES);
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    if (text != NULL && secret != NULL) err = read_secret(path, fd, text, secret, why);
    sodium_free(text);
    (void)close(fd); /* only read */
    if (ls_failed(err) || secret == NULL) {
        sodium_free(secret);
        return err;
    }
    memcpy(key_out->address.bytes, secret + crypto_sign_SEEDBYTES, LS_ADDRESS_BYTES);
    key_out->secret = secret;
    return LS_OK;
}

/* Write all of `text`; false with errno. */
static bool write_all(int fd, const char *text, size_t bytes)
{
    while (bytes > 0) {
        const ssize_t put = write(fd, text, bytes);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        text += put;
        bytes -= (size_t)put;
    }
    return fsync(fd) == 0;
}

static size_t format_secret(const uint8_t *secret, char *text, size_t text_bytes)
{
    size_t length = 0;
    for (size_t i = 0; i < LS_SECRET_BYTES; i++) {
        const int more = snprintf(text + length, text_bytes - length, "%c%u",
                                  i == 0 ? '[' : ',', (unsigned)secret[i]);
        assert(more > 0);
        length += (size_t)more;
    }
    text[length++] = ']';
    text[length++] = '\n';
    return length;
}

ls_err ls_key_text_create(const char *path, const char *text, size_t bytes, struct ls_why *why)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) {
        return ls_refuse(
            why, LS_CODE_REFUSED, WHAT,
            "%s: exists already and a key is never overwritten; choose another name", path);
    }
    if (fd < 0) {
        return ls_refuse(
            why, LS_CODE_INVALID, WHAT,
            "%s: cannot be created; check that its folder exists and may be written", path);
    }
    const bool is_written = write_all(fd, text, bytes);
    const bool is_closed = close(fd) == 0;
    if (is_written && is_closed) return LS_OK;
    (void)unlink(path); /* a half key is worse than none */
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s: cannot be written; is the disk full?",
                     path);
}

ls_err ls_keypair_create(const char *path, struct ls_address *address_out, struct ls_why *why)
{
    enum { TEXT_BYTES = LS_SECRET_BYTES * 4 + 8 };
    assert(path != NULL && address_out != NULL);
    uint8_t *secret = sodium_malloc(LS_SECRET_BYTES);
    char *text = sodium_malloc(TEXT_BYTES);
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    if (secret != NULL && text != NULL) {
        struct ls_address address;
        (void)crypto_sign_keypair(address.bytes, secret); /* always 0 */
        err = ls_key_text_create(path, text, format_secret(secret, text, TEXT_BYTES), why);
        if (!ls_failed(err)) *address_out = address;
    }
    sodium_free(secret);
    sodium_free(text);
    return err;
}
