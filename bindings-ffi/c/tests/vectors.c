/* Plays the vectors of tests/vectors and compares the transcripts. That folder's README.md has the format.
 *
 * vectors RESULTS FILE.json...: each is played twice, by the functions that wait and by those that start. RESULTS is
 * written as {"name": true | false}. */
#include <sched.h>

#include "check.h"

enum { MOST_CALLS = 64 };

typedef struct {
    tidegate_gateway *gateway;
    tidegate_sim *sim;
    bool started; /* by the functions that start, not by those that wait */
    buffer out;
    char *messages[MOST_CALLS];
    size_t calls;
} player;

typedef struct {
    const char *word;
    slice request;
    long stop_after, cancel_after; /* 0: not */
    char *placed;
    tidegate_call *call;
    buffer events;
    long count;
    char *response;
    tidegate_error *error;
    bool cancelled, at_once; /* at_once: answered without a call */
} one;

static void refuse(const char *what, slice key) {
    fprintf(stderr, "the runner does not know the key '%.*s' of a %s\n", (int)key.length, key.at, what);
    exit(2);
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    buffer text = {NULL, 0, 0};
    char piece[65536];
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;) buffer_add(&text, piece, n);
    fclose(file);
    return text.text;
}

/* The request with `"$message N"` replaced by the message of the response of call N. */
static char *place(const player *player, slice request) {
    static const char mark[] = "\"$message ";
    buffer out = {NULL, 0, 0};
    for (const char *at = request.at, *end = at + request.length; at < end;) {
        const char *found = strstr(at, mark);
        if (found == NULL || found >= end) found = end;
        buffer_add(&out, at, (size_t)(found - at));
        if (found == end) break;
        char *rest;
        unsigned long number = strtoul(found + strlen(mark), &rest, 10);
        CHECK(*rest == '"' && number < player->calls && player->messages[number] != NULL);
        buffer_add(&out, player->messages[number], strlen(player->messages[number]));
        at = rest + 1;
    }
    return out.text;
}

static bool on_event(void *user_data, const char *event) {
    one *one = user_data;
    buffer_line(&one->events, "event", event);
    return ++one->count != one->stop_after;
}

static void begin(player *player, one *one) {
    const tidegate_gateway *gateway = player->gateway;
    one->placed = place(player, one->request);
    tidegate_str request = tidegate_text(one->placed, strlen(one->placed));
    if (strcmp(one->word, "chat") == 0) {
        one->call = tidegate_chat_start_s(gateway, request, NULL, NULL, &one->error);
    } else if (strcmp(one->word, "embed") == 0) {
        one->call = tidegate_embed_start_s(gateway, request, NULL, NULL, &one->error);
    } else if (strcmp(one->word, "rerank") == 0) {
        one->call = tidegate_rerank_start_s(gateway, request, NULL, NULL, &one->error);
    } else {
        one->call = tidegate_stream_start_s(gateway, request, on_event, NULL, one, &one->error);
    }
}

