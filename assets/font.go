package assets

import _ "embed"

//go:embed font/NotoNaskhArabic-Regular.ttf
var naskh []byte

// Naskh returns a TrueType font of the Arabic script, Persian letters and digits
// among them. It has no Latin letters. Nobody changes it.
func Naskh() []byte { return naskh }
