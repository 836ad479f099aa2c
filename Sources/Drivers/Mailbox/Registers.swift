// The mailboxes are not in the BCM2711 manual: BCM2835 firmware wiki "Mailboxes" and "Accessing mailboxes".
// Mailbox 0 carries words from the VideoCore to the processor, mailbox 1 the other way.
import Interfaces

/// The registers of both mailboxes that this side may touch: mailbox 0 is only read, mailbox 1 only written.
enum MailboxRegister {
    /// MBOX0 READ: takes the oldest word from the VideoCore.
    static var read: Register<MailboxWord> { Register(0x00) }
    /// MBOX0 STATUS: whether there is one.
    static var readStatus: Register<MailboxStatus> { Register(0x18) }
    /// MBOX0 CONFIG: interrupts and error flags.
    static var configuration: Register<UInt32> { Register(0x1C) }
    /// MBOX1 WRITE: gives the VideoCore a word.
    static var write: Register<MailboxWord> { Register(0x20) }
    /// MBOX1 STATUS: whether there is room.
    static var writeStatus: Register<MailboxStatus> { Register(0x38) }
}

/// STATUS of either mailbox.
struct MailboxStatus: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// No word to read.
    static var empty: MailboxStatus { MailboxStatus(rawValue: 1 << 30) }
    /// No room to write.
    static var full: MailboxStatus { MailboxStatus(rawValue: 1 << 31) }
}

/// What goes through a mailbox: a channel number in bits 3 to 0 and the upper bits of a 16-byte-aligned address.
struct MailboxWord: RegisterFields, Equatable {
    var rawValue: UInt32

    /// Property tags, processor to VideoCore.
    static var propertyChannel: UInt32 { 8 }
    /// The VideoCore's view of the first GiB that passes its L2 cache by.
    private static var uncachedAlias: UInt32 { 0xC000_0000 }

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The property message at the physical address `address`, which is below 1 GiB and 16-byte aligned.
    init(propertyMessageAt address: UInt32) { rawValue = Self.uncachedAlias | address | Self.propertyChannel }

    /// The number of the channel.
    var channel: UInt32 { self[0...3] }

    /// The physical address, without the alias: the VideoCore may answer with another one than it was asked with.
    var address: UInt32 { self[4...29] << 4 }
}
