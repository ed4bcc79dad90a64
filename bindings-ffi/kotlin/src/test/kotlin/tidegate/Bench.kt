package tidegate

import com.sun.management.OperatingSystemMXBean
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.util.Collections
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.count
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** What runs before it is measured, on a busy machine too: HotSpot compiles what is called often, and reads too high before. */
private const val WARM_SECONDS = 5.0
private const val WARM_CALLS = 40_000

private val REQUEST = ChatRequest(
    model = "bench/gpt-4o-mini",
    messages = listOf(system("You are a helpful assistant."), user("Explain in two sentences what an LLM gateway does.")),
)

/** One measurement as the Rust clients of tests/bench make it: `MODE BASE_URL SECONDS`; prints one line of JSON. */
fun main(arguments: Array<String>) {
    val (mode, base, seconds) = arguments
    val config = """{"providers": {"bench": {"protocol": "openai-chat", "base_url": "$base", "api_key": "sk-x"}}}"""
    Gateway(config).use { gateway ->
        val (callers, units, ask) = when (mode) {
            "seq", "large" -> Triple(1, 1, suspend { call(gateway) })
            "conc64" -> Triple(64, 1, suspend { call(gateway) })
            "stream1" -> Triple(1, 500, suspend { stream(gateway, 500) })
            "stream32" -> Triple(32, 250, suspend { stream(gateway, 250) })
            else -> error("no mode $mode")
        }
        runBlocking(Dispatchers.Default) {
            var warm = 0
            while (warm < WARM_CALLS) warm += run(callers, WARM_SECONDS, ask).size * units
            println(measured(units) { run(callers, seconds.toDouble(), ask) })
        }
    }
}

private suspend fun call(gateway: Gateway) {
    val reply = gateway.chat(REQUEST)
    check(reply.text.isNotEmpty()) { "no text" }
    check(reply.usage!!.let { it.inputTokens + it.outputTokens } > 0) { "no usage" }
}

private suspend fun stream(gateway: Gateway, chunks: Int) {
    val texts = gateway.stream(REQUEST).count { !it.text.isNullOrEmpty() }
    check(texts == chunks) { "$texts chunks with text" }
}

/** So many callers, each asking again as soon as it has its answer; the seconds that each answer took. */
private suspend fun run(callers: Int, seconds: Double, ask: suspend () -> Unit): List<Double> {
    val latencies = Collections.synchronizedList(ArrayList<Double>())
    val end = System.nanoTime() + (seconds * 1e9).toLong()
    coroutineScope {
        repeat(callers) {
            launch {
                while (System.nanoTime() < end) {
                    val begin = System.nanoTime()
                    ask()
                    latencies += (System.nanoTime() - begin) / 1e9
                }
            }
        }
    }
    return latencies
}

private suspend fun measured(units: Int, run: suspend () -> List<Double>): String {
    val system = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
    val (cpu, clock) = system.processCpuTime to System.nanoTime()
    val latencies = run().sorted()
    val (used, wall) = (system.processCpuTime - cpu) / 1e9 to (System.nanoTime() - clock) / 1e9
    val n = latencies.size.toDouble() * units
    fun at(share: Double) = latencies[minOf((latencies.size * share).toInt(), latencies.size - 1)] * 1e6
    val resident = Files.readString(Path.of("/proc/self/statm")).split(' ')[1].toLong() * 4
    return """{"n":$n,"cpu_us":${used / n * 1e6},"per_s":${n / wall},"p50_us":${at(0.5)},"p99_us":${at(0.99)},"rss_kb":$resident}"""
}
