package station

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

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

// SignIn checks the cashier's PIN. It takes tens of milliseconds, on purpose.
func (s *Station) SignIn(id pos.CashierID, pin string) (pos.Cashier, error) {
	roster, err := s.Office.Roster()
	if err != nil {
		return pos.Cashier{}, fmt.Errorf("read roster: %w", err)
	}
	cashier, ok := roster.Cashier(id)
	if !ok {
		return pos.Cashier{}, pos.Refuse("pin.cashier")
	}
	if ok, err = checkPIN(cashier.PIN, pin); err != nil {
		return pos.Cashier{}, err
	}
	if !ok {
		return pos.Cashier{}, pos.Refuse("pin.wrong")
	}
	return cashier, nil
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

// HashPIN returns the form in which a PIN is kept: Argon2id (RFC 9106) in the
// PHC string format, with a salt drawn from random.
func HashPIN(pin string, random io.Reader) (string, error) {
	if err := CheckNewPIN(pin); err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("draw salt: %w", err)
	}
	return phc(pin, salt, argonMemory, argonTime, argonLanes), nil
}

func phc(pin string, salt []byte, memory, passes uint32, lanes uint8) string {
	key := argon2.IDKey([]byte(pin), salt, passes, memory, lanes, keyBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// checkPIN reports whether the PIN is the one that was hashed.
func checkPIN(hashed, pin string) (bool, error) {
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
	return subtle.ConstantTimeCompare([]byte(hashed), []byte(phc(pin, salt, memory, passes, lanes))) == 1, nil
}
