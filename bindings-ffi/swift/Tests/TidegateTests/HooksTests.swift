import Tidegate
import XCTest

private let checked = #"""
    {"routes": {"r": {"targets": ["sim/small", "sim/large"], "reject": {"check": "grounded"}}}}
    """#
private let failing = #"""
    {"providers": {"a": {"protocol": "openai-chat", "base_url": "http://a.test/v1"}},
     "defaults": {"retry": {"max_attempts": 1}, "breaker": {"failures": 1}}}
    """#
private let down = #"{"upstreams": {"a.test": {"then": {"status": 503}}}}"#

private struct Refused: Error {}

final class HooksTests: XCTestCase {
    private func ask(_ model: String = "r") -> ChatRequest {
        ChatRequest(model: model, messages: [.user("hi")])
    }

    func testARejectedAnswerSendsTheCallOn() async throws {
        let gateway = try Gateway(config: checked).withCheck("grounded") { response in
            response.target == "sim/small" ? "too small" : nil
        }
        let reply = try await gateway.chat(ask())
        XCTAssertEqual(reply.target, "sim/large")
    }

    func testACheckThatThrowsRejectsNothing() async throws {
        let gateway = try Gateway(config: checked).withCheck("grounded") { _ in throw Refused() }
        let reply = try await gateway.chat(ask())
        XCTAssertEqual(reply.target, "sim/small")
    }

    func testChangesOfHealthAreTold() async throws {
        let gateway = try Gateway(config: failing).withSim(sim: Sim.fromJson(text: down))
        let told = expectation(description: "told")
        let subscription = try gateway.observeHealth { health in
            XCTAssertEqual(health.state, .open)
            told.fulfill()
            throw Refused()
        }
        do {
            _ = try await gateway.chat(ask("a/m"))
            XCTFail("the call was answered")
        } catch TidegateError.Overloaded {}
        await fulfillment(of: [told], timeout: 60)
        subscription.cancel()
    }

    func testAFileIsWatched() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).toml")
        try "[routes.r]\ntargets = ['sim/small']".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let gateway = try Gateway(file: file.path)
        let told = expectation(description: "told")
        let subscription = try gateway.watch(every: 0.001) { error in
            XCTAssertNil(error)
            told.fulfill()
        }
        try "[routes.r]\ntargets = ['sim/large']".write(to: file, atomically: true, encoding: .utf8)
        await fulfillment(of: [told], timeout: 60)
        XCTAssertEqual(try gateway.explain(request: ask()).candidates[0].target, "sim/large")
        subscription.cancel()
        XCTAssertThrowsError(try gateway.watch(every: 0))
    }
}
