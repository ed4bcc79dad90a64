/* Generated from bindings-ffi/src/c by cargo run -p tidegate-ffi --example c_header. */
#ifndef TIDEGATE_H
#define TIDEGATE_H

/**
 * @file tidegate.h
 * Tidegate for C: an LLM gateway inside this process. JSON in, JSON out, with the same fields as in every language.
 *
 * @section text Text
 * Text is UTF-8. Where it is passed in there are two functions: one takes text that ends with NUL, and one that ends in
 * `_s` takes a tidegate_str, which has its length. Text is read before a function returns, not later. Text that is
 * returned ends with NUL, and is yours to free with tidegate_string_free unless something else is said.
 *
 * @section handles Handles
 * Handles look like pointers but point nowhere: they are numbers with a generation. A handle that has ended, one of
 * another type, NULL or any other number is an error (or false, where there is no place for one), never undefined.
 *
 * @section errors Errors
 * A function that can fail takes a `tidegate_error **error`, which may be NULL. `*error` is not read and always written:
 * NULL on success, on failure a new error that is yours to free with tidegate_error_free. Decide by
 * tidegate_error_kind. Nothing else is to be freed after a failure.
 *
 * A panic inside the library is a bug, and is caught: the function fails with TIDEGATE_KIND_INTERNAL, or returns what it
 * returns for a handle that has ended. The call that panicked has ended, on_done was called if it was due, its stream is
 * closed; all other handles, calls and threads work as before.
 *
 * @section threads Threads
 * Every function may be called on any thread at the same time as any other. Callbacks of started calls run on the
 * library's thread, and hold up other calls while they run. Functions that wait must not be called there, and refuse it
 * with TIDEGATE_KIND_INVALID_REQUEST. Checks, on_health and on_reload run on threads of their own, and may wait. No
 * callback may throw, longjmp or end its thread. A forked child may only exec.
 *
 * @section abi What is exported
 * The functions that are declared come from the library; those that are defined here, at the end, are made of them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>



/** The version of this header. */
#define TIDEGATE_VERSION "0.1.0"

/** The kinds of errors, as in every language. Numbers do not change: new kinds get new ones. */
typedef enum tidegate_kind {
    /** A bug in Tidegate: see tidegate.h. */
    TIDEGATE_KIND_INTERNAL = -1,
    /** No error. */
    TIDEGATE_KIND_NONE = 0,
    /** The request is wrong in itself; sending it again anywhere is pointless. */
    TIDEGATE_KIND_INVALID_REQUEST = 1,
    /** The provider does not know the key, or there is none. */
    TIDEGATE_KIND_UNAUTHENTICATED = 2,
    /** The key is known and may not do this. */
    TIDEGATE_KIND_PERMISSION_DENIED = 3,
    /** The provider does not have this model or path. */
    TIDEGATE_KIND_NOT_FOUND = 4,
    /** Too many requests or tokens in a window; it passes with time. */
    TIDEGATE_KIND_RATE_LIMITED = 5,
    /** The account's money or quota is used up; waiting does not help. */
    TIDEGATE_KIND_QUOTA_EXHAUSTED = 6,
    /** The provider is too busy (503, 529). */
    TIDEGATE_KIND_OVERLOADED = 7,
    /** The provider failed (5xx). */
    TIDEGATE_KIND_SERVER = 8,
    /** One of the four timeouts passed; `context` names which. */
    TIDEGATE_KIND_TIMEOUT = 9,
    /** No connection: name resolution, refused, reset, proxy, out of sockets. */
    TIDEGATE_KIND_CONNECTION = 10,
    /** The TLS handshake failed. */
    TIDEGATE_KIND_TLS = 11,
    /** The provider's answer breaks HTTP or its own format; `context` has the `reason`. */
    TIDEGATE_KIND_PROTOCOL = 12,
    /** A stream ended without its terminal marker; `partial` has what arrived. */
    TIDEGATE_KIND_STREAM_INCOMPLETE = 13,
    /** The prompt does not fit into the model's context window. */
    TIDEGATE_KIND_CONTEXT_TOO_LONG = 14,
    /** The provider refused because of its content policy. */
    TIDEGATE_KIND_CONTENT_FILTERED = 15,
    /** The caller cancelled. */
    TIDEGATE_KIND_CANCELLED = 16,
    /** A budget of this gateway is spent. */
    TIDEGATE_KIND_BUDGET_EXCEEDED = 17,
    /** A rate limit of this gateway is reached. */
    TIDEGATE_KIND_THROTTLED = 18,
    /** A guard of this gateway refused. */
    TIDEGATE_KIND_BLOCKED = 19,
    /** The model names neither a route nor a known provider. */
    TIDEGATE_KIND_NO_ROUTE = 20,
    /** The configuration is wrong. */
    TIDEGATE_KIND_CONFIG = 21,
    /** A target cannot do what the request asks for. */
    TIDEGATE_KIND_UNSUPPORTED = 22,
    /** The state store failed. */
    TIDEGATE_KIND_STORE = 23,
    /** The answer is not what the request's schema or the route demands; `partial` has it. */
    TIDEGATE_KIND_INVALID_OUTPUT = 24,
} tidegate_kind;

