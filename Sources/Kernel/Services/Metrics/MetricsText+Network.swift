import Interfaces
import Network
import Runtime
import Sockets

extension MetricsText {
    /// What a host knows: its links, IP, TCP and UDP.
    public mutating func append(_ host: IPHost) {
        let counted = host.stack.statistics
        counter("apus_ip_received_frames_total", "Frames handed to the stack.", counted.receivedFrames)
        counter("apus_ip_sent_frames_total", "Frames that the stack has sent.", counted.sentFrames)
        begin("apus_ip_dropped_total", .counter, "Packets dropped, by the reason.")
        let drops: [(StaticString, UInt64)] = [
            ("not_for_us", counted.notForUs), ("malformed", counted.malformed), ("checksum", counted.checksumErrors),
            ("martian", counted.martians), ("fragment", counted.lostFragments),
            ("no_socket", counted.unclaimedDatagrams), ("queue_full", counted.queueFull),
            ("unreachable", counted.unreachable),
        ]
        for (reason, count) in drops { sample("reason", "\(reason)", count) }
        counter("apus_tcp_received_segments_total", "TCP segments received.", counted.receivedSegments)
        counter("apus_tcp_sent_segments_total", "TCP segments sent.", counted.sentSegments)
        counter("apus_tcp_sent_resets_total", "TCP resets sent.", counted.sentResets)
        counter("apus_tcp_accepted_total", "Connections accepted.", counted.passiveOpens)
        counter("apus_tcp_opened_total", "Connections opened from here.", counted.activeOpens)
        counter("apus_tcp_cookies_total", "SYN cookies sent.", counted.sentCookies)
        counter("apus_tcp_dropped_syns_total", "SYNs dropped.", counted.droppedSYNs)
        gauge("apus_tcp_connections", "Connections in any state but TIME-WAIT.", UInt64(host.stack.connectionCount))
        gauge("apus_tcp_time_wait", "Connections in TIME-WAIT.", UInt64(host.stack.timeWaitCount))
        gauge("apus_tcp_buffered_bytes", "Memory in the buffers of connections.", UInt64(host.stack.bufferedBytes))
        counter("apus_udp_received_datagrams_total", "Datagrams received.", counted.receivedDatagrams)
        counter("apus_udp_sent_datagrams_total", "Datagrams sent.", counted.sentDatagrams)
        appendLinks(host)
    }

    private mutating func appendLinks(_ host: IPHost) {
        var links: [(Text, any NetworkDevice)] = []
        for interface in host.interfaces {
            if let device = host.device(of: interface) { links.append(("\(host.name(of: interface))", device)) }
        }
        begin("apus_link_up", .gauge, "Whether there is a carrier.")
        for (name, device) in links { sample("link", name, device.link.isUp ? 1 : 0) }
        append("apus_link_received_bytes_total", "Bytes received.", links) { $0.receivedBytes }
        append("apus_link_received_frames_total", "Frames received.", links) { $0.receivedFrames }
        append("apus_link_sent_bytes_total", "Bytes sent.", links) { $0.transmittedBytes }
        append("apus_link_sent_frames_total", "Frames sent.", links) { $0.transmittedFrames }
        append("apus_link_receive_drops_total", "Received frames that were dropped.", links) { $0.receiveDrops }
        append("apus_link_restarts_total", "Times the device was stuck and was restarted.", links) { $0.restarts }
    }

    private mutating func append(
        _ name: StaticString, _ help: StaticString, _ links: [(Text, any NetworkDevice)],
        _ value: (NetworkStatistics) -> UInt64
    ) {
        begin(name, .counter, help)
        for (link, device) in links { sample("link", link, value(device.statistics)) }
    }
}
