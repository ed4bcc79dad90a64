package tidegate

import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import kotlin.concurrent.thread
import kotlin.io.path.createTempFile
import kotlin.io.path.deleteExisting
import kotlin.io.path.writeText
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.mapNotNull
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

private const val PROVIDER = """"providers": {"a": {"protocol": "openai-chat", "base_url": "http://a.test/v1"}}"""

/** An upstream that sends a first piece of text and then nothing, with a clock that nobody moves. */
private const val HANGING = """{"clock": "stopped", "upstreams": {"a.test": {"then": {"body": [
    {"sse": {"choices": [{"index": 0, "delta": {"content": "first"}}]}}
], "end": "hang"}}}}"""

private fun answering(status: Int, body: String, headers: String = "{}") =
    """{"upstreams": {"a.test": {"then": {"status": $status, "headers": $headers, "body": [{"json": $body}]}}}}"""

private fun inSim(sim: Sim, config: String = "{$PROVIDER}", test: suspend (Gateway) -> Unit) = runBlocking(Dispatchers.Default) {
    Gateway(config).use { live -> live.withSim(sim).use { test(it) } }
}

private fun hi(model: String = "a/m") = ChatRequest(model = model, messages = listOf(user("hi")))

private suspend fun until(condition: () -> Boolean) {
    while (!condition()) yield()
}

class GatewayTest {
    private val empty = Sim.fromJson("{}")

    @Test
    fun `a chat is answered by the next target where the first is down`() {
        val sim = Sim.fromJson(answering(503, "{}"))
        inSim(sim, """{$PROVIDER, "routes": {"support": {"targets": ["a/m", "sim/backup"]}}}""") { gateway ->
            val reply = gateway.chat(ChatRequest(model = "support", messages = listOf(user("hi")), team = "growth", timeout = 20.0))
            assertEquals("sim/backup", reply.target)
            assertFalse(reply.text.isEmpty())
            assertEquals(FinishReason.STOP, reply.finishReason)
            assertTrue(reply.usage!!.inputTokens > 0)
            assertEquals(listOf(503, 200), reply.attempts.map { it.status })
        }
    }

    @Test
    fun `a stream is a flow of events, and each collection asks anew`() = inSim(empty) { gateway ->
        val events = gateway.stream(hi("sim/x"))
        val all = events.toList()
        assertInstanceOf(Event.Start::class.java, all.first())
        assertInstanceOf(Event.End::class.java, all.last())
        assertFalse(all.mapNotNull { it.text }.joinToString("").isEmpty())
        assertEquals(all.mapNotNull { it.text }, events.mapNotNull { it.text }.toList())
    }

    @Test
    fun `a stream that was read has its response`() = inSim(empty) { gateway ->
        gateway.openStream(hi("sim/x")).use { stream ->
            assertNull(stream.response())
            val text = stream.events().mapNotNull { it.text }.toList().joinToString("")
            assertEquals(text, stream.response()!!.text)
            assertEquals(emptyList<Event>(), stream.next())
        }
    }

    @Test
    fun `leaving a flow closes the connection`() {
        val sim = Sim.fromJson(HANGING)
        inSim(sim) { gateway ->
            val first = gateway.stream(hi()).mapNotNull { it.text }.first()
            assertEquals("first", first)
            until { sim.requests().single().contains("\"closed_by\":\"client\"") }
        }
    }

    @Test
    fun `closing a stream closes the connection, and wakes who waits for it`() {
        val sim = Sim.fromJson(HANGING)
        inSim(sim) { gateway ->
            val stream = gateway.openStream(hi())
            var events = stream.next()
            while (events.none { it.text != null }) events = stream.next()
            // It has asked, and waits: nothing more comes.
            val reader = CoroutineScope(Dispatchers.Default).async(start = CoroutineStart.UNDISPATCHED) { stream.next() }
            assertTrue(sim.requests().single().contains("\"closed_by\":null"))
            thread { stream.close() }
            assertInstanceOf(TidegateException.Cancelled::class.java, runCatching { reader.await() }.exceptionOrNull())
            until { sim.requests().single().contains("\"closed_by\":\"client\"") }
            stream.close()
        }
    }

    @Test
    fun `a reader that is slow stops the upstream`() = ServerSocketChannel.open().use { server ->
        server.bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        val port = (server.localAddress as InetSocketAddress).port
        Gateway(PROVIDER.replace("a.test", "127.0.0.1:$port").let { "{$it}" }).use { gateway ->
            gateway.openStream(hi()).use { stream ->
                server.accept().use { upstream ->
                    upstream.read(ByteBuffer.allocate(1 shl 16))
                    upstream.write(ByteBuffer.wrap("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".toByteArray()))
                    upstream.configureBlocking(false)
                    val word = """{"choices": [{"index": 0, "delta": {"content": "${"x".repeat(10_000)}"}}]}"""
                    val event = ByteBuffer.wrap("data: $word\n\n".toByteArray())
                    fun send(): Int = upstream.write(if (event.hasRemaining()) event else event.rewind())

                    // The socket takes no more, for as many attempts as would drain it many times if somebody read.
                    var sent = 0L
                    var still = 0
                    while (still < 10_000) {
                        val count = send()
                        sent += count
                        still = if (count == 0) still + 1 else 0
                        assertTrue(sent < 100_000_000, "$sent bytes were read for nobody")
                        Thread.yield()
                    }
                    runBlocking { do assertFalse(stream.next().isEmpty()) while (send() == 0) }
                }
            }
        }
    }

