package tidegate

import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.logging.Handler
import java.util.logging.LogRecord
import java.util.logging.Logger
import kotlin.io.path.createTempFile
import kotlin.io.path.moveTo
import kotlin.io.path.writeText
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

private const val CHECKED = """{"routes": {"r": {"targets": ["sim/small", "sim/large"], "reject": {"check": "grounded"}}}}"""
private val provider = { name: String -> """"$name": {"protocol": "openai-chat", "base_url": "http://$name.test/v1"}""" }
private val FAILING = """{"providers": {${provider("a")}, ${provider("b")}},
    "defaults": {"retry": {"max_attempts": 1}, "breaker": {"failures": 1}}}"""
private const val DOWN = """{"upstreams": {"a.test": {"then": {"status": 503}}, "b.test": {"then": {"status": 503}}}}"""

private fun ask(model: String = "r") = ChatRequest(model = model, messages = listOf(user("hi")))

/** What was told. A null stands as an empty list. */
private class Inbox<T : Any> {
    private val queue = LinkedBlockingQueue<List<T>>()

    fun put(value: T?) = queue.put(listOfNotNull(value))

    fun next(): T? = checkNotNull(queue.poll(60, TimeUnit.SECONDS)) { "nothing was told" }.firstOrNull()

    fun isEmpty() = queue.isEmpty()
}

/** A gateway whose targets fail: each a change of state with its first call. */
private fun failing(test: (Gateway) -> Unit) =
    Gateway(FAILING).use { live -> Sim.fromJson(DOWN).use { sim -> live.withSim(sim).use(test) } }

private fun fail(gateway: Gateway, model: String) {
    assertThrows(TidegateException.Overloaded::class.java) { gateway.chatBlocking(ask(model)) }
}

/** What is logged while something runs. */
private fun logged(run: (Inbox<String>) -> Unit) {
    val told = Inbox<String>()
    val handler = object : Handler() {
        override fun publish(record: LogRecord) = told.put(record.message)
        override fun flush() = Unit
        override fun close() = Unit
    }
    val logger = Logger.getLogger("tidegate")
    logger.useParentHandlers = false
    logger.addHandler(handler)
    try {
        run(told)
    } finally {
        logger.removeHandler(handler)
        logger.useParentHandlers = true
    }
}

class HooksTest {
    @Test
    fun `a rejected answer sends the call on, and the reason is told where no target is left`(): Unit = runBlocking {
        Gateway(CHECKED).use { gateway ->
            val picky = gateway.withCheck("grounded") { if (it.target == "sim/small") "too small" else null }
            val reply = picky.chat(ask())
            assertEquals("sim/large", reply.target)
            assertEquals(listOf(Kind.INVALID_OUTPUT, null), reply.attempts.map { it.kind })
            val strict = gateway.withCheck("grounded") { "${it.target} guesses" }
            val error = assertThrows(TidegateException.InvalidOutput::class.java) { strict.chatBlocking(ask()) }
            assertTrue(error.message!!.contains("sim/large guesses"), error.message)
            assertThrows(TidegateException.Config::class.java) { gateway.chatBlocking(ask()) }
        }
    }

    @Test
    fun `a check may call a gateway and wait`() = Gateway(CHECKED).use { gateway ->
        val judged = gateway.withCheck("grounded") { if (gateway.chatBlocking(ask("sim/judge")).text.isEmpty()) "silent" else null }
        assertEquals("sim/small", judged.chatBlocking(ask()).target)
    }

    @Test
    fun `a check that fails rejects nothing and tells no words`() = logged { told ->
        Gateway(CHECKED).use { gateway ->
            val broken = gateway.withCheck("grounded") { throw IllegalStateException(it.text) }
            assertEquals("sim/small", broken.chatBlocking(ask()).target)
            assertEquals("the check 'grounded' failed with IllegalStateException, and so the answer was accepted", told.next())
            // Without the wrapper of this package, too.
            val bare = gateway.withCheck("grounded", object : Check {
                override fun judge(response: Response): String? = throw IllegalStateException(response.text)
            })
            assertEquals("sim/small", bare.chatBlocking(ask()).target)
        }
    }

    @Test
    fun `changes of health are told`() = failing { gateway ->
        val told = Inbox<TargetHealth>()
        gateway.observeHealth { told.put(it) }.use {
            fail(gateway, "a/m")
            val health = told.next()!!
            assertEquals("a/m" to HealthState.OPEN, health.target to health.state)
            assertTrue(health.lastError!!.contains("503"))
        }
    }

    @Test
    fun `an observer that fails is warned of and goes on being told`() = logged { warned ->
        failing { gateway ->
            val told = Inbox<String>()
            val subscription = gateway.observeHealth {
                told.put(it.target)
                throw IllegalStateException(it.lastError)
            }
            subscription.use {
                for (target in listOf("a/m", "b/m")) {
                    fail(gateway, target)
                    assertEquals(target, told.next())
                    assertEquals("the function given to observeHealth failed with IllegalStateException", warned.next())
                }
            }
        }
    }

    @Test
    fun `one that is closed is told no more`() = failing { gateway ->
        val told = Inbox<String>()
        val ended = Inbox<String>()
        val subscription = gateway.observeHealth { ended.put(it.target) }
        gateway.observeHealth { told.put(it.target) }.use {
            fail(gateway, "a/m")
            assertEquals(listOf("a/m", "a/m"), listOf(told.next(), ended.next()))
            subscription.close()
            subscription.close()
            fail(gateway, "b/m")
            assertEquals("b/m", told.next())
        }
        assertTrue(ended.isEmpty())
    }

    private fun Path.replace(text: String) {
        val new = resolveSibling("$fileName.new")
        new.writeText(text)
        new.moveTo(this, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
    }

    @Test
    fun `a file is watched`() {
        val file = createTempFile(suffix = ".toml")
        file.writeText("[routes.r]\ntargets = ['sim/small']")
        Gateway.fromFile(file.toString()).use { gateway ->
            val told = Inbox<TidegateException>()
            gateway.watch(0.001).use {
                gateway.watch(0.001) { error -> told.put(error) }.use {
                    file.replace("[routes.r]\ntargets = ['sim/large']")
                    assertNull(told.next())
                    assertEquals("sim/large", gateway.explain(ask()).candidates.first().target)
                    file.replace("[routes.r]\ntargts = []")
                    val error = told.next()
                    assertInstanceOf(TidegateException.Config::class.java, error)
                    assertTrue(error!!.message!!.contains("targts"), error.message)
                }
            }
            val never = assertThrows(TidegateException.Config::class.java) { gateway.watch(0.0) }
            assertEquals("every", never.context["field"])
        }
        Gateway().use { gateway -> assertThrows(TidegateException.Config::class.java) { gateway.watch(1.0) } }
    }
}