/**
 * For tidegate_start: a chat, answered as a whole.
 */
#define TIDEGATE_CHAT 0

/**
 * For tidegate_start: a chat, answered event by event to on_event.
 */
#define TIDEGATE_STREAM 1

/**
 * For tidegate_start: an embedding.
 */
#define TIDEGATE_EMBED 2

/**
 * For tidegate_start: a ranking.
 */
#define TIDEGATE_RERANK 3

/**
 * What tidegate_stream_poll found.
 */
typedef enum {
    /**
     * It failed, and there is an error.
     */
    TIDEGATE_POLL_FAILED = -1,
    /**
     * The stream has ended.
     */
    TIDEGATE_POLL_END = 0,
    /**
     * There is an event.
     */
    TIDEGATE_POLL_EVENT = 1,
    /**
     * Nothing came in time; ask again.
     */
    TIDEGATE_POLL_PENDING = 2,
} tidegate_poll;

/**
 * A call that was started. Its handle ends by itself, just before on_done or in tidegate_call_wait.
 */
typedef struct tidegate_call tidegate_call;

/**
 * What went wrong. Made by functions that take `tidegate_error **`; end it with tidegate_error_free.
 */
typedef struct tidegate_error tidegate_error;

/**
 * A stream that is read by tidegate_stream_next or tidegate_stream_poll. End it with tidegate_stream_close.
 */
typedef struct tidegate_event_stream tidegate_event_stream;

/**
 * A configuration and its connections. All threads may share one. End it with tidegate_gateway_close.
 */
typedef struct tidegate_gateway tidegate_gateway;

/**
 * A simulated world for tests: a virtual clock, seeded chance, a scripted network. End it with tidegate_sim_free.
 */
typedef struct tidegate_sim tidegate_sim;

/**
 * Keeps a callback called that a gateway was given. End it with tidegate_subscription_close; it does not keep the gateway.
 */
typedef struct tidegate_subscription tidegate_subscription;

/**
 * What an error says. Its texts live until the error is freed.
 */
typedef struct {
    /**
     * What to decide by.
     */
    tidegate_kind kind;
    /**
     * The HTTP status that the provider answered, 0 where there was none.
     */
    int status;
    /**
     * The seconds that the provider asked to wait, negative where it did not.
     */
    double retry_after;
    /**
     * The kind's name, the same in every language: `rate_limited`.
     */
    const char *name;
    /**
     * What failed, with which value, and what to do; for people. It never holds a key or a prompt.
     */
    const char *message;
    /**
     * All of it as canonical JSON: origin, provider, context, partial response and attempts too.
     */
    const char *json;
} tidegate_error_info;

/**
 * Text that is passed in: `length` bytes, or up to the first NUL where `length` is SIZE_MAX.
 */
typedef struct {
    /**
     * The bytes, in UTF-8. NULL is refused.
     */
    const char *data;
    /**
     * How many they are.
     */
    size_t length;
} tidegate_str;

/**
 * Is called with each event of a stream, as canonical JSON that lives until it returns. False stops the stream.
 */
typedef bool (*tidegate_on_event)(void *user_data, const char *event);

/**
 * Is called once, when a started call has ended, with a response or an error, which are then the callee's to free; with
 * neither where on_event stopped the stream.
 */
