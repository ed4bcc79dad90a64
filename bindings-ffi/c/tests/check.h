/* What the test programs share: checks that end the program, and text that grows. */
#ifndef TIDEGATE_TESTS_CHECK_H
#define TIDEGATE_TESTS_CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "tidegate.h"

#define CHECK(condition) \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s: failed: %s\n", __FILE__, __LINE__, __func__, #condition), abort()))

/* Checks the kind of an error, and frees it. */
#define CHECK_KIND(error, wanted) check_kind(&(error), wanted, __FILE__, __LINE__)
static inline void check_kind(tidegate_error **error, tidegate_kind wanted, const char *file, int line) {
    if (tidegate_error_kind(*error) != wanted) {
        fprintf(stderr, "%s:%d: kind %d wanted, this came: %s: %s\n", file, line, (int)wanted, tidegate_error_name(*error),
                tidegate_error_message(*error));
        abort();
    }
    if (wanted != TIDEGATE_KIND_NONE) CHECK(tidegate_error_free(*error));
    *error = NULL;
}

typedef struct {
    char *text;
    size_t length, room;
} buffer;

static inline void buffer_add(buffer *to, const char *text, size_t length) {
    if (to->length + length + 1 > to->room) {
        to->room = 2 * (to->length + length + 1);
        to->text = (char *)realloc(to->text, to->room);
        CHECK(to->text != NULL);
    }
    memcpy(to->text + to->length, text, length);
    to->length += length;
    to->text[to->length] = '\0';
}

/* A line of a transcript: a word, and JSON where there is some. */
static inline void buffer_line(buffer *to, const char *word, const char *json) {
    buffer_add(to, word, strlen(word));
    if (json != NULL) {
        buffer_add(to, " ", 1);
        buffer_add(to, json, strlen(json));
    }
    buffer_add(to, "\n", 1);
}

#endif
