/* Tidegate from C, as a user has it: `c-tidegate MODE BASE_URL SECONDS` prints one line of JSON, as the Rust harness does.
 *
 * Calls are started and end in a callback: one thread of this program, and the library's. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../../../bindings-ffi/c/tests/json.h"
#include "tidegate.h"

static const char request[] =
    "{\"model\": \"bench/gpt-4o-mini\", \"messages\": ["
    "{\"role\": \"system\", \"content\": \"You are a helpful assistant.\"},"
    "{\"role\": \"user\", \"content\": \"Explain in two sentences what an LLM gateway does.\"}]}";

enum { MOST = 1 << 22 };

static struct {
    tidegate_gateway *gateway;
    double end;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int running;
    double *latencies; /* of answers, in seconds */
    size_t answers;
} bench = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* One caller: it asks again as soon as it has its answer. */
typedef struct {
    double started;
    long texts;
} caller;

static void check(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void must(const void *made, tidegate_error *error) { check(made != NULL, tidegate_error_message(error)); }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static long resident(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    check(file != NULL && fscanf(file, "%*d %ld", &pages) == 1 && fclose(file) == 0, "no /proc/self/statm");
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Notes an answer; whether to ask again. */
static bool again(const caller *caller) {
    double clock = now();
    pthread_mutex_lock(&bench.lock);
    check(bench.answers < MOST, "too many answers");
    bench.latencies[bench.answers++] = clock - caller->started;
    bool more = clock < bench.end;
    if (!more && --bench.running == 0) pthread_cond_signal(&bench.changed);
    pthread_mutex_unlock(&bench.lock);
    return more;
}

static long number(slice object, const char *name) {
    slice value = json_get(object, name);
    return value.at == NULL ? 0 : strtol(value.at, NULL, 10);
}

static void ask(caller *caller);
static void stream(caller *caller);

static void answered(void *user_data, char *response, tidegate_error *error) {
    must(response, error);
    slice key, value;
    long tokens = 0;
    for (const char *cursor = NULL; tokens == 0 && json_step(slice_of(response), &cursor, &key, &value);) {
        if (slice_is(key, "text")) check(value.length > 2, "no text");
        if (slice_is(key, "usage")) tokens = number(value, "input_tokens") + number(value, "output_tokens");
    }
    check(tokens > 0, "no usage");
    tidegate_string_free(response);
    if (again(user_data)) ask(user_data);
}

static void ask(caller *caller) {
    tidegate_error *error;
    caller->started = now();
    must(tidegate_chat_start(bench.gateway, request, answered, caller, &error), error);
}

static bool on_event(void *user_data, const char *event) {
    slice all = slice_of(event);
    bool text = slice_is(json_get(all, "type"), "\"text\"") && json_get(all, "text").length > 2;
    ((caller *)user_data)->texts += text;
    return true;
}

static void streamed(void *user_data, char *response, tidegate_error *error) {
    must(response, error);
    check(((caller *)user_data)->texts == 500, "not 500 chunks with text");
    tidegate_string_free(response);
    if (again(user_data)) stream(user_data);
}

static void stream(caller *caller) {
    tidegate_error *error;
    caller->started = now();
    caller->texts = 0;
    must(tidegate_stream_start(bench.gateway, request, on_event, streamed, caller, &error), error);
}

static void run(void (*start)(caller *), int callers, double seconds) {
    static caller all[64];
    bench.answers = 0;
    bench.running = callers;
    bench.end = now() + seconds;
    for (int i = 0; i < callers; i++) start(&all[i]);
    pthread_mutex_lock(&bench.lock);
    while (bench.running > 0) pthread_cond_wait(&bench.changed, &bench.lock);
    pthread_mutex_unlock(&bench.lock);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(void (*start)(caller *), int callers, int units, double seconds) {
    run(start, callers, 0.5); /* connections, caches, branch predictors */
    double before = cpu(), clock = now();
    run(start, callers, seconds);
    double used = cpu() - before, wall = now() - clock, n = (double)bench.answers * units;
    qsort(bench.latencies, bench.answers, sizeof *bench.latencies, ascending);
    double p50 = bench.latencies[bench.answers / 2], p99 = bench.latencies[bench.answers * 99 / 100];
    printf("{\"n\": %.0f, \"cpu_us\": %f, \"per_s\": %f, \"p50_us\": %f, \"p99_us\": %f, \"rss_kb\": %ld}\n", n,
           used / n * 1e6, n / wall, p50 * 1e6, p99 * 1e6, resident());
}

int main(int count, char **arguments) {
    check(count == 4, "usage: c-tidegate MODE BASE_URL SECONDS");
    char config[512];
    snprintf(config, sizeof config,
             "{\"providers\": {\"bench\": {\"protocol\": \"openai-chat\", \"base_url\": \"%s\", \"api_key\": \"sk-x\"}}}",
             arguments[2]);
    tidegate_error *error;
    bench.gateway = tidegate_gateway_from_json(config, &error);
    must(bench.gateway, error);
    bench.latencies = malloc(MOST * sizeof *bench.latencies);
    double seconds = strtod(arguments[3], NULL);
    if (strcmp(arguments[1], "conc64") == 0) measure(ask, 64, 1, seconds);
    else if (strcmp(arguments[1], "seq") == 0) measure(ask, 1, 1, seconds);
    else if (strcmp(arguments[1], "stream1") == 0) measure(stream, 1, 500, seconds);
    else puts("{\"unsupported\": true}");
    free(bench.latencies);
    tidegate_gateway_close(bench.gateway);
    return 0;
}
