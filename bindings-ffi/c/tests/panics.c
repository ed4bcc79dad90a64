/* Lets every function panic, and looks at what comes back and at what still works. `panics --list` prints the functions.
 *
 * For a library built with the feature panic-injection. */
#include "worlds.h"

/* Of that build alone. */
extern void tidegate_inject_panic(const char *name);

static tidegate_gateway *gateway;
static tidegate_sim *sim;
static tidegate_call *call;
static tidegate_event_stream *stream;
static tidegate_error *spare; /* one to look at and to free */
static tidegate_error *error; /* what came */
static box ended = BOX;

/* Makes what the functions are given, once more where a former one used it up. */
static void prepare(void) {
    if (gateway == NULL) gateway = world(HANGS, &sim);
    if (call == NULL) call = tidegate_chat_start(gateway, ASK("a/m"), NULL, NULL, NULL);
    if (stream == NULL) stream = tidegate_stream_open(gateway, ASK("sim/x"), NULL);
    if (spare == NULL) CHECK(tidegate_chat(gateway, ASK("nowhere"), &spare) == NULL);
    CHECK(gateway != NULL && call != NULL && stream != NULL && spare != NULL);
}

#define TEXT tidegate_text(ASK("sim/x"), SIZE_MAX)
#define EMPTY tidegate_text("{}", 2)
#define NOTHING tidegate_text("", 0)

/* What a function that panics returns, and that it gives an error of its own kind where it has a place for one. */
#define FAILS(name, nothing, ...) \
    static void panic_##name(void) { \
        CHECK(name(__VA_ARGS__) == (nothing)); \
        CHECK_KIND(error, TIDEGATE_KIND_INTERNAL); \
    }
#define RETURNS(name, condition, ...) \
    static void panic_##name(void) { CHECK(name(__VA_ARGS__) condition); }

FAILS(tidegate_gateway_open_s, NULL, NOTHING, &error)
FAILS(tidegate_gateway_from_toml_s, NULL, NOTHING, &error)
FAILS(tidegate_gateway_from_json_s, NULL, EMPTY, &error)
FAILS(tidegate_reload_s, false, gateway, EMPTY, &error)
FAILS(tidegate_reload_file, false, gateway, &error)
FAILS(tidegate_explain_s, NULL, gateway, TEXT, &error)
FAILS(tidegate_health, NULL, gateway, &error)
FAILS(tidegate_gateway_with_sim, NULL, gateway, sim, &error)
FAILS(tidegate_sim_from_json_s, NULL, EMPTY, &error)
FAILS(tidegate_sim_requests, NULL, sim, &error)
FAILS(tidegate_start_s, NULL, TIDEGATE_CHAT, gateway, TEXT, NULL, into_box, &ended, &error)
FAILS(tidegate_call_wait, NULL, call, &error)
FAILS(tidegate_stream_open_s, NULL, gateway, TEXT, &error)
FAILS(tidegate_stream_response, NULL, stream, &error)
FAILS(tidegate_gateway_with_check_s, NULL, gateway, TEXT, NULL, NULL, NULL, &error)
FAILS(tidegate_observe_health, NULL, gateway, NULL, NULL, NULL, &error)
FAILS(tidegate_watch, NULL, gateway, 1.0, NULL, NULL, NULL, &error)
RETURNS(tidegate_gateway_close, == false, gateway)
RETURNS(tidegate_sim_free, == false, sim)
RETURNS(tidegate_call_cancel, == false, call)
RETURNS(tidegate_stream_cancel, == false, stream)
RETURNS(tidegate_stream_close, == false, stream)
RETURNS(tidegate_subscription_close, == false, NULL)
RETURNS(tidegate_error_free, == false, spare)
RETURNS(tidegate_open_handles, == SIZE_MAX, )

static void panic_tidegate_stream_poll(void) {
    char *event;
    CHECK(tidegate_stream_poll(stream, 0, &event, &error) == TIDEGATE_POLL_FAILED);
    CHECK_KIND(error, TIDEGATE_KIND_INTERNAL);
}
static void panic_tidegate_error_read(void) {
    tidegate_error_info info = tidegate_error_read(spare);
    CHECK(info.kind == TIDEGATE_KIND_INTERNAL && strcmp(info.name, "internal") == 0 && strcmp(info.json, "null") == 0);
}
static void panic_tidegate_version(void) { CHECK(strcmp(tidegate_version(), "") == 0); }
static void panic_tidegate_config_schema(void) { CHECK(strcmp(tidegate_config_schema(), "") == 0); }
static void panic_tidegate_string_free(void) {
    char *text = tidegate_sim_requests(sim, &error);
    tidegate_string_free(text); /* nothing is freed by the one that panics */
    tidegate_string_free(text);
}