typedef void (*tidegate_on_done)(void *user_data, char *response, tidegate_error *error);

/**
 * Judges an answer, which is the response as canonical JSON and lives until it returns. True accepts it. False rejects it,
 * for the reason that was written to `reason`: text with NUL at its end, in `size` bytes. Runs on a thread of the library's,
 * or on several at the same time, where it may wait: functions that wait too.
 */
typedef bool (*tidegate_check)(void *user_data, const char *response, char *reason, size_t size);

/**
 * Is called once with the user_data that came with it, when no callback will be given that any more: until then it has to
 * live. On any thread.
 */
typedef void (*tidegate_destroy)(void *user_data);

/**
 * Is called with a target whose state has changed, as tidegate_health describes it: canonical JSON that lives until it
 * returns. Runs on a thread of the library's, one call after the other, where it may wait.
 */
typedef void (*tidegate_on_health)(void *user_data, const char *health);

/**
 * Is called when a file has changed that is watched: with NULL if what it says was taken, or with an error that says why it
 * was not, and is then the callee's to free. Runs on a thread of the library's, one call after the other, where it may wait.
 */
typedef void (*tidegate_on_reload)(void *user_data, tidegate_error *error);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Frees a text that was returned. NULL is allowed. Any thread; each text once: unlike handles, texts are not checked.
 */
void tidegate_string_free(char *text);

/**
 * The number of handles that are alive, errors among them: a test's look for leaks, which leak checkers do not see, as
 * the library still knows them. Any thread.
 */
size_t tidegate_open_handles(void);

/**
 * Reads an error; NULL and one that was freed are of the kind TIDEGATE_KIND_NONE. Any thread.
 */
tidegate_error_info tidegate_error_read(const tidegate_error *error);

/**
 * Frees an error: true, or false for NULL or one that was freed. Any thread, while no other reads a text of it.
 */
bool tidegate_error_free(tidegate_error *error);

/**
 * The version of the library, such as `0.1.0`. It lives for ever. Any thread.
 */
const char *tidegate_version(void);

/**
 * The JSON Schema of what a configuration may hold, as JSON text. It lives for ever. Any thread.
 */
const char *tidegate_config_schema(void);

/**
 * Opens a gateway for a TOML file. NULL and an error if it cannot be read or is wrong. Any thread.
 */
tidegate_gateway *tidegate_gateway_open_s(tidegate_str path, tidegate_error **error);

/**
 * Opens a gateway for TOML text: what a configuration file holds. NULL and an error if it is wrong. Any thread.
 */
tidegate_gateway *tidegate_gateway_from_toml_s(tidegate_str toml, tidegate_error **error);

/**
 * Opens a gateway for a JSON object with the keys of a configuration file. NULL and an error if it is wrong. Any thread.
 */
tidegate_gateway *tidegate_gateway_from_json_s(tidegate_str config,
                                               tidegate_error **error);

/**
 * Takes another configuration from now on: a JSON object with the keys of a configuration file. Calls under way end as they
 * began, and what is known of targets stays. False and an error if it is wrong: then nothing has changed. Any thread, also
 * in callbacks.
 */
bool tidegate_reload_s(const tidegate_gateway *gateway,
                       tidegate_str config,
                       tidegate_error **error);

/**
 * Reads the file of the configuration again, and takes what it says now, as tidegate_reload_s does. False and an error if it
 * is wrong or there is no file: then nothing has changed. Any thread, also in callbacks.
 */
bool tidegate_reload_file(const tidegate_gateway *gateway,
                          tidegate_error **error);

/**
 * What would become of a request, of any operation, at this moment: a JSON object with its targets in order, and why each
 * would be tried or passed over; free it with tidegate_string_free. Nothing is sent. NULL and an error if the request cannot
 * be sent. Any thread, also in callbacks.
 */
char *tidegate_explain_s(const tidegate_gateway *gateway,
                         tidegate_str request,
                         tidegate_error **error);

/**
 * How the targets are that a gateway has called: a JSON array; free it with tidegate_string_free. NULL and an error for a
 * handle that ended. Any thread, also in callbacks.
 */
char *tidegate_health(const tidegate_gateway *gateway,
                      tidegate_error **error);

