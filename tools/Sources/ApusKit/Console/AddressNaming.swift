/// Something that knows what lies at an address of an image.
package protocol AddressNaming: AnyObject {
    /// The build id of the image it knows.
    var build: String? { get }
    /// The function with its file and line, such as `main (main.swift:3)`, or nil if nothing is known.
    func name(of address: UInt64) -> String?
}
