/// How a request ended (RFC 9110, section 15).
@frozen
public struct HTTPStatus: Equatable, Sendable {
    /// 100 to 599.
    public let code: UInt16
    /// What the code means, in words.
    public let reason: StaticString

    /// A status of one's own.
    public init(_ code: UInt16, _ reason: StaticString) {
        self.code = code
        self.reason = reason
    }

    /// The code alone decides.
    public static func == (left: HTTPStatus, right: HTTPStatus) -> Bool { left.code == right.code }

    /// Whether a response with it never has content.
    public var isWithoutContent: Bool { code < 200 || code == 204 || code == 304 }

    /// Go on and send the content (15.2.1).
    public static var `continue`: HTTPStatus { HTTPStatus(100, "Continue") }
    /// The connection speaks another protocol from here on (15.2.2).
    public static var switchingProtocols: HTTPStatus { HTTPStatus(101, "Switching Protocols") }
    /// It worked (15.3.1).
    public static var ok: HTTPStatus { HTTPStatus(200, "OK") }
    /// Something was made (15.3.2).
    public static var created: HTTPStatus { HTTPStatus(201, "Created") }
    /// It worked, and there is nothing to say (15.3.5).
    public static var noContent: HTTPStatus { HTTPStatus(204, "No Content") }
    /// A part of the representation follows (15.3.7).
    public static var partialContent: HTTPStatus { HTTPStatus(206, "Partial Content") }
    /// It is at the Location from now on (15.4.2).
    public static var movedPermanently: HTTPStatus { HTTPStatus(301, "Moved Permanently") }
    /// The answer is at the Location (15.4.4).
    public static var seeOther: HTTPStatus { HTTPStatus(303, "See Other") }
    /// What the client has is still right (15.4.5).
    public static var notModified: HTTPStatus { HTTPStatus(304, "Not Modified") }
    /// The request is malformed (15.5.1).
    public static var badRequest: HTTPStatus { HTTPStatus(400, "Bad Request") }
    /// It is not allowed (15.5.4).
    public static var forbidden: HTTPStatus { HTTPStatus(403, "Forbidden") }
    /// There is nothing of that name (15.5.5).
    public static var notFound: HTTPStatus { HTTPStatus(404, "Not Found") }
    /// The method is none for this target (15.5.6).
    public static var methodNotAllowed: HTTPStatus { HTTPStatus(405, "Method Not Allowed") }
    /// The request took too long (15.5.9).
    public static var requestTimeout: HTTPStatus { HTTPStatus(408, "Request Timeout") }
    /// A condition of the request does not hold (15.5.13).
    public static var preconditionFailed: HTTPStatus { HTTPStatus(412, "Precondition Failed") }
    /// The content is larger than the limit (15.5.14).
    public static var contentTooLarge: HTTPStatus { HTTPStatus(413, "Content Too Large") }
    /// The target is longer than the limit (15.5.15).
    public static var uriTooLong: HTTPStatus { HTTPStatus(414, "URI Too Long") }
    /// The range lies outside of the representation (15.5.17).
    public static var rangeNotSatisfiable: HTTPStatus { HTTPStatus(416, "Range Not Satisfiable") }
    /// An expectation cannot be met (15.5.18).
    public static var expectationFailed: HTTPStatus { HTTPStatus(417, "Expectation Failed") }
    /// Another protocol is needed here (15.5.22).
    public static var upgradeRequired: HTTPStatus { HTTPStatus(426, "Upgrade Required") }
    /// The fields are larger than the limit (RFC 6585, section 5).
    public static var fieldsTooLarge: HTTPStatus { HTTPStatus(431, "Request Header Fields Too Large") }
    /// Something went wrong here (15.6.1).
    public static var internalServerError: HTTPStatus { HTTPStatus(500, "Internal Server Error") }
    /// The method is not known here (15.6.2).
    public static var notImplemented: HTTPStatus { HTTPStatus(501, "Not Implemented") }
    /// Not now (15.6.4).
    public static var serviceUnavailable: HTTPStatus { HTTPStatus(503, "Service Unavailable") }
    /// The version is not spoken here (15.6.6).
    public static var versionNotSupported: HTTPStatus { HTTPStatus(505, "HTTP Version Not Supported") }
}
