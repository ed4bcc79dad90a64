import Tidegate
import XCTest

private let config = #"{"providers": {"a": {"protocol": "openai-chat", "base_url": "http://a.test/v1"}}}"#
private let hanging = #"""
    {"clock": "stopped", "upstreams": {"a.test": {"then": {"body": [
        {"sse": {"choices": [{"index": 0, "delta": {"content": "first"}}]}}
    ], "end": "hang"}}}}
    """#

final class GatewayTests: XCTestCase {
    private func hi(_ model: String = "a/m") -> ChatRequest {
        ChatRequest(model: model, messages: [.user("hi")])
    }

    private func until(_ condition: () -> Bool) async {
        while !condition() {
            await Task.yield()
        }
    }

    func testChatAndStream() async throws {
        let gateway = try Gateway().withSim(sim: Sim.fromJson(text: "{}"))
        let reply = try await gateway.chat(hi("sim/x"))
        XCTAssertEqual(reply.target, "sim/x")
        var text = ""
        for try await event in gateway.stream(hi("sim/x")) {
            text += event.text ?? ""
        }
        XCTAssertEqual(text, reply.text)
    }

    func testLeavingAStreamClosesTheConnection() async throws {
        let sim = try Sim.fromJson(text: hanging)
        let gateway = try Gateway(config: config).withSim(sim: sim)
        for try await event in gateway.stream(hi()) where event.text != nil {
            XCTAssertEqual(event.text, "first")
            break
        }
        await until { sim.requests()[0].contains(#""closed_by":"client""#) }
    }

    func testCancellingATaskClosesTheConnection() async throws {
        let sim = try Sim.fromJson(text: hanging)
        let gateway = try Gateway(config: config).withSim(sim: sim)
        let request = hi()
        let task = Task { try await gateway.chat(request) }
        await until { sim.requests().count == 1 }
        task.cancel()
        do {
            _ = try await task.value
            XCTFail("the call was answered")
        } catch is CancellationError {
            await until { sim.requests()[0].contains(#""closed_by":"client""#) }
        }
    }

    func testATaskThatIsCancelledInTheLoopsBodyDoesNotSeemComplete() async throws {
        let gateway = try Gateway().withSim(sim: Sim.fromJson(text: "{}"))
        let request = hi("sim/x")
        let task = Task {
            for try await _ in gateway.stream(request) {
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        do {
            try await task.value
            XCTFail("the loop ended as if all had arrived")
        } catch is CancellationError {}
    }

    func testCancellingAStreamClosesTheConnection() async throws {
        let sim = try Sim.fromJson(text: hanging)
        let gateway = try Gateway(config: config).withSim(sim: sim)
        let stream = try gateway.openStream(request: hi())
        do {
            for try await event in stream.events() where event.text != nil {
                stream.cancel()
            }
            XCTFail("the stream ended well")
        } catch TidegateError.Cancelled {
            await until { sim.requests()[0].contains(#""closed_by":"client""#) }
        }
    }

    func testCallsAreInFlightAtTheSameTime() async throws {
        let sim = try Sim.fromJson(text: hanging)
        let gateway = try Gateway(config: config).withSim(sim: sim)
        let request = hi()
        let tasks = (0..<64).map { _ in Task { try await gateway.chat(request) } }
        await until { sim.requests().count == 64 }
        tasks.forEach { $0.cancel() }
        await until { sim.requests().allSatisfy { $0.contains(#""closed_by":"client""#) } }
    }

    func testErrorsAreOfTheirKind() async throws {
        let sim = try Sim.fromJson(text: #"""
            {"upstreams": {"a.test": {"then": {"status": 429, "headers": {"retry-after": "7"}, "body": [{"json": {}}]}}}}
            """#)
        let once = config.dropLast() + #", "defaults": {"retry": {"max_attempts": 1}}}"#
        let gateway = try Gateway(config: String(once)).withSim(sim: sim)
        do {
            _ = try await gateway.chat(hi())
            XCTFail("the call was answered")
        } catch let error as TidegateError {
            guard case .RateLimited = error else { return XCTFail("\(error.kind)") }
            XCTAssertEqual(error.retryAfter, 7)
            XCTAssertEqual("\(error)", error.message)
            XCTAssertEqual(error.localizedDescription, error.message)
        }
    }

    func testReloadExplainAndHealth() async throws {
        let gateway = try Gateway(config: #"{"routes": {"support": {"targets": ["sim/small"]}}}"#)
            .withSim(sim: Sim.fromJson(text: "{}"))
        try gateway.reload(config: #"{"routes": {"support": {"targets": ["sim/large"]}}}"#)
        XCTAssertThrowsError(try gateway.reload(config: #"{"rotues": {}}"#))
        XCTAssertThrowsError(try gateway.reloadFile())
        let explanation = try gateway.explain(request: hi("support"))
        XCTAssertEqual(explanation.candidates.map(\.target), ["sim/large"])
        XCTAssertEqual(explanation.candidates[0].why, .first)
        XCTAssertTrue(try gateway.health().isEmpty)
        _ = try await gateway.chat(hi("support"))
        let health = try gateway.health()
        XCTAssertEqual(health.map(\.target), ["sim/large"])
        XCTAssertEqual(health[0].state, .well)
        XCTAssertTrue(hi().hedge)
    }

    func testPrintingShowsNoPrompt() throws {
        let request = ChatRequest(model: "sim/x", messages: [.user("my secret")])
        let call = ToolCall(id: "c1", name: "now", argumentsRaw: #"{"secret": 1}"#)
        let event = Event.text(index: 0, text: "my secret")
        XCTAssertFalse("\(request) \(request.messages) \(call) \(event)".contains("secret"))
    }
}
