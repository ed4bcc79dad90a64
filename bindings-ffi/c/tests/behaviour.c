/* What tidegate.h promises, function by function. */
#include <sched.h>

#include "worlds.h"

static void text_comes_with_its_length_or_with_nul(void) {
    tidegate_error *error;
    static const char config[] = "{\"routes\": {\"r\": {\"targets\": [\"sim/x\"]}}}this is not read";
    tidegate_gateway *gateway = tidegate_gateway_from_json_s(tidegate_text(config, sizeof config - 17), &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    char request[] = ASK("r") "{";
    char *reply = tidegate_chat_s(gateway, tidegate_text(request, sizeof request - 2), &error);
    CHECK(reply != NULL && error == NULL && slice_is(json_get(slice_of(reply), "target"), "\"sim/x\""));
    tidegate_string_free(reply);

    CHECK(tidegate_chat(gateway, request, &error) == NULL); /* with the brace it is not JSON */
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    request[sizeof request - 2] = '\0';
    CHECK(tidegate_chat_s(gateway, tidegate_text(request, sizeof request - 1), &error) == NULL); /* nor with a NUL */
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);

    CHECK(tidegate_chat(gateway, NULL, &error) == NULL);
    CHECK(strcmp(tidegate_error_message(error), "request: is NULL") == 0);
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(tidegate_chat(gateway, "\"\xff\"", &error) == NULL);
    CHECK(strcmp(tidegate_error_message(error), "request: is not UTF-8 at byte 1") == 0);
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(tidegate_chat_s(gateway, tidegate_text(request, SIZE_MAX - 1), &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(tidegate_chat(gateway, "", NULL) == NULL); /* nobody has to look at errors */
    tidegate_string_free(NULL);
    CHECK(tidegate_gateway_close(gateway));
}

static void gateways_come_from_files_toml_json_or_nothing(void) {
    tidegate_error *error;
    const char *toml = "[routes.r]\ntargets = [\"sim/x\"]\n";
    const char *path = "tidegate-behaviour.toml";
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(toml, file) >= 0 && fclose(file) == 0);
    tidegate_gateway *gateways[] = {
        tidegate_gateway_open(path, &error),
        tidegate_gateway_from_toml(toml, &error),
        tidegate_gateway_from_json("{\"routes\": {\"r\": {\"targets\": [\"sim/x\"]}}}", &error),
    };
    for (size_t i = 0; i < 3; i++) {
        char *reply = tidegate_chat(gateways[i], ASK("r"), &error);
        CHECK_KIND(error, TIDEGATE_KIND_NONE);
        tidegate_string_free(reply);
        CHECK(tidegate_gateway_close(gateways[i]));
    }
    CHECK(remove(path) == 0);
    CHECK(tidegate_gateway_open(path, &error) == NULL);
    CHECK(strstr(tidegate_error_message(error), path) != NULL);
    CHECK_KIND(error, TIDEGATE_KIND_CONFIG);
    CHECK(tidegate_gateway_from_toml("[routs.r]", &error) == NULL);
    CHECK(strstr(tidegate_error_message(error), "routs") != NULL);
    CHECK_KIND(error, TIDEGATE_KIND_CONFIG);
    CHECK(tidegate_gateway_from_json("{", &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_CONFIG);
    CHECK(tidegate_sim_from_json("{\"seeds\": 1}", &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_CONFIG);

    tidegate_gateway *builtin = tidegate_gateway_builtin(&error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    char *reply = tidegate_embed(builtin, "{\"model\": \"sim/x\", \"input\": [\"a\", \"b\"]}", &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    CHECK(json_get(slice_of(reply), "vectors").at != NULL);
    tidegate_string_free(reply);
    reply = tidegate_rerank(builtin, "{\"model\": \"sim/x\", \"query\": \"b\", \"documents\": [\"a\", \"b\"]}", &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    CHECK(json_get(slice_of(reply), "rankings").at != NULL);
    tidegate_string_free(reply);
    CHECK(tidegate_gateway_close(builtin));
    CHECK(strcmp(tidegate_version(), TIDEGATE_VERSION) == 0);
    CHECK(json_get(slice_of(tidegate_config_schema()), "properties").at != NULL);
}

/* Whether the first target of an explanation is this. Frees the explanation. */
static bool first_target_is(char *explanation, const char *wanted) {
    slice key, candidate, candidates = json_get(slice_of(explanation), "candidates");
    const char *cursor = NULL;
    bool same = json_step(candidates, &cursor, &key, &candidate) && slice_is(json_get(candidate, "target"), wanted);
    tidegate_string_free(explanation);
    return same;
}

static void configurations_are_replaced(void) {
    tidegate_error *error;
    const char *path = "tidegate-reload.toml";
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs("[routes.r]\ntargets = [\"sim/small\"]\n", file) >= 0 && fclose(file) == 0);
    tidegate_gateway *gateway = tidegate_gateway_open(path, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    CHECK(tidegate_reload(gateway, "{\"routes\": {\"r\": {\"targets\": [\"sim/large\"]}}}", &error) && error == NULL);
    CHECK(first_target_is(tidegate_explain(gateway, ASK("r"), &error), "\"sim/large\"") && error == NULL);
    CHECK(!tidegate_reload(gateway, "{\"routs\": {}}", &error));
    CHECK(strstr(tidegate_error_message(error), "routs") != NULL);
    CHECK_KIND(error, TIDEGATE_KIND_CONFIG);
    CHECK(first_target_is(tidegate_explain(gateway, ASK("r"), &error), "\"sim/large\""));
    CHECK(tidegate_reload_file(gateway, &error) && error == NULL);
    CHECK(first_target_is(tidegate_explain(gateway, ASK("r"), &error), "\"sim/small\""));
    CHECK(remove(path) == 0 && !tidegate_reload_file(gateway, &error));
    CHECK_KIND(error, TIDEGATE_KIND_CONFIG);
    CHECK(tidegate_explain(gateway, ASK("nowhere"), &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_NO_ROUTE);
    CHECK(tidegate_gateway_close(gateway));
}

static void targets_have_their_health(void) {
    tidegate_error *error;
    tidegate_gateway *gateway = tidegate_gateway_builtin(&error);
    char *health = tidegate_health(gateway, &error);
    CHECK(error == NULL && strcmp(health, "[]") == 0);
    tidegate_string_free(health);
    tidegate_string_free(tidegate_chat(gateway, ASK("sim/x"), &error));
    health = tidegate_health(gateway, &error);
    slice key, target;
    const char *cursor = NULL;
    CHECK(json_step(slice_of(health), &cursor, &key, &target) && slice_is(json_get(target, "target"), "\"sim/x\""));
    CHECK(slice_is(json_get(target, "requests"), "1") && slice_is(json_get(target, "state"), "\"well\""));
    CHECK(json_get(json_get(target, "total"), "p95").at != NULL && !json_step(slice_of(health), &cursor, &key, &target));
    tidegate_string_free(health);
    CHECK(tidegate_gateway_close(gateway));
}

static void errors_say_what_failed(void) {
    tidegate_sim *sim;
    tidegate_error *error;
    tidegate_gateway *gateway = world(
        "{\"upstreams\": {\"a.test\": {\"then\": {\"status\": 429, \"headers\": {\"retry-after\": \"7\"},"
        " \"body\": [{\"json\": {\"error\": {\"message\": \"slow down\"}}}]}}}}",
        &sim);
    CHECK(tidegate_chat(gateway, ASK("a/m"), &error) == NULL);
    CHECK(strcmp(tidegate_error_name(error), "rate_limited") == 0);
    CHECK(tidegate_error_status(error) == 429);
    CHECK(tidegate_error_retry_after(error) == 7.0);
    slice json = slice_of(tidegate_error_json(error));
    CHECK(slice_is(json_get(json, "kind"), "\"rate_limited\"") && slice_is(json_get(json, "provider"), "\"a\""));
    CHECK(json_get(json, "attempts").length > 2);
    tidegate_error *copy = error;
    CHECK_KIND(error, TIDEGATE_KIND_RATE_LIMITED);

    CHECK(tidegate_error_kind(copy) == TIDEGATE_KIND_NONE && tidegate_error_status(copy) == 0);
    CHECK(tidegate_error_retry_after(copy) < 0 && strcmp(tidegate_error_name(NULL), "none") == 0);
    CHECK(strcmp(tidegate_error_json(copy), "null") == 0 && tidegate_error_message(copy) != NULL);
    CHECK(!tidegate_error_free(copy) && !tidegate_error_free(NULL));

    CHECK(tidegate_chat(gateway, ASK("nowhere"), &error) == NULL);
    CHECK(tidegate_error_status(error) == 0 && tidegate_error_retry_after(error) < 0);
    CHECK_KIND(error, TIDEGATE_KIND_NO_ROUTE);
    char *requests = tidegate_sim_requests(sim, &error);
    CHECK(requests != NULL && strstr(requests, "http://a.test/v1/chat/completions") != NULL);
    tidegate_string_free(requests);
    CHECK(tidegate_gateway_close(gateway) && tidegate_sim_free(sim) && !tidegate_sim_free(sim));
}

/* Gives a number to every function that takes a handle: none may do anything but fail. */
static void all_refuse(uintptr_t number, box *box) {
    void *handle = (void *)number;
    tidegate_error *error;
    char *event = NULL;
#define REFUSED(call, nothing) \
    do { \
        CHECK((call) == (nothing)); \
        CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST); \
    } while (0)
    REFUSED(tidegate_gateway_with_sim(handle, handle, &error), NULL);
    REFUSED(tidegate_sim_requests(handle, &error), NULL);
    REFUSED(tidegate_reload(handle, "{}", &error), false);
    REFUSED(tidegate_reload_file(handle, &error), false);
    REFUSED(tidegate_explain(handle, ASK("sim/x"), &error), NULL);
    REFUSED(tidegate_health(handle, &error), NULL);
    REFUSED(tidegate_chat(handle, ASK("sim/x"), &error), NULL);
    REFUSED(tidegate_embed(handle, ASK("sim/x"), &error), NULL);
    REFUSED(tidegate_rerank(handle, ASK("sim/x"), &error), NULL);
    REFUSED(tidegate_stream(handle, ASK("sim/x"), NULL, NULL, &error), false);
    REFUSED(tidegate_chat_start(handle, ASK("sim/x"), into_box, box, &error), NULL);
    REFUSED(tidegate_embed_start(handle, ASK("sim/x"), into_box, box, &error), NULL);
    REFUSED(tidegate_rerank_start(handle, ASK("sim/x"), into_box, box, &error), NULL);
    REFUSED(tidegate_stream_start(handle, ASK("sim/x"), NULL, into_box, box, &error), NULL);
    REFUSED(tidegate_stream_open(handle, ASK("sim/x"), &error), NULL);
    REFUSED(tidegate_call_wait(handle, &error), NULL);
    REFUSED(tidegate_stream_next(handle, &error), NULL);
    REFUSED(tidegate_stream_poll(handle, 0, &event, &error), TIDEGATE_POLL_FAILED);
    REFUSED(tidegate_stream_response(handle, &error), NULL);
#undef REFUSED
    CHECK(event == NULL && tidegate_error_kind(handle) == TIDEGATE_KIND_NONE);
    CHECK(!tidegate_call_cancel(handle) && !tidegate_stream_cancel(handle) && !tidegate_stream_close(handle));
    CHECK(!tidegate_gateway_close(handle) && !tidegate_sim_free(handle) && !tidegate_error_free(handle));
}

static void handles_that_are_none_are_errors(void) {
    box box = BOX;
    tidegate_sim *sim;
    tidegate_error *error;
    tidegate_gateway *gateway = world(HANGS, &sim);
    CHECK(tidegate_chat((tidegate_gateway *)(void *)sim, ASK("sim/x"), &error) == NULL); /* another type */
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(!tidegate_gateway_close((tidegate_gateway *)(void *)sim) && !tidegate_sim_free((tidegate_sim *)(void *)gateway));
    tidegate_event_stream *stream = tidegate_stream_open(gateway, ASK("a/m"), &error);
    CHECK(tidegate_stream_close(stream) && tidegate_gateway_close(gateway) && tidegate_sim_free(sim));
    CHECK(tidegate_open_handles() == 0);

    uintptr_t ended[] = {(uintptr_t)gateway, (uintptr_t)sim, (uintptr_t)stream, 0, 1, UINTPTR_MAX, (uintptr_t)&box};
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++) all_refuse(ended[i], &box);
    uint64_t random = 88172645463325252U;
    for (int i = 0; i < 500; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        all_refuse((uintptr_t)random, &box);
    }
    CHECK(box_count(&box) == 0);
}

typedef struct {
    int count, stop_at;
    char first[16], last[16];
} seen;

static bool see(void *user_data, const char *event) {
    seen *seen = user_data;
    slice type = json_get(slice_of(event), "type");
    CHECK(type.length < sizeof seen->last);
    snprintf(seen->count == 0 ? seen->first : seen->last, sizeof seen->last, "%.*s", (int)type.length, type.at);
    return ++seen->count != seen->stop_at;
}

#define BROKEN \
    "{\"upstreams\": {\"a.test\": {\"then\": {\"body\": [" \
    "{\"sse\": {\"id\": \"1\", \"model\": \"m\", \"choices\": [{\"index\": 0, \"delta\": {\"content\": \"half\"}}]}}]}}}}"

static void streams_call_back_on_this_thread(void) {
    tidegate_sim *sim;
    tidegate_error *error;
    tidegate_gateway *gateway = world("{}", &sim);
    seen all = {0, 0, "", ""}, some = {0, 2, "", ""}, none = {0, 0, "", ""};
    CHECK(tidegate_stream(gateway, ASK("sim/x"), see, &all, &error) && error == NULL);
    CHECK(all.count > 3 && strcmp(all.first, "\"start\"") == 0 && strcmp(all.last, "\"end\"") == 0);
    CHECK(tidegate_stream(gateway, ASK("sim/x"), see, &some, &error) && some.count == 2);
    CHECK(!tidegate_stream(gateway, ASK("sim/missing-model"), see, &none, &error) && none.count == 0);
    CHECK_KIND(error, TIDEGATE_KIND_NOT_FOUND);
    CHECK(tidegate_stream(gateway, ASK("sim/x"), NULL, NULL, &error) && error == NULL); /* nobody listens */
    CHECK(!tidegate_stream(gateway, "{", see, &none, NULL));
    CHECK(tidegate_gateway_close(gateway) && tidegate_sim_free(sim));
}

static void streams_are_read_by_polling(void) {
    tidegate_sim *sim;
    tidegate_error *error;
    tidegate_gateway *gateway = world("{}", &sim);
    tidegate_event_stream *stream = tidegate_stream_open(gateway, ASK("sim/x"), &error);
    seen all = {0, 0, "", ""};
    char *event, *response = NULL;
    CHECK(tidegate_stream_response(stream, &error) == NULL && error == NULL);
    while ((event = tidegate_stream_next(stream, &error)) != NULL) {
        see(&all, event);
        tidegate_string_free(event);
    }
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    CHECK(all.count > 3 && strcmp(all.last, "\"end\"") == 0);
    CHECK((response = tidegate_stream_response(stream, &error)) != NULL);
    CHECK(json_get(slice_of(response), "usage").length > 4);
    tidegate_string_free(response);
    CHECK(tidegate_stream_poll(stream, 0, &event, &error) == TIDEGATE_POLL_END && event == NULL);
    CHECK(tidegate_stream_cancel(stream) && tidegate_stream_next(stream, &error) == NULL && error == NULL);
    CHECK(tidegate_stream_close(stream) && !tidegate_stream_close(stream));

    stream = tidegate_stream_open(gateway, ASK("sim/x"), &error); /* by looking, without waiting for anything */
    seen looked = {0, 0, "", ""};
    tidegate_poll found;
    while ((found = tidegate_stream_poll(stream, 0, &event, &error)) != TIDEGATE_POLL_END) {
        if (found == TIDEGATE_POLL_PENDING) continue;
        CHECK(found == TIDEGATE_POLL_EVENT);
        see(&looked, event);
        tidegate_string_free(event);
    }
    CHECK(looked.count == all.count);
    CHECK(tidegate_stream_poll(stream, 0, NULL, &error) == TIDEGATE_POLL_FAILED);
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(tidegate_stream_close(stream) && tidegate_gateway_close(gateway) && tidegate_sim_free(sim));
}

static void broken_streams_end_with_an_error(void) {
    tidegate_sim *sim;
    tidegate_error *error;
    tidegate_gateway *gateway = world(BROKEN, &sim);
    tidegate_event_stream *stream = tidegate_stream_open(gateway, ASK("a/m"), &error);
    char *event;
    while ((event = tidegate_stream_next(stream, &error)) != NULL) tidegate_string_free(event);
    CHECK(strstr(tidegate_error_json(error), "\"text\":\"half\"") != NULL); /* the partial response */
    CHECK_KIND(error, TIDEGATE_KIND_STREAM_INCOMPLETE);
    CHECK(tidegate_stream_next(stream, &error) == NULL && error == NULL); /* said once */
    CHECK(tidegate_stream_response(stream, &error) == NULL && error == NULL);
    CHECK(tidegate_stream_close(stream) && tidegate_gateway_close(gateway) && tidegate_sim_free(sim));
}

/* Waits until the world has seen `text` in its requests. */
static void until_seen(tidegate_sim *sim, const char *text) {
    for (bool found = false; !found; sched_yield()) {
        char *requests = tidegate_sim_requests(sim, NULL);
        found = strstr(requests, text) != NULL;
        tidegate_string_free(requests);
    }
}

static void *wait_for_call(void *call) {
    tidegate_error *error;
    CHECK(tidegate_call_wait(call, &error) == NULL);
    return error;
}

static void *wait_for_event(void *stream) {
    tidegate_error *error;
    CHECK(tidegate_stream_next(stream, &error) == NULL);
    return error;
}

static void other_threads_cancel_those_that_wait(void) {
    tidegate_sim *sim;
    tidegate_error *error;
    pthread_t thread;
    void *came;
    tidegate_gateway *gateway = world(HANGS, &sim);
    tidegate_call *call = tidegate_chat_start(gateway, ASK("a/m"), NULL, NULL, &error);
    CHECK(pthread_create(&thread, NULL, wait_for_call, call) == 0);
    until_seen(sim, "\"closed_by\":null");
    CHECK(tidegate_call_cancel(call));
    CHECK(pthread_join(thread, &came) == 0 && kind_of(came) == TIDEGATE_KIND_CANCELLED);
    until_seen(sim, "\"closed_by\":\"client\"");
    CHECK(!tidegate_call_cancel(call));

    for (int close = 0; close < 2; close++) {
        tidegate_event_stream *stream = tidegate_stream_open(gateway, ASK("a/m"), &error);
        char *event;
        CHECK(tidegate_stream_poll(stream, 1, &event, &error) == TIDEGATE_POLL_PENDING && event == NULL && error == NULL);
        CHECK(pthread_create(&thread, NULL, wait_for_event, stream) == 0);
        until_seen(sim, "\"closed_by\":null");
        CHECK(close ? tidegate_stream_close(stream) : tidegate_stream_cancel(stream));
        /* The thread may come only now: then it meets a closed handle. */
        tidegate_kind kind = (CHECK(pthread_join(thread, &came) == 0), kind_of(came));
        CHECK(kind == TIDEGATE_KIND_CANCELLED || (close && kind == TIDEGATE_KIND_INVALID_REQUEST));
        CHECK(close || (tidegate_stream_next(stream, &error) == NULL && kind_of(error) == TIDEGATE_KIND_CANCELLED));
        CHECK(close || tidegate_stream_close(stream));
    }
    CHECK(tidegate_gateway_close(gateway));
    while (true) {
        char *requests = tidegate_sim_requests(sim, NULL);
        bool open = strstr(requests, "\"closed_by\":null") != NULL;
        tidegate_string_free(requests);
        if (!open) break;
        sched_yield();
    }
    CHECK(tidegate_sim_free(sim));
}

typedef struct {
    box box;
    tidegate_gateway *gateway;
    size_t left;
} chain;

/* Starts the next call in a callback, where waiting is refused. */
static void next_of_chain(void *user_data, char *response, tidegate_error *error) {
    chain *chain = user_data;
    tidegate_error *refused;
    CHECK(response != NULL && tidegate_chat(chain->gateway, ASK("sim/x"), &refused) == NULL);
    CHECK_KIND(refused, TIDEGATE_KIND_INVALID_REQUEST);
    if (chain->left-- > 0) {
        CHECK(tidegate_chat_start(chain->gateway, ASK("sim/x"), next_of_chain, chain, &refused) != NULL);
        tidegate_string_free(response);
    } else {
        box_put(&chain->box, response, error);
    }
}

static void started_calls_end_with_one_callback(void) {
    enum { MANY = 2000 };
    tidegate_sim *sim, *hung;
    tidegate_error *error;
    tidegate_gateway *gateway = world("{}", &sim), *hangs = world(HANGS, &hung);
    box box = BOX;
    for (int i = 0; i < MANY; i++) CHECK(tidegate_chat_start(gateway, ASK("sim/x"), into_box, &box, &error) != NULL);
    box_wait(&box, MANY);
    CHECK(box.responses == MANY);

    static tidegate_call *calls[MANY];
    for (int i = 0; i < MANY; i++) calls[i] = tidegate_chat_start(hangs, ASK("a/m"), into_box, &box, &error);
    for (int i = 0; i < MANY; i++) CHECK(tidegate_call_cancel(calls[i]));
    box_wait(&box, 2 * MANY);
    CHECK(box.responses == MANY && box.cancelled == MANY && !tidegate_call_cancel(calls[0]));

    chain chain = {BOX, gateway, 10};
    CHECK(tidegate_chat_start(gateway, ASK("sim/x"), next_of_chain, &chain, &error) != NULL);
    box_wait(&chain.box, 1);

    tidegate_call *call = tidegate_chat_start(hangs, ASK("a/m"), into_box, &box, &error);
    CHECK(tidegate_call_wait(call, &error) == NULL); /* it has on_done */
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(tidegate_call_cancel(call));
    call = tidegate_start_s(7, gateway, tidegate_text(ASK("sim/x"), SIZE_MAX), NULL, into_box, &box, &error);
    CHECK(call == NULL); /* no such operation */
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(tidegate_embed_start(gateway, ASK("sim/x"), into_box, &box, &error) == NULL); /* a chat is no embedding */
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    CHECK(tidegate_call_wait(NULL, &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_REQUEST);
    box_wait(&box, 2 * MANY + 1);
    CHECK(tidegate_gateway_close(gateway) && tidegate_gateway_close(hangs));
    CHECK(tidegate_sim_free(sim) && tidegate_sim_free(hung));
}

typedef struct {
    seen seen; /* first: the pointer to one is a pointer to the other */
    box box;
} streamed;

static void streamed_done(void *user_data, char *response, tidegate_error *error) {
    box_put(&((streamed *)user_data)->box, response, error);
}

static void started_streams_call_back_and_collect(void) {
    tidegate_sim *sim;
    tidegate_error *error;
    tidegate_gateway *gateway = world(BROKEN, &sim);
    streamed all = {{0, 0, "", ""}, BOX}, some = {{0, 2, "", ""}, BOX}, half = {{0, 0, "", ""}, BOX};
    CHECK(tidegate_stream_start(gateway, ASK("sim/x"), see, streamed_done, &all, &error) != NULL);
    CHECK(tidegate_stream_start(gateway, ASK("sim/x"), see, streamed_done, &some, &error) != NULL);
    CHECK(tidegate_stream_start(gateway, ASK("a/m"), see, streamed_done, &half, &error) != NULL);
    CHECK(tidegate_gateway_close(gateway)); /* what runs goes on */
    box_wait(&all.box, 1);
    box_wait(&some.box, 1);
    box_wait(&half.box, 1);
    CHECK(all.box.responses == 1 && strcmp(all.seen.last, "\"end\"") == 0);
    CHECK(some.box.stopped == 1 && some.seen.count == 2);
    CHECK(half.box.failed == 1 && half.seen.count > 0);
    CHECK(tidegate_sim_free(sim));
}

typedef struct {
    box box;
    pthread_mutex_t known;
    tidegate_call *call;
    int events;
} cancelling;

static bool cancel_at_first_event(void *user_data, const char *event) {
    cancelling *self = user_data;
    CHECK(event != NULL);
    pthread_mutex_lock(&self->known); /* until the handle is there */
    CHECK(tidegate_call_cancel(self->call));
    pthread_mutex_unlock(&self->known);
    self->events++;
    return true;
}

static void into_its_box(void *user_data, char *response, tidegate_error *error) {
    into_box(&((cancelling *)user_data)->box, response, error);
}

/* The events after it are there already, and yet none is handed out. */
static void a_call_is_cancelled_by_its_own_callback(void) {
    tidegate_error *error;
    tidegate_gateway *gateway = tidegate_gateway_builtin(&error);
    cancelling self = {BOX, PTHREAD_MUTEX_INITIALIZER, NULL, 0};
    pthread_mutex_lock(&self.known);
    self.call = tidegate_stream_start(gateway, ASK("sim/x"), cancel_at_first_event, into_its_box, &self, &error);
    pthread_mutex_unlock(&self.known);
    box_wait(&self.box, 1);
    CHECK(self.box.cancelled == 1 && self.events == 1);
    CHECK(tidegate_gateway_close(gateway));
}

int main(void) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
#define TEST(name) {#name, name}
        TEST(text_comes_with_its_length_or_with_nul),
        TEST(gateways_come_from_files_toml_json_or_nothing),
        TEST(configurations_are_replaced),
        TEST(targets_have_their_health),
        TEST(errors_say_what_failed),
        TEST(handles_that_are_none_are_errors),
        TEST(streams_call_back_on_this_thread),
        TEST(streams_are_read_by_polling),
        TEST(broken_streams_end_with_an_error),
        TEST(other_threads_cancel_those_that_wait),
        TEST(started_calls_end_with_one_callback),
        TEST(started_streams_call_back_and_collect),
        TEST(a_call_is_cancelled_by_its_own_callback),
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        tests[i].run();
        CHECK(tidegate_open_handles() == 0);
        printf("ok %s\n", tests[i].name);
    }
    return 0;
}
