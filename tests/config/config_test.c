#include "lockstep/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/lockstep-config-test-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    const int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_bytes(const char *text, size_t bytes)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static struct ls_config read_good(const char *text)
{
    struct ls_config config;
    struct ls_why why = {0};
    write_bytes(text, strlen(text));
    const ls_err err = ls_config_read(path, &config, &why);
    if (ls_failed(err)) print_message("%s\n", why.text);
    assert_false(ls_failed(err));
    return config;
}

/* The file is refused at `line` (0: as a whole) with `part` in the sentence. */
static void refuses_bytes(const char *text, size_t bytes, int line, const char *part)
{
    struct ls_config config;
    struct ls_why why = {0};
    char place[128];
    config.batch = 77;
    write_bytes(text, bytes);
    assert_int_equal(ls_config_read(path, &config, &why).code, LS_CODE_INVALID);
    assert_int_equal(config.batch, 77);
    (void)snprintf(place, sizeof place, line == 0 ? "%s: " : "%s:%d: ", path, line);
    if (strstr(why.text, part) == NULL || strncmp(why.text, place, strlen(place)) != 0) {
        print_message("%s\n", why.text);
    }
    assert_int_equal(strncmp(why.text, place, strlen(place)), 0);
    assert_non_null(strstr(why.text, part));
}

static void refuses(const char *text, int line, const char *part)
{
    refuses_bytes(text, strlen(text), line, part);
}

static void an_empty_file_gives_the_defaults(void **state)
{
    (void)state;
    const struct ls_config config = read_good("");
    assert_string_equal(config.environment, "local");
    assert_int_equal(config.endpoint_count, 0);
    assert_int_equal(config.lease_ms, 30000);
    assert_int_equal(config.refresh_ms, 1000);
    assert_string_equal(config.path, path);
}

static void every_key_is_read(void **state)
{
    (void)state;
    const struct ls_config config =
        read_good("; a comment\n"
                  "# another\n"
                  "[environment]\nname = prod-eu ; in the header\n"
                  "[database]\nurl = postgresql:///app?service=app\n"
                  "[ledger]\ncluster = devnet\n"
                  "genesis = EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG\n"
                  "endpoint = https://one.example\n"
                  "endpoint = https://two.example\n"
                  "calls_per_second = 40\nbehind_slots = 20\n"
                  "[fees]\nprice = 5000\npercentile = 90\ncap = 20000\nbump = 100\n"
                  "unit_margin = 30\nsimulate = off\n"
                  "[kind \"memo\"]\nprice = off\n[kind \"event\"]\nprice = auto\n"
                  "[signer \"payer\"]\nkeypair = /etc/payer.json\n"
                  "[signer \"custody\"]\nkeypair=/etc/custody.json\n"
                  "[worker]\nurl = postgresql:///app?user=w\n"
                  "batch = 100\nin_flight_max = 500\n"
                  "lease = 1m\nheartbeat = 10s\n"
                  "[alert]\ndesktop = off\n"
                  "[alert \"age\"]\nwarning = 30s\ncritical = 5m\n"
                  "[alert \"balance\"]\nwarning = 0.5sol\n"
                  "critical = off\n"
                  "[ui]\ntheme = mono\nrefresh = 500ms\ntime = utc\n"
                  "[log]\nfile = /tmp/x.log\nlevel = debug\n");

    assert_string_equal(config.environment, "prod-eu");
    assert_string_equal(config.database_url, "postgresql:///app?service=app");
    assert_string_equal(config.cluster, "devnet");
    assert_true(config.has_genesis);
    assert_int_equal(config.genesis.bytes[0], 206);
    assert_int_equal(config.endpoint_count, 2);
    assert_string_equal(config.endpoints[1], "https://two.example");
    assert_int_equal(config.calls_per_second, 40);
    assert_int_equal(config.behind_slots, 20);
    assert_int_equal(config.fee_price, 5000);
    assert_int_equal(config.fee_percentile, 90);
    assert_int_equal(config.fee_cap, 20000);
    assert_int_equal(config.fee_bump, 100);
    assert_int_equal(config.unit_margin, 30);
    assert_int_equal(config.simulate, LS_SWITCH_OFF);
    assert_true(config.kinds[LS_KIND_MEMO].has_price);
    assert_int_equal(config.kinds[LS_KIND_MEMO].price, 0);
    assert_int_equal(config.kinds[LS_KIND_EVENT].price, -1);
    assert_false(config.kinds[LS_KIND_SOL_TRANSFER].has_price);
    assert_int_equal(config.signer_count, 2);
    assert_string_equal(config.signers[0].name, "payer");
    assert_string_equal(config.signers[1].keypair, "/etc/custody.json");
    assert_string_equal(ls_config_worker_url(&config), "postgresql:///app?user=w");
    assert_int_equal(config.batch, 100);
    assert_int_equal(config.in_flight_max, 500);
    assert_int_equal(config.lease_ms, 60000);
    assert_int_equal(config.heartbeat_ms, 10000);
    assert_int_equal(config.desktop, LS_SWITCH_OFF);
    assert_int_equal(config.rules.thresholds[LS_RULE_AGE].warning, 30000);
    assert_int_equal(config.rules.thresholds[LS_RULE_AGE].critical, 300000);
    assert_int_equal(config.rules.thresholds[LS_RULE_BALANCE].warning, 500000000);
    assert_int_equal(config.rules.thresholds[LS_RULE_BALANCE].critical, -1);
    assert_string_equal(config.theme, "mono");
    assert_int_equal(config.refresh_ms, 500);
    assert_int_equal(config.time, LS_TIME_UTC);
    assert_string_equal(config.log_file, "/tmp/x.log");
    assert_int_equal(config.log_level, LS_LEVEL_DEBUG);
}

