import Glibc

/// A serial adapter at the other end of the console; it may be pulled out and come back.
package final class SerialPort {
    /// The device's path, such as `/dev/ttyUSB0`.
    package let path: String
    /// Bits a second.
    package let baudRate: Int
    private var descriptor: Int32 = -1

    /// The rates that `termios` knows, and that adapters and the PL011 share.
    package static let speeds: [Int: Int32] = [
        9600: B9600, 19200: B19200, 38400: B38400, 57600: B57600, 115_200: B115200, 230_400: B230400,
        460_800: B460800, 921_600: B921600, 1_000_000: B1000000, 1_500_000: B1500000, 3_000_000: B3000000,
    ]

    /// A port that is opened when it is first waited for.
    package init(path: String, baudRate: Int) throws {
        guard Self.speeds[baudRate] != nil else { throw SerialPortError.unknownRate(baudRate) }
        self.path = path
        self.baudRate = baudRate
    }

    deinit {
        disconnect()
    }

    /// Opens the port now, for a clear error at the start if it cannot be opened.
    package func connect() throws {
        // Without waiting for a carrier, and without becoming this process's terminal.
        let opened = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else { throw SerialPortError.notOpened(path, code: errno) }
        var settings = termios()
        guard tcgetattr(opened, &settings) == 0 else {
            close(opened)
            throw SerialPortError.noSerialPort(path)
        }
        // Two who read one port have half of it each. Other programs for terminals take the same lock.
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw SerialPortError.inUse(path)
        }
        cfmakeraw(&settings)
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        settings.c_cflag &= ~tcflag_t(CSTOPB | PARENB) & ~tcflag_t(CRTSCTS)
        let speed = speed_t(Self.speeds[baudRate] ?? B115200)
        cfsetispeed(&settings, speed)
        cfsetospeed(&settings, speed)
        tcsetattr(opened, TCSANOW, &settings)
        descriptor = opened
    }

    private func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}

extension SerialPort: LiveConsole.Peer {
    package var outputDescriptor: Int32 { descriptor }

    package var inputDescriptor: Int32 { descriptor }

    package var speaksFirst: Bool { false }

    /// The adapter is gone: waits for it to come back, a quarter of a second at a time.
    package func outputEnded() -> Bool {
        if descriptor >= 0 {
            disconnect()
            Screen.warning("\(path) is gone; waiting for it to come back")
        }
        if Files.exists(path), (try? connect()) != nil {
            Screen.note("\(path) is back")
        } else {
            usleep(250_000)
        }
        return true
    }
}

/// A serial port that cannot be used.
package enum SerialPortError: UserError, Equatable {
    case unknownRate(Int)
    case notOpened(String, code: Int32)
    case noSerialPort(String)
    case inUse(String)

    package var description: String {
        switch self {
        case .unknownRate(let rate):
            let known = SerialPort.speeds.keys.sorted().map(String.init).joined(separator: ", ")
            return "\(rate) is no baud rate; there are \(known)"
        case .notOpened(let path, ENOENT):
            return "there is no \(path); plug the adapter in, and see `ls /dev/ttyUSB* /dev/ttyACM*`"
        case .notOpened(let path, EACCES):
            return "\(path) is not yours to open; join the group: sudo adduser $USER dialout, and log in again"
        case .notOpened(let path, let code):
            return "\(path) does not open: \(String(cString: strerror(code)))"
        case .noSerialPort(let path):
            return "\(path) is no serial port"
        case .inUse(let path):
            return "\(path) is in use by another program, perhaps another ./apus monitor; end that one first"
        }
    }
}
