#include "url.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

struct parts {
    char *scheme;
    char *host;
    char *port;
};

/* False when `url` is no URL with scheme and host. Frees nothing on failure: the caller
 * frees the parts either way. */
static bool split(CURLU *handle, const char *url, struct parts *parts_out)
{
    if (curl_url_set(handle, CURLUPART_URL, url, 0) != CURLUE_OK) return false;
    if (curl_url_get(handle, CURLUPART_SCHEME, &parts_out->scheme, 0) != CURLUE_OK)
        return false;
    if (curl_url_get(handle, CURLUPART_HOST, &parts_out->host, 0) != CURLUE_OK) return false;
    return curl_url_get(handle, CURLUPART_PORT, &parts_out->port, CURLU_DEFAULT_PORT) ==
           CURLUE_OK;
}

/* 127.0.0.0/8 only as four decimal numbers: "127.evil.example" is a name. */
static bool is_loopback(const char *host)
{
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0) return true;
    unsigned part[4];
    char rest;
    if (strspn(host, "0123456789.") != strlen(host)) return false;
    if (sscanf(host, "%3u.%3u.%3u.%3u%c", &part[0], &part[1], &part[2], &part[3], &rest) != 4)
        return false;
    return part[0] == 127;
}

static ls_err check(const struct parts *parts, bool *is_plain_out, struct ls_why *why)
{
    if (strcmp(parts->scheme, "https") == 0) {
        *is_plain_out = false;
        return LS_OK;
    }
    if (strcmp(parts->scheme, "http") != 0) {
        return ls_refuse(why, LS_CODE_INVALID, "ledger endpoint",
                         "endpoint %s: only https works here, not %s", parts->host,
                         parts->scheme);
    }
    if (!is_loopback(parts->host)) {
        return ls_refuse(why, LS_CODE_INVALID, "ledger endpoint",
                         "endpoint %s: http is for loopback alone; write https", parts->host);
    }
    *is_plain_out = true;
    return LS_OK;
}

ls_err ls_url_read(
    const char *url, char *name_out, size_t name_bytes, bool *is_plain_out, struct ls_why *why)
{
    assert(url != NULL);
    assert(name_bytes > 0);
    CURLU *handle = curl_url();
    if (handle == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "ledger endpoint");

    struct parts parts = {0};
    bool is_plain = false;
    ls_err err = split(handle, url, &parts)
                     ? check(&parts, &is_plain, why)
                     : ls_refuse(why, LS_CODE_INVALID, "ledger endpoint",
                                 "an endpoint is not a URL; write https://host/path");
    if (!ls_failed(err)) {
        (void)snprintf(name_out, name_bytes, "%s:%s", parts.host, parts.port);
        *is_plain_out = is_plain;
    }
    curl_free(parts.scheme);
    curl_free(parts.host);
    curl_free(parts.port);
    curl_url_cleanup(handle);
    return err;
}