static void the_worker_uses_the_database_url_where_it_has_none(void **state)
{
    (void)state;
    const struct ls_config config = read_good("[database]\r\nurl = postgresql:///app\r\n");
    assert_string_equal(ls_config_worker_url(&config), "postgresql:///app");
}

static void an_unknown_name_is_refused_with_the_nearest(void **state)
{
    (void)state;
    refuses("[database]\nulr = x\n", 2, "unknown key ulr in [database]; did you mean url?");
    refuses("\n[databse]\n", 2, "unknown section [databse]; did you mean [database]?");
    refuses("[xyzzy]\n", 1, "unknown section [xyzzy]; known are");
    refuses("[alert \"agee\"]\n", 1, "did you mean \"age\"?");
    refuses("[ui]\nwallpaper = x\n", 2, "unknown key wallpaper in [ui]");
}

static void a_kind_s_section_sets_that_kind_alone(void **state)
{
    (void)state;
    const struct ls_config config =
        read_good("[kind \"memo\"]\nmax_attempts = 5\nstuck_after = 2m\n"
                  "[kind \"event\"]\nmax_attempts = 7\n");

    assert_int_equal(config.kinds[LS_KIND_MEMO].max_attempts, 5);
    assert_int_equal(config.kinds[LS_KIND_MEMO].stuck_after_ms, 120000);
    assert_int_equal(config.kinds[LS_KIND_EVENT].max_attempts, 7);
    assert_int_equal(config.kinds[LS_KIND_EVENT].stuck_after_ms, 0);
    assert_int_equal(config.kinds[LS_KIND_TOKEN_BURN].max_attempts, 0);
    assert_int_equal(config.kinds[LS_KIND_EVENT].pack, LS_SWITCH_AUTO);
    const struct ls_config packing =
        read_good("[kind \"memo\"]\npack = off\n[kind \"sol.transfer\"]\npack = on\n");
    assert_int_equal(packing.kinds[LS_KIND_MEMO].pack, LS_SWITCH_OFF);
    assert_int_equal(packing.kinds[LS_KIND_SOL_TRANSFER].pack, LS_SWITCH_ON);
    refuses("[kind \"memo\"]\npack = auto\n", 2, "pack");
    refuses("[kind \"memo\"]\npack = on\npack = off\n", 3, "stands twice");
    refuses("[kind \"mint\"]\n", 1, "mint is no kind; use one of memo, event");
    assert_false(config.kinds[LS_KIND_MEMO].has_fence);
    assert_false(config.kinds[LS_KIND_MEMO].has_value_limit);
    const struct ls_config fenced =
        read_good("[kind \"memo\"]\nfence = marker\nvalue_limit = off\n"
                  "[kind \"event\"]\nfence = expiry\nvalue_limit = 1000000\n");
    assert_true(fenced.kinds[LS_KIND_MEMO].has_fence);
    assert_int_equal(fenced.kinds[LS_KIND_MEMO].fence, LS_FENCE_MARKER);
    assert_true(fenced.kinds[LS_KIND_MEMO].has_value_limit);
    assert_int_equal(fenced.kinds[LS_KIND_MEMO].value_limit, -1);
    assert_true(fenced.kinds[LS_KIND_EVENT].has_fence);
    assert_int_equal(fenced.kinds[LS_KIND_EVENT].value_limit, 1000000);
    refuses("[kind \"memo\"]\nfence = wall\n", 2, "is not one of: expiry, nonce, marker");
    refuses("[kind \"memo\"]\nfence = nonce\nfence = expiry\n", 3, "stands twice");
    refuses("[kind \"memo\"]\nvalue_limit = much\n", 2, "value_limit = much");
    refuses("[kind \"memo\"]\nvalue_limit = 0\nvalue_limit = 1\n", 3, "stands twice");
    refuses("[kind \"memo\"]\nmax_attempts = 0\n", 2, "from 1 to 1000");
    refuses("[kind \"memo\"]\nmax_attempts = 5\nmax_attempts = 6\n", 3, "stands twice");
}

