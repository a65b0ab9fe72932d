package pos

// Sentence is something to say to people. It holds no words: Key names a sentence
// of the catalogs and Args fill its places, where a value may be a Sentence too.
type Sentence struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

// Say returns the sentence with the key. pairs are as in Refuse.
func Say(key string, pairs ...any) Sentence { return Sentence(*Refuse(key, pairs...)) }
