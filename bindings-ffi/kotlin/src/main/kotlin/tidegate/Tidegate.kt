/** What makes the records and the gateway pleasant in Kotlin, and usable from Java, where these are static methods of `Tidegate`. */
@file:JvmName("Tidegate")

package tidegate

import java.util.concurrent.CompletableFuture
import java.util.function.Consumer
import java.util.logging.Logger
import java.util.stream.Stream
import java.util.stream.StreamSupport
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.future.future
import kotlinx.coroutines.runBlocking

/** A text of the application's instructions. */
fun system(text: String): Message = Message(Role.SYSTEM, listOf(Part.Text(text)))

/** A text of the person. */
fun user(text: String): Message = Message(Role.USER, listOf(Part.Text(text)))

/** A text of the model. */
fun assistant(text: String): Message = Message(Role.ASSISTANT, listOf(Part.Text(text)))

/** The result of the tool call [id], for the model. */
fun toolResult(id: String, text: String): Message =
    Message(Role.TOOL, listOf(Part.ToolResult(id = id, content = listOf(Part.Text(text)))))

/** The fragment of visible text, if this is one. */
val Event.text: String? get() = (this as? Event.Text)?.text

/** The answer as a message, to be appended to the conversation for the next turn. It keeps the provider's state. */
val Response.message: Message get() = Message(Role.ASSISTANT, parts)

/** The canonical JSON of the error, the same in every language. */
fun TidegateException.toJson(): String = details.toJson()

/**
 * Answers a chat event by event. Each collection is a call of its own.
 *
 * Leaving it early, with `take` or by cancelling the coroutine, closes the connection. For the collected [Response] at the
 * end, use [Gateway.openStream].
 */
fun Gateway.stream(request: ChatRequest): Flow<Event> = flow {
    openStream(request).use { stream -> stream.events().collect { emit(it) } }
}

/**
 * The events of this stream, once; afterwards [EventStream.response] has what they made.
 *
 * Closing the stream, from any thread, closes the connection; who waits for events gets a [TidegateException.Cancelled].
 */
fun EventStream.events(): Flow<Event> = flow {
    while (true) {
        val events = next()
        if (events.isEmpty()) break
        for (event in events) emit(event)
    }
}

/**
 * The same gateway with one more function that judges answers, for routes whose `reject.check` has this [name]: it returns the
 * reason to reject an answer, or null.
 *
 * It is called on a thread of its own, and the deadline of the call holds for it too. One that throws rejects nothing, and is
 * warned of in the log `tidegate`.
 */
fun Gateway.withCheck(name: String, check: (Response) -> String?): Gateway = withCheck(name, object : Check {
    override fun judge(response: Response): String? =
        guarded({ "the check '$name' failed with $it, and so the answer was accepted" }) { check(response) }
})

/**
 * Tells [observer] of each target whose state changes, such as one whose breaker opens: for logs and alerts.
 *
 * It is told one change after the other, on a thread of its own. One that throws is warned of in the log `tidegate`. It goes
 * on until what this returns is closed, or collected: so keep it.
 */
@Throws(TidegateException::class)
fun Gateway.observeHealth(observer: Consumer<TargetHealth>): Subscription = observeHealth(object : HealthObserver {
    override fun changed(health: TargetHealth) {
        guarded({ "the function given to observeHealth failed with $it" }) { observer.accept(health) }
    }
})

/**
 * Looks [every] so many seconds whether the file of the configuration has changed, and takes what it says then, as
 * [Gateway.reloadFile] does.
 *
 * [observer] is told of each change, on a thread of its own: null if it was taken, or the error that says why it was not. One
 * that throws is warned of in the log `tidegate`. It goes on until what this returns is closed, or collected: so keep it.
 */
@JvmOverloads
@Throws(TidegateException::class)
fun Gateway.watch(every: Double, observer: Consumer<TidegateException?> = Consumer {}): Subscription =
    watch(every, object : ReloadObserver {
        override fun reloaded(error: TidegateException?) {
            guarded({ "the function given to watch failed with $it" }) { observer.accept(error) }
        }
    })

/** What a function of the caller's returns, or null where it fails: then its words, which may hold an answer's, are not told. */
private fun <T> guarded(message: (String) -> String, call: () -> T): T? =
    try {
        call()
    } catch (error: Throwable) {
        Logger.getLogger("tidegate").warning(message(error.javaClass.simpleName))
        null
    }

/** [Gateway.chat] for threads: waits for the answer. Interrupting the thread closes the connection. */
@Throws(TidegateException::class, InterruptedException::class)
fun Gateway.chatBlocking(request: ChatRequest): Response = runBlocking { chat(request) }

/** [Gateway.embed] for threads: waits for the answer. Interrupting the thread closes the connection. */
@Throws(TidegateException::class, InterruptedException::class)
fun Gateway.embedBlocking(request: EmbedRequest): Response = runBlocking { embed(request) }

/** [Gateway.rerank] for threads: waits for the answer. Interrupting the thread closes the connection. */
@Throws(TidegateException::class, InterruptedException::class)
fun Gateway.rerankBlocking(request: RerankRequest): Response = runBlocking { rerank(request) }

/**
 * [Gateway.stream] for threads. Close it, best with `try (var events = …)`, to close the connection of a stream that is
 * left early. Any thread may: one that waits for events gets a [TidegateException.Cancelled].
 *
 * A failure is a [TidegateException] out of the terminal operation, such as `forEach`. It is checked, though Java's streams
 * do not declare it: catch it around the call of `streamBlocking`, which does.
 */
@Throws(TidegateException::class)
fun Gateway.streamBlocking(request: ChatRequest): Stream<Event> {
    val stream = openStream(request)
    val events = iterator {
        while (true) {
            val events = runBlocking { stream.next() }
            if (events.isEmpty()) break
            yieldAll(events)
        }
    }
    return StreamSupport.stream(Iterable { events }.spliterator(), false).onClose(stream::close)
}

/** [Gateway.chat] as a future, for Java. Cancelling it closes the connection. */
@OptIn(DelicateCoroutinesApi::class)
fun Gateway.chatAsync(request: ChatRequest): CompletableFuture<Response> =
    GlobalScope.future { chat(request) }

/** [Gateway.embed] as a future, for Java. Cancelling it closes the connection. */
@OptIn(DelicateCoroutinesApi::class)
fun Gateway.embedAsync(request: EmbedRequest): CompletableFuture<Response> =
    GlobalScope.future { embed(request) }

/** [Gateway.rerank] as a future, for Java. Cancelling it closes the connection. */
@OptIn(DelicateCoroutinesApi::class)
fun Gateway.rerankAsync(request: RerankRequest): CompletableFuture<Response> =
    GlobalScope.future { rerank(request) }
