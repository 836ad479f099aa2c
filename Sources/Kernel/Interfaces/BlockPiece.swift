/// A part of a request's memory: a whole number of blocks somewhere.
///
/// The memory is its owner's, who keeps it in place until the call returns, and does not touch it meanwhile. A call that writes to
/// the device only reads it.
@safe
@frozen
public struct BlockPiece {
    /// The memory.
    public let bytes: UnsafeMutableRawBufferPointer

    /// No memory.
    @inlinable
    public init() { unsafe bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

    /// A piece of `bytes`, which the caller keeps valid during the call that it hands the piece to.
    @inlinable
    public init(_ bytes: UnsafeMutableRawBufferPointer) { unsafe self.bytes = unsafe bytes }

    /// A piece that is only read.
    @inlinable
    public init(reading bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe UnsafeMutableRawBufferPointer(mutating: bytes)
    }

    /// Its length in bytes.
    @inlinable
    public var count: Int { unsafe bytes.count }
}

extension BlockDevice {
    /// Piece by piece: for devices that have no scatter lists.
    public func read(_ first: UInt64, scatter pieces: Span<BlockPiece>) throws(BlockError) {
        var block = first
        for index in pieces.indices {
            var span = unsafe MutableRawSpan(_unsafeBytes: pieces[index].bytes)
            try read(block, into: &span)
            block += UInt64(pieces[index].count / geometry.blockSize)
        }
    }

    /// Piece by piece: for devices that have no scatter lists.
    public func write(_ first: UInt64, gather pieces: Span<BlockPiece>) throws(BlockError) {
        var block = first
        for index in pieces.indices {
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(pieces[index].bytes))
            try write(block, from: span)
            block += UInt64(pieces[index].count / geometry.blockSize)
        }
    }
}
