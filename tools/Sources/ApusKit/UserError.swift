/// An error meant for the person at the keyboard: its description is one clear line that says what to do.
package protocol UserError: Error, CustomStringConvertible, Sendable {}
