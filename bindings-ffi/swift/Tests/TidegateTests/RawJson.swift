import Foundation

/// JSON text taken apart and left as it is written, down to the spelling of numbers.
struct RawJson {
    let text: String

    /// The values of an object by key, in order.
    var fields: [(key: String, value: RawJson)] {
        pieces.map { piece in
            let (key, rest) = RawJson.split(piece, at: ":")
            return (String(key.dropFirst().dropLast()), RawJson(rest))
        }
    }

    /// The values of a list.
    var items: [RawJson] {
        pieces.map { RawJson($0) }
    }

    init(_ text: some StringProtocol) {
        self.text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What stands between the commas of an object or a list.
    private var pieces: [Substring] {
        var rest = text.dropFirst().dropLast()
        var pieces: [Substring] = []
        while !rest.allSatisfy(\.isWhitespace) {
            let (piece, after) = RawJson.split(rest, at: ",")
            pieces.append(piece)
            rest = after
        }
        return pieces
    }

    /// Splits at the first `separator` outside of strings, objects and lists.
    private static func split(_ text: Substring, at separator: Character) -> (Substring, Substring) {
        var depth = 0
        var inString = false
        var escaped = false
        for index in text.indices {
            let character = text[index]
            if inString {
                if escaped {
                    escaped = false
                } else if character == "\\" {
                    escaped = true
                } else if character == "\"" {
                    inString = false
                }
                continue
            }
            switch character {
            case "\"": inString = true
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            case separator where depth == 0:
                let key = text[..<index].drop(while: \.isWhitespace)
                return (key, text[text.index(after: index)...])
            default: break
            }
        }
        return (text, "")
    }
}
