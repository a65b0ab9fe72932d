package rows

// CallersPanic is a panic of a function that the caller handed in.
type CallersPanic struct{ Cause any }

// Callers runs a function that the caller handed in, so that a back end knows
// its panics, which must go on to the caller, from those over what cannot be read.
func Callers[T any](call func() T) T {
	defer func() {
		if cause := recover(); cause != nil {
			panic(CallersPanic{Cause: cause})
		}
	}()
	return call()
}
