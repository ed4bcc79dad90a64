/* 10,000 calls, streams and cancellations of every sort, mixed, from several threads on one gateway. Run under valgrind and
 * AddressSanitizer: nothing may leak, and no handle may be left. */
#include "worlds.h"

enum { THREADS = 4, EACH = 2500 };

static tidegate_gateway *answers, *hangs;
static box started = BOX;

static bool every_event(void *user_data, const char *event) {
    (void)user_data;
    return *event == '{';
}

static bool two_events(void *user_data, const char *event) {
    (void)event;
    return ++*(int *)user_data < 2;
}

static void expect(char *text, tidegate_error **error, tidegate_kind kind) {
    CHECK((text != NULL) == (kind == TIDEGATE_KIND_NONE));
    CHECK_KIND(*error, kind);
    tidegate_string_free(text);
}

/* Reads a stream to its end, or so many events and then cancels or closes it. */
static void read_stream(int most, bool cancel) {
    tidegate_error *error;
    tidegate_event_stream *stream = tidegate_stream_open(answers, ASK("sim/x"), &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    int count = 0;
    for (char *event; count < most && (event = tidegate_stream_next(stream, &error)) != NULL; count++) {
        tidegate_string_free(event);
    }
    if (count < most) expect(tidegate_stream_response(stream, &error), &error, TIDEGATE_KIND_NONE);
    if (cancel) {
        CHECK(tidegate_stream_cancel(stream));
        CHECK(tidegate_stream_next(stream, &error) == NULL);
        CHECK_KIND(error, TIDEGATE_KIND_CANCELLED);
    }
    CHECK(tidegate_stream_close(stream));
}

/* One of twelve sorts; how many calls of on_done it brings. */
static size_t one(int sort) {
    tidegate_error *error;
    tidegate_call *call;
    int count = 0;
    switch (sort) {
    case 0: return expect(tidegate_chat(answers, ASK("sim/x"), &error), &error, TIDEGATE_KIND_NONE), 0;
    case 1: return expect(tidegate_chat(answers, ASK("nowhere"), &error), &error, TIDEGATE_KIND_NO_ROUTE), 0;
    case 2: return read_stream(1000, false), 0;
    case 3: return read_stream(2, false), 0;
    case 4: return read_stream(0, true), 0;
    case 5: CHECK(tidegate_stream(answers, ASK("sim/x"), every_event, NULL, &error)); return 0;
    case 6: CHECK(tidegate_stream(answers, ASK("sim/x"), two_events, &count, &error) && count == 2); return 0;
    case 7: CHECK(tidegate_chat_start(answers, ASK("sim/x"), into_box, &started, &error) != NULL); return 1;
    case 8: CHECK(tidegate_stream_start(answers, ASK("sim/x"), every_event, into_box, &started, &error) != NULL); return 1;
    case 9:
        call = tidegate_chat_start(hangs, ASK("a/m"), into_box, &started, &error);
        CHECK(tidegate_call_cancel(call));
        return 1;
    case 10:
        call = tidegate_stream_start(hangs, ASK("a/m"), every_event, NULL, NULL, &error);
        CHECK(tidegate_call_cancel(call));
        expect(tidegate_call_wait(call, &error), &error, TIDEGATE_KIND_CANCELLED);
        return 0;
    default:
        call = tidegate_embed_start(answers, "{\"model\": \"sim/x\", \"input\": \"a\", \"dimensions\": 8}", NULL, NULL, &error);
        expect(tidegate_call_wait(call, &error), &error, TIDEGATE_KIND_NONE);
        return 0;
    }
}

static void *work(void *number) {
    size_t *callbacks = number;
    int first = (int)*callbacks;
    *callbacks = 0;
    for (int i = 0; i < EACH; i++) *callbacks += one((first + i) % 12);
    return NULL;
}

int main(void) {
    tidegate_sim *sim, *hung;
    answers = world("{}", &sim);
    hangs = world(HANGS, &hung);
    pthread_t threads[THREADS];
    size_t callbacks[THREADS], expected = 0;
    for (size_t i = 0; i < THREADS; i++) {
        callbacks[i] = i;
        CHECK(pthread_create(&threads[i], NULL, work, &callbacks[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        expected += callbacks[i];
    }
    box_wait(&started, expected);
    CHECK(box_count(&started) == expected && started.failed == 0 && started.stopped == 0);
    CHECK(tidegate_gateway_close(answers) && tidegate_gateway_close(hangs));
    CHECK(tidegate_sim_free(sim) && tidegate_sim_free(hung));
    CHECK(tidegate_open_handles() == 0);
    printf("stress: %d calls, %zu of them with a callback, %zu of those cancelled\n", THREADS * EACH, expected,
           started.cancelled);
    return 0;
}
