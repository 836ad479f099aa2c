import Interfaces
import KeyValue
import Storage

/// The key-value store on a card image, a card or a partition.
package struct CardStore {
    /// The image's or device's path.
    private let path: String
    private let device: any BlockDevice

    /// Finds the place of the store in the file at `path`: the partition for one, or the whole file if it holds nothing but a
    /// store.
    package init(path: String, isReadOnly: Bool) throws(StoreError) {
        self.path = path
        let file = try ImageFile(path: path, isReadOnly: isReadOnly)
        guard let table = try? PartitionTable(file) else {
            device = file
            return
        }
        for entry in table.entries where entry.kind.suggestsStore {
            if let partition = try? Partition(file, entry) {
                device = partition
                return
            }
        }
        throw .noPartition(path)
    }

    /// The store, mounted.
    package func mount(salvaging: Bool = false) throws(StoreError) -> KeyValueStore {
        do {
            // A person at a computer is told of damage, and decides.
            return try KeyValueStore(device, salvaging ? .salvaging : .strict)
        } catch {
            throw .unusable(path, error)
        }
    }

    /// Makes an empty store. What is there already, be it a store or something else, goes only if `force` says so.
    package func format(force: Bool) throws(StoreError) {
        do {
            _ = try KeyValueStore(device, .strict)
            guard force else { throw StoreError.notEmpty(path) }
        } catch let error as KeyValueError {
            guard force || error == .notFormatted else { throw .notEmpty(path) }
        } catch {
            throw .notEmpty(path)
        }
        do { try KeyValueStore.format(device) } catch { throw .unusable(path, error) }
    }

    /// Runs `body`, and says of an error of the store whose it is.
    package func reporting<Result>(
        _ body: () throws(KeyValueError) -> Result
    ) throws(StoreError) -> Result {
        do { return try body() } catch { throw .unusable(path, error) }
    }
}
