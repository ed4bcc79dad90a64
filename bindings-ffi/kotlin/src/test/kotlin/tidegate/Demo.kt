package tidegate

import kotlinx.coroutines.runBlocking

/** Two harbours of the demo's world: one is down, the other's answers break off in the middle. */
private const val WORLD = """{"upstreams": {
    "down.test": {"then": {"status": 503, "body": [{"json": {"error": {"message": "closed for the storm"}}}]}},
    "snap.test": {"then": {"body": [
        {"sse": {"choices": [{"index": 0, "delta": {"content": "The tide comes in, "}}]}},
        {"sse": {"choices": [{"index": 0, "delta": {"content": "the tide goes"}}]}}
    ]}}
}}"""

private const val CONFIG = """{
    "providers": {
        "down": {"protocol": "openai-chat", "base_url": "http://down.test/v1"},
        "snap": {"protocol": "openai-chat", "base_url": "http://snap.test/v1"}
    },
    "routes": {
        "support": {"targets": ["sim/primary", "sim-anthropic/backup"]},
        "harbour": {"targets": ["down/any", "sim-anthropic/backup"]}
    }
}"""

private fun ask(model: String, text: String) = ChatRequest(model = model, messages = listOf(user(text)), team = "growth")

private fun scene(title: String) = println("\n~~~ $title")

/** `mvn -q test-compile exec:java`: a gateway answers, streams and fails over. No key, no network. */
fun main() = runBlocking {
    println("Tidegate: a gateway in this process, in a simulated world")
    Sim.fromJson(WORLD).use { world ->
        Gateway(CONFIG).use { live -> live.withSim(world).use { play(it) } }
    }
    println("\nOne process, no server, no key, no network. Next: README.md, or Gateway.fromFile(\"tidegate.toml\").")
}

private suspend fun play(gateway: Gateway) {
    scene("A chat")
    val reply = gateway.chat(ask("support", "What does a gateway do?"))
    println("  ${reply.text}")
    println("  from ${reply.target}, ${reply.usage?.inputTokens} tokens in, ${reply.usage?.outputTokens} out")

    scene("A streamed answer, word by word")
    print("  ")
    gateway.stream(ask("support", "A poem, please")).collect { print(it.text ?: "") }
    println()

    scene("The same request, answered by three vendors: one type of answer")
    for (vendor in listOf("sim", "sim-anthropic", "sim-gemini")) {
        val answer = gateway.chat(ask("$vendor/any", "What does a gateway do?"))
        println("  ${vendor.padEnd(14)} ${answer::class.simpleName}  ${answer.finishReasonRaw} -> ${answer.finishReason}")
    }

    scene("A vendor goes down: the next answers")
    for (attempt in gateway.chat(ask("harbour", "Anyone there?")).attempts) {
        println("  ${attempt.target.padEnd(22)} ${attempt.kind ?: "answered"} (${attempt.status})")
    }

    scene("A stream breaks in the middle: an error you can act on, not half an answer")
    print("  ")
    try {
        gateway.stream(ask("snap/any", "A poem, please")).collect { print(it.text ?: "") }
    } catch (error: TidegateException.StreamIncomplete) {
        println(" ~ snap ~\n  ${error::class.simpleName}: ${error.message}\n  error.partial.text is \"${error.partial?.text}\"")
    }

    scene("A typo in the configuration is caught before it costs anything")
    try {
        Gateway("""{"routes": {"harbour": {"targts": ["sim/primary"]}}}""")
    } catch (error: TidegateException.Config) {
        println("  ${error::class.simpleName}: ${error.message}")
    }
}
