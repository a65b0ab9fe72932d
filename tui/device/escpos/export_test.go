package escpos

// Harmless is harmless, for a test: no letter that a slip has holds such bytes yet.
var Harmless = harmless
