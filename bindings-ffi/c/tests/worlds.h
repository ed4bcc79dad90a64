/* Gateways in simulated worlds, and a box in which callbacks leave what they are given. */
#ifndef TIDEGATE_TESTS_WORLDS_H
#define TIDEGATE_TESTS_WORLDS_H

#include <pthread.h>

#include "check.h"

#define ASK(model) "{\"model\": \"" model "\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}"

/* The built-in providers in a world; one where `model` is answered by `sim`, or hangs with the clock stopped. */
static inline tidegate_gateway *world(const char *sim_json, tidegate_sim **sim) {
    static const char config[] =
        "{\"providers\": {\"a\": {\"protocol\": \"openai-chat\", \"base_url\": \"http://a.test/v1\"}},"
        " \"defaults\": {\"retry\": {\"max_attempts\": 1}}}";
    tidegate_error *error;
    *sim = tidegate_sim_from_json(sim_json, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    tidegate_gateway *live = tidegate_gateway_from_json(config, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    tidegate_gateway *gateway = tidegate_gateway_with_sim(live, *sim, &error);
    CHECK_KIND(error, TIDEGATE_KIND_NONE);
    CHECK(tidegate_gateway_close(live));
    return gateway;
}

#define HANGS "{\"clock\": \"stopped\", \"upstreams\": {\"a.test\": {\"then\": {\"raw\": [], \"end\": \"hang\"}}}}"

/* The error's kind, freed. */
static inline tidegate_kind kind_of(tidegate_error *error) {
    tidegate_kind kind = tidegate_error_kind(error);
    tidegate_error_free(error);
    return kind;
}

/* Counts how calls ended. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t responses, cancelled, stopped, failed;
} box;

#define BOX {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, 0}

static inline size_t box_count(const box *box) { return box->responses + box->cancelled + box->stopped + box->failed; }

static inline void box_put(box *box, char *response, tidegate_error *error) {
    tidegate_kind kind = tidegate_error_kind(error);
    CHECK(response == NULL || error == NULL);
    CHECK(error == NULL || tidegate_error_free(error));
    pthread_mutex_lock(&box->lock);
    if (response != NULL) box->responses++;
    else if (kind == TIDEGATE_KIND_CANCELLED) box->cancelled++;
    else if (kind == TIDEGATE_KIND_NONE) box->stopped++;
    else box->failed++;
    pthread_cond_broadcast(&box->changed);
    pthread_mutex_unlock(&box->lock);
    tidegate_string_free(response);
}

/* An on_done that counts. */
static inline void into_box(void *user_data, char *response, tidegate_error *error) {
    box_put((box *)user_data, response, error);
}

static inline void box_wait(box *box, size_t count) {
    pthread_mutex_lock(&box->lock);
    while (box_count(box) < count) pthread_cond_wait(&box->changed, &box->lock);
    pthread_mutex_unlock(&box->lock);
}

#endif
