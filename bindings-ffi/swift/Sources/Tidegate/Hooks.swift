import Foundation

extension Gateway {
    /// The same gateway with one more closure that judges answers, for routes whose `reject.check` has this name: it returns the
    /// reason to reject an answer, or nil.
    ///
    /// It is called on a thread of its own, and the deadline of the call holds for it too. One that throws rejects nothing,
    /// and standard error is told.
    public func withCheck(_ name: String, _ check: @escaping @Sendable (Response) throws -> String?) -> Gateway {
        withCheck(name: name, check: ClosureCheck(name, check))
    }

    /// Tells a closure of each target whose state changes, such as one whose breaker opens: for logs and alerts.
    ///
    /// It is told one change after the other, on a thread of its own. Where it throws, standard error is told. It goes on
    /// until what this returns is cancelled or let go of: so keep it.
    public func observeHealth(_ observer: @escaping @Sendable (TargetHealth) throws -> Void) throws -> Subscription {
        try observeHealth(observer: ClosureHealthObserver(observer))
    }

    /// Looks every so many seconds whether the file of the configuration has changed, and takes what it says then, as
    /// ``reloadFile()`` does.
    ///
    /// The closure is told of each change, on a thread of its own: nil if it was taken, or the error that says why it was
    /// not. It goes on until what this returns is cancelled or let go of: so keep it.
    public func watch(
        every: Double, _ observer: @escaping @Sendable (TidegateError?) throws -> Void
    ) throws -> Subscription {
        try watch(every: every, observer: ClosureReloadObserver(observer))
    }

    /// Looks every so many seconds whether the file of the configuration has changed, and tells nobody.
    public func watch(every: Double) throws -> Subscription {
        try watch(every: every, observer: nil)
    }
}

private final class ClosureCheck: Check {
    private let name: String
    private let check: @Sendable (Response) throws -> String?

    init(_ name: String, _ check: @escaping @Sendable (Response) throws -> String?) {
        self.name = name
        self.check = check
    }

    func judge(response: Response) throws -> String? {
        do {
            return try check(response)
        } catch {
            warn("the check '\(name)' failed with \(type(of: error)), and so the answer was accepted")
            return nil
        }
    }
}

private final class ClosureHealthObserver: HealthObserver {
    private let observer: @Sendable (TargetHealth) throws -> Void

    init(_ observer: @escaping @Sendable (TargetHealth) throws -> Void) {
        self.observer = observer
    }

    func changed(health: TargetHealth) throws {
        do {
            try observer(health)
        } catch {
            warn("the closure given to observeHealth failed with \(type(of: error))")
        }
    }
}

private final class ClosureReloadObserver: ReloadObserver {
    private let observer: @Sendable (TidegateError?) throws -> Void

    init(_ observer: @escaping @Sendable (TidegateError?) throws -> Void) {
        self.observer = observer
    }

    func reloaded(error: TidegateError?) throws {
        do {
            try observer(error)
        } catch {
            warn("the closure given to watch failed with \(type(of: error))")
        }
    }
}

/// Names the type of an error and never its words, which may hold an answer's.
private func warn(_ message: String) {
    FileHandle.standardError.write(Data("tidegate: \(message)\n".utf8))
}
