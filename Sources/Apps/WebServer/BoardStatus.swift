import AVSMonitor
import Interfaces
import Metrics
import Network
import RaspberryPi4
import Runtime
import Sockets
import Web

/// What the page and `/metrics` say about the board.
final class BoardStatus {
    private let server: HTTPServer
    private let host: IPHost

    init(_ server: HTTPServer, _ host: IPHost) {
        self.server = server
        self.host = host
    }

    /// Thousandths of a degree Celsius; nil without a thermometer.
    private var temperature: Int? {
        if let value = try? Board.openThermometer().millidegreesCelsius() { return value }
        return try? Board.temperature()
    }

    /// The values of the page.
    var json: Text {
        let heap = Memory.statistics
        let device = host.device(of: InterfaceID(rawValue: 1))
        let traffic = device?.statistics ?? NetworkStatistics()
        let counted = server.statistics
        let now = SystemTime.now.nanoseconds
        var text: Text = "{\"uptime\":\(decimal: now / 1_000_000, 3)"
        text.append(",\"idle\":\(decimal: Tasks.idleTime.nanoseconds / 1_000_000, 3)")
        text.append(",\"heap\":\(heap.inUse),\"committed\":\(heap.committed),\"memory\":\(heap.capacity)")
        if let temperature, temperature >= 0 { text.append(",\"temperature\":\(decimal: UInt64(temperature), 3)") }
        text.append(",\"link\":\"\(link(device))\"")
        text.append(",\"received\":\(traffic.receivedBytes),\"sent\":\(traffic.transmittedBytes)")
        text.append(",\"dropped\":\(traffic.receiveDrops)")
        text.append(",\"requests\":\(counted.requests),\"connections\":\(server.connectionCount)")
        var errors: UInt64 = 0
        for index in 3..<5 { errors += counted.responses[index] }
        text.append(",\"errors\":\(errors)")
        text.append(",\"image\":\"\(image)\",\"tasks\":[")
        var isFirst = true
        Tasks.forEach { task in
            if !isFirst { text.append(",") }
            isFirst = false
            text.append("[\"\(task.name)\",\"\(task.waitsFor ?? "running")\",\(task.stackUsed),\(task.stackSize)]")
        }
        text.append("]}")
        return text
    }

    /// Which application, version and commit runs, as the image's note says: words of letters, digits, dots and plus signs.
    private var image: Text {
        var text = Text()
        for line in Image.note.bytes.split(separator: 0x0A) {
            for name in [StaticString("application: "), "version: ", "commit: "]
            where unsafe line.starts(with: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)) {
                if !text.bytes.isEmpty { text.put(0x20) }
                for byte in line.dropFirst(name.utf8CodeUnitCount) where byte > 0x20 && byte != 0x22 && byte != 0x5C {
                    text.put(byte)
                }
            }
        }
        return text
    }

    private func link(_ device: (any NetworkDevice)?) -> Text {
        guard let device else { return "none" }
        guard case .up(let mode) = device.link else { return "down" }
        return "\(UInt64(mode.speed.rawValue)) Mb/s"
    }

    /// The measurements, for Prometheus.
    var metrics: [UInt8] {
        var text = MetricsText()
        text.appendRuntime()
        if let temperature, temperature >= 0 {
            text.begin("apus_temperature_celsius", .gauge, "How warm the chip is.")
            text.sample(decimal: UInt64(temperature), 3)
        }
        text.append(host)
        text.append(server)
        return text.text.bytes
    }
}
