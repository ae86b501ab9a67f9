#include "lockstep/base/mailbox.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct ls_mailbox {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool is_closed;
    size_t max, first, count;
    void **items; /* a ring of `max` */
};

static bool init_lock(ls_mailbox *mailbox)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) return false;
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* a clock that exists */
    bool has_wake = pthread_cond_init(&mailbox->wake, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    if (!has_wake) return false;
    if (pthread_mutex_init(&mailbox->mutex, NULL) == 0) return true;
    (void)pthread_cond_destroy(&mailbox->wake);
    return false;
}

ls_mailbox *ls_mailbox_new(size_t max)
{
    assert(max >= 1);
    ls_mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (mailbox == NULL) return NULL;
    mailbox->max = max;
    mailbox->items = calloc(max, sizeof *mailbox->items);
    if (mailbox->items != NULL && init_lock(mailbox)) return mailbox;
    free(mailbox->items);
    free(mailbox);
    return NULL;
}

void ls_mailbox_free(ls_mailbox *mailbox)
{
    if (mailbox == NULL) return;
    (void)pthread_mutex_destroy(&mailbox->mutex);
    (void)pthread_cond_destroy(&mailbox->wake);
    free(mailbox->items);
    free(mailbox);
}

ls_err ls_mailbox_post(ls_mailbox *mailbox, void *item)
{
    assert(item != NULL);
    ls_err err = LS_OK;
    (void)pthread_mutex_lock(&mailbox->mutex);
    if (mailbox->is_closed) {
        err = LS_FAIL(LS_CODE_STOPPED, 0, "mailbox");
    } else if (mailbox->count == mailbox->max) {
        err = LS_FAIL(LS_CODE_FULL, 0, "mailbox");
    } else {
        mailbox->items[(mailbox->first + mailbox->count++) % mailbox->max] = item;
        (void)pthread_cond_signal(&mailbox->wake);
    }
    (void)pthread_mutex_unlock(&mailbox->mutex);
    return err;
}

void *ls_mailbox_take(ls_mailbox *mailbox, int64_t until_ms)
{
    assert(until_ms >= 0);
    const struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                                   .tv_nsec = (long)(until_ms % 1000) * 1000000};
    void *item = NULL;
    int waited = until_ms > 0 ? 0 : 1;
    (void)pthread_mutex_lock(&mailbox->mutex);
    while (mailbox->count == 0 && !mailbox->is_closed && waited == 0)
        waited = pthread_cond_timedwait(&mailbox->wake, &mailbox->mutex, &until);
    if (mailbox->count > 0) {
        item = mailbox->items[mailbox->first];
        mailbox->first = (mailbox->first + 1) % mailbox->max;
        mailbox->count--;
    }
    (void)pthread_mutex_unlock(&mailbox->mutex);
    return item;
}

void ls_mailbox_close(ls_mailbox *mailbox)
{
    (void)pthread_mutex_lock(&mailbox->mutex);
    mailbox->is_closed = true;
    (void)pthread_cond_broadcast(&mailbox->wake);
    (void)pthread_mutex_unlock(&mailbox->mutex);
}

size_t ls_mailbox_count(ls_mailbox *mailbox)
{
    (void)pthread_mutex_lock(&mailbox->mutex);
    size_t count = mailbox->count;
    (void)pthread_mutex_unlock(&mailbox->mutex);
    return count;
}
