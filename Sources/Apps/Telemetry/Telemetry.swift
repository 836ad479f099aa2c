import DHCP
import Interfaces
import MQTT
import Messaging
import Network
import RaspberryPi4
import RaspberryPi4Network
import Resolving
import Runtime
import Sockets
import StationAddresses

/// Publishes the board's temperature and uptime every few seconds, to the broker at the gateway.
@main
struct Telemetry {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            try? addresses.waitUntilConfigured(until: SystemTime.now + .seconds(60))
            guard let broker = addresses.current?.routes.first?.gateway else {
                return printLine("telemetry: nobody has told where the gateway is")
            }
            var options = MQTTOptions()
            options.identifier = Array("apus".utf8)
            options.will = MQTTMessage("apus/status", "offline", quality: .atLeastOnce, isRetained: true)
            let client = MQTTClient(host, NameService(host), broker: broker.description, options: options)
            measure(client)
        } catch {
            printLine(error == .absent ? "telemetry: there is no network here" : "telemetry: no network: \(error)")
        }
    }

    private static func measure(_ client: MQTTClient) {
        var seconds: UInt64 = 10
        client.onChange = { printLine($0 ? "telemetry: connected" : "telemetry: not connected") }
        client.onMessage = { message in
            guard message.payload.count < 6, message.payload.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return }
            let value = message.payload.reduce(0) { $0 * 10 + UInt64($1 & 15) }
            seconds = max(1, min(3600, value))
            printLine("telemetry: every \(seconds) s")
        }
        try? client.subscribe(Array("apus/interval".utf8))
        try? Task.spawn("mqtt") { () throws(TaskError) in try client.run() }.detach()
        while (try? client.waitUntilConnected()) != nil {
            let connection = client.connections
            try? client.publish(MQTTMessage("apus/status", "online", quality: .atLeastOnce, isRetained: true))
            while client.connections == connection {
                if let temperature = try? Board.temperature(), temperature > 0 {
                    try? client.publish(MQTTMessage("apus/temperature", "\(decimal: UInt64(temperature), 3)"))
                }
                let up = SystemTime.now.nanoseconds / 1_000_000_000
                try? client.publish(MQTTMessage("apus/uptime", "\(up)", quality: .exactlyOnce))
                try? Task.sleep(for: .seconds(seconds))
            }
        }
    }
}
