/* Functions that judge answers, and functions that are told of what happens to a gateway. */
#include "worlds.h"

#define DOWN "{\"upstreams\": {\"a.test\": {\"then\": {\"status\": 503}}, \"b.test\": {\"then\": {\"status\": 503}}}}"
#define PROVIDER(name) "\"" name "\": {\"protocol\": \"openai-chat\", \"base_url\": \"http://" name ".test/v1\"}"
#define CHECKED "{\"routes\": {\"r\": {\"targets\": [\"sim/small\", \"sim/large\"], \"reject\": {\"check\": \"grounded\"}}}}"

/* What a function was told, and how often it ended. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t count, ended;
    char last[200];
    tidegate_gateway *gateway; /* to be asked */
} told;

#define TOLD {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, "", NULL}

static void tell(told *told, const char *text, size_t length) {
    pthread_mutex_lock(&told->lock);
    snprintf(told->last, sizeof told->last, "%.*s", (int)length, text);
    told->count++;
    pthread_cond_broadcast(&told->changed);
    pthread_mutex_unlock(&told->lock);
}

static void told_end(void *user_data) {
    told *told = user_data;
    pthread_mutex_lock(&told->lock);
    told->ended++;
    pthread_cond_broadcast(&told->changed);
    pthread_mutex_unlock(&told->lock);
}

/* Waits until it was told so often, and has ended so often. */
static void told_wait(told *told, size_t count, size_t ended) {
    pthread_mutex_lock(&told->lock);
    while (told->count < count || told->ended < ended) pthread_cond_wait(&told->changed, &told->lock);
    CHECK(told->count == count && told->ended == ended);
    pthread_mutex_unlock(&told->lock);
}

