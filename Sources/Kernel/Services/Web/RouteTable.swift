import HTTP
import Interfaces
import Network
import Runtime

/// What answers a request.
public typealias HTTPHandler = (HTTPExchange) throws(HTTPError) -> Void

/// The handlers of a server, by method and path.
struct RouteTable {
    private struct Route {
        let method: HTTPMethod
        let pattern: StaticString
        let handler: HTTPHandler
    }

    private var routes: [Route] = []

    mutating func add(_ method: HTTPMethod, _ pattern: StaticString, _ handler: @escaping HTTPHandler) {
        routes.append(Route(method: method, pattern: pattern, handler: handler))
    }

    /// Calls the handler of the first route that fits. HEAD goes where GET does; OPTIONS is answered here.
    func handle(_ exchange: HTTPExchange) throws(HTTPError) {
        let method = exchange.method == .head ? .get : exchange.method
        var allowed: [HTTPMethod] = []
        for route in routes {
            exchange.captures.removeAll(keepingCapacity: true)
            guard Self.matches(route.pattern, exchange.path, &exchange.captures) else { continue }
            if route.method == method { return try route.handler(exchange) }
            if !allowed.contains(where: { $0 == route.method }) { allowed.append(route.method) }
        }
        if method == .options {
            // Of the whole server, or of something that is there.
            guard !allowed.isEmpty || exchange.path.first == 0x2A else { throw .status(.notFound) }
            exchange.add("Allow", Self.list(allowed))
            return try exchange.respond(.noContent)
        }
        guard !allowed.isEmpty else { throw .status(.notFound) }
        exchange.add("Allow", Self.list(allowed))
        throw .status(.methodNotAllowed)
    }

    private static func list(_ methods: [HTTPMethod]) -> Text {
        var text: Text = "OPTIONS"
        for method in methods {
            text.append(", \(method.name)" as Text)
            if method == .get { text.append(", HEAD" as Text) }
        }
        return text
    }

    /// Whether `path` has the form of `pattern`, in which `{}` stands for a segment and `{*}`, at the end, for all that is left.
    static func matches(_ pattern: StaticString, _ path: [UInt8], _ captures: inout [Range<Int>]) -> Bool {
        let form = pattern.span
        var (index, position) = (0, 0)
        while index < form.byteCount {
            if form.byte(index) == 0x7B {
                if form.byte(index + 1) == 0x2A {
                    captures.append(position..<path.count)
                    return true
                }
                let start = position
                while position < path.count, path[position] != 0x2F { position += 1 }
                guard position > start else { return false }
                captures.append(start..<position)
                index += 2
            } else {
                guard position < path.count, path[position] == form.byte(index) else { return false }
                index += 1
                position += 1
            }
        }
        return position == path.count
    }
}

/// A type that a segment of a path can be.
public protocol PathParameter {
    /// The value that `segment` names; nil for none, and the path is not found.
    init?(pathSegment segment: [UInt8])
}

extension Text: PathParameter {
    /// Any text.
    public init?(pathSegment segment: [UInt8]) { self.init(segment) }
}

extension UInt32: PathParameter {
    /// A decimal number.
    public init?(pathSegment segment: [UInt8]) {
        let span = segment.span
        guard let value = unsafe span.bytes.decimal(0..<segment.count), value <= UInt32.max else { return nil }
        self = UInt32(value)
    }
}

extension HTTPServer {
    /// Answers `method` on `path` with `handler`. HEAD is answered by what answers GET.
    public func on(_ method: HTTPMethod, _ path: StaticString, _ handler: @escaping HTTPHandler) {
        routes.add(method, path, handler)
    }

    /// As above, for a `path` with one variable part: `{}` for a segment, or `{*}` at the end for everything that follows.
    public func on<Parameter: PathParameter>(
        _ method: HTTPMethod, _ path: StaticString,
        _ handler: @escaping (HTTPExchange, Parameter) throws(HTTPError) -> Void
    ) {
        routes.add(method, path) { (exchange) throws(HTTPError) in
            guard let parameter = Parameter(pathSegment: exchange.capture(0)) else { throw .status(.notFound) }
            try handler(exchange, parameter)
        }
    }

    /// As above, for two.
    public func on<First: PathParameter, Second: PathParameter>(
        _ method: HTTPMethod, _ path: StaticString,
        _ handler: @escaping (HTTPExchange, First, Second) throws(HTTPError) -> Void
    ) {
        routes.add(method, path) { (exchange) throws(HTTPError) in
            guard let first = First(pathSegment: exchange.capture(0)),
                let second = Second(pathSegment: exchange.capture(1))
            else { throw .status(.notFound) }
            try handler(exchange, first, second)
        }
    }
}

extension HTTPExchange {
    fileprivate func capture(_ index: Int) -> [UInt8] {
        index < captures.count ? [UInt8](path[captures[index]]) : []
    }
}
