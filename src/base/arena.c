#include "lockstep/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct block {
    struct block *next;
    size_t used;
    size_t capacity;
    max_align_t data[];
};

struct ls_arena {
    struct block *first;
    struct block *current;
    size_t used;
    size_t max_bytes;
};

ls_arena *ls_arena_new(size_t max_bytes)
{
    assert(max_bytes > 0);
    ls_arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) arena->max_bytes = max_bytes;
    return arena;
}

void ls_arena_free(ls_arena *arena)
{
    if (arena == NULL) return;
    struct block *block = arena->first;
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

void ls_arena_reset(ls_arena *arena)
{
    for (struct block *block = arena->first; block != NULL; block = block->next)
        block->used = 0;
    arena->current = arena->first;
    arena->used = 0;
}

static struct block *block_with_room(ls_arena *arena, size_t bytes)
{
    for (; arena->current != NULL; arena->current = arena->current->next) {
        if (arena->current->capacity - arena->current->used >= bytes) return arena->current;
        if (arena->current->next == NULL) break;
    }
    size_t capacity = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct block *block = malloc(sizeof *block + capacity);
    if (block == NULL) return NULL;
    *block = (struct block){.capacity = capacity};
    if (arena->current != NULL) {
        arena->current->next = block;
    } else {
        arena->first = block;
    }
    arena->current = block;
    return block;
}

void *ls_arena_take(ls_arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > arena->max_bytes) return NULL;
    size_t rounded = (bytes + align - 1) / align * align;
    if (rounded == 0) rounded = align;
    if (rounded > arena->max_bytes - arena->used) return NULL;

    struct block *block = block_with_room(arena, rounded);
    if (block == NULL) return NULL;
    char *memory = (char *)block->data + block->used;
    block->used += rounded;
    arena->used += rounded;
    memset(memory, 0, rounded);
    return memory;
}

char *ls_arena_copy(ls_arena *arena, const char *text, size_t text_bytes)
{
    if (text_bytes == SIZE_MAX) return NULL;
    char *copy = ls_arena_take(arena, text_bytes + 1);
    if (copy != NULL && text_bytes > 0) memcpy(copy, text, text_bytes);
    return copy;
}
