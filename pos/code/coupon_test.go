package code_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/code"
)

// key returns the key pair of a seed: the same for the same.
func key(seed byte) (ed25519.PublicKey, ed25519.PrivateKey) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return private.Public().(ed25519.PublicKey), private
}

var anna = pos.HolderID{7}

func TestCoupon(t *testing.T) {
	public, private := key(1)
	other, _ := key(2)
	for name, tt := range map[string]struct {
		holder pos.HolderID
		signs  int
	}{
		"for anybody": {pos.HolderID{}, 139},
		"for Ann":     {anna, 152},
	} {
		t.Run(name, func(t *testing.T) {
			c := code.NewCoupon(private, "tea-day", 42, 20_000, tt.holder)
			require.Len(t, c.String(), tt.signs)
			require.True(t, strings.HasPrefix(c.String(), code.CouponPrefix))
			require.Empty(t, strings.Trim(c.String(), code.Alphabet), "a scanner on a keyboard of any layout sends it as it is")
			for _, text := range []string{c.String(), strings.ToLower(c.String()), "]Q1" + c.String(), " " + c.String()[:20] + "-" + c.String()[20:] + "\r\n"} {
				require.True(t, code.IsCoupon(text))
				got, err := code.ParseCoupon(text)
				require.NoError(t, err)
				require.Equal(t, c, got)
			}
			require.True(t, c.Verify(public))
			require.False(t, c.Verify(other), "STAMP-007: another shop's")
			require.False(t, c.Verify(nil))
			require.Equal(t, code.KindOf("tea-day"), c.Kind)
			require.Equal(t, code.PersonOf(tt.holder), c.Holder)
			require.Equal(t, []any{uint64(42), pos.Day(20_000)}, []any{c.Serial, c.Last})
			require.Equal(t, c, code.NewCoupon(private, "tea-day", 42, 20_000, tt.holder), "made again, it is the same")
		})
	}
}

// Whatever of a code is changed, the signature does not hold any more; and no
// other text is the same code.
func TestACouponCannotBeChanged(t *testing.T) {
	public, private := key(1)
	rapid.Check(t, func(t *rapid.T) {
		holder := rapid.SampledFrom([]pos.HolderID{{}, anna}).Draw(t, "holder")
		good := code.NewCoupon(private, "tea-day", rapid.Uint64().Draw(t, "serial"), pos.Day(rapid.Int32Range(0, 1<<30).Draw(t, "last")), holder).String()
		at := rapid.IntRange(len(code.CouponPrefix), len(good)-1).Draw(t, "at")
		sign := string(rapid.SampledFrom([]rune(code.Alphabet)).Draw(t, "sign"))
		changed := good[:at] + sign + good[at+1:]
		c, err := code.ParseCoupon(changed)
		if changed == good {
			require.NoError(t, err)
			require.True(t, c.Verify(public))
			return
		}
		require.False(t, err == nil && c.Verify(public), changed)
	})
}

func TestNoCoupon(t *testing.T) {
	_, private := key(1)
	good := code.NewCoupon(private, "tea-day", 42, 20_000, pos.HolderID{}).String()
	own := code.NewCoupon(private, "tea-day", 42, 20_000, anna)
	own.Signature = [64]byte{}
	nobody := strings.Replace(own.String(), own.String()[36:49], strings.Repeat("1", 13), 1)
	for name, text := range map[string]string{
		"nothing": "", "a member code": "TC12345678ABCDE", "the prefix alone": "TCC1", "cut off": good[:138], "too long": good + "1",
		"bits that nobody wrote": good[:138] + "2", "a sign that is none": good[:20] + "Y" + good[21:], "a personal one of nobody": nobody,
		"not ASCII": good[:20] + "é" + good[21:], "another version": "TCC2" + good[4:],
	} {
		t.Run(name, func(t *testing.T) {
			_, err := code.ParseCoupon(text)
			require.Equal(t, error(pos.Refuse("coupon.misread")), err)
		})
	}
	require.False(t, code.IsCoupon("TC12345678ABCDE"))
	require.False(t, code.IsCoupon(""))
}

// Whatever a scanner sends is a coupon, which is read back from its own text, or
// one problem.
func FuzzParseCoupon(f *testing.F) {
	_, private := key(1)
	for _, holder := range []pos.HolderID{{}, anna} {
		f.Add(code.NewCoupon(private, "tea-day", 42, 20_000, holder).String())
		f.Add(code.NewCoupon(private, "", 1<<63, 0, holder).String())
	}
	for _, text := range []string{"", "TCC1", "TC12345678ABCDE", "]Q1TCC1", "tcc1 " + strings.Repeat("1", 135), "TCC1" + strings.Repeat("X", 148), "TCC1\x00", "TCC1\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := code.ParseCoupon(text)
		if err != nil {
			require.Equal(t, error(pos.Refuse("coupon.misread")), err)
			return
		}
		require.True(t, code.IsCoupon(text))
		again, err := code.ParseCoupon(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
		public, _ := key(1)
		c.Verify(public)
	})
}
