/// The version of Apus: the one place it is written down. Images carry it in their header note, and
/// `apus --version` prints it.
package let apusVersion = "0.1.0"
