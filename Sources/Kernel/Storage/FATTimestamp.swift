import Interfaces

/// A point in the local time of whoever wrote the file: FAT keeps no time zone.
public struct FATTimestamp: Equatable, Sendable {
    /// 1980 to 2107.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 59; even where the field has a resolution of two seconds.
    public var second: Int
    /// 0 to 990, in tens; nonzero in the time of creation alone.
    public var millisecond: Int

    /// The time in the fields of a directory entry; nil when it was not recorded or is none. `time` is zero for the date
    /// of last access, `hundredths` (0 to 199) is kept for the creation alone.
    init?(date: UInt16, time: UInt16, hundredths: UInt8 = 0) {
        year = 1980 + Int(date >> 9)
        month = Int(date >> 5 & 15)
        day = Int(date & 31)
        hour = Int(time >> 11)
        minute = Int(time >> 5 & 63)
        second = Int(time & 31) * 2 + Int(hundredths) / 100
        millisecond = Int(hundredths) % 100 * 10
        guard hundredths < 200, month >= 1, month <= 12, day >= 1, hour < 24, minute < 60, second < 60,
            day <= Self.days(in: month, of: year)
        else { return nil }
    }

    /// The time `seconds` after the beginning of 1970, in the zone in which these are counted; what lies before 1980 or after
    /// 2107 becomes the nearest time that can be written.
    public init(secondsSince1970 seconds: UInt64) {
        let earliest: UInt64 = 315_532_800
        let latest: UInt64 = 4_354_819_199
        let time = CivilTime(secondsSince1970: min(max(seconds, earliest), latest))
        (year, month, day) = (time.year, time.month, time.day)
        (hour, minute, second, millisecond) = (time.hour, time.minute, time.second, 0)
    }

    /// The first second that can be written.
    static var earliest: FATTimestamp { FATTimestamp(secondsSince1970: 0) }

    /// The field for the day.
    var encodedDate: UInt16 { UInt16(truncatingIfNeeded: (year - 1980) << 9 | month << 5 | day) }
    /// The field for the time of day, two seconds fine.
    var encodedTime: UInt16 { UInt16(truncatingIfNeeded: hour << 11 | minute << 5 | second / 2) }
    /// What `encodedTime` leaves out, in hundredths of a second.
    var encodedHundredths: UInt8 { UInt8(truncatingIfNeeded: second % 2 * 100 + millisecond / 10) }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        // 2100 is the one year in the range that breaks the rule of four.
        case 2: year % 4 == 0 && year != 2100 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension FATTimestamp: CustomStringConvertible {
    /// "2026-11-23 17:05:08".
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(19)
        func append(_ number: Int, after separator: UInt8) {
            text.append(separator)
            text.append(0x30 + UInt8(truncatingIfNeeded: number / 10 % 10))
            text.append(0x30 + UInt8(truncatingIfNeeded: number % 10))
        }
        append(year, after: 0x30 + UInt8(truncatingIfNeeded: year / 1000))
        text.insert(0x30 + UInt8(truncatingIfNeeded: year / 100 % 10), at: 1)
        append(month, after: 0x2D)
        append(day, after: 0x2D)
        append(hour, after: 0x20)
        append(minute, after: 0x3A)
        append(second, after: 0x3A)
        return String(decoding: text, as: UTF8.self)
    }
}