static void keys_of_later_versions_are_refused_not_ignored(void **state)
{
    (void)state;
    refuses("[alert]\nwebhook = https://x\n", 2, "does not carry out webhook");
}

static void a_wrong_value_is_named_with_what_is_allowed(void **state)
{
    (void)state;
    refuses("[worker]\nbatch = many\n", 2, "batch = many is not a whole number from 1 to 1000");
    refuses("[worker]\nbatch = 1001\n", 2, "from 1 to 1000");
    refuses("[worker]\nlease = soon\n", 2, "lease = soon is no duration");
    refuses("[worker]\nlease = 1ms\n", 2, "out of range");
    refuses("[ui]\ntime = never\n", 2, "not one of: relative, local, utc");
    refuses("[ledger]\ncluster = mainnet\n", 2, "mainnet-beta");
    refuses("[ledger]\ngenesis = mainnet\n", 2, "genesis 'mainnet' is no hash in base58");
    refuses("[database]\nurl =\n", 2, "url is empty");
    refuses("[alert \"balance\"]\nwarning = 1.0000000001sol\n", 2, "is no amount");
    refuses("[alert \"depth\"]\nwarning = 5m\n", 2, "is not a whole number");
    refuses("[alert]\nwarning = 5m\n", 2, "stands in a rule's section");
}

static void a_broken_line_is_named(void **state)
{
    (void)state;
    refuses("[ui]\nnonsense\n", 2, "neither a [section] nor key = value");
    refuses("name = x\n", 1, "before the first [section]");
    refuses("[ui\n", 1, "closing ]");
    refuses("[ui] x\n", 1, "text after a section's ]");
    refuses("[ui]\n  theme = dark\n", 2, "begins with a blank");
    refuses("[ui]\n= dark\n", 2, "a value without a key");
    refuses("[]\n", 1, "is no section");
    refuses("[ui \"x\"]\n", 1, "takes no name");
    refuses("[signer]\n", 1, "needs a name; write [signer \"payer\"]");
    refuses("[signer \"a]\n", 1, "is no section");
    refuses("[signer \"a\"]\nkeypair = x\n[signer \"a\"]\n", 3, "stands twice");
    refuses("[ui]\ntheme = \x1b[31m\n", 2, "control character");
    refuses_bytes("[ui]\nth\0me = dark\n", 17, 2, "not text");
}

static void a_long_line_is_refused_not_cut(void **state)
{
    (void)state;
    char text[600] = "[database]\nurl = ";
    memset(text + 17, 'x', 400);
    text[417] = '\n';
    refuses_bytes(text, 418, 2, "longer than 194 bytes");
}

static void the_longest_line_is_read_whole(void **state)
{
    (void)state;
    char text[600] = "[database]\nurl = ";
    memset(text + 17, 'x', LS_CONFIG_LINE_BYTES_MAX - 7);
    memcpy(text + 17 + LS_CONFIG_LINE_BYTES_MAX - 7, "\n", 2);
    const struct ls_config config = read_good(text);
    assert_int_equal(strlen(config.database_url), LS_CONFIG_LINE_BYTES_MAX - 7);
}