/* The other places where code of the library runs: its own thread, and a stream that is read. */
static void panic_task(void) {
    size_t before = ended.failed;
    CHECK(tidegate_chat_start(gateway, ASK("sim/x"), into_box, &ended, &error) != NULL);
    box_wait(&ended, box_count(&ended) + (ended.failed == before));
    CHECK(ended.failed == before + 1);
    tidegate_inject_panic("task");
    tidegate_call *waiting = tidegate_chat_start(gateway, ASK("sim/x"), NULL, NULL, &error);
    CHECK(tidegate_call_wait(waiting, &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_INTERNAL);
    tidegate_inject_panic("task");
    tidegate_event_stream *opened = tidegate_stream_open(gateway, ASK("sim/x"), &error);
    CHECK(tidegate_stream_next(opened, &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_INTERNAL);
    CHECK(tidegate_stream_next(opened, &error) == NULL && error == NULL && tidegate_stream_close(opened));
}
static void panic_on_done(void) {
    size_t before = ended.failed;
    CHECK(tidegate_chat_start(gateway, ASK("sim/x"), into_box, &ended, &error) != NULL);
    box_wait(&ended, box_count(&ended) + (ended.failed == before));
    CHECK(ended.failed == before + 1);
}
static void panic_reader(void) {
    CHECK(tidegate_stream_next(stream, &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_INTERNAL);
    CHECK(tidegate_stream_next(stream, &error) == NULL && error == NULL);
    CHECK(tidegate_stream_close(stream));
    stream = NULL;
}

static const struct {
    const char *name;
    void (*run)(void);
} panics[] = {
#define PANIC(name) {#name, panic_##name}
    PANIC(tidegate_gateway_open_s),      PANIC(tidegate_gateway_from_toml_s), PANIC(tidegate_gateway_from_json_s),
    PANIC(tidegate_gateway_with_sim),    PANIC(tidegate_sim_from_json_s),     PANIC(tidegate_sim_requests),
    PANIC(tidegate_start_s),             PANIC(tidegate_call_wait),           PANIC(tidegate_stream_open_s),
    PANIC(tidegate_stream_response),     PANIC(tidegate_gateway_close),       PANIC(tidegate_sim_free),
    PANIC(tidegate_call_cancel),         PANIC(tidegate_stream_cancel),       PANIC(tidegate_stream_close),
    PANIC(tidegate_error_free),          PANIC(tidegate_open_handles),        PANIC(tidegate_stream_poll),
    PANIC(tidegate_error_read),          PANIC(tidegate_version),             PANIC(tidegate_config_schema),
    PANIC(tidegate_string_free),         PANIC(task),                         PANIC(on_done),
    PANIC(reader),                       PANIC(tidegate_reload_s),            PANIC(tidegate_reload_file),
    PANIC(tidegate_explain_s),           PANIC(tidegate_health),              PANIC(tidegate_gateway_with_check_s),
    PANIC(tidegate_observe_health),      PANIC(tidegate_watch),               PANIC(tidegate_subscription_close),
};

/* Nothing else is affected: the same handles answer, and a call that ran before still runs. */
static void still_works(void) {
    char *reply = tidegate_chat(gateway, ASK("sim/x"), &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    tidegate_string_free(reply);
    size_t count = box_count(&ended);
    CHECK(tidegate_chat_start(gateway, ASK("sim/x"), into_box, &ended, &error) != NULL);
    box_wait(&ended, count + 1);
    CHECK(tidegate_error_kind(spare) == TIDEGATE_KIND_NO_ROUTE);
    char *requests = tidegate_sim_requests(sim, &error);
    CHECK(requests != NULL && strstr(requests, "\"closed_by\":\"client\"") == NULL);
    tidegate_string_free(requests);
}

int main(int count, char **arguments) {
    size_t number = sizeof panics / sizeof *panics;
    if (count > 1 && strcmp(arguments[1], "--list") == 0) {
        for (size_t i = 0; i < number; i++) puts(panics[i].name);
        return 0;
    }
    for (size_t i = 0; i < number; i++) {
        prepare();
        tidegate_inject_panic(panics[i].name);
        panics[i].run();
        still_works();
    }
    CHECK(tidegate_call_cancel(call) && tidegate_call_wait(call, &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_CANCELLED);
    CHECK((stream == NULL || tidegate_stream_close(stream)) && tidegate_error_free(spare));
    CHECK(tidegate_gateway_close(gateway) && tidegate_sim_free(sim) && tidegate_open_handles() == 0);
    printf("panics: %zu places, each an error, everything else unaffected\n", number);
    return 0;
}
