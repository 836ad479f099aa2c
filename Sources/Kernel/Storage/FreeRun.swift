/// Looks for room for a name in a directory: adjacent free entries, all in one block where they fit into one.
struct FreeRun {
    /// Number of the first of the entries found.
    private(set) var first: Int?
    private let needed: Int
    private let perBlock: Int
    /// Where the free entries begin that end with the last one noted.
    private var begin = 0
    private var length = 0

    /// Looks for `needed` entries, `perBlock` of which are in a block.
    init(needed: Int, perBlock: Int) {
        self.needed = needed
        self.perBlock = perBlock
    }

    /// Takes note of entry number `index`, the one after that noted last.
    mutating func note(_ index: Int, isFree: Bool) {
        guard isFree else {
            length = 0
            return
        }
        if length == 0 || (needed <= perBlock && index % perBlock == 0) { (begin, length) = (index, 0) }
        length += 1
        if length == needed, first == nil { first = begin }
    }

    /// Where the entries begin when everything from `end` on is free.
    func start(from end: Int) -> Int {
        let begin = length > 0 ? begin : end
        guard needed <= perBlock, begin % perBlock + needed > perBlock else { return begin }
        return (begin / perBlock + 1) * perBlock
    }
}