/**
 * Opens the same gateway in a simulated world, for tests. Both gateways are open and closed each on its own. NULL and an
 * error if one of the handles ended. Any thread.
 */
tidegate_gateway *tidegate_gateway_with_sim(const tidegate_gateway *gateway,
                                            const tidegate_sim *sim,
                                            tidegate_error **error);

/**
 * Closes a gateway: true, or false for NULL or one that was closed. Running calls go on to their end. Any thread.
 */
bool tidegate_gateway_close(tidegate_gateway *gateway);

/**
 * Makes a simulated world: `{"seed": 1, "clock": "runs", "upstreams": {"a.test": {...}}}`. With the clock `runs` virtual
 * time passes by itself; with `stopped` what waits stays waiting until it is cancelled. NULL and an error if it is wrong.
 * Any thread.
 */
tidegate_sim *tidegate_sim_from_json_s(tidegate_str sim,
                                       tidegate_error **error);

/**
 * What the upstreams of a simulation saw so far, in order: a JSON array; free it with tidegate_string_free. NULL and an
 * error for a handle that ended. Any thread.
 */
char *tidegate_sim_requests(const tidegate_sim *sim, tidegate_error **error);

/**
 * Frees a simulation: true, or false for NULL or one that was freed. Gateways in it go on. Any thread.
 */
bool tidegate_sim_free(tidegate_sim *sim);

/**
 * Starts a call, TIDEGATE_CHAT, TIDEGATE_STREAM, TIDEGATE_EMBED or TIDEGATE_RERANK, and returns at once. on_event, which
 * may be NULL, is called with each event of a stream. The call ends with one call of on_done, perhaps before this returns;
 * or, where on_done is NULL, with tidegate_call_wait. NULL and an error if an argument is wrong: then nothing is called.
 * Any thread, also in callbacks. Both callbacks run on the library's thread, so they must not wait; they may start calls.
 */
tidegate_call *tidegate_start_s(uint32_t operation,
                                const tidegate_gateway *gateway,
                                tidegate_str request,
                                tidegate_on_event on_event,
                                tidegate_on_done on_done,
                                void *user_data,
                                tidegate_error **error);

/**
 * Waits for a call that was started without on_done, ends its handle and returns the response as JSON, to be freed with
 * tidegate_string_free. NULL and an error if it failed or was cancelled; NULL alone where on_event stopped it. Any
 * thread, and once for each such call. Not in a callback: there it is refused, and the call cancelled.
 */
char *tidegate_call_wait(tidegate_call *call, tidegate_error **error);

/**
 * Cancels a call that was started, which closes its connection: true, or false for a handle that ended. The call still
 * ends with on_done or tidegate_call_wait: with an error of TIDEGATE_KIND_CANCELLED, unless it was done before. Any
 * thread, also in callbacks.
 */
bool tidegate_call_cancel(tidegate_call *call);

/**
 * Starts a stream, to be read. Returns at once; NULL and an error if an argument is wrong, and all other failures come
 * when it is read. Any thread.
 */
tidegate_event_stream *tidegate_stream_open_s(const tidegate_gateway *gateway,
                                              tidegate_str request,
                                              tidegate_error **error);

/**
 * Waits for the next event as long as `milliseconds`; 0 only looks. With TIDEGATE_POLL_EVENT `*event` is the event as
 * JSON, to be freed with tidegate_string_free, and NULL otherwise. TIDEGATE_POLL_FAILED comes with an error. Any thread,
 * but no callback; several threads take turns.
 */
tidegate_poll tidegate_stream_poll(tidegate_event_stream *stream,
                                   uint32_t milliseconds,
                                   char **event,
                                   tidegate_error **error);

/**
 * The collected response as JSON, to be freed with tidegate_string_free, once the last event was read; NULL before, and
 * after a failure. NULL and an error for a stream that was closed. Any thread.
 */
char *tidegate_stream_response(const tidegate_event_stream *stream, tidegate_error **error);

/**
 * Cancels a stream, which closes its connection: true, or false for NULL or one that was closed. Who reads it, now or
 * later, gets an error of TIDEGATE_KIND_CANCELLED, unless it had ended. Any thread, also in callbacks.
 */