static size_t count_requests(const player *player) {
    tidegate_error *error;
    char *requests = tidegate_sim_requests(player->sim, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    slice key, value;
    size_t count = 0;
    for (const char *cursor = NULL; json_step(slice_of(requests), &cursor, &key, &value);) count++;
    tidegate_string_free(requests);
    return count;
}

static void finish(player *player, one *one) {
    if (one->call == NULL) return;
    if (one->cancel_after > 0) {
        while (count_requests(player) < (size_t)one->cancel_after) sched_yield();
        one->cancelled = tidegate_call_cancel(one->call);
    }
    one->response = tidegate_call_wait(one->call, &one->error);
    one->cancelled &= tidegate_error_kind(one->error) == TIDEGATE_KIND_CANCELLED;
}

/* The same by the functions that wait; a stream is read by polling. */
static void wait_for(player *player, one *one) {
    const tidegate_gateway *gateway = player->gateway;
    one->placed = place(player, one->request);
    if (strcmp(one->word, "chat") == 0) {
        one->response = tidegate_chat(gateway, one->placed, &one->error);
    } else if (strcmp(one->word, "embed") == 0) {
        one->response = tidegate_embed(gateway, one->placed, &one->error);
    } else if (strcmp(one->word, "rerank") == 0) {
        one->response = tidegate_rerank(gateway, one->placed, &one->error);
    } else {
        tidegate_event_stream *stream = tidegate_stream_open(gateway, one->placed, &one->error);
        if (stream == NULL) return;
        bool more = true;
        for (char *event; more && (event = tidegate_stream_next(stream, &one->error)) != NULL;) {
            more = on_event(one, event);
            tidegate_string_free(event);
        }
        if (more && one->error == NULL) one->response = tidegate_stream_response(stream, &one->error);
        CHECK(tidegate_stream_close(stream));
    }
}

/* Explains, tells the health of targets or reloads, where that is what is asked for. */
static bool at_once(player *player, one *one) {
    const tidegate_gateway *gateway = player->gateway;
    char *told = NULL;
    one->placed = place(player, one->request);
    if (strcmp(one->word, "explain") == 0) {
        told = tidegate_explain(gateway, one->placed, &one->error);
        if (told != NULL) buffer_line(&one->events, "explanation", told);
    } else if (strcmp(one->word, "health") == 0) {
        told = tidegate_health(gateway, &one->error);
        slice key, value;
        for (const char *cursor = NULL; json_step(slice_of(told), &cursor, &key, &value);) {
            buffer_add(&one->events, "target ", 7);
            buffer_add(&one->events, value.at, value.length);
            buffer_add(&one->events, "\n", 1);
        }
    } else if (strcmp(one->word, "reload") == 0) {
        CHECK(tidegate_reload(gateway, one->placed, &one->error) == (one->error == NULL));
    } else {
        free(one->placed);
        return false;
    }
    tidegate_string_free(told);
    return one->at_once = true;
}

static void show(player *player, one *one) {
    buffer *out = &player->out;
    buffer_line(out, one->word, NULL);
    if (one->events.text != NULL && !one->cancelled) buffer_add(out, one->events.text, one->events.length);
    CHECK(player->calls < MOST_CALLS);
    char **message = &player->messages[player->calls++];
    if (one->cancelled) {
        buffer_line(out, "cancelled", NULL);
    } else if (one->response != NULL) {
        buffer_line(out, "response", one->response);
        slice parts = json_get(slice_of(one->response), "parts");
        buffer text = {NULL, 0, 0};
        static const char head[] = "{\"role\":\"assistant\",\"content\":";
        buffer_add(&text, head, strlen(head));
        buffer_add(&text, parts.at, parts.length);
        buffer_add(&text, "}", 1);
        *message = text.text;
    } else if (one->error != NULL) {
        buffer_line(out, "error", tidegate_error_json(one->error));
    } else if (!one->at_once) {
        buffer_line(out, "stopped", NULL);
    }
    if (one->error != NULL) CHECK(tidegate_error_free(one->error));
    tidegate_string_free(one->response);
    free(one->events.text);
    free(one->placed);
}

/* Reads a call; true if it is several, which are in `value`. */
static bool read_call(slice call, one *one, slice *together) {
    slice key, value;
    memset(one, 0, sizeof *one);
    *together = slice_of(NULL);
    for (const char *cursor = NULL; json_step(call, &cursor, &key, &value);) {
        if (slice_is(key, "chat")) one->word = "chat", one->request = value;
        else if (slice_is(key, "stream")) one->word = "stream", one->request = value;
        else if (slice_is(key, "embed")) one->word = "embed", one->request = value;
        else if (slice_is(key, "rerank")) one->word = "rerank", one->request = value;
        else if (slice_is(key, "explain")) one->word = "explain", one->request = value;
        else if (slice_is(key, "health")) one->word = "health", one->request = value;
        else if (slice_is(key, "reload")) one->word = "reload", one->request = value;
        else if (slice_is(key, "together")) *together = value;
        else if (slice_is(key, "stop_after")) one->stop_after = strtol(value.at, NULL, 10);
        else if (slice_is(key, "cancel_after_requests")) one->cancel_after = strtol(value.at, NULL, 10);
        else refuse("call", key);
    }
    CHECK((one->word == NULL) == (together->at != NULL));
    return together->at != NULL;
}

static void play_together(player *player, slice calls) {
    one ones[MOST_CALLS];
    slice key, value, none;
    size_t count = 0;
    for (const char *cursor = NULL; json_step(calls, &cursor, &key, &value); count++) {
        CHECK(count < MOST_CALLS && !read_call(value, &ones[count], &none));
        begin(player, &ones[count]);
    }
    for (size_t i = 0; i < count; i++) finish(player, &ones[i]);
    for (size_t i = 0; i < count; i++) show(player, &ones[i]);
}

static void play_calls(player *player, slice calls) {
    slice key, value, together;
    for (const char *cursor = NULL; json_step(calls, &cursor, &key, &value);) {
        one one;
        if (read_call(value, &one, &together)) {
            play_together(player, together);
            continue;
        }
        if (at_once(player, &one)) {
            /* there is nothing to wait for */
        } else if (player->started || one.cancel_after > 0) {
            begin(player, &one);
            finish(player, &one);
        } else {
            wait_for(player, &one);
        }
        show(player, &one);
    }
}

static void show_requests(player *player) {
    tidegate_error *error;
    char *requests = tidegate_sim_requests(player->sim, &error);
    while (requests != NULL && strstr(requests, "\"closed_by\":null") != NULL) {
        tidegate_string_free(requests);
        sched_yield();
        requests = tidegate_sim_requests(player->sim, &error);
    }
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    buffer_line(&player->out, "requests", requests);
    tidegate_string_free(requests);
}

static tidegate_str or_empty(slice value) {
    return value.at == NULL ? tidegate_text("{}", 2) : tidegate_text(value.at, value.length);
}

static char *play(const char *text, bool started) {
    player player = {.started = started};
    slice key, value, sim = slice_of(NULL), config = sim, calls = sim;
    for (const char *cursor = NULL; json_step(slice_of(json_space(text)), &cursor, &key, &value);) {
        if (slice_is(key, "sim")) sim = value;
        else if (slice_is(key, "config")) config = value;
        else if (slice_is(key, "calls")) calls = value;
        else if (!slice_is(key, "feature")) refuse("vector", key);
    }
    tidegate_error *error;
    player.sim = tidegate_sim_from_json_s(or_empty(sim), &error);
    tidegate_gateway *live = player.sim == NULL ? NULL : tidegate_gateway_from_json_s(or_empty(config), &error);
    if (live == NULL) {
        buffer_line(&player.out, "error", tidegate_error_json(error));
        CHECK(tidegate_error_free(error));
    } else {
        player.gateway = tidegate_gateway_with_sim(live, player.sim, &error);
        CHECK_KIND(error, TIDEGATE_KIND_NONE);
        CHECK(tidegate_gateway_close(live));
        play_calls(&player, calls);
        show_requests(&player);
        CHECK(tidegate_gateway_close(player.gateway));
    }
    if (player.sim != NULL) CHECK(tidegate_sim_free(player.sim));
    for (size_t i = 0; i < player.calls; i++) free(player.messages[i]);
    CHECK(tidegate_open_handles() == 0);
    return player.out.text;
}

static bool compare(const char *name, const char *how, const char *wanted, char *came) {
    bool same = wanted != NULL && came != NULL && strcmp(wanted, came) == 0;
    if (!same) fprintf(stderr, "%s (%s): another transcript was wanted; this came:\n%s\n", name, how, came);
    free(came);
    return same;
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: %s RESULTS VECTOR.json...\n", arguments[0]);
        return 2;
    }
    buffer results = {NULL, 0, 0};
    int failed = 0;
    for (int i = 2; i < count; i++) {
        char *path = arguments[i], *extension = strstr(path, ".json");
        CHECK(extension != NULL);
        char *vector = read_file(path);
        CHECK(vector != NULL);
        strcpy(extension, ".txt");
        char *wanted = read_file(path);
        *extension = '\0';
        const char *slash = strrchr(path, '/');
        const char *name = slash == NULL ? path : slash + 1;
        bool same = compare(name, "waiting", wanted, play(vector, false));
        same = compare(name, "started", wanted, play(vector, true)) && same;
        failed += !same;
        buffer_add(&results, i == 2 ? "{\n  \"" : ",\n  \"", 5);
        buffer_add(&results, name, strlen(name));
        buffer_add(&results, same ? "\": true" : "\": false", same ? 7 : 8);
        free(vector);
        free(wanted);
    }
    buffer_add(&results, "\n}\n", 3);
    FILE *file = fopen(arguments[1], "w");
    CHECK(file != NULL && fputs(results.text, file) >= 0 && fclose(file) == 0);
    free(results.text);
    printf("vectors: %d of %d passed\n", count - 2 - failed, count - 2);
    return failed > 0;
}