static tidegate_gateway *failing(tidegate_sim **sim) {
    static const char config[] = "{\"providers\": {" PROVIDER("a") ", " PROVIDER("b") "},"
                                 " \"defaults\": {\"retry\": {\"max_attempts\": 1}, \"breaker\": {\"failures\": 1}}}";
    tidegate_error *error;
    tidegate_gateway *live = tidegate_gateway_from_json(config, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    *sim = tidegate_sim_from_json(DOWN, &error);
    tidegate_gateway *gateway = tidegate_gateway_with_sim(live, *sim, &error);
    CHECK(gateway != NULL && tidegate_gateway_close(live));
    return gateway;
}

static void fail(tidegate_gateway *gateway, const char *request) {
    tidegate_error *error;
    CHECK(tidegate_chat(gateway, request, &error) == NULL);
    CHECK_KIND(error, TIDEGATE_KIND_OVERLOADED);
}

static bool not_small(void *user_data, const char *response, char *reason, size_t size) {
    slice target = json_get(slice_of(response), "target");
    tell(user_data, target.at, target.length);
    snprintf(reason, size, "%.*s is too small", (int)target.length, target.at);
    return !slice_is(target, "\"sim/small\"");
}

static bool fills(void *user_data, const char *response, char *reason, size_t size) {
    (void)user_data, (void)response;
    memset(reason, 'x', size);
    return false;
}

static bool asks(void *user_data, const char *response, char *reason, size_t size) {
    (void)response, (void)reason, (void)size;
    told *told = user_data;
    tidegate_error *error;
    char *reply = tidegate_chat(told->gateway, ASK("sim/judge"), &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    tidegate_string_free(reply);
    tell(told, "", 0);
    return true;
}

static void answers_are_judged(void) {
    tidegate_error *error;
    told judged = TOLD;
    tidegate_gateway *plain = tidegate_gateway_from_json(CHECKED, &error);
    tidegate_gateway *gateway = tidegate_gateway_with_check(plain, "grounded", not_small, &judged, told_end, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    char *reply = tidegate_chat(gateway, ASK("r"), &error);
    CHECK(error == NULL && slice_is(json_get(slice_of(reply), "target"), "\"sim/large\""));
    CHECK(strstr(reply, "too small") != NULL);
    tidegate_string_free(reply);
    CHECK(tidegate_gateway_close(gateway));
    told_wait(&judged, 2, 1);
    CHECK(tidegate_chat(plain, ASK("r"), &error) == NULL); /* it has no such function */
    CHECK_KIND(error, TIDEGATE_KIND_CONFIG);

    gateway = tidegate_gateway_with_check_s(plain, tidegate_text("grounded!", 8), fills, NULL, NULL, &error);
    CHECK(tidegate_chat(gateway, ASK("r"), &error) == NULL);
    CHECK(strstr(tidegate_error_message(error), "xxxx") != NULL);
    CHECK_KIND(error, TIDEGATE_KIND_INVALID_OUTPUT);
    CHECK(tidegate_gateway_close(gateway));

    told asked = TOLD;
    asked.gateway = plain;
    gateway = tidegate_gateway_with_check(plain, "grounded", asks, &asked, told_end, &error);
    reply = tidegate_chat(gateway, ASK("r"), &error);
    CHECK(error == NULL && slice_is(json_get(slice_of(reply), "target"), "\"sim/small\""));
    tidegate_string_free(reply);
    CHECK(tidegate_gateway_close(gateway) && tidegate_gateway_close(plain));
    told_wait(&asked, 1, 1);
}

static void on_health(void *user_data, const char *health) {
    slice state = json_get(slice_of(health), "state");
    tell(user_data, state.at, state.length);
}

/* Asks the gateway once, on the callback's thread. */
static void on_health_asks(void *user_data, const char *health) {
    told *told = user_data;
    tidegate_error *error;
    char *reply = tidegate_chat(told->gateway, ASK("sim/x"), &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    tidegate_string_free(reply);
    on_health(user_data, health);
}

static void changes_of_health_are_told(void) {
    tidegate_sim *sim;
    tidegate_error *error;
    told one = TOLD, other = TOLD;
    tidegate_gateway *gateway = failing(&sim);
    other.gateway = gateway;
    tidegate_subscription *closed = tidegate_observe_health(gateway, on_health, &one, told_end, &error);
    tidegate_subscription *kept = tidegate_observe_health(gateway, on_health_asks, &other, told_end, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    fail(gateway, ASK("a/m"));
    told_wait(&one, 1, 0);
    told_wait(&other, 1, 0);
    CHECK(strcmp(one.last, "\"open\"") == 0);
    CHECK(tidegate_subscription_close(closed) && !tidegate_subscription_close(closed));
    told_wait(&one, 1, 1);
    fail(gateway, ASK("b/m"));
    told_wait(&other, 2, 0);
    told_wait(&one, 1, 1);
    CHECK(tidegate_gateway_close(gateway) && tidegate_sim_free(sim));
    CHECK(tidegate_subscription_close(kept));
    told_wait(&other, 2, 1);
}

static void on_reload(void *user_data, tidegate_error *error) {
    const char *text = error == NULL ? "taken" : tidegate_error_message(error);
    tell(user_data, text, strlen(text));
    CHECK(error == NULL || tidegate_error_free(error));
}

/* At once: nobody sees half of it. */
static void replace(const char *path, const char *text) {
    FILE *file = fopen("tidegate-hooks.new", "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    CHECK(rename("tidegate-hooks.new", path) == 0);
}

static void a_file_is_watched(void) {
    const char *path = "tidegate-hooks.toml";
    tidegate_error *error;
    told seen = TOLD;
    replace(path, "[routes.r]\ntargets = ['sim/small']\n");
    tidegate_gateway *gateway = tidegate_gateway_open(path, &error);
    tidegate_subscription *silent = tidegate_watch(gateway, 0.001, NULL, NULL, NULL, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    tidegate_subscription *watch = tidegate_watch(gateway, 0.001, on_reload, &seen, told_end, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    replace(path, "[routes.r]\ntargets = ['sim/large']\n");
    told_wait(&seen, 1, 0);
    CHECK(strcmp(seen.last, "taken") == 0);
    char *plan = tidegate_explain(gateway, ASK("r"), &error);
    CHECK(plan != NULL && strstr(plan, "sim/large") != NULL);
    tidegate_string_free(plan);
    replace(path, "[routes.r]\ntargts = []\n");
    told_wait(&seen, 2, 0);
    CHECK(strstr(seen.last, "targts") != NULL);
    CHECK(tidegate_subscription_close(watch) && tidegate_subscription_close(silent));
    told_wait(&seen, 2, 1);
    CHECK(remove(path) == 0 && tidegate_gateway_close(gateway));
}

/* Whatever is refused has ended what it was given, once. */
static void what_is_wrong_is_refused(void) {
    tidegate_error *error;
    told end = TOLD;
    tidegate_gateway *gateway = tidegate_gateway_builtin(&error);
    size_t ended = 0;
#define REFUSED(call, kind) \
    do { \
        CHECK((call) == NULL); \
        CHECK_KIND(error, kind); \
        told_wait(&end, 0, ++ended); \
    } while (0)
    const tidegate_gateway *none[] = {NULL, (const tidegate_gateway *)(const void *)&end};
    for (size_t i = 0; i < 2; i++) {
        REFUSED(tidegate_gateway_with_check(none[i], "x", not_small, &end, told_end, &error), TIDEGATE_KIND_INVALID_REQUEST);
        REFUSED(tidegate_observe_health(none[i], on_health, &end, told_end, &error), TIDEGATE_KIND_INVALID_REQUEST);
        REFUSED(tidegate_watch(none[i], 1.0, on_reload, &end, told_end, &error), TIDEGATE_KIND_INVALID_REQUEST);
        CHECK(!tidegate_subscription_close((tidegate_subscription *)(void *)(uintptr_t)none[i]));
    }
    REFUSED(tidegate_gateway_with_check(gateway, "x", NULL, &end, told_end, &error), TIDEGATE_KIND_INVALID_REQUEST);
    REFUSED(tidegate_gateway_with_check(gateway, NULL, not_small, &end, told_end, &error), TIDEGATE_KIND_INVALID_REQUEST);
    REFUSED(tidegate_observe_health(gateway, NULL, &end, told_end, &error), TIDEGATE_KIND_INVALID_REQUEST);
    REFUSED(tidegate_watch(gateway, 1.0, on_reload, &end, told_end, &error), TIDEGATE_KIND_CONFIG); /* no file */
#undef REFUSED
    CHECK(tidegate_gateway_close(gateway));
}

int main(void) {
    answers_are_judged();
    changes_of_health_are_told();
    a_file_is_watched();
    what_is_wrong_is_refused();
    CHECK(tidegate_open_handles() == 0);
    puts("hooks: checks, changes of health, a file that is watched");
    return 0;
}
