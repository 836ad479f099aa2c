/// A point in time on the calendar, in Coordinated Universal Time.
@frozen
public struct CivilTime: Equatable, Sendable {
    /// 1970 and later.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 59.
    public var second: Int

    /// A time whose parts are known. Whether it exists `secondsSince1970` says.
    public init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// The time `seconds` after the beginning of 1970.
    public init(secondsSince1970 seconds: UInt64) {
        let rest = Int(seconds % 86400)
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        // Days since the first of March of the year 0, for leap days then come last; 400 years have 146,097 days.
        let days = Int(seconds / 86400) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Months of 31, 30, 31, 30, 31 days: 153 in five.
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + 400 * era + (month <= 2 ? 1 : 0)
    }

    /// 0 for Sunday.
    public var weekday: Int { Int((secondsSince1970 ?? 0) / 86400 + 4) % 7 }

    /// Seconds since the beginning of 1970; nil for what was before, and for a day that no month has.
    public var secondsSince1970: UInt64? {
        guard year >= 1970, year <= 9999, (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = shiftedYear / 400 * 146_097 + dayOfEra - 719_468
        return UInt64(days) * 86400 + UInt64(hour * 3600 + minute * 60 + second)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
