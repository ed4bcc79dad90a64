import Foundation

extension Gateway {
    /// A gateway for a TOML file. Opens no connection.
    public convenience init(file path: String) throws {
        self.init(unsafeFromHandle: try Gateway.fromFile(path: path).uniffiCloneHandle())
    }

    /// A gateway for TOML text. Opens no connection.
    public convenience init(toml text: String) throws {
        self.init(unsafeFromHandle: try Gateway.fromToml(text: text).uniffiCloneHandle())
    }

    /// Answers a chat with the whole response. Cancelling the task closes the connection.
    ///
    /// - Throws: ``TidegateError``, or `CancellationError` where the task was cancelled.
    public func chat(_ request: ChatRequest) async throws -> Response {
        try await startChat(request: request).answer()
    }

    /// Turns texts into vectors: the response's `vectors`, one a text. Cancelling the task closes the connection.
    ///
    /// - Throws: ``TidegateError``, or `CancellationError` where the task was cancelled.
    public func embed(_ request: EmbedRequest) async throws -> Response {
        try await startEmbed(request: request).answer()
    }

    /// Ranks documents by how much they say to a query: the response's `rankings`, the best first. Cancelling the task
    /// closes the connection.
    ///
    /// - Throws: ``TidegateError``, or `CancellationError` where the task was cancelled.
    public func rerank(_ request: RerankRequest) async throws -> Response {
        try await startRerank(request: request).answer()
    }

    /// Answers a chat event by event, for `for try await`. Each loop is a call of its own.
    ///
    /// Leaving the loop closes the connection, and so does cancelling the task. For the collected ``Response`` at the end,
    /// use ``openStream(request:)``.
    public func stream(_ request: ChatRequest) -> EventSequence {
        EventSequence { try self.openStream(request: request) }
    }
}

extension EventStream {
    /// The events of this stream, for one loop; afterwards ``response()`` has what they made.
    ///
    /// Cancelling the task while it waits closes the connection. A loop that is left does once the stream is let go of:
    /// ``cancel()`` closes it before.
    public func events() -> EventSequence {
        EventSequence { self }
    }
}

extension Call {
    fileprivate func answer() async throws -> Response {
        try await cancellable({ self.cancel() }) { try await self.response() }
    }
}

/// UniFFI's futures do not notice that their task is cancelled (mozilla/uniffi-rs#2771), so the handle is cancelled here.
private func cancellable<T>(_ cancel: @escaping @Sendable () -> Void, _ work: () async throws -> T) async throws -> T {
    try await withTaskCancellationHandler {
        do {
            return try await work()
        } catch let error as TidegateError {
            if case .Cancelled = error, Task.isCancelled { throw CancellationError() }
            throw error
        }
    } onCancel: {
        cancel()
    }
}

/// The events of an answer, for `for try await`.
///
/// A loop in a task that is cancelled ends with `CancellationError`, wherever it was cancelled.
// No AsyncThrowingStream: its `next()` is nil in a task that was cancelled in the loop's body, as if all had arrived.
public struct EventSequence: AsyncSequence, @unchecked Sendable {
    /// What the loop is given.
    public typealias Element = Event

    fileprivate let start: () throws -> EventStream

    /// Opens the stream with the first event that is asked for.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(start: start)
    }

    /// Hands out one by one what a stream gives in batches. Letting go of it lets go of the stream.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let start: () throws -> EventStream
        private var stream: EventStream?
        private var ready: ArraySlice<Event> = []

        fileprivate init(start: @escaping () throws -> EventStream) {
            self.start = start
        }

        /// The next event; nil after the last.
        ///
        /// - Throws: ``TidegateError``, or `CancellationError` where the task was cancelled.
        public mutating func next() async throws -> Event? {
            try Task.checkCancellation()
            if ready.isEmpty {
                let stream = try self.stream ?? start()
                self.stream = stream
                ready = ArraySlice(try await cancellable({ stream.cancel() }) { try await stream.next() })
            }
            return ready.popFirst()
        }
    }
}

extension Message {
    /// A text of the application's instructions.
    public static func system(_ text: String) -> Message {
        Message(role: .system, content: [.text(text: text)])
    }

    /// A text of the person.
    public static func user(_ text: String) -> Message {
        Message(role: .user, content: [.text(text: text)])
    }

    /// A text of the model.
    public static func assistant(_ text: String) -> Message {
        Message(role: .assistant, content: [.text(text: text)])
    }

    /// The result of the tool call `id`, for the model.
    public static func toolResult(id: String, _ text: String) -> Message {
        Message(role: .tool, content: [.toolResult(id: id, content: [.text(text: text)])])
    }
}

extension Event {
    /// The fragment of visible text, if this is one.
    public var text: String? {
        guard case let .text(_, text) = self else { return nil }
        return text
    }
}

extension Response {
    /// The answer as a message, to be appended to the conversation for the next turn. It keeps the provider's state.
    public var message: Message {
        Message(role: .assistant, content: parts)
    }
}

/// Only the core's message is shown: what had arrived stays out of logs.
extension TidegateError: LocalizedError, CustomStringConvertible, CustomDebugStringConvertible {
    /// The core's message.
    public var errorDescription: String? { message }
    /// The core's message.
    public var description: String { message }
    /// The core's message.
    public var debugDescription: String { message }

    /// The canonical JSON of the error, the same in every language.
    public func toJson() throws -> String {
        try details.toJson()
    }
}
