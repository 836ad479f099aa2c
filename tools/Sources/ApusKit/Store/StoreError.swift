import KeyValue
import Storage

/// What is wrong with a store on a card, for the person at the keyboard.
package enum StoreError: UserError, Equatable {
    case notOpened(String, reason: String)
    case noPartition(String)
    case unusable(String, KeyValueError)
    case noValue(String)
    case noDump(String, reason: String)
    case notEmpty(String)

    package var description: String {
        switch self {
        case .notOpened(let path, let reason): "cannot open \(path): \(reason)"
        case .noPartition(let path):
            "\(path) has no partition for a key-value store; cards made by `./apus image` have one"
        case .unusable(let path, .notFormatted):
            "the store on \(path) is not formatted yet; `./apus kv format \(path)` does it"
        case .unusable(let path, .damaged(let block)):
            "the store on \(path) is damaged in block \(block); `./apus kv dump --salvage \(path)` shows what is left of it"
        case .unusable(let path, let error): "the store on \(path): \(error.description)"
        case .noValue(let key): "\(key) has no value; `./apus kv list` shows the keys there are"
        case .noDump(let path, let reason): "\(path) is nothing that `./apus kv dump` wrote: \(reason)"
        case .notEmpty(let path):
            "\(path) holds a store, or something else, in the place of one; --force erases it"
        }
    }
}