    @Test
    fun `cancelling a coroutine closes the connection`() {
        val sim = Sim.fromJson(HANGING)
        inSim(sim) { gateway ->
            val call = CoroutineScope(Dispatchers.Default).async { gateway.chat(hi()) }
            until { sim.requests().size == 1 }
            assertTrue(sim.requests().single().contains("\"closed_by\":null"))
            call.cancelAndJoin()
            until { sim.requests().single().contains("\"closed_by\":\"client\"") }
        }
    }

    @Test
    fun `sixty-four calls are in flight on one gateway at the same time`() {
        val sim = Sim.fromJson(HANGING)
        inSim(sim) { gateway ->
            val calls = CoroutineScope(Dispatchers.Default).launch { repeat(64) { launch { gateway.chat(hi()) } } }
            until { sim.requests().size == 64 }
            assertTrue(sim.requests().all { it.contains("\"closed_by\":null") })
            calls.cancelAndJoin()
            until { sim.requests().all { it.contains("\"closed_by\":\"client\"") } }
        }
    }

    @Test
    fun `errors are one class a kind, with their details`() {
        val sim = Sim.fromJson(answering(429, """{"error": {"message": "slow down"}}""", """{"retry-after": "7", "x-request-id": "r1"}"""))
        inSim(sim, """{$PROVIDER, "defaults": {"retry": {"max_attempts": 1}}}""") { gateway ->
            val error = assertThrows(TidegateException.RateLimited::class.java) { runBlocking { gateway.chat(hi()) } }
            assertEquals("a/m answered 429: slow down", error.message)
            assertEquals("tidegate.TidegateException\$RateLimited: a/m answered 429: slow down", error.toString())
            assertEquals(Kind.RATE_LIMITED, error.kind)
            assertEquals(Origin.PROVIDER, error.origin)
            assertTrue(error.retryable)
            assertEquals(429, error.status)
            assertEquals("a", error.provider)
            assertEquals("r1", error.requestId)
            assertEquals(7.0, error.retryAfter)
            assertEquals(listOf("a/m"), error.attempts.map { it.target })
            assertNull(error.partial)
        }
    }

    @Test
    fun `a stream that breaks has what arrived`() {
        val cut = """{"upstreams": {"a.test": {"then": {"body": [{"sse": {"choices": [{"index": 0, "delta": {"content": "half"}}]}}]}}}}"""
        inSim(Sim.fromJson(cut)) { gateway ->
            val seen = mutableListOf<String>()
            val error = assertThrows(TidegateException.StreamIncomplete::class.java) {
                runBlocking { gateway.stream(hi()).collect { event -> event.text?.let(seen::add) } }
            }
            assertEquals(listOf("half"), seen)
            assertEquals("half", error.partial!!.text)
        }
    }

    @Test
    fun `what is wrong is refused with its path`() = inSim(empty) { gateway ->
        val tool = Tool.Function(name = "now", parameters = "not json")
        val error = assertThrows(TidegateException.InvalidRequest::class.java) {
            runBlocking { gateway.chat(hi("sim/x").copy(tools = listOf(tool))) }
        }
        assertEquals("tools[0].parameters", error.context["field"])
        val wrong = assertThrows(TidegateException.Config::class.java) { Gateway("""{"rotues": {}}""") }
        assertTrue(wrong.message!!.contains("routes"), wrong.message)
        assertThrows(TidegateException.Config::class.java) { Gateway.fromFile("missing.toml") }
        assertThrows(TidegateException.Config::class.java) { Gateway("not json") }
    }