bool tidegate_stream_cancel(tidegate_event_stream *stream);

/**
 * Closes a stream, and cancels it if it runs: true, or false for NULL or one that was closed. Who reads it meanwhile gets
 * an error of TIDEGATE_KIND_CANCELLED. Any thread, also in callbacks.
 */
bool tidegate_stream_close(tidegate_event_stream *stream);

/**
 * Opens the same gateway with one more function that judges answers, for routes whose `reject.check` has this name. The
 * deadline of the call holds for it too. Both gateways are open and closed each on its own; `destroy`, which may be NULL, is
 * called when all gateways with this function have ended and their calls. NULL and an error if an argument is wrong:
 * then `destroy` has been called. Any thread, also in callbacks.
 */
tidegate_gateway *tidegate_gateway_with_check_s(const tidegate_gateway *gateway,
                                                tidegate_str name,
                                                tidegate_check check,
                                                void *user_data,
                                                tidegate_destroy destroy,
                                                tidegate_error **error);

/**
 * Tells on_health of each target of a gateway whose state changes, such as one whose breaker opens: for logs and alerts. It
 * goes on until the subscription is closed; then, or with the last call that is under way, `destroy` is called, which may
 * be NULL. NULL and an error if an argument is wrong: then `destroy` has been called. Any thread, also in callbacks.
 */
tidegate_subscription *tidegate_observe_health(const tidegate_gateway *gateway,
                                               tidegate_on_health on_health,
                                               void *user_data,
                                               tidegate_destroy destroy,
                                               tidegate_error **error);

/**
 * Looks every so many seconds whether the file of the configuration has changed, and takes what it says then, as
 * tidegate_reload_file does. on_reload, which may be NULL, is told of each change. It goes on until the subscription is
 * closed or the gateway; `destroy`, which may be NULL, is called when the subscription is closed, or with the last call that
 * is under way then. NULL and an error if there is no file or an argument is wrong: then `destroy` has been called. Any
 * thread, also in callbacks.
 */
tidegate_subscription *tidegate_watch(const tidegate_gateway *gateway,
                                      double every,
                                      tidegate_on_reload on_reload,
                                      void *user_data,
                                      tidegate_destroy destroy,
                                      tidegate_error **error);

/**
 * Ends a subscription: true, or false for NULL or one that was closed. A callback that is under way on another thread comes
 * to its end. Any thread, also in callbacks.
 */
bool tidegate_subscription_close(tidegate_subscription *subscription);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

/** @name Text
 * @{ */
/** Text of so many bytes, for the functions that end in `_s`. */
static inline tidegate_str tidegate_text(const char *data, size_t length) {
    tidegate_str text;
    text.data = data;
    text.length = length;
    return text;
}
/** @} */

/** @name Errors
 * Any thread. NULL and a freed error are of the kind TIDEGATE_KIND_NONE. Texts live until the error is freed.
 * @{ */
/** The kind: what to decide by. */
static inline tidegate_kind tidegate_error_kind(const tidegate_error *error) { return tidegate_error_read(error).kind; }
/** The kind's name, the same in every language: `rate_limited`. */
static inline const char *tidegate_error_name(const tidegate_error *error) { return tidegate_error_read(error).name; }
/** What failed, with which value, and what to do; for people. */
static inline const char *tidegate_error_message(const tidegate_error *error) { return tidegate_error_read(error).message; }
/** The HTTP status that the provider answered, 0 where there was none. */
static inline int tidegate_error_status(const tidegate_error *error) { return tidegate_error_read(error).status; }
/** The seconds that the provider asked to wait, negative where it did not. */
static inline double tidegate_error_retry_after(const tidegate_error *error) {
    return tidegate_error_read(error).retry_after;
}
/** All of it as canonical JSON: origin, provider, context, partial response and attempts too. */
static inline const char *tidegate_error_json(const tidegate_error *error) { return tidegate_error_read(error).json; }
/** @} */

/** @name Gateways and simulations from text that ends with NUL
 * As the functions of the same name with `_s` say.
 * @{ */
