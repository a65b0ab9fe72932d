package pos

import "fmt"

// Problem is an error that a person can act on: the shop's rules say no, a code
// is wrong, the disk is full. It holds no words: Key names a sentence in the
// catalogs and Args fill its places. Errors that nobody at a counter can act on
// are ordinary ones.
type Problem struct {
	Key  string
	Args map[string]any
}

// Refuse returns the problem with the key. pairs are the names of the
// sentence's places, each followed by its value.
func Refuse(key string, pairs ...any) *Problem {
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return &Problem{Key: key, Args: args}
}

// Error returns the key and the arguments, for logs and tests. People see the
// catalog's sentence.
func (p *Problem) Error() string {
	if len(p.Args) == 0 {
		return p.Key
	}
	return fmt.Sprintf("%s %v", p.Key, p.Args)
}

// Is makes errors.Is compare problems by key.
func (p *Problem) Is(target error) bool {
	other, ok := target.(*Problem)
	return ok && other.Key == p.Key
}
