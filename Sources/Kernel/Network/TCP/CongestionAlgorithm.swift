/// Which algorithm decides how much may be under way.
@frozen
public enum CongestionAlgorithm: Sendable {
    /// RFC 5681 with RFC 6582.
    case newReno
    /// RFC 9438.
    case cubic
}
