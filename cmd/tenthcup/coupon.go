package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/csv"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/store"
)

type couponCmd struct {
	Key   couponKeyCmd   `cmd:"" help:"Make the key that signs coupon codes."`
	Make  couponMakeCmd  `cmd:"" help:"Make signed codes of a coupon."`
	Check couponCheckCmd `cmd:"" help:"Say what a coupon's code is, and whether it is good now. It is not used up."`
	Use   couponUseCmd   `cmd:"" help:"Give a member what a coupon gives at once. One that goes with a sale or a reward is for 'sell' and 'redeem'."`
}

type couponKeyCmd struct {
	File string `arg:"" help:"Where the private key goes. Who has it can make codes: keep it away from the tills." placeholder:"FILE"`
	JSON bool   `help:"Print JSON." name:"json"`
}

// AfterApply tells the call how to print; kong calls it.
func (k couponKeyCmd) AfterApply(c *call) error {
	c.json = k.JSON
	return nil
}

// Run makes a key, and prints the public half as the program's [[coupon]] has it.
func (k couponKeyCmd) Run(c *call) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	err = writeNew(c.path(k.File), pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: raw}))
	if errors.Is(err, fs.ErrExist) {
		return pos.Refuse("codes.exists", "file", k.File)
	}
	if err != nil {
		return store.Explain(err)
	}
	text := base64.StdEncoding.EncodeToString(public)
	return c.print(map[string]string{"key": text}, fmt.Sprintf("key = %q", text))
}

// keyBlock is what PEM calls a private key in PKCS #8.
const keyBlock = "PRIVATE KEY"

// writeNew writes a file that only its owner can read and that is not there yet.
func writeNew(name string, content []byte) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// readKey reads what writeNew wrote.
func readKey(name string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, pos.Refuse("codes.nokey", "file", name)
	}
	if block, _ := pem.Decode(text); block != nil && block.Type == keyBlock {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if private, ok := key.(ed25519.PrivateKey); ok {
				return private, nil
			}
		}
	}
	return nil, pos.Refuse("codes.nokey", "file", name)
}

type couponMakeCmd struct {
	onTill
	Key    string   `help:"The file with the private key." required:"" placeholder:"FILE"`
	Coupon string   `help:"Which coupon of the program." required:"" placeholder:"ID"`
	Count  int64    `help:"How many codes." required:"" placeholder:"N"`
	From   uint64   `help:"The serial of the first. The same serial makes the same code, so go on behind the last." default:"1" placeholder:"SERIAL"`
	Until  *pos.Day `help:"The last day on which they are good; no end if left out." placeholder:"2026-12-31"`
	Member string   `help:"The only member who may use them: code, alias or phone number." placeholder:"CODE"`
	CSV    bool     `help:"Print a table with serial, code and last day." name:"csv"`
}

// maxCodes is how many codes are made at once.
const maxCodes = 10_000

// socket is where a running station answers, which only a member's codes need.
func (m couponMakeCmd) socket() string {
	if m.Member == "" {
		return ""
	}
	return m.onTill.socket()
}

// codeJSON is a coupon's code as scripts read it.
type codeJSON struct {
	Serial uint64  `json:"serial"`
	Code   string  `json:"code"`
	Until  pos.Day `json:"until,omitzero"`
}

// Run makes codes.
func (m couponMakeCmd) Run(c *call) error {
	if m.Count < 1 || m.Count > maxCodes || m.From < 1 || m.From > math.MaxUint64-maxCodes {
		return pos.Refuse("codes.number", "max", int64(maxCodes))
	}
	private, err := readKey(c.path(m.Key))
	if err != nil {
		return err
	}
	holder := pos.HolderID{}
	if m.Member != "" {
		err = c.withTill(m.Dir, func(t *till) error {
			member, err := t.one(m.Member)
			holder = member.Profile.Holder
			return err
		})
	}
	if err != nil {
		return err
	}
	codes := make([]codeJSON, m.Count)
	for i := range codes {
		serial := m.From + uint64(i)
		codes[i] = codeJSON{serial, code.NewCoupon(private, m.Coupon, serial, dayIn(m.Until), holder).String(), dayIn(m.Until)}
	}
	if m.CSV && !c.json {
		return c.printCodes(codes)
	}
	lines := make([]string, len(codes))
	for i := range codes {
		lines[i] = codes[i].Code
	}
	return c.print(map[string]any{"codes": codes}, strings.Join(lines, "\n"))
}

// printCodes prints a table.
func (c *call) printCodes(codes []codeJSON) error {
	table := csv.NewWriter(c.out)
	rows := [][]string{{"serial", "code", "until"}}
	for _, made := range codes {
		until := ""
		if made.Until != 0 {
			until = made.Until.String()
		}
		rows = append(rows, []string{strconv.FormatUint(made.Serial, 10), made.Code, until})
	}
	return table.WriteAll(rows)
}

type couponUseCmd struct {
	onTill
	byCashier
	Member string `arg:"" help:"Who shows it: code, alias or phone number."`
	Code   string `arg:"" help:"The coupon's code."`
}

// Run uses a coupon.
func (k couponUseCmd) Run(c *call) error {
	return c.decided(k.Dir, k.Member, func(t *till, m station.Member) (station.Done, error) {
		return t.station.UseCoupon(k.Cashier, m.Profile.Holder, k.Code)
	})
}

type couponCheckCmd struct {
	onTill
	Code   string `arg:"" help:"The coupon's code."`
	Member string `help:"Who shows it: code, alias or phone number." placeholder:"CODE"`
}

// couponJSON is what a coupon's code is, as scripts read it.
type couponJSON struct {
	Coupon string  `json:"coupon"`
	Name   string  `json:"name"`
	Serial uint64  `json:"serial,omitempty"` // of a signed code
	Until  pos.Day `json:"until,omitzero"`   // the last day
	Good   bool    `json:"good"`
	Why    string  `json:"why,omitempty"` // it is not good now
}

// Run says what a code is.
func (k couponCheckCmd) Run(c *call) error {
	return c.withTill(k.Dir, func(t *till) error {
		holder := pos.HolderID{}
		if k.Member != "" {
			member, err := t.one(k.Member)
			if err != nil {
				return err
			}
			holder = member.Profile.Holder
		}
		coupon, err := t.station.Coupon(holder, k.Code)
		if err != nil {
			return err
		}
		return c.printCoupon(coupon)
	})
}

func (c *call) printCoupon(coupon station.Coupon) error {
	document := couponJSON{Coupon: coupon.Coupon.ID, Name: coupon.Coupon.Name, Serial: coupon.Serial, Until: coupon.Last, Good: coupon.Not == nil}
	lines := []string{document.Name}
	if coupon.Coupon.Key != "" {
		lines = append(lines, c.words.T("codes.serial", "serial", strconv.FormatUint(coupon.Serial, 10)))
	}
	if coupon.Last != 0 {
		lines = append(lines, c.words.T("codes.last", "day", coupon.Last))
	}
	if coupon.Not != nil {
		document.Why = c.words.Error(coupon.Not)
		lines = append(lines, document.Why)
	} else {
		lines = append(lines, c.words.T("codes.good"))
	}
	return c.print(document, strings.Join(lines, "\n"))
}
