package pos

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tenthcup/pos/canon"
)

// Item is something that the shop sells.
type Item struct {
	ID       string `cbor:"1,keyasint" json:"id"` // the shop's number of it
	Name     string `cbor:"2,keyasint" json:"name"`
	Category string `cbor:"3,keyasint,omitempty" json:"category,omitempty"`
	Price    Money  `cbor:"4,keyasint,omitempty" json:"price"`         // of one unit, tax included
	Tax      int64  `cbor:"5,keyasint,omitempty" json:"tax,omitempty"` // in thousandths of a percent: 27% is 27,000; 0 to 100,000
	Key      string `cbor:"6,keyasint,omitempty" json:"key,omitempty"` // one character: the key on the screen that sells one
}

// Limits of an item list: it goes to every till whole, with the roster, on a page
// that must not be larger than 8 MiB.
const (
	MaxItems     = 2000
	MaxItemBytes = 512 << 10 // of all of them, as they are sent
	MaxItemText  = 64        // bytes of an id or a category
	maxTax       = 100_000
)

// Line returns the line of a sale of so many units. The tax is what of the price is
// tax, rounded half up.
func (i Item) Line(quantity int64) Line {
	line := Line{Item: i.ID, Category: i.Category, Quantity: quantity, Price: i.Price}
	if high, whole := bits.Mul64(uint64(quantity), uint64(i.Price)); high == 0 && whole <= uint64(MaxSale) && quantity > 0 && i.Price > 0 {
		line.Tax = taxIn(line.Due(), i.Tax)
	} // else Sale.Checked refuses it
	return line
}

// taxIn returns what of the amount, 0 to MaxSale, is tax.
func taxIn(amount Money, tax int64) Money {
	whole := maxTax + tax // of 1,000ths of a percent: the price without tax is 100 %
	return Money((2*int64(amount)*tax + whole) / (2 * whole))
}

// CompareItems orders items by category, name and id.
func CompareItems(a, b Item) int {
	return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

// itemColumns are the columns of an item list; the first four must be there.
var itemColumns = []string{"id", "name", "category", "price", "tax_percent", "key"}

const neededColumns = 4

// ParseItems reads an item list: a CSV text (RFC 4180) in UTF-8, with commas or
// semicolons, whose first line names the columns id, name, category, price and, if
// they are there, tax_percent and key, in any order. A number between semicolons
// may have a decimal comma. Errors are *DocumentError with the line and the column.
func ParseItems(text []byte, currency Currency) ([]Item, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, &DocumentError{Problem: Refuse("item.encoding")}
	}
	list := itemList{currency: currency, ids: map[string]bool{}, keys: map[string]bool{}}
	head, _, _ := bytes.Cut(text, []byte("\n"))
	list.rows = csv.NewReader(bytes.NewReader(text))
	list.rows.TrimLeadingSpace, list.rows.FieldsPerRecord = true, -1
	if list.decimal = '.'; bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		list.rows.Comma, list.decimal = ';', ','
	}
	if err := list.head(); err != nil {
		return nil, err
	}
	for {
		item, err := list.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		list.items = append(list.items, item)
	}
	return list.items, CheckItems(list.items)
}

// CheckItems refuses a list that is longer than tills are told of.
func CheckItems(items []Item) error {
	if len(items) > MaxItems {
		return &DocumentError{Problem: Refuse("item.many", "n", len(items), "most", MaxItems)}
	}
	if raw, err := canon.Marshal(items); err != nil || len(raw) > MaxItemBytes {
		return &DocumentError{Problem: Refuse("item.large", "size", len(raw)>>10, "most", MaxItemBytes>>10)}
	}
	return nil
}

// itemList is an item list while it is read.
type itemList struct {
	rows     *csv.Reader
	currency Currency
	decimal  rune
	columns  []string // as they stand in the file
	items    []Item
	ids      map[string]bool
	keys     map[string]bool
}