static void what_does_not_fit_together_is_refused(void **state)
{
    (void)state;
    refuses("[signer \"payer\"]\n", 0, "has no keypair");
    refuses("[worker]\nlease = 5s\nheartbeat = 4s\n", 3,
            "lease is less than twice [worker] heartbeat");
    refuses("[alert \"age\"]\nwarning = 10m\ncritical = 1m\n", 0, "critical is lower");
    refuses("[alert \"age\"]\nwarning = 10m\n", 0, "critical is lower than warning");
    refuses("[alert \"balance\"]\nwarning = 1sol\ncritical = 2sol\n", 0,
            "critical is higher than warning");
    (void)read_good("[alert \"age\"]\nwarning = 10m\ncritical = off\n");
    refuses("[retention]\nkeys = 90d\n", 2,
            "[retention] keys is less than [retention] history");
    refuses("[retention]\nmarkers = 900d\n", 2, "keys is less than [retention] markers");
    refuses("[retention]\nhistory = 30d\nkeys = 90d\n", 2,
            "history is less than [retention] markers");
    refuses("[retention]\nmarkers = 90d\nkeys = 900d\nhistory = 89d\n", 4,
            "raise history or lower markers");
    refuses("[worker]\nbackup_horizon = 100d\n", 2,
            "markers is less than [worker] backup_horizon");
    refuses("[retention]\nmarkers = 3d\n[worker]\nbackup_horizon = 4d\n", 4,
            "could land again once its marker is gone");
    refuses("[retention]\nkeys = 801d\nhistory = 30h\n", 3, "whole days");
    refuses("[retention]\nhistory = 1h\n", 2, "out of range");
    refuses("[retention]\noutcomes = 0\n", 2, "is not a whole number from");
    (void)read_good("[retention]\nhistory = 30d\nkeys = 90d\nmarkers = 30d\noutcomes = 5000\n");
    refuses("[worker]\nkinds = memo, burn\n", 2, "burn is no kind; use all, or some of memo,");
    refuses("[worker]\nkinds =\n", 2, "no kind is named");
    refuses("[worker]\nkinds = memo\nkinds = event\n", 3, "stands twice");
    assert_int_equal(read_good("[worker]\nkinds = memo, event\n").works_on,
                     1u << LS_KIND_MEMO | 1u << LS_KIND_EVENT);
    assert_int_equal(read_good("[worker]\nkinds = all\n").works_on, 0);
    refuses("[fees]\nbump = 5000\ncap = 4999\n", 3, "cap is less than [fees] bump");
    (void)read_good("[fees]\ncap = 4999\n");
    refuses("[fees]\nbump_factor = 1\n", 2, "is not a whole number from");
    refuses("[fees]\nbump_after = 4\n", 2, "is not a whole number from");
    refuses("[fees]\nbumps = 5\n", 2, "is not a whole number from");
    refuses("[fees]\nbump_facto = 2\n", 2, "did you mean bump_factor?");
    const struct ls_config config =
        read_good("[fees]\nbump = 500\nbump_factor = 2\nbump_after = 60\nbumps = 4\n");
    assert_int_equal(config.fee_bump_factor, 2);
    assert_int_equal(config.bump_after, 60);
    assert_int_equal(config.bumps, 4);
}

static void a_key_that_stands_twice_is_refused_not_overridden(void **state)
{
    (void)state;
    refuses("[database]\nurl = a=b\nurl = c=d\n", 3, "url stands twice in [database]");
    refuses("[database]\nurl = a=b\n[worker]\nbatch = 5\n[database]\nurl = c=d\n", 6,
            "url stands twice in [database]");
    refuses("[signer \"p\"]\nkeypair = /a\nkeypair = /b\n", 3, "[signer \"p\"]");
    refuses("[alert \"age\"]\nwarning = 1s\n[alert \"age\"]\nwarning = 2s\n", 4,
            "warning stands twice in [alert \"age\"]");
    (void)read_good("[database]\nurl = a=b\n[worker]\nurl = c=d\n"
                    "[alert \"age\"]\nwarning = 1s\n[alert \"lag\"]\nwarning = 1s\n"
                    "[alert \"age\"]\ncritical = 2s\n");
}

