/* Slices of JSON text by key, for the tests and the demo: no values are made. What it reads is valid JSON. */
#ifndef TIDEGATE_TESTS_JSON_H
#define TIDEGATE_TESTS_JSON_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *at; /* NULL: there is none */
    size_t length;
} slice;

static inline slice slice_of(const char *text) {
    slice all = {text, text == NULL ? 0 : strlen(text)};
    return all;
}

static inline const char *json_space(const char *at) {
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') at++;
    return at;
}

/* The quote at the end of a string, from inside of it: the first that is not escaped. */
static inline const char *json_quote(const char *at) {
    for (const char *from = at;; at++) {
        size_t escapes = 0;
        at = strchr(at, '"');
        while (at - escapes > from && at[-1 - (ptrdiff_t)escapes] == '\\') escapes++;
        if (escapes % 2 == 0) return at;
    }
}

/* Behind the value that begins here. */
static inline const char *json_end(const char *at) {
    int depth = 0;
    do {
        at = json_space(at);
        if (*at == '"') {
            at = json_quote(at + 1) + 1;
        } else if (*at == '{' || *at == '[') {
            depth++, at++;
        } else if (*at == '}' || *at == ']') {
            depth--, at++;
        } else if (*at == ',' || *at == ':') {
            at++;
        } else {
            while (*at == '+' || *at == '-' || *at == '.' || isalnum((unsigned char)*at)) at++;
        }
    } while (depth > 0 && *at != '\0');
    return at;
}

/* Steps through the members of an object or the items of an array. `*cursor` is NULL at first; an item has no key. */
static inline bool json_step(slice parent, const char **cursor, slice *key, slice *value) {
    if (parent.at == NULL) return false;
    bool object = *parent.at == '{';
    const char *at = json_space(*cursor == NULL ? parent.at + 1 : *cursor);
    if (*at == ',') at = json_space(at + 1);
    if (*at == '}' || *at == ']' || *at == '\0') return false;
    *key = slice_of(NULL);
    if (object) {
        const char *end = json_end(at);
        key->at = at + 1;
        key->length = (size_t)(end - at) - 2;
        at = json_space(end) + 1;
    }
    value->at = json_space(at);
    *cursor = json_end(value->at);
    value->length = (size_t)(*cursor - value->at);
    return true;
}

static inline bool slice_is(slice text, const char *wanted) {
    return text.at != NULL && text.length == strlen(wanted) && memcmp(text.at, wanted, text.length) == 0;
}

/* A member of an object. */
static inline slice json_get(slice object, const char *name) {
    slice key, value;
    for (const char *cursor = NULL; json_step(object, &cursor, &key, &value);) {
        if (slice_is(key, name)) return value;
    }
    return slice_of(NULL);
}

/* Prints a string's text. Enough for what the demo says: escapes other than of one letter are left as they are. */
static inline void json_print(slice string) {
    for (size_t i = 1; string.at != NULL && i + 1 < string.length; i++) {
        char c = string.at[i];
        if (c == '\\' && string.at[i + 1] != 'u') c = string.at[++i] == 'n' ? '\n' : string.at[i];
        putchar(c);
    }
}

#endif
