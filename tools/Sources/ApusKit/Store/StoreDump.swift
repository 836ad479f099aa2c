import Foundation
import KeyValue

/// The content of a store as JSON: an object with a member for each key. Values that are text are texts, others
/// `{"base64": "..."}`; a key that is no text is written as `base64:...`.
package enum StoreDump {
    private static let marker = "base64:"

    /// The dump of `store`, its keys in order.
    package static func write(_ store: KeyValueStore) throws -> String {
        var object: [String: Any] = [:]
        try store.forEach { (key, value) throws(KeyValueError) in object[name(of: key)] = self.value(of: value) }
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// What the dump in the file at `path` puts into a store.
    package static func read(_ path: String) throws -> [(key: [UInt8], value: [UInt8])] {
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: Data(try Files.read(path)))
        } catch let error as FileError {
            throw error
        } catch {
            throw StoreError.noDump(path, reason: "it is no JSON")
        }
        guard let members = object as? [String: Any] else { throw StoreError.noDump(path, reason: "it is no object") }
        return try members.sorted { $0.key < $1.key }.map { name, value in
            guard let key = key(named: name), let bytes = bytes(of: value) else {
                throw StoreError.noDump(path, reason: "\(name) is neither a text nor {\"base64\": \"...\"}")
            }
            return (key, bytes)
        }
    }

    /// A key or a value as one word for a person.
    package static func name(of key: [UInt8]) -> String {
        guard let text = text(key), !text.hasPrefix(marker) else { return marker + Data(key).base64EncodedString() }
        return text
    }

    private static func key(named name: String) -> [UInt8]? {
        guard name.hasPrefix(marker) else { return [UInt8](name.utf8) }
        return Data(base64Encoded: String(name.dropFirst(marker.count))).map { [UInt8]($0) }
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { return nil }
        return text
    }

    private static func value(of bytes: [UInt8]) -> Any {
        text(bytes) ?? ["base64": Data(bytes).base64EncodedString()]
    }

    private static func bytes(of value: Any) -> [UInt8]? {
        if let text = value as? String { return [UInt8](text.utf8) }
        guard let object = value as? [String: String], object.count == 1, let text = object["base64"] else {
            return nil
        }
        return Data(base64Encoded: text).map { [UInt8]($0) }
    }
}
