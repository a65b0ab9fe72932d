package station

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"tenthcup/pos"
)

// Cashiers returns who may sign in at this till, in the roster's order.
func (s *Station) Cashiers() ([]pos.Cashier, error) {
	roster, err := s.Office.Roster()
	if err != nil {
		return nil, fmt.Errorf("read roster: %w", err)
	}
	return roster.Cashiers, nil
}

// Managers returns who may allow what the rules do not, in the roster's order.
func (s *Station) Managers() ([]pos.Cashier, error) {
	cashiers, err := s.Cashiers()
	return slices.DeleteFunc(slices.Clone(cashiers), func(c pos.Cashier) bool { return c.Role != pos.RoleManager }), err
}

// SignIn checks the cashier's PIN. It takes tens of milliseconds, on purpose. A
// PIN that was wrong three times has to wait before it is tried again, longer
// each time.
func (s *Station) SignIn(id pos.CashierID, pin string) (pos.Cashier, error) {
	cashier, err := s.cashier(id)
	if err == nil {
		err = s.tryPIN(cashier, pin)
	}
	if err != nil {
		return pos.Cashier{}, err
	}
	return cashier, nil
}

// Approve checks that the PIN is a manager's. It takes as long as SignIn, and counts wrong
// PINs as it does.
func (s *Station) Approve(manager pos.CashierID, pin string) error {
	cashier, err := s.cashier(manager)
	if err != nil {
		return err
	}
	if cashier.Role != pos.RoleManager {
		return pos.Refuse("pin.manager")
	}
	return s.tryPIN(cashier, pin)
}

func (s *Station) cashier(id pos.CashierID) (pos.Cashier, error) {
	roster, err := s.Office.Roster()
	if err != nil {
		return pos.Cashier{}, fmt.Errorf("read roster: %w", err)
	}
	cashier, ok := roster.Cashier(id)
	if !ok {
		return pos.Cashier{}, pos.Refuse("pin.cashier")
	}
	return cashier, nil
}

// tryPIN checks the PIN. The try is on disk as a failure before the PIN is
// looked at, so that switching the till off in between does not undo it.
func (s *Station) tryPIN(cashier pos.Cashier, pin string) error {
	var wait time.Duration
	err := s.Guard.Try(cashier.ID, func(tries Tries) (after Tries, _ error) {
		now, _ := s.clock()
		after, wait = tries.next(now)
		return after, nil
	})
	if err != nil {
		return fmt.Errorf("count tries: %w", err)
	}
	if wait > 0 {
		return pos.Refuse("pin.wait", "seconds", int64((wait+time.Second-1)/time.Second))
	}
	right, err := checkPIN(cashier.PIN, pin, s.Pepper)
	if err != nil {
		return err
	}
	if !right {
		return pos.Refuse("pin.wrong")
	}
	if err := s.Guard.Try(cashier.ID, func(Tries) (Tries, error) { return Tries{}, nil }); err != nil {
		return fmt.Errorf("forget tries: %w", err)
	}
	return nil
}

// The wait after a wrong PIN: nothing at first, then twice as long each time.
const (
	freeTries = 3 // failures before there is a wait
	firstWait = 5 * time.Second
	maxWait   = 15 * time.Minute
)

// wait returns how long after the last try the next may be.
func (t Tries) wait() time.Duration {
	if t.Failed < freeTries {
		return 0
	}
	wait := firstWait
	for n := freeTries; n < t.Failed && wait < maxWait; n++ {
		wait *= 2
	}
	return min(wait, maxWait)
}

// next returns the tries with one failure more, or what is left of the wait
// before it may be made. Where the clock has gone back since the last try, the
// wait begins again: nobody knows how much of it has passed, and more than one
// wait is never left.
func (t Tries) next(now time.Time) (after Tries, left time.Duration) {
	wait, passed := t.wait(), now.Sub(time.UnixMilli(t.Last))
	switch {
	case wait == 0, passed >= wait:
		return Tries{Failed: t.Failed + 1, Last: now.UnixMilli()}, 0
	case passed < 0:
		return Tries{Failed: t.Failed, Last: now.UnixMilli()}, wait
	}
	return t, wait - passed
}

// Argon2id parameters, OWASP's second choice: 19 MiB, two passes, one lane.
const (
	argonTime   = 2
	argonMemory = 19 << 10 // KiB
	argonLanes  = 1
	saltBytes   = 16
	keyBytes    = 32

	maxMemory = 256 << 10 // KiB; what a roster may ask of a till
	maxTime   = 16
)

// CheckNewPIN refuses a PIN that is not four to eight digits.
func CheckNewPIN(pin string) error {
	if len(pin) < 4 || len(pin) > 8 || strings.Trim(pin, "0123456789") != "" {
		return pos.Refuse("pin.digits")
	}
	return nil
}

// HashPIN returns the form in which a PIN is kept: Argon2id (RFC 9106) of its
// HMAC-SHA256 with the pepper, in the PHC string format, with a salt drawn from
// random. A PIN has few digits, so who has the hash and the pepper finds it; who
// has only the file with the hash does not.
func HashPIN(pin string, pepper []byte, random io.Reader) (string, error) {
	if err := CheckNewPIN(pin); err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("draw salt: %w", err)
	}
	return phc(peppered(pin, pepper), salt, argonMemory, argonTime, argonLanes), nil
}

func peppered(pin string, pepper []byte) []byte {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(pin))
	return mac.Sum(nil)
}

func phc(secret, salt []byte, memory, passes uint32, lanes uint8) string {
	key := argon2.IDKey(secret, salt, passes, memory, lanes, keyBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// checkPIN reports whether the PIN is the one that was hashed.
func checkPIN(hashed, pin string, pepper []byte) (bool, error) {
	if hashed == "" {
		return false, nil
	}
	parts := strings.Split(hashed, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errors.New("read PIN: unknown form")
	}
	var memory, passes uint32
	var lanes uint8
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
	if err != nil || memory > maxMemory || passes == 0 || passes > maxTime || lanes == 0 {
		return false, errors.New("read PIN: parameters")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("read PIN: %w", err)
	}
	// The whole text is compared, so that no part of it can be anything else.
	return subtle.ConstantTimeCompare([]byte(hashed), []byte(phc(peppered(pin, pepper), salt, memory, passes, lanes))) == 1, nil
}
