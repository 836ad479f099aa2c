import Boot

/// Names the contract that was broken and stops the program with a crash report.
///
/// For mistakes of the program itself, never for what comes from outside: bad input and broken hardware are errors.
public func violated(_ contract: StaticString) -> Never {
    unsafe Crash.message = contract
    apus_trap()
}

/// Stops the program with a crash report that names the contract, unless `condition` holds.
@inlinable
public func contract(_ condition: Bool, _ contract: StaticString) {
    if !condition { violated(contract) }
}
