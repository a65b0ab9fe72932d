package code

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"tenthcup/pos"
)

// CouponPrefix begins every signed coupon code. Behind it is base32 with the signs
// of Alphabet, so that a code survives what a member code does: 139 signs, or 152
// of a personal one, all upper-case letters and digits.
const CouponPrefix = "TCC1"

// Coupon is a signed coupon code. It can be checked by a till that has never seen
// it and has no line: the signature says that the shop made it.
type Coupon struct {
	Kind      [8]byte // which coupon of the program: KindOf its id
	Serial    uint64  // of the code, among those of the coupon
	Last      pos.Day // the last shop day on which it is good; 0 is no end
	Holder    [8]byte // PersonOf the only member who may use it; zero is anybody
	Signature [ed25519.SignatureSize]byte
}

// Lengths of what is signed, in bytes: the kind, the serial and the day, and of a
// personal code the holder too.
const (
	anybody  = 8 + 8 + 4
	personal = anybody + 8
)

// couponDomain keeps a signature from meaning anything else that the key signs.
const couponDomain = "tenthcup coupon 1"

// KindOf returns the short form of a coupon's id.
func KindOf(coupon string) (kind [8]byte) {
	sum := sha256.Sum256([]byte(coupon))
	copy(kind[:], sum[:])
	return kind
}

// PersonOf returns the short form of a member, which does not say who it is. That
// of nobody is zero.
func PersonOf(holder pos.HolderID) (person [8]byte) {
	if holder == (pos.HolderID{}) {
		return person
	}
	sum := sha256.Sum256(holder[:])
	copy(person[:], sum[:])
	return person
}

// NewCoupon makes the code with the serial of a coupon, for one member or, with a
// zero holder, for anybody. The same arguments make the same code.
func NewCoupon(private ed25519.PrivateKey, coupon string, serial uint64, last pos.Day, holder pos.HolderID) Coupon {
	c := Coupon{Kind: KindOf(coupon), Serial: serial, Last: max(last, 0), Holder: PersonOf(holder)}
	copy(c.Signature[:], ed25519.Sign(private, c.signed()))
	return c
}

// Verify reports whether the owner of the key, which has ed25519.PublicKeySize
// bytes, made the code.
func (c Coupon) Verify(public ed25519.PublicKey) bool {
	return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, c.signed(), c.Signature[:])
}

func (c Coupon) signed() []byte { return append([]byte(couponDomain), c.fields()...) }

// fields returns the coupon without its signature.
func (c Coupon) fields() []byte {
	raw := append(make([]byte, 0, personal+ed25519.SignatureSize), c.Kind[:]...)
	raw = binary.BigEndian.AppendUint64(raw, c.Serial)
	raw = binary.BigEndian.AppendUint32(raw, uint32(c.Last))
	if c.Holder != [8]byte{} {
		raw = append(raw, c.Holder[:]...)
	}
	return raw
}

// String returns the code as it is printed and stored. It is the only text that
// ParseCoupon reads as c and IsCoupon's form of it.
func (c Coupon) String() string { return CouponPrefix + encode(append(c.fields(), c.Signature[:]...)) }

// IsCoupon reports whether the text, as a scanner sent it, is meant to be a signed
// coupon code; ParseCoupon says whether it is one.
func IsCoupon(text string) bool { return strings.HasPrefix(signs(text), CouponPrefix) }

// ParseCoupon reads what a scanner sent. Any case, spaces and hyphens will do. The
// error is always the problem coupon.misread; whether the signature is good is for
// Verify to say.
func ParseCoupon(text string) (Coupon, error) {
	body, ok := strings.CutPrefix(signs(text), CouponPrefix)
	raw, whole := decode(body)
	if !ok || !whole || len(raw) != anybody+ed25519.SignatureSize && len(raw) != personal+ed25519.SignatureSize {
		return Coupon{}, pos.Refuse("coupon.misread")
	}
	c := Coupon{Serial: binary.BigEndian.Uint64(raw[8:]), Last: pos.Day(int32(binary.BigEndian.Uint32(raw[16:])))}
	copy(c.Kind[:], raw)
	if len(raw) == personal+ed25519.SignatureSize {
		copy(c.Holder[:], raw[anybody:])
	}
	copy(c.Signature[:], raw[len(raw)-ed25519.SignatureSize:])
	if c.Last < 0 || len(raw) > anybody+ed25519.SignatureSize && c.Holder == [8]byte{} {
		return Coupon{}, pos.Refuse("coupon.misread")
	}
	return c, nil
}

// signs returns the text in the signs of the alphabet, without what a scanner sends
// before it.
func signs(text string) string { return withoutAIM(Signs(text)) }

// encode writes the bytes with the signs of Alphabet, five bits each, the last one
// filled up with zeros.
func encode(raw []byte) string {
	text := make([]byte, 0, (len(raw)*8+4)/5)
	bits, left := uint(0), 0
	for _, b := range raw {
		bits, left = bits<<8|uint(b), left+8
		for ; left >= 5; left -= 5 {
			text = append(text, Alphabet[bits>>(left-5)&31])
		}
	}
	if left > 0 {
		text = append(text, Alphabet[bits<<(5-left)&31])
	}
	return string(text)
}

// decode reads what encode wrote, and reports whether it could have.
func decode(text string) (raw []byte, ok bool) {
	bits, left := uint(0), 0
	for i := range len(text) {
		value := strings.IndexByte(Alphabet, text[i])
		if value < 0 {
			return nil, false
		}
		bits, left = bits<<5|uint(value), left+5
		if left >= 8 {
			left -= 8
			raw = append(raw, byte(bits>>left))
		}
	}
	return raw, left < 5 && bits&(1<<left-1) == 0
}