static void a_byte_order_mark_is_named(void **state)
{
    (void)state;
    refuses("\xef\xbb\xbf[ui]\ntheme = dark\n", 1, "byte order mark");
}

static void maximums_hold(void **state)
{
    (void)state;
    char text[4096] = "[ledger]\n";
    size_t length = strlen(text);
    for (int i = 0; i < LS_ENDPOINTS_MAX; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "endpoint = https://e%d.example\n", i);
    }
    assert_int_equal(read_good(text).endpoint_count, LS_ENDPOINTS_MAX);
    (void)snprintf(text + length, sizeof text - length, "endpoint = https://more.example\n");
    refuses(text, LS_ENDPOINTS_MAX + 2, "more than 8 endpoints");
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;
    struct ls_config config;
    struct ls_why why = {0};
    assert_int_equal(ls_config_read("/nonexistent/lockstep.conf", &config, &why).code,
                     LS_CODE_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nonexistent/lockstep.conf: there is no such file"));
}

static void a_folder_is_no_configuration(void **state)
{
    (void)state;
    struct ls_config config;
    struct ls_why why = {0};
    assert_int_equal(ls_config_read("/tmp", &config, &why).code, LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "must be a regular file"));
}

static void lamports_are_read_in_both_forms(void **state)
{
    (void)state;
    int64_t lamports = 7;
    assert_true(ls_lamports_parse("5000000", &lamports));
    assert_int_equal(lamports, 5000000);
    assert_true(ls_lamports_parse("0.5sol", &lamports));
    assert_int_equal(lamports, 500000000);
    assert_true(ls_lamports_parse("2sol", &lamports));
    assert_int_equal(lamports, 2000000000);
    assert_true(ls_lamports_parse("1.000000001sol", &lamports));
    assert_int_equal(lamports, 1000000001);
    static const char *const wrong[] = {
        "",      "-1",   "1.5",    "sol",           ".5sol",
        "1.sol", "xsol", "1.xsol", "9223372037sol", "9223372036854775808"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        lamports = 7;
        assert_false(ls_lamports_parse(wrong[i], &lamports));
        assert_int_equal(lamports, 7);
    }
}

static void the_place_of_the_file_follows_the_environment(void **state)
{
    (void)state;
    char found[LS_CONFIG_PATH_BYTES];
    bool was_chosen = false;
    struct ls_why why = {0};
    assert_int_equal(setenv("LOCKSTEP_CONFIG", "/from/environment", 1), 0);
    assert_false(ls_failed(ls_config_find("/from/option", found, &was_chosen, &why)));
    assert_string_equal(found, "/from/option");
    assert_true(was_chosen);
    assert_false(ls_failed(ls_config_find(NULL, found, &was_chosen, &why)));
    assert_string_equal(found, "/from/environment");
    assert_int_equal(unsetenv("LOCKSTEP_CONFIG"), 0);
    assert_int_equal(setenv("XDG_CONFIG_HOME", "/nonexistent", 1), 0);
    assert_false(ls_failed(ls_config_find(NULL, found, &was_chosen, &why)));
    assert_string_equal(found, "/etc/lockstep/lockstep.conf");
    assert_false(was_chosen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gives_the_defaults),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(the_worker_uses_the_database_url_where_it_has_none),
        cmocka_unit_test(an_unknown_name_is_refused_with_the_nearest),
        cmocka_unit_test(a_kind_s_section_sets_that_kind_alone),
        cmocka_unit_test(keys_of_later_versions_are_refused_not_ignored),
        cmocka_unit_test(a_wrong_value_is_named_with_what_is_allowed),
        cmocka_unit_test(a_broken_line_is_named),
        cmocka_unit_test(a_long_line_is_refused_not_cut),
        cmocka_unit_test(the_longest_line_is_read_whole),
        cmocka_unit_test(what_does_not_fit_together_is_refused),
        cmocka_unit_test(a_key_that_stands_twice_is_refused_not_overridden),
        cmocka_unit_test(a_byte_order_mark_is_named),
        cmocka_unit_test(maximums_hold),
        cmocka_unit_test(a_missing_file_is_not_found),
        cmocka_unit_test(a_folder_is_no_configuration),
        cmocka_unit_test(lamports_are_read_in_both_forms),
        cmocka_unit_test(the_place_of_the_file_follows_the_environment),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
