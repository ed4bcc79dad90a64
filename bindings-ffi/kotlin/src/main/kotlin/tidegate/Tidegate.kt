/** What makes the records and the gateway pleasant in Kotlin, and usable from Java, where these are static methods of `Tidegate`. */
@file:JvmName("Tidegate")

package tidegate

import java.util.concurrent.CompletableFuture
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
