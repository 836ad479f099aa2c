extension BenchmarkGroup {
    /// TCP/IP. Needs root, for network namespaces.
    static let network = BenchmarkGroup(
        name: "network", title: "Network",
        notes: """
            Rates depend on the machine that QEMU runs on; ratios come from one run, in which the guests run side by side
            and are asked in turn. Linux is Debian's arm64 kernel in the same QEMU with the same model of the controller.

            """,
        benchmarks: [
            ThroughputFigure(way: .into, part: .apus), ThroughputFigure(way: .into, part: .linux),
            ThroughputFigure(way: .into, part: .ofLinux), ThroughputFigure(way: .outOf, part: .apus),
            ThroughputFigure(way: .outOf, part: .linux), ThroughputFigure(way: .outOf, part: .ofLinux),
            ThroughputFigure(way: .into, part: .reflect), ThroughputFigure(way: .into, part: .ofReflect),
            ThroughputFigure(way: .outOf, part: .ofReflect), SegmentFigure(isReceived: true),
            SegmentFigure(isReceived: false), HostStackFigure(part: .apus), HostStackFigure(part: .lwip),
            HostStackFigure(part: .ofLwIP), IdleConnectionFigure(),
            ImageSize(application: "Echo", goal: Goal(most: 192 << 10, unit: "bytes")),
        ])
}
