import Interfaces
import Network
import Runtime

// Sending without a copy: constants and buffers of files go from where they lie to the wire.
extension TCPConnection {
    /// Sends `bytes` from where they lie, behind `head`, which is copied, and waits until the other end has acknowledged all of it: the
    /// memory is the caller's again when this returns or throws. One task at a time lends to a connection; others wait for it.
    /// - Throws: as `write`. Where it ends before the other end has acknowledged everything, as by `.timedOut` and `.cancelled`, what is
    ///   missing is copied into the send buffer and goes on to be sent; where it finds no room there, the connection is aborted, and
    ///   `failure` says so.
    public func send(
        _ head: RawSpan = RawSpan(), lending bytes: RawSpan, until deadline: Instant = .never
    ) throws(SocketError) {
        try append(head, until: deadline)
        var done = 0
        while done < bytes.byteCount {
            while loanRemaining > 0 { try wait(in: writers, until: deadline, for: "another loan to a connection") }
            let count = try lend(bytes.extracting(done..<bytes.byteCount))
            done += count
            writtenCount &+= UInt64(count)
            try awaitEndOfLoan(until: deadline)
        }
        host.flush()
    }

    private var loanRemaining: Int { ask { $0.loanRemaining } ?? 0 }

    /// Begins a loan. Returns how many bytes were taken.
    private func lend(_ bytes: RawSpan) throws(SocketError) -> Int {
        var result = Result<Int, TCPError>.failure(.notConnected)
        unsafe bytes.withUnsafeBytes { bytes in
            // The memory is lent beyond this closure, but not beyond `send`, for whose time its caller has lent it: `awaitEndOfLoan` returns
            // when the loan is over, and ends it where it throws.
            do throws(TCPError) {
                result = try host.stack.withConnection(id) { block in
                    do throws(TCPError) { return .success(try block.lend(bytes)) } catch { return .failure(error) }
                }
            } catch {
                result = .failure(error)
            }
        }
        do throws(TCPError) { return try result.get() } catch { throw SocketError(error) }
    }

    /// Waits until the memory that was lent is the lender's again. Does not return or throw before.
    private func awaitEndOfLoan(until deadline: Instant) throws(SocketError) {
        host.flush()
        while loanRemaining > 0 {
            do throws(SocketError) { try wait(in: writers, until: deadline, for: "the end of a loan") } catch {
                _ = try? host.stack.withConnection(id) { $0.endLoan() }
                writers.wakeAll()
                host.flush()
                throw error
            }
        }
        // A connection that has failed has given the loan back by itself.
        if let failure { throw SocketError(failure) }
    }
}
