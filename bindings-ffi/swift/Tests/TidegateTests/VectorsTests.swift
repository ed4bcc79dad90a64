import Foundation
import Tidegate
import XCTest

/// Plays every case of tests/vectors, whose README has the format.
final class VectorsTests: XCTestCase {
    static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../..").standardized

    func testVectors() async throws {
        let folder = Self.root.appendingPathComponent("tests/vectors")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.path < $1.path }
        XCTAssertFalse(files.isEmpty, "there are no vectors")
        var results: [String: Bool] = [:]
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            let wanted = try String(contentsOf: file.deletingPathExtension().appendingPathExtension("txt"), encoding: .utf8)
            let told = try await play(RawJson(String(contentsOf: file, encoding: .utf8)))
            XCTAssertEqual(told, wanted, name)
            results[name] = told == wanted
        }
        let out = Self.root.appendingPathComponent("target/vectors")
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        let json = try JSONSerialization.data(withJSONObject: results, options: [.prettyPrinted, .sortedKeys])
        try json.write(to: out.appendingPathComponent("swift.json"))
    }
}

/// The text of a call's part of the transcript, and the message of its response.
private struct Told {
    var text: String
    var message: Message?
}

private struct UnknownKey: Error {
    let key: String
}

private func play(_ vector: RawJson) async throws -> String {
    var sim = "{}"
    var config: String?
    var calls: [RawJson] = []
    for (key, value) in vector.fields {
        switch key {
        case "feature": break
        case "sim": sim = value.text
        case "config": config = value.text
        case "calls": calls = value.items
        default: throw UnknownKey(key: key)
        }
    }
    let player: Player
    do {
        let world = try Sim.fromJson(text: sim)
        player = Player(gateway: try Gateway(config: config).withSim(sim: world), sim: world)
    } catch let error as TidegateError {
        return "error \(try error.toJson())\n"
    }
    var told: [Told] = []
    for call in calls {
        told += try await player.ask(call, told.map(\.message))
    }
    return told.map(\.text).joined() + "requests \(await player.finished())\n"
}

private struct Player: @unchecked Sendable {
    let gateway: Gateway
    let sim: Sim

    /// What the upstreams saw, once all exchanges are over.
    func finished() async -> String {
        var seen = sim.requests()
        while seen.contains(where: { $0.hasSuffix("\"closed_by\":null}") }) {
            await Task.yield()
            seen = sim.requests()
        }
        return "[\(seen.joined(separator: ","))]"
    }

    func ask(_ call: RawJson, _ messages: [Message?]) async throws -> [Told] {
        var request: (kind: String, text: String)?
        var stopAfter: Int?
        var cancelAfter: Int?
        for (key, value) in call.fields {
            switch key {
            case "together": return try await together(value.items, messages)
            case "chat", "stream", "embed", "rerank", "explain", "health", "reload": request = (key, try placed(value.text, messages))
            case "stop_after": stopAfter = Int(value.text)
            case "cancel_after_requests": cancelAfter = Int(value.text)
            default: throw UnknownKey(key: key)
            }
        }
        let (kind, text) = try XCTUnwrap(request, "a call is one of chat, stream, embed, rerank, explain, health, reload, together")
        let stop = stopAfter
        let task = Task { try await one(kind, text, stopAfter: stop) }
        var told: Told
        if let count = cancelAfter {
            while sim.requests().count < count {
                await Task.yield()
            }
            task.cancel()
            do {
                told = try await task.value
            } catch is CancellationError {
                told = Told(text: "cancelled\n")
            }
        } else {
            told = try await task.value
        }
        told.text = "\(kind)\n\(told.text)"
        return [told]
    }

    private func together(_ calls: [RawJson], _ messages: [Message?]) async throws -> [Told] {
        try await withThrowingTaskGroup(of: (Int, [Told]).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask {
                    let told = try await self.ask(call, messages)
                    return (index, told)
                }
            }
            var told = [[Told]](repeating: [], count: calls.count)
            for try await (index, one) in group {
                told[index] = one
            }
            return told.flatMap { $0 }
        }
    }

    /// Replaces `"$message N"` by the message of the response of call N.
    private func placed(_ text: String, _ messages: [Message?]) throws -> String {
        var text = text
        for (index, message) in messages.enumerated() where text.contains("\"$message \(index)\"") {
            let json = try XCTUnwrap(message, "a call that was answered").toJson()
            text = text.replacingOccurrences(of: "\"$message \(index)\"", with: json)
        }
        return text
    }

    private func one(_ kind: String, _ request: String, stopAfter: Int?) async throws -> Told {
        var events = ""
        do {
            let response: Response
            switch kind {
            case "explain":
                let explanation = try gateway.explain(request: chatRequestFromJson(text: request))
                return Told(text: "explanation \(try explanation.toJson())\n")
            case "health":
                return Told(text: try gateway.health().map { "target \(try $0.toJson())\n" }.joined())
            case "reload":
                try gateway.reload(config: request)
                return Told(text: "")
            case "chat": response = try await gateway.chat(chatRequestFromJson(text: request))
            case "embed": response = try await gateway.embed(embedRequestFromJson(text: request))
            case "rerank": response = try await gateway.rerank(rerankRequestFromJson(text: request))
            default:
                let stream = try gateway.openStream(request: chatRequestFromJson(text: request))
                var count = 0
                for try await event in stream.events() {
                    events += "event \(try event.toJson())\n"
                    count += 1
                    if count == stopAfter {
                        return Told(text: events + "stopped\n")
                    }
                }
                response = try XCTUnwrap(stream.response(), "a stream that ended well")
            }
            return Told(text: events + "response \(try response.toJson())\n", message: response.message)
        } catch let error as TidegateError {
            return Told(text: events + "error \(try error.toJson())\n")
        }
    }
}