// read returns the next row and its line.
func (l *itemList) read() (row []string, line int, err error) {
	row, err = l.rows.Read()
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, 0, &DocumentError{Line: wrong.Line, Problem: Refuse("item.quotes")}
	}
	if err != nil {
		return nil, 0, err
	}
	line, _ = l.rows.FieldPos(0)
	return row, line, nil
}

// head reads the line that names the columns.
func (l *itemList) head() error {
	row, line, err := l.read()
	if errors.Is(err, io.EOF) {
		return &DocumentError{Problem: Refuse("item.columns", "columns", itemColumns[:neededColumns])}
	}
	if err != nil {
		return err
	}
	for _, name := range row {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(itemColumns, name) || slices.Contains(l.columns, name) {
			return &DocumentError{line, "", Refuse("item.column", "column", CleanName(name), "columns", itemColumns)}
		}
		l.columns = append(l.columns, name)
	}
	for _, name := range itemColumns[:neededColumns] {
		if !slices.Contains(l.columns, name) {
			return &DocumentError{line, "", Refuse("item.columns", "columns", itemColumns[:neededColumns])}
		}
	}
	return nil
}

// next reads one item; io.EOF is the end.
func (l *itemList) next() (item Item, err error) {
	row, line, err := l.read()
	if err != nil {
		return item, err
	}
	if len(row) != len(l.columns) {
		return item, &DocumentError{line, "", Refuse("item.cells", "n", len(row), "want", len(l.columns))}
	}
	for i, column := range l.columns {
		if problem := l.set(&item, column, strings.TrimSpace(row[i])); problem != nil {
			return item, &DocumentError{line, column, problem}
		}
	}
	return item, nil
}

// set fills one column of the item.
func (l *itemList) set(item *Item, column, text string) *Problem {
	switch column {
	case "id":
		return l.setID(item, text)
	case "name":
		item.Name = CleanName(text)
		if item.Name == "" || utf8.RuneCountInString(item.Name) > MaxName {
			return Refuse("item.name", "max", MaxName)
		}
	case "category":
		if item.Category = CleanName(text); len(item.Category) > MaxItemText {
			return Refuse("item.text", "text", item.Category, "max", MaxItemText)
		}
	case "price":
		return l.setPrice(item, text)
	case "tax_percent":
		return l.setTax(item, text)
	case "key":
		return l.setKey(item, text)
	}
	return nil
}

// setID takes an id as it can be typed on a command line.
func (l *itemList) setID(item *Item, text string) *Problem {
	item.ID = text
	switch {
	case text == "" || text != CleanName(text) || strings.ContainsAny(text, " \t") || len(text) > MaxItemText:
		return Refuse("item.id", "text", CleanName(text), "max", MaxItemText)
	case l.ids[text]:
		return Refuse("item.twice", "id", text)
	}
	l.ids[text] = true
	return nil
}

func (l *itemList) setPrice(item *Item, text string) *Problem {
	price, err := l.currency.Parse(text, l.decimal)
	if err != nil {
		return Refuse("item.price", "text", CleanName(text), "currency", l.currency.Code)
	}
	item.Price = price
	return nil
}

// setTax reads a percentage with up to three digits behind the point.
func (l *itemList) setTax(item *Item, text string) *Problem {
	if text == "" {
		return nil
	}
	number := strings.Replace(strings.TrimSuffix(text, "%"), string(l.decimal), ".", 1)
	whole, part, _ := strings.Cut(number, ".")
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", max(3-len(part), 0)), 10, 32)
	if err != nil || whole == "" || len(part) > 3 || n > maxTax {
		return Refuse("item.tax", "text", CleanName(text))
	}
	item.Tax = int64(n)
	return nil
}

func (l *itemList) setKey(item *Item, text string) *Problem {
	item.Key = CleanName(text)
	switch {
	case item.Key == "":
		return nil
	case utf8.RuneCountInString(item.Key) != 1:
		return Refuse("item.key", "text", item.Key)
	case l.keys[item.Key]:
		return Refuse("item.taken", "key", item.Key)
	}
	l.keys[item.Key] = true
	return nil
}
