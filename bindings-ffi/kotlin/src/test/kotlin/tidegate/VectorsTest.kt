package tidegate

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import kotlinx.serialization.json.Json as JsonText

/** Plays every case of tests/vectors, whose README has the format. */
class VectorsTest {
    @TestFactory
    fun vectors(): List<DynamicTest> {
        val files = VECTORS.listDirectoryEntries("*.json").sorted()
        assertTrue(files.isNotEmpty(), "there are no vectors")
        return files.map { file ->
            DynamicTest.dynamicTest(file.nameWithoutExtension) {
                results[file.nameWithoutExtension] = false
                val wanted = file.resolveSibling("${file.nameWithoutExtension}.txt").readText()
                assertEquals(wanted, runBlocking(Dispatchers.Default) { play(file) })
                results[file.nameWithoutExtension] = true
            }
        }
    }

    companion object {
        private val ROOT: Path = Path("../..")
        private val VECTORS: Path = ROOT.resolve("tests/vectors")
        private val results = sortedMapOf<String, Boolean>()

        /** What tests/vectors/table.py makes the compatibility table from. */
        @AfterAll
        @JvmStatic
        fun write() {
            val file = ROOT.resolve("target/vectors/kotlin.json")
            file.parent.createDirectories()
            file.writeText(JsonObject(results.mapValues { JsonPrimitive(it.value) }).toString() + "\n")
        }
    }
}

/** The text of a call's part of the transcript, and the message of its response. */
private class Told(val text: String, val message: Message? = null)

private val KINDS = listOf("chat", "stream", "embed", "rerank", "explain", "health", "reload")

private fun refuseUnknown(found: Set<String>, known: Collection<String>) {
    val unknown = found - known.toSet()
    require(unknown.isEmpty()) { "the runner does not know ${unknown.joinToString()}" }
}

private suspend fun play(file: Path): String {
    val vector = JsonText.parseToJsonElement(Files.readString(file)).jsonObject
    refuseUnknown(vector.keys, listOf("feature", "sim", "config", "calls"))
    try {
        Sim.fromJson((vector["sim"] ?: JsonObject(emptyMap())).toString()).use { sim ->
            Gateway(vector["config"]?.toString()).use { plain ->
                plain.withSim(sim).use { gateway ->
                    val told = mutableListOf<Told>()
                    for (call in vector["calls"]?.jsonArray ?: JsonArray(emptyList())) {
                        told += Player(gateway, sim, told.map { it.message }).ask(call.jsonObject)
                    }
                    return told.joinToString("") { it.text } + "requests ${finished(sim)}\n"
                }
            }
        }
    } catch (refused: TidegateException) {
        return "error ${refused.toJson()}\n"
    }
}

/** What the upstreams saw, once all exchanges are over. */
private suspend fun finished(sim: Sim): JsonArray {
    while (true) {
        val seen = sim.requests().map(JsonText::parseToJsonElement)
        if (seen.none { it.jsonObject["closed_by"] is JsonNull }) return JsonArray(seen)
        yield()
    }
}

private class Player(val gateway: Gateway, val sim: Sim, val messages: List<Message?>) {
    suspend fun ask(call: JsonObject): List<Told> = coroutineScope {
        val together = call["together"]
        if (together != null) {
            refuseUnknown(call.keys, listOf("together"))
            return@coroutineScope together.jsonArray.map { async { ask(it.jsonObject) } }.awaitAll().flatten()
        }
        refuseUnknown(call.keys, KINDS + listOf("stop_after", "cancel_after_requests"))
        val kind = call.keys.single { it in KINDS }
        val request = placed(call.getValue(kind)).toString()
        val answer = async { one(kind, request, call["stop_after"]?.jsonPrimitive?.int) }
        val count = call["cancel_after_requests"]?.jsonPrimitive?.int
        while (count != null && !answer.isCompleted && sim.requests().size < count) yield()
        val told = if (count == null || answer.isCompleted) {
            answer.await()
        } else {
            answer.cancelAndJoin()
            Told("cancelled\n")
        }
        listOf(Told("$kind\n${told.text}", told.message))
    }

    /** Replaces `"$message N"` by the message of the response of call N. */
    private fun placed(value: JsonElement): JsonElement = when (value) {
        is JsonObject -> JsonObject(value.mapValues { placed(it.value) })
        is JsonArray -> JsonArray(value.map(::placed))
        is JsonPrimitive -> {
            val number = if (value.isString) value.content.removePrefix("\$message ") else value.content
            if (!value.isString || number == value.content) value
            else JsonText.parseToJsonElement(checkNotNull(messages[number.toInt()]).toJson())
        }
    }

    private suspend fun one(kind: String, request: String, stopAfter: Int?): Told {
        val events = StringBuilder()
        return try {
            val response = when (kind) {
                "explain" -> return Told("explanation ${gateway.explain(chatRequestFromJson(request)).toJson()}\n")
                "health" -> return Told(gateway.health().joinToString("") { "target ${it.toJson()}\n" })
                "reload" -> return Told("").also { gateway.reload(request) }
                "chat" -> gateway.chat(chatRequestFromJson(request))
                "embed" -> gateway.embed(embedRequestFromJson(request))
                "rerank" -> gateway.rerank(rerankRequestFromJson(request))
                else -> gateway.openStream(chatRequestFromJson(request)).use { stream ->
                    val told = stream.events().onEach { events.append("event ${it.toJson()}\n") }
                    (if (stopAfter == null) told else told.take(stopAfter)).collect()
                    stream.response()
                }
            }
            if (response == null) return Told("${events}stopped\n")
            Told("${events}response ${response.toJson()}\n", response.message)
        } catch (error: TidegateException) {
            Told("${events}error ${error.toJson()}\n")
        }
    }
}
