/* Tidegate from C in a few scenes: chat, stream, failover, a broken stream, cancelling. No key, no network. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <tidegate.h>

#include "../tests/json.h"

#define SAY(model, words) "{\"model\": \"" model "\", \"messages\": [{\"role\": \"user\", \"content\": \"" words "\"}]}"

/* The vendors a.test and b.test exist in this world alone: one is down, the other breaks off. */
static const char world[] =
    "{\"upstreams\": {"
    "\"a.test\": {\"then\": {\"status\": 503, \"body\": [{\"json\": {\"error\": {\"message\": \"overloaded\"}}}]}},"
    "\"b.test\": {\"then\": {\"body\": [{\"sse\": {\"id\": \"1\", \"model\": \"m\", \"choices\": [{\"index\": 0,"
    " \"delta\": {\"content\": \"The tide comes in, the tide g\"}}]}}]}}}}";
static const char stopped[] =
    "{\"clock\": \"stopped\", \"upstreams\": {\"a.test\": {\"then\": {\"raw\": [], \"end\": \"hang\"}}}}";
static const char config[] =
    "{\"providers\": {\"a\": {\"protocol\": \"openai-chat\", \"base_url\": \"http://a.test/v1\"},"
    " \"b\": {\"protocol\": \"openai-chat\", \"base_url\": \"http://b.test/v1\"}},"
    " \"routes\": {\"harbour\": {\"targets\": [\"a/nautilus\", \"sim-anthropic/kraken\"]}}}";

static void scene(const char *title) { printf("\n== %s\n", title); }

static void must(bool done, tidegate_error *error) {
    if (done) return;
    fprintf(stderr, "%s: %s\n", tidegate_error_name(error), tidegate_error_message(error));
    exit(1);
}

static bool print_text(void *user_data, const char *event) {
    (void)user_data;
    if (slice_is(json_get(slice_of(event), "type"), "\"text\"")) json_print(json_get(slice_of(event), "text"));
    fflush(stdout);
    return true;
}

static void chat(const tidegate_gateway *gateway) {
    tidegate_error *error;
    scene("A chat");
    char *reply = tidegate_chat(gateway, SAY("sim/nautilus", "What does a gateway do?"), &error);
    must(reply != NULL, error);
    json_print(json_get(slice_of(reply), "text"));
    slice usage = json_get(slice_of(reply), "usage");
    printf("\nusage: %.*s\n", (int)usage.length, usage.at);
    tidegate_string_free(reply);
}

static void stream(const tidegate_gateway *gateway) {
    tidegate_error *error;
    scene("A stream, word by word");
    must(tidegate_stream(gateway, SAY("sim-gemini/pearl", "Say it word by word"), print_text, NULL, &error), error);
    puts("");
}

static void failover(const tidegate_gateway *gateway) {
    tidegate_error *error;
    scene("A vendor is down: the next one answers");
    char *reply = tidegate_chat(gateway, SAY("harbour", "Anyone there?"), &error);
    must(reply != NULL, error);
    slice key, attempt, attempts = json_get(slice_of(reply), "attempts");
    for (const char *cursor = NULL; json_step(attempts, &cursor, &key, &attempt);) {
        slice target = json_get(attempt, "target"), kind = json_get(attempt, "kind");
        printf("%.*s: %.*s\n", (int)target.length, target.at, (int)kind.length, kind.at);
    }
    tidegate_string_free(reply);
}

static void broken(const tidegate_gateway *gateway) {
    tidegate_error *error;
    scene("A stream breaks in the middle: an error with what had arrived, not half an answer");
    must(!tidegate_stream(gateway, SAY("b/m", "A poem, please"), print_text, NULL, &error), NULL);
    slice partial = json_get(slice_of(tidegate_error_json(error)), "partial");
    printf(" ~ snap ~\n%s: %s\npartial text: ", tidegate_error_name(error), tidegate_error_message(error));
    json_print(json_get(partial, "text"));
    puts("");
    tidegate_error_free(error);
}

static void cancel(const tidegate_gateway *gateway) {
    tidegate_error *error;
    scene("A call that waits is cancelled, which closes its connection");
    tidegate_sim *sim = tidegate_sim_from_json(stopped, &error);
    must(sim != NULL, error);
    tidegate_gateway *hangs = tidegate_gateway_with_sim(gateway, sim, &error);
    tidegate_call *call = tidegate_chat_start(hangs, SAY("a/m", "hi"), NULL, NULL, &error);
    must(call != NULL, error);
    for (bool sent = false; !sent; sched_yield()) {
        char *requests = tidegate_sim_requests(sim, NULL);
        sent = strcmp(requests, "[]") != 0;
        tidegate_string_free(requests);
    }
    tidegate_call_cancel(call);
    tidegate_call_wait(call, &error);
    printf("%s: %s\n", tidegate_error_name(error), tidegate_error_message(error));
    tidegate_error_free(error);
    tidegate_gateway_close(hangs);
    tidegate_sim_free(sim);
}

int main(void) {
    tidegate_error *error;
    tidegate_sim *sim = tidegate_sim_from_json(world, &error);
    must(sim != NULL, error);
    tidegate_gateway *live = tidegate_gateway_from_json(config, &error);
    must(live != NULL, error);
    tidegate_gateway *gateway = tidegate_gateway_with_sim(live, sim, &error);
    must(gateway != NULL, error);
    tidegate_gateway_close(live);
    printf("Tidegate %s: a gateway in this process, vendors in a simulated world\n", tidegate_version());
    chat(gateway);
    stream(gateway);
    failover(gateway);
    broken(gateway);
    cancel(gateway);
    scene("A typo in the configuration is caught before it costs anything");
    must(tidegate_gateway_from_json("{\"routes\": {\"harbour\": {\"targts\": [\"a/m\"]}}}", &error) == NULL, NULL);
    printf("%s: %s\n", tidegate_error_name(error), tidegate_error_message(error));
    tidegate_error_free(error);
    tidegate_gateway_close(gateway);
    tidegate_sim_free(sim);
    return 0;
}
