import ApusKit
import Foundation
import Testing

/// The web server and clients that others have written.
@Suite struct WebServerTests {
    /// A machine that serves, and where it is found.
    private struct Site {
        let machine: Machine
        let address: String

        /// The output of curl with `arguments` for `path`.
        func curl(_ path: String, _ arguments: String...) throws -> String {
            let output = try Command("curl", ["-sS", "--max-time", "60"] + arguments + [address + path]).capture()
            return String(decoding: output.bytes, as: UTF8.self)
        }

        func bytes(_ path: String, _ arguments: String...) throws -> [UInt8] {
            try Command("curl", ["-sS", "--max-time", "60"] + arguments + [address + path]).capture().bytes
        }
    }

    private static let picture = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }

    /// Serves a card that has files below `www`, or none at all.
    private func serve(_ way: Way, hasCard: Bool = true, _ body: (Site) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            try Command("mmd", ["-i", card.path + "@@1M", "::www", "::www/sub"]).check()
            try card.add("www/index.html", Data("<p>the card's own page\n".utf8))
            try card.add("www/Bild der Möwe.png", Data(Self.picture))
            try card.add("www/sub/index.html", Data("<p>below\n".utf8))
            try card.add("secret.txt", Data("not for others\n".utf8))
            let port = try BoardSession.freePort()
            let machine = try BoardSession.start(
                Fixtures.build("WebServer"), network: .user(hostPort: port, guestPort: 80), way: way
            ) { if hasCard { $0.card = card.path } }
            if hasCard { try machine.expect("files of www/") }
            try machine.expect("web: http://10.0.2.15/")
            try body(Site(machine: machine, address: "http://127.0.0.1:\(port)"))
            #expect(!machine.console.contains("crash report"), "\(machine.console)")
        }
    }

    @Test(arguments: Way.available) func `curl gets files, parts of them, and not what it has`(way: Way) throws {
        try serve(way) { site in
            #expect(try site.curl("/") == "<p>the card's own page\n")
            #expect(try site.bytes("/Bild%20der%20M%C3%B6we.png") == Self.picture)
            #expect(
                try site.bytes("/Bild%20der%20M%C3%B6we.png", "-r", "1000-1999") == Array(Self.picture[1000..<2000]))
            #expect(try site.bytes("/bild%20DER%20m%C3%B6we.PNG", "-r", "-5") == Array(Self.picture.suffix(5)))
            let head = try site.curl("/Bild%20der%20M%C3%B6we.png", "-I")
            #expect(head.contains("HTTP/1.1 200 OK") && head.contains("Content-Length: 300000"))
            #expect(head.contains("Content-Type: image/png") && head.contains("Last-Modified: "))
            let tag = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("ETag: ") }).dropFirst(6)
            let code = "%{http_code}"
            #expect(try site.curl("/Bild%20der%20M%C3%B6we.png", "-w", code, "-H", "If-None-Match: \(tag)") == "304")
            #expect(
                try site.curl("/Bild%20der%20M%C3%B6we.png", "-r", "300000-", "-o", "/dev/null", "-w", code) == "416")
            #expect(
                try site.curl("/sub", "-o", "/dev/null", "-w", "\(code) %{redirect_url}") == "301 \(site.address)/sub/")
            #expect(try site.curl("/sub", "-L") == "<p>below\n")
            for path in ["/nothing", "/secret.txt", "/www/index.html"] {
                #expect(try site.curl(path, "-o", "/dev/null", "-w", code) == "404")
            }
            #expect(try site.curl("/../secret.txt", "--path-as-is", "-o", "/dev/null", "-w", code) == "400")
            #expect(try site.curl("/%2e%2e/secret.txt", "--path-as-is", "-o", "/dev/null", "-w", code) == "400")
            #expect(try site.curl("/", "-X", "DELETE", "-o", "/dev/null", "-w", code) == "405")
            #expect(
                try site.curl(
                    "/", "-T", Fixtures.file("README.md"), "-H", "Transfer-Encoding: chunked", "-o", "/dev/null", "-w",
                    code) == "405")
        }
    }

    @Test(arguments: Way.available) func `the page about the board is whole in itself, and its values are JSON`(
        way: Way
    ) throws {
        try serve(way, hasCard: false) { site in
            let page = try site.curl("/")
            #expect(page == (try site.curl("/status")))
            #expect(page.utf8.count < 40_000 && page.hasSuffix("</html>\n"))
            // Nothing is fetched from elsewhere: the one address is that of a name space.
            #expect(page.ranges(of: "http://").count == 1 && page.contains("xmlns='http://www.w3.org/2000/svg'"))
            let json = try JSONSerialization.jsonObject(with: Data(try site.bytes("/status.json"))) as? [String: Any]
            let values = try #require(json)
            #expect(values["link"] as? String == way.speed)
            #expect(try #require(values["uptime"] as? Double) > 0)
            #expect(try #require(values["tasks"] as? [[Any]]).count >= 4)
        }
    }

    @Test(arguments: Way.available) func `a WebSocket brings the values once a second`(way: Way) throws {
        try serve(way, hasCard: false) { site in
            let output = try Command(
                "curl",
                [
                    "-sS", "--http1.1", "-i", "-N", "--max-time", "4", "-H", "Connection: Upgrade", "-H",
                    "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13", "-H",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", site.address + "/live",
                ]
            ).capture()
            let text = String(decoding: output.bytes, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect((3...5).contains(text.ranges(of: "{\"uptime\":").count))
        }
    }

    @Test(.enabled(if: Executable.find("chromium") != nil, "chromium is not installed"), arguments: Way.available)
    func `a browser shows the page with values that came by the WebSocket`(way: Way) throws {
        try serve(way, hasCard: false) { site in
            let output = try Command(
                "timeout",
                [
                    "90", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
                    "--dump-dom",
                    site.address + "/",
                ]
            ).capture()
            let page = String(decoding: output.bytes, as: UTF8.self)
            #expect(
                page.contains("<div id=\"state\" role=\"status\" class=\"on\"><i></i><span>live</span>"),
                "\(page.suffix(3000))")
            #expect(page.contains(">\(way.speed)</b>") && page.firstMatch(of: /id="uptime">00:00:[0-9][0-9]</) != nil)
        }
    }

    @Test(arguments: Way.available) func `measurements are as Prometheus wants them, and count`(way: Way) throws {
        try serve(way, hasCard: false) { site in
            for _ in 0..<3 { _ = try site.curl("/status.json") }
            let text = try site.curl("/metrics")
            #expect(
                text.contains("\napus_http_requests_total 4\n")
                    && text.contains("\napus_link_up{link=\"\(way.name)\"} 1\n"))
            var helped: Set<Substring> = []
            for line in text.split(separator: "\n") {
                if line.hasPrefix("# HELP ") { #expect(helped.insert(line.split(separator: " ")[2]).inserted) }
                if line.hasPrefix("#") { continue }
                let parts = line.split(separator: " ")
                #expect(parts.count == 2 && Double(parts[1]) != nil, "\(line)")
                #expect(helped.contains(parts[0].prefix { $0 != "{" }), "\(line)")
            }
            if let promtool = try? Command("promtool", ["check", "metrics"]).capture(input: text, mergingErrors: true) {
                #expect(promtool.status.isSuccess, "\(promtool.text)")
            }
        }
    }

    @Test(.enabled(if: Executable.find("prometheus") != nil, "prometheus is not installed"), arguments: Way.available)
    func `a Prometheus server scrapes it`(way: Way) throws {
        try serve(way, hasCard: false) { site in
            try Files.withTemporaryDirectory { directory in
                let target = site.address.dropFirst("http://".count)
                let configuration =
                    "scrape_configs: [{job_name: apus, scrape_interval: 1s, static_configs: [{targets: ['\(target)']}]}]\n"
                try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/prometheus.yml"))
                let port = try BoardSession.freePort()
                let server = try ChildProcess(
                    try #require(Executable.find("prometheus")),
                    [
                        "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)/data",
                        "--web.listen-address=127.0.0.1:\(port)",
                    ], output: .null, errors: .null)
                defer { server.terminate() }
                func query(_ expression: String) throws -> Double? {
                    let output = try Command(
                        "curl",
                        [
                            "-sS", "-G", "--max-time", "5", "--data-urlencode", "query=\(expression)",
                            "http://127.0.0.1:\(port)/api/v1/query",
                        ]
                    ).capture()
                    guard let answer = try? JSONSerialization.jsonObject(with: Data(output.bytes)) as? [String: Any],
                        let data = answer["data"] as? [String: Any], let rows = data["result"] as? [[String: Any]],
                        let value = rows.first?["value"] as? [Any], let text = value.last as? String
                    else { return nil }
                    return Double(text)
                }
                // It takes a few seconds to start, and then a second for each scrape.
                var scrapes: Double?
                for _ in 0..<60 where (scrapes ?? 0) < 3 {
                    Thread.sleep(forTimeInterval: 0.5)
                    scrapes = try query("apus_http_requests_total")
                }
                #expect(try #require(scrapes) >= 3)
                #expect(try query("up") == 1)
                #expect(try #require(try query("apus_uptime_seconds_total")) > 0)
            }
        }
    }

    @Test(arguments: Way.available) func `thousands of requests by ab, and the memory in use is what it was`(way: Way)
        throws
    {
        try serve(way, hasCard: false) { site in
            func inUse() throws -> Int {
                let json = try JSONSerialization.jsonObject(with: Data(try site.bytes("/status.json")))
                return try #require((json as? [String: Any])?["heap"] as? Int)
            }
            func load(_ arguments: String...) throws {
                let output = try Command("ab", ["-q"] + arguments + [site.address + "/status"])
                    .capture(mergingErrors: true)
                #expect(output.text.contains("Failed requests:        0"), "\(output.text)")
                #expect(!output.text.contains("Non-2xx"), "\(output.text)")
            }
            try load("-n", "1000", "-c", "8")
            // More at once would find QEMU's network without room for them before they reached the guest.
            try load("-k", "-n", "1000", "-c", "8")
            Thread.sleep(forTimeInterval: 12)
            let before = try inUse()
            try load("-k", "-n", "6000", "-c", "8")
            // Workers that have nothing to do end, and with them their buffers.
            Thread.sleep(forTimeInterval: 12)
            let after = try inUse()
            // Less than three bytes a request.
            #expect(abs(after - before) < 16 << 10, "\(before) before, \(after) after")
        }
    }
}