static inline tidegate_gateway *tidegate_gateway_open(const char *path, tidegate_error **error) {
    return tidegate_gateway_open_s(tidegate_text(path, SIZE_MAX), error);
}
static inline tidegate_gateway *tidegate_gateway_from_toml(const char *toml, tidegate_error **error) {
    return tidegate_gateway_from_toml_s(tidegate_text(toml, SIZE_MAX), error);
}
static inline tidegate_gateway *tidegate_gateway_from_json(const char *config, tidegate_error **error) {
    return tidegate_gateway_from_json_s(tidegate_text(config, SIZE_MAX), error);
}
/** Opens a gateway without configuration: every built-in provider, no keys, models as `provider/model`. */
static inline tidegate_gateway *tidegate_gateway_builtin(tidegate_error **error) {
    return tidegate_gateway_from_json("{}", error);
}
static inline tidegate_gateway *tidegate_gateway_with_check(const tidegate_gateway *gateway, const char *name,
                                                            tidegate_check check, void *user_data,
                                                            tidegate_destroy destroy, tidegate_error **error) {
    return tidegate_gateway_with_check_s(gateway, tidegate_text(name, SIZE_MAX), check, user_data, destroy, error);
}
static inline bool tidegate_reload(const tidegate_gateway *gateway, const char *config, tidegate_error **error) {
    return tidegate_reload_s(gateway, tidegate_text(config, SIZE_MAX), error);
}
static inline char *tidegate_explain(const tidegate_gateway *gateway, const char *request, tidegate_error **error) {
    return tidegate_explain_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
static inline tidegate_sim *tidegate_sim_from_json(const char *sim, tidegate_error **error) {
    return tidegate_sim_from_json_s(tidegate_text(sim, SIZE_MAX), error);
}
/** @} */

/** @name Calls that are started
 * Return at once, and end as tidegate_start_s says: with one call of on_done or, where it is NULL, with
 * tidegate_call_wait. Any thread, also in callbacks. Cancel them with tidegate_call_cancel.
 * @{ */
/** Starts a chat. */
static inline tidegate_call *tidegate_chat_start_s(const tidegate_gateway *gateway, tidegate_str request,
                                                   tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_start_s(TIDEGATE_CHAT, gateway, request, NULL, on_done, user_data, error);
}
/** Starts a chat; the request ends with NUL. */
static inline tidegate_call *tidegate_chat_start(const tidegate_gateway *gateway, const char *request,
                                                 tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_chat_start_s(gateway, tidegate_text(request, SIZE_MAX), on_done, user_data, error);
}
/** Starts an embedding. */
static inline tidegate_call *tidegate_embed_start_s(const tidegate_gateway *gateway, tidegate_str request,
                                                    tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_start_s(TIDEGATE_EMBED, gateway, request, NULL, on_done, user_data, error);
}
/** Starts an embedding; the request ends with NUL. */
static inline tidegate_call *tidegate_embed_start(const tidegate_gateway *gateway, const char *request,
                                                  tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_embed_start_s(gateway, tidegate_text(request, SIZE_MAX), on_done, user_data, error);
}
/** Starts a ranking. */
static inline tidegate_call *tidegate_rerank_start_s(const tidegate_gateway *gateway, tidegate_str request,
                                                     tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_start_s(TIDEGATE_RERANK, gateway, request, NULL, on_done, user_data, error);
}
/** Starts a ranking; the request ends with NUL. */
static inline tidegate_call *tidegate_rerank_start(const tidegate_gateway *gateway, const char *request,
                                                   tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_rerank_start_s(gateway, tidegate_text(request, SIZE_MAX), on_done, user_data, error);
}
/** Starts a stream: on_event is called with each event, then on_done with the collected response. */
static inline tidegate_call *tidegate_stream_start_s(const tidegate_gateway *gateway, tidegate_str request,
                                                     tidegate_on_event on_event, tidegate_on_done on_done,
                                                     void *user_data, tidegate_error **error) {
    return tidegate_start_s(TIDEGATE_STREAM, gateway, request, on_event, on_done, user_data, error);
}
/** Starts a stream; the request ends with NUL. */
static inline tidegate_call *tidegate_stream_start(const tidegate_gateway *gateway, const char *request,
                                                   tidegate_on_event on_event, tidegate_on_done on_done,
                                                   void *user_data, tidegate_error **error) {
    return tidegate_stream_start_s(gateway, tidegate_text(request, SIZE_MAX), on_event, on_done, user_data, error);
}
/** @} */

/** @name Streams that are read
 * @{ */
/** Starts a stream, to be read; the request ends with NUL. As tidegate_stream_open_s says. */
static inline tidegate_event_stream *tidegate_stream_open(const tidegate_gateway *gateway, const char *request,
                                                          tidegate_error **error) {
    return tidegate_stream_open_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
/** Waits for the next event and returns it as JSON, to be freed with tidegate_string_free. NULL at the end; NULL and an
 * error if the stream failed or was cancelled. Any thread, but no callback; several threads take turns. */
static inline char *tidegate_stream_next(tidegate_event_stream *stream, tidegate_error **error) {
    char *event = NULL;
    while (tidegate_stream_poll(stream, UINT32_MAX, &event, error) == TIDEGATE_POLL_PENDING) {}
    return event;
}
/** @} */

/** @name Calls that wait
 * Any thread, but no callback. To be able to cancel one, start it and use tidegate_call_wait.
 * @{ */
/** Answers a chat: the response as JSON, to be freed with tidegate_string_free. NULL and an error if it fails. */
static inline char *tidegate_chat_s(const tidegate_gateway *gateway, tidegate_str request, tidegate_error **error) {
    tidegate_call *call = tidegate_chat_start_s(gateway, request, NULL, NULL, error);
    return call == NULL ? NULL : tidegate_call_wait(call, error);
}
/** Answers a chat; the request ends with NUL. */
static inline char *tidegate_chat(const tidegate_gateway *gateway, const char *request, tidegate_error **error) {
    return tidegate_chat_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
/** Turns texts into vectors: the response as JSON, with `vectors`, to be freed with tidegate_string_free. NULL and an
 * error if it fails. */
static inline char *tidegate_embed_s(const tidegate_gateway *gateway, tidegate_str request, tidegate_error **error) {
    tidegate_call *call = tidegate_embed_start_s(gateway, request, NULL, NULL, error);
    return call == NULL ? NULL : tidegate_call_wait(call, error);
}
/** Turns texts into vectors; the request ends with NUL. */
static inline char *tidegate_embed(const tidegate_gateway *gateway, const char *request, tidegate_error **error) {
    return tidegate_embed_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
/** Ranks documents by how much they say to a query: the response as JSON, with `rankings`, to be freed with
 * tidegate_string_free. NULL and an error if it fails. */
static inline char *tidegate_rerank_s(const tidegate_gateway *gateway, tidegate_str request, tidegate_error **error) {
    tidegate_call *call = tidegate_rerank_start_s(gateway, request, NULL, NULL, error);
    return call == NULL ? NULL : tidegate_call_wait(call, error);
}
/** Ranks documents; the request ends with NUL. */
static inline char *tidegate_rerank(const tidegate_gateway *gateway, const char *request, tidegate_error **error) {
    return tidegate_rerank_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
/** Answers a chat event by event: calls on_event, which may be NULL, on this thread, where it may take its time, until the
 * end or until it returns false, and returns true. False and an error if it fails. For the collected response use
 * tidegate_stream_open_s or tidegate_stream_start_s. */
static inline bool tidegate_stream_s(const tidegate_gateway *gateway, tidegate_str request, tidegate_on_event on_event,
                                     void *user_data, tidegate_error **error) {
    tidegate_error *failure = NULL;
    tidegate_event_stream *stream = tidegate_stream_open_s(gateway, request, &failure);
    char *event;
    bool more = stream != NULL;
    while (more && (event = tidegate_stream_next(stream, &failure)) != NULL) {
        more = on_event == NULL || on_event(user_data, event);
        tidegate_string_free(event);
    }
    tidegate_stream_close(stream);
    more = failure == NULL;
    if (error != NULL) *error = failure;
    else tidegate_error_free(failure);
    return more;
}
/** Answers a chat event by event; the request ends with NUL. */
static inline bool tidegate_stream(const tidegate_gateway *gateway, const char *request, tidegate_on_event on_event,
                                   void *user_data, tidegate_error **error) {
    return tidegate_stream_s(gateway, tidegate_text(request, SIZE_MAX), on_event, user_data, error);
}
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* TIDEGATE_H */
