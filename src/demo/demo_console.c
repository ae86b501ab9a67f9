#include "demo_private.h"
#include "demo_traffic.h"
#include "lockstep/host/key_file.h"

static ls_err
start_traffic(const struct demo *demo, demo_traffic_thread **thread_out, struct ls_why *why)
{
    struct ls_keypair key = {0};
    char path[DEMO_TEXT_BYTES];
    demo_path(demo, "payer.json", path);
    LS_TRY(ls_keypair_read(path, &key, why));
    const struct demo_traffic_options options = {.seed = (uint64_t)demo->options.seed,
                                                 .rate = demo->options.rate,
                                                 .database_url = demo->database_url,
                                                 .payer = key.address};
    ls_keypair_done(&key);
    return demo_traffic_thread_start(&options, thread_out);
}

enum ls_exit demo_console(struct demo *demo, struct ls_console_start *console)
{
    struct ls_why why = {0};
    demo_traffic_thread *traffic = NULL;
    const ls_err err = start_traffic(demo, &traffic, &why);
    if (ls_failed(err)) return ls_complain_err("demo", err, &why);
    console->config = &demo->config;
    console->works_on = demo->config.works_on;
    console->stop_fd = demo->stop_fd;
    const enum ls_exit status = ls_console_with_worker(console);
    demo_traffic_thread_stop(traffic);
    return status;
}
