package pos_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

func TestParseItems(t *testing.T) {
	want := []pos.Item{
		{ID: "17", Name: "Flat white", Category: "coffee", Price: 350, Tax: 27_000, Key: "f"},
		{ID: "18/b", Name: `Croissant, "plain"`, Price: 210, Tax: 5_500},
	}
	for name, text := range map[string]string{
		"commas":                    "id,name,category,price,tax_percent,key\n17,Flat white,coffee,3.50,27,f\n18/b,\"Croissant, \"\"plain\"\"\",,2.10,5.5%,\n",
		"semicolons":                "id;name;category;price;tax_percent;key\r\n17;Flat white;coffee;3,50;27;f\r\n18/b;\"Croissant, \"\"plain\"\"\";;2,10;5,5;\r\n",
		"another way":               "\ufeffPrice, KEY ,tax_percent,Name,id,category\n3.5,f,27.000,Flat  white,17, coffee\n\n2.10,,5.500,\"Croissant, \"\"plain\"\"\",18/b,\n",
		"points between semicolons": "id;name;category;price;tax_percent;key\n17;Flat white;coffee;3.50;27.0;f\n18/b;\"Croissant, \"\"plain\"\"\";;2.1;5.5;",
	} {
		t.Run(name, func(t *testing.T) {
			items, err := pos.ParseItems([]byte(text), inEuro(t))
			require.NoError(t, err)
			require.Equal(t, want, items)
		})
	}
}

func TestWrongItems(t *testing.T) {
	const head = "id,name,category,price,tax_percent,key\n"
	for name, tt := range map[string]struct {
		text, key string
		line      int
		column    string
	}{
		"nothing":               {"", "item.columns", 0, ""},
		"no price":              {"id,name,category\n", "item.columns", 1, ""},
		"another column":        {"id,name,category,price,colour\n", "item.column", 1, ""},
		"a column twice":        {"id,name,category,price,id\n", "item.column", 1, ""},
		"Latin-1":               {head + "17,Caf\xe9,,1,,\n", "item.encoding", 0, ""},
		"a cell too few":        {head + "17,Tea,,1,\n", "item.cells", 2, ""},
		"a quote":               {head + "17,\"Tea,,1,,\n", "item.quotes", 2, ""},
		"no id":                 {head + "\n ,Tea,,1,,\n", "item.id", 3, "id"},
		"an id with a space":    {head + "1 7,Tea,,1,,\n", "item.id", 2, "id"},
		"an id twice":           {head + "17,Tea,,1,,\n17,Tea,,1,,\n", "item.twice", 3, "id"},
		"no name":               {head + "17,\u200b,,1,,\n", "item.name", 2, "name"},
		"a long name":           {head + "17," + strings.Repeat("é", 81) + ",,1,,\n", "item.name", 2, "name"},
		"a long category":       {head + "17,Tea," + strings.Repeat("é", 33) + ",1,,\n", "item.text", 2, "category"},
		"a word for a price":    {head + "17,Tea,,free,,\n", "item.price", 2, "price"},
		"a negative price":      {head + "17,Tea,,-1,,\n", "item.price", 2, "price"},
		"half a cent":           {head + "17,Tea,,1.005,,\n", "item.price", 2, "price"},
		"a price beyond prices": {head + "17,Tea,,99999999999999,,\n", "item.price", 2, "price"},
		"no price in the cell":  {head + "17,Tea,,,,\n", "item.price", 2, "price"},
		"tax above all":         {head + "17,Tea,,1,100.001,\n", "item.tax", 2, "tax_percent"},
		"negative tax":          {head + "17,Tea,,1,-5,\n", "item.tax", 2, "tax_percent"},
		"tax too fine":          {head + "17,Tea,,1,5.0001,\n", "item.tax", 2, "tax_percent"},
		"only a percent sign":   {head + "17,Tea,,1,%,\n", "item.tax", 2, "tax_percent"},
		"a key too many":        {head + "17,Tea,,1,,ab\n", "item.key", 2, "key"},
		"a key twice":           {head + "17,Tea,,1,,a\n18,Tea,,1,,a\n", "item.taken", 3, "key"},
		"too many":              {head + manyItems(pos.MaxItems+1, "Tea"), "item.many", 0, ""},
		"too large":             {head + manyItems(pos.MaxItems, strings.Repeat("茶", 80)+""), "item.large", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseItems([]byte(tt.text), inEuro(t))
			wrong, ok := errors.AsType[*pos.DocumentError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, []any{tt.key, tt.line, tt.column}, []any{wrong.Problem.Key, wrong.Line, wrong.Path})
		})
	}
	_, err := pos.ParseItems([]byte(head+manyItems(pos.MaxItems, "Tea")), inEuro(t))
	require.NoError(t, err)
}

func manyItems(n int, name string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "%040d,%s,a category of some length,1,,\n", i, name)
	}
	return text.String()
}

func inEuro(t require.TestingT) pos.Currency {
	currency, ok := pos.CurrencyOf("EUR")
	require.True(t, ok)
	return currency
}

// The tax is what of the price is tax, rounded half up, and a sale of such lines is
// one that can be booked.
func TestItemLine(t *testing.T) {
	for _, tt := range []struct {
		price, tax int64
		quantity   int64
		want       int64
	}{
		{127, 27_000, 1, 27},
		{100, 27_000, 1, 21},
		{350, 27_000, 2, 149},
		{210, 5_500, 1, 11},
		{3, 20_000, 1, 1},
		{0, 27_000, 1, 0},
		{100, 0, 3, 0},
		{3, 100_000, 1, 2},
	} {
		line := pos.Item{ID: "1", Price: pos.Money(tt.price), Tax: tt.tax}.Line(tt.quantity)
		require.Equal(t, pos.Money(tt.want), line.Tax, "%+v", tt)
	}
	rapid.Check(t, func(t *rapid.T) {
		item := pos.Item{ID: "1", Category: "c", Price: pos.Money(rapid.Int64Range(0, 1<<62).Draw(t, "price")), Tax: rapid.Int64Range(0, 100_000).Draw(t, "tax")}
		line := item.Line(rapid.Int64().Draw(t, "quantity"))
		sale, err := pos.Sale{Lines: []pos.Line{line}}.Checked()
		if err != nil {
			_, refused := errors.AsType[*pos.Problem](err)
			require.True(t, refused)
			return
		}
		without := int64(sale.Amount - sale.Tax)
		require.LessOrEqual(t, max(without*(100_000+item.Tax)-int64(sale.Amount)*100_000, int64(sale.Amount)*100_000-without*(100_000+item.Tax))*2, 100_000+item.Tax)
	})
}

func FuzzParseItems(f *testing.F) {
	f.Add([]byte("id,name,category,price,tax_percent,key\n17,Flat white,coffee,3.50,27,f\n"))
	f.Add([]byte("\ufeffid;name;category;price\r\n\"17\";T;;3,50\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		items, err := pos.ParseItems(text, pos.Currency{Code: "EUR", Exponent: 2})
		if err != nil {
			_, wrong := errors.AsType[*pos.DocumentError](err)
			require.True(t, wrong, "%v", err)
			return
		}
		for _, item := range items {
			require.True(t, item.ID != "" && item.Name != "" && item.Price >= 0 && item.Tax >= 0 && item.Tax <= 100_000, "%+v", item)
		}
	})
}
