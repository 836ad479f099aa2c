import Interfaces
import KeyValue

/// The first byte: bit 0 whether checksums are made right after the damage, bit 1 whether the image is the template's or
/// nothing. Then as many patches as the second byte says (modulo 8), each a block, an offset in it, a length and bytes; then what
/// is done with the store.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var input = UnsafeBufferPointer(start: data, count: size)[...]
    guard let choice = input.popFirst(), let patches = input.popFirst() else { return 0 }
    let image = StoreImage(choice & 2 == 0 ? StoreImage.template : [UInt8](repeating: 0, count: 256 * 512))
    for _ in 0..<patches & 7 {
        guard let block = input.popFirst(), let offset = input.popFirst(), let length = input.popFirst() else { break }
        // The header and the first records of a batch, or anywhere.
        var place = Int(block) * 512 + Int(offset) * (length & 0x80 == 0 ? 1 : 2)
        for _ in 0..<length & 0x3F {
            guard let byte = input.popFirst(), place < image.bytes.count else { break }
            image.bytes[place] = byte
            place += 1
        }
        if choice & 1 != 0 { image.repair(Int(block)) }
    }
    if choice & 2 != 0, choice & 4 == 0 { _ = try? KeyValueStore.format(image) }
    salvage(image)
    operate(image, input)
    return 0
}

private func salvage(_ image: StoreImage) {
    do throws(KeyValueError) {
        let store = try KeyValueStore(image, .salvaging)
        for key in store.keys() { _ = try? store.value(for: key) }
        precondition(store.isReadOnly)
    } catch {
        _ = error.description
    }
}

/// Mounts, commits what `input` says, and compares with a model all along; at the end it mounts again.
private func operate(_ image: StoreImage, _ input: Slice<UnsafeBufferPointer<UInt8>>) {
    do throws(KeyValueError) {
        let store = try KeyValueStore(image)
        var model: [[UInt8]: [UInt8]] = [:]
        try store.forEach { (key, value) throws(KeyValueError) in model[key] = value }
        var input = input
        var possible = [model]
        while let operation = input.popFirst() {
            try perform(operation, &input, store, image, &model, &possible)
        }
        image.failsAfter = nil
        var found: [[UInt8]: [UInt8]] = [:]
        try store.forEach { (key, value) throws(KeyValueError) in found[key] = value }
        precondition(found == model, "the store does not hold what was committed")
        found = [:]
        try KeyValueStore(image).forEach { (key, value) throws(KeyValueError) in found[key] = value }
        precondition(possible.contains(found), "the device does not hold what was committed")
    } catch {
        // Damage that the patches made; a store that was good never shows any.
        _ = error.description
    }
}

private func perform(
    _ operation: UInt8, _ input: inout Slice<UnsafeBufferPointer<UInt8>>, _ store: KeyValueStore, _ image: StoreImage,
    _ model: inout [[UInt8]: [UInt8]], _ possible: inout [[[UInt8]: [UInt8]]]
) throws(KeyValueError) {
    switch operation & 7 {
    case 0: image.failsAfter = Int(operation >> 3)
    case 1: _ = try? store.compact(atMost: Int(operation >> 3))
    default:
        var (transaction, after) = (Transaction(), model)
        for _ in 0...operation >> 6 {
            guard let key = input.popFirst(), let length = input.popFirst() else { break }
            let name = [UInt8](repeating: key, count: Int(key % 5) + 1)
            if length & 7 == 0 {
                transaction.delete(name)
                after[name] = nil
            } else {
                let value = [UInt8](repeating: length, count: Int(length) * (length & 7 == 1 ? 40 : 2))
                transaction.put(value, for: name)
                after[name] = value
            }
        }
        do throws(KeyValueError) {
            try store.commit(transaction)
            model = after
            possible = [after]
        } catch {
            if case .device = error { possible.append(after) }
        }
    }
}
