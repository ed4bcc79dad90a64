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
 * Every function may be called on any thread at the same time as any other. Those that wait for an answer must not be
 * called in a callback, which they refuse with TIDEGATE_KIND_INVALID_REQUEST. Callbacks must not throw, longjmp or end
 * their thread, and hold up other calls while they run. A forked child may only exec.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>



/** The version of this header. */
#define TIDEGATE_VERSION "0.1.0"

/** The kinds of errors, as in every language. Numbers may change between versions, names do not. */
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
} tidegate_kind;

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
 * A configuration and its connections. Immutable: all threads may share one. End it with tidegate_gateway_close.
 */
typedef struct tidegate_gateway tidegate_gateway;

/**
 * A simulated world for tests: a virtual clock, seeded chance, a scripted network. End it with tidegate_sim_free.
 */
typedef struct tidegate_sim tidegate_sim;

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
 * Is called once, when a started call has ended, with a response or an error, which are then the callee's to free. Both
 * are NULL where on_event stopped the stream.
 */
typedef void (*tidegate_on_done)(void *user_data, char *response, tidegate_error *error);

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
 * The kind: what to decide by. TIDEGATE_KIND_NONE for NULL or a freed error. Any thread.
 */
tidegate_kind tidegate_error_kind(const tidegate_error *error);

/**
 * The kind's name, the same in every language: `rate_limited`; `none` for NULL or a freed error. It lives until the
 * error is freed. Any thread.
 */
const char *tidegate_error_name(const tidegate_error *error);

/**
 * What failed, with which value, and what to do; for people. It never holds a key or a prompt. It lives until the error
 * is freed. Any thread.
 */
const char *tidegate_error_message(const tidegate_error *error);

/**
 * The HTTP status that the provider answered, 0 where there was none. Any thread.
 */
int tidegate_error_status(const tidegate_error *error);

/**
 * The seconds that the provider asked to wait, negative where it did not. Any thread.
 */
double tidegate_error_retry_after(const tidegate_error *error);

/**
 * All of it as canonical JSON: origin, provider, context, partial response and attempts too; `null` for NULL or a freed
 * error. It lives until the error is freed. Any thread.
 */
const char *tidegate_error_json(const tidegate_error *error);

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
 * Opens a gateway without configuration: every built-in provider, no keys, models as `provider/model`. Any thread.
 */
tidegate_gateway *tidegate_gateway_builtin(tidegate_error **error);

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
 * Answers a chat: waits, and returns the response as JSON, to be freed with tidegate_string_free. NULL and an error if
 * it fails. Any thread, but no callback. To be able to cancel it: tidegate_chat_start_s and tidegate_call_wait.
 */
char *tidegate_chat_s(const tidegate_gateway *gateway, tidegate_str request, tidegate_error **error);

/**
 * Turns texts into vectors: waits, and returns the response as JSON, with `vectors`. All else is as with
 * tidegate_chat_s.
 */
char *tidegate_embed_s(const tidegate_gateway *gateway, tidegate_str request, tidegate_error **error);

/**
 * Answers a chat event by event: calls on_event on this thread until the end, or until it returns false, and returns
 * true. False and an error if it fails. Any thread, but no callback. To be able to cancel it, or to have the collected
 * response: tidegate_stream_start_s, or tidegate_stream_open_s.
 */
bool tidegate_stream_s(const tidegate_gateway *gateway,
                       tidegate_str request,
                       tidegate_on_event on_event,
                       void *user_data,
                       tidegate_error **error);

/**
 * Starts a chat and returns at once. It ends with one call of on_done, perhaps before this returns; or, where on_done is
 * NULL, with tidegate_call_wait. NULL and an error if an argument is wrong: then on_done is not called. Any thread.
 * on_done runs on the library's thread, so it must not wait; it may start calls.
 */
tidegate_call *tidegate_chat_start_s(const tidegate_gateway *gateway,
                                     tidegate_str request,
                                     tidegate_on_done on_done,
                                     void *user_data,
                                     tidegate_error **error);

/**
 * Starts an embedding and returns at once. All else is as with tidegate_chat_start_s.
 */
tidegate_call *tidegate_embed_start_s(const tidegate_gateway *gateway,
                                      tidegate_str request,
                                      tidegate_on_done on_done,
                                      void *user_data,
                                      tidegate_error **error);

/**
 * Starts a stream and returns at once: on_event is called with each event, then on_done with the collected response, one
 * after the other on the library's thread. If on_event returns false, on_done gets neither response nor error. All else
 * is as with tidegate_chat_start_s.
 */
tidegate_call *tidegate_stream_start_s(const tidegate_gateway *gateway,
                                       tidegate_str request,
                                       tidegate_on_event on_event,
                                       tidegate_on_done on_done,
                                       void *user_data,
                                       tidegate_error **error);

/**
 * Waits for a call that was started without on_done, ends its handle and returns the response as JSON, to be freed with
 * tidegate_string_free. NULL and an error if it failed or was cancelled; NULL alone where on_event stopped it. Any
 * thread, but no callback, and once for each such call.
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
 * Waits for the next event and returns it as JSON, to be freed with tidegate_string_free. NULL at the end; NULL and an
 * error if the stream failed or was cancelled. Any thread, but no callback; several threads take turns.
 */
char *tidegate_stream_next(tidegate_event_stream *stream, tidegate_error **error);

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

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

/** Text of so many bytes, for the functions that end in `_s`. */
static inline tidegate_str tidegate_text(const char *data, size_t length) {
    tidegate_str text;
    text.data = data;
    text.length = length;
    return text;
}

/** @name The same for text that ends with NUL
 * Each is as the function of the same name with `_s` says.
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
static inline tidegate_sim *tidegate_sim_from_json(const char *sim, tidegate_error **error) {
    return tidegate_sim_from_json_s(tidegate_text(sim, SIZE_MAX), error);
}
static inline char *tidegate_chat(const tidegate_gateway *gateway, const char *request, tidegate_error **error) {
    return tidegate_chat_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
static inline char *tidegate_embed(const tidegate_gateway *gateway, const char *request, tidegate_error **error) {
    return tidegate_embed_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
static inline bool tidegate_stream(const tidegate_gateway *gateway, const char *request, tidegate_on_event on_event,
                                   void *user_data, tidegate_error **error) {
    return tidegate_stream_s(gateway, tidegate_text(request, SIZE_MAX), on_event, user_data, error);
}
static inline tidegate_call *tidegate_chat_start(const tidegate_gateway *gateway, const char *request,
                                                 tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_chat_start_s(gateway, tidegate_text(request, SIZE_MAX), on_done, user_data, error);
}
static inline tidegate_call *tidegate_embed_start(const tidegate_gateway *gateway, const char *request,
                                                  tidegate_on_done on_done, void *user_data, tidegate_error **error) {
    return tidegate_embed_start_s(gateway, tidegate_text(request, SIZE_MAX), on_done, user_data, error);
}
static inline tidegate_call *tidegate_stream_start(const tidegate_gateway *gateway, const char *request,
                                                   tidegate_on_event on_event, tidegate_on_done on_done, void *user_data,
                                                   tidegate_error **error) {
    return tidegate_stream_start_s(gateway, tidegate_text(request, SIZE_MAX), on_event, on_done, user_data, error);
}
static inline tidegate_event_stream *tidegate_stream_open(const tidegate_gateway *gateway, const char *request,
                                                          tidegate_error **error) {
    return tidegate_stream_open_s(gateway, tidegate_text(request, SIZE_MAX), error);
}
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* TIDEGATE_H */
