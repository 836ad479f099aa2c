import Metrics
import Runtime

extension MetricsText {
    /// What `server` has done.
    public mutating func append(_ server: HTTPServer) {
        let counted = server.statistics
        counter("apus_http_connections_total", "Connections accepted.", counted.connections)
        counter("apus_http_requests_total", "Requests read.", counted.requests)
        begin("apus_http_responses_total", .counter, "Responses, by the class of their status.")
        for index in 0..<5 { sample("class", "\(UInt64(index + 1))xx", counted.responses[index]) }
        counter("apus_http_sent_bytes_total", "Bytes of content sent.", counted.sentBytes)
        counter("apus_http_timeouts_total", "Connections ended because the other end was too slow.", counted.timeouts)
        counter("apus_http_evicted_total", "Idle connections that made room for others.", counted.evicted)
        gauge("apus_http_connections", "Connections that are open.", UInt64(server.connectionCount))
    }
}