    @Test
    fun `the answer's message goes into the next turn`() {
        val answer = """{"choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": null,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{\"zone\": \"UTC\"}"}}]}}]}"""
        val sim = Sim.fromJson(answering(200, answer))
        inSim(sim) { gateway ->
            val tool = Tool.Function(name = "now", description = "The time.", parameters = """{"type": "object"}""")
            val reply = gateway.chat(hi().copy(tools = listOf(tool), toolChoice = ToolChoice.Tool("now")))
            val call = reply.toolCalls.single()
            assertEquals("""{"zone":"UTC"}""", call.arguments)
            assertEquals("""{"zone": "UTC"}""", call.argumentsRaw)
            gateway.chat(ChatRequest(model = "a/m", messages = listOf(user("hi"), reply.message, toolResult(call.id, "noon"))))
            val sent = sim.requests().last()
            assertTrue(sent.contains(""""arguments":"{\"zone\": \"UTC\"}""""), sent)
            assertTrue(sent.contains(""""tool_call_id":"c1""""), sent)
        }
    }

    @Test
    fun `texts become vectors`() {
        val sim = Sim.fromJson(answering(200, """{"data": [{"index": 0, "embedding": [0.5, 0.1]}, {"index": 1, "embedding": [1, 2]}]}"""))
        inSim(sim) { gateway ->
            val reply = gateway.embed(EmbedRequest(model = "a/e", input = listOf("a", "b")))
            assertEquals(listOf(listOf(0.5f, 0.1f), listOf(1f, 2f)), reply.vectors)
        }
    }

    @Test
    fun `documents are ranked`() {
        val sim = Sim.fromJson(answering(200, """{"results": [{"index": 0, "relevance_score": 0.25}, {"index": 1, "relevance_score": 1}]}"""))
        inSim(sim) { gateway ->
            val reply = gateway.rerank(RerankRequest(model = "a/r", query = "q", documents = listOf("a", "b"), topN = 2))
            assertEquals(listOf(Ranking(index = 1, relevanceScore = 1.0), Ranking(index = 0, relevanceScore = 0.25)), reply.rankings)
        }
    }

    @Test
    fun `a call under way keeps what it began with where another configuration is loaded`() {
        val sim = Sim.fromJson(HANGING)
        inSim(sim, """{$PROVIDER, "routes": {"support": {"targets": ["a/m"]}}}""") { gateway ->
            val before = CoroutineScope(Dispatchers.Default).launch { gateway.chat(hi("support")) }
            until { sim.requests().size == 1 }
            gateway.reload("""{"routes": {"support": {"targets": ["sim/other"]}}}""")
            assertEquals("sim/other", gateway.chat(hi("support")).target)
            assertEquals(listOf("a/m" to 1, "sim/other" to 0), gateway.health().map { it.target to it.inFlight })
            before.cancelAndJoin()
        }
    }

    @Test
    fun `a configuration that is wrong changes nothing, and a file is read again`() {
        val file = createTempFile(suffix = ".toml")
        file.writeText("[routes.support]\ntargets = ['sim/small']")
        Gateway.fromFile(file.toString()).use { gateway ->
            fun first() = gateway.explain(hi("support")).candidates.first().target
            file.writeText("[routes.support]\ntargets = ['sim/large']")
            assertEquals("sim/small", first())
            gateway.reloadFile()
            assertEquals("sim/large", first())
            val wrong = assertThrows(TidegateException.Config::class.java) { gateway.reload("""{"rotues": {}}""") }
            assertTrue(wrong.message!!.contains("routes"), wrong.message)
            file.deleteExisting()
            assertThrows(TidegateException.Config::class.java) { gateway.reloadFile() }
            assertEquals("sim/large", first())
        }
    }

    @Test
    fun `a request is explained, and health tells of calls and failures`() {
        val sim = Sim.fromJson(answering(503, "{}"))
        inSim(sim, """{$PROVIDER, "routes": {"support": {"targets": ["a/m", "sim/backup"]}}}""") { gateway ->
            val explanation = gateway.explain(hi("support").copy(timeout = 2.0))
            assertEquals(listOf("a/m" to Why.FIRST, "sim/backup" to Why.FAILOVER), explanation.candidates.map { it.target to it.why })
            assertEquals(2.0, explanation.timeout)
            assertEquals(emptyList<TargetHealth>(), gateway.health())
            gateway.chat(hi("support"))
            val (bad, good) = gateway.health()
            assertEquals(listOf(1L, 1L, null), listOf(bad.requests, bad.failures, bad.total.p95))
            assertEquals(HealthState.WELL, good.state)
            assertTrue(good.total.p50 != null && bad.lastError!!.contains("503"))
            assertThrows(TidegateException.NoRoute::class.java) { gateway.explain(hi("nowhere")) }
        }
    }

    @Test
    fun `what is true where it is left out is true`() {
        assertTrue(hi().hedge)
        val asked = """"model": "m", "messages": [{"role": "user", "content": "hi"}]"""
        assertFalse(chatRequestFromJson("""{$asked, "hedge": false}""").hedge)
        assertTrue(chatRequestFromJson("{$asked}").hedge)
        assertTrue(ToolCall(id = "c1", name = "now", argumentsRaw = "{}").argsValid)
    }

    @Test
    fun `a gateway that is closed is refused`() {
        val gateway = Gateway()
        gateway.close()
        gateway.close()
        assertThrows(IllegalStateException::class.java) { runBlocking { gateway.chat(hi()) } }
    }

    @Test
    fun `printing shows no prompt`() = inSim(empty) { gateway ->
        val secret = ChatRequest(model = "sim/x", messages = listOf(user("my secret")))
        val reply = gateway.chat(secret)
        val event = Event.Text(index = 0, text = "my secret")
        val call = ToolCall(id = "c1", name = "now", argumentsRaw = """{"my": "secret"}""")
        val tool = Tool.Function(name = "now", description = "my secret")
        for (printed in listOf(secret, secret.messages, secret.messages[0].content[0], reply, event, call, tool).map { "$it" }) {
            assertFalse(printed.contains("secret"), printed)
            assertFalse(printed.contains(reply.text), printed)
        }
    }
}
