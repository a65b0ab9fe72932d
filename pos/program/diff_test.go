package program_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/program"
)

func TestDiff(t *testing.T) {
	tests := map[string]struct {
		before, after string
		want          []string
	}{
		"nothing":            {shop, shop + "# a note\n", []string{}},
		"an example":         {shop, shop + "[[example]]\nname = 'x'\nwhen = { sale = '1' }\n", []string{}},
		"an accepted trap":   {shop, "accept = ['limit']\n" + shop, []string{}},
		"the same, longer":   {"[points]\nearn = 1\nfor = '1'", "[points]\nearn = 1\nfor = '1.00'", []string{}},
		"the order of cards": {"[[card]]\nid = 'a'\nsize = 3\n[[card]]\nid = 'b'\nsize = 4", "[[card]]\nid = 'b'\nsize = 4\n[[card]]\nid = 'a'\nsize = 3", []string{}},
		"the rate": {
			"[points]\nearn = 1\nfor = '1'\n[[reward]]\nid = 'cake'\npoints = 50", "[points]\nearn = 2\nfor = '1'\n[[reward]]\nid = 'cake'\npoints = 50",
			[]string{"A sale of €10.00 gives 20 points; before it was 10 points.", "cake takes a spend of about €25.00; before it was €50.00.", "points, Earning: 2 instead of 1."},
		},
		"the price of a reward": {
			"[points]\nearn = 1\nfor = '1'\nfloor = 9\nbudget = 9\n[[reward]]\nid = 'cake'\nname = 'Cake'\npoints = 50", "[points]\nearn = 1\nfor = '1'\nfloor = 9\nbudget = 9\n[[reward]]\nid = 'cake'\nname = 'Cake'\npoints = 60",
			[]string{"Cake takes a spend of about €60.00; before it was €50.00.", "Reward Cake, points: 60 instead of 50."},
		},
		"another card": {
			"[[card]]\nid = 'a'\nname = 'Tea'\nsize = 3", "[[card]]\nid = 'b'\nname = 'Bun'\nsize = 4",
			[]string{"No longer: Punch card. Tea: 3 stamps are a full card.", "New: Punch card. Bun: 4 stamps are a full card."},
		},
		"points at all": {
			"[[card]]\nid = 'a'\nsize = 3", "[[card]]\nid = 'a'\nsize = 3\n[points]\nearn = 1\nfor = '1'",
			[]string{"A sale of €10.00 gives 10 points; before it was nothing.", "New: points. You get 1 point for each €1.00 that you spend."},
		},
		"a condition": {
			"[[card]]\nid = 'a'\nsize = 3\nper = 'sale'", "[[card]]\nid = 'a'\nsize = 3\nper = 'sale'\nwhen = { weekdays = ['mon'], minimum = '5' }",
			[]string{"A sale of €10.00 gives nothing; before it was 1 stamp on a.", "Punch card a, condition, weekdays: mon instead of none.", "Punch card a, condition, minimum sale: €5.00 instead of none."},
		},
		"the order of tiers": {
			"[points]\nearn = 1\nfor = '1'\n[tiers]\n[[tier]]\nid = 'a'\nfrom = '5'\n[[tier]]\nid = 'b'\nfrom = '9'", "[points]\nearn = 1\nfor = '1'\n[tiers]\n[[tier]]\nid = 'b'\nfrom = '5'\n[[tier]]\nid = 'a'\nfrom = '9'",
			[]string{"A sale of €10.00 gives 10 points, the tier a; before it was 10 points, the tier b.", "Tier a, from: €9.00 instead of €5.00.", "Tier b, from: €5.00 instead of €9.00.", "Tier: the order is now b, a."},
		},
		"a number of visits": {
			"[[card]]\nid = 'a'\nsize = 3\n[tiers]\nby = 'visits'\n[[tier]]\nid = 'gold'\nfrom = 10\n[[goal]]\nid = 'g'\ntarget = 10\ngift = { badge = 'b' }", "[[card]]\nid = 'a'\nsize = 3\n[tiers]\nby = 'visits'\n[[tier]]\nid = 'gold'\nfrom = 12\n[[goal]]\nid = 'g'\ntarget = 20\ngift = { badge = 'b' }",
			[]string{"Tier gold, from: 12 instead of 10.", "Goal g, target: 20 instead of 10."},
		},
		"yes and no":    {shop + "[basis]\nwithout_tax = true\n", shop, []string{"What counts of a sale, without tax: no instead of yes."}},
		"a limit":       {shop + "[offline]\nhours = 10\n", shop, []string{"Without a line, hours: 72 instead of 10."}},
		"no more limit": {"[[card]]\nid = 'a'\nsize = 3\n[[reward]]\nid = 'r'\ncard = 'a'\nmost = 4", "[[card]]\nid = 'a'\nsize = 3\n[[reward]]\nid = 'r'\ncard = 'a'", []string{"Reward r, most: none instead of 4."}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, said(t, program.Diff(parsed(t, tt.before), parsed(t, tt.after))))
		})
	}
}

// No change is passed over in silence: whichever field of a sample's rules is
// changed, something is said, in sentences without a key in them.
func TestEveryChangeIsSaid(t *testing.T) {
	for _, name := range []string{"bakery", "retail", "restaurant", "hotel", "gym", "online"} {
		before := preset(t, name)
		require.Empty(t, program.Diff(before, preset(t, name)))
		all := fields(reflect.ValueOf(before).Elem(), nil)
		require.Greater(t, len(all), 50, name)
		for _, path := range all {
			if of, _ := reflect.TypeFor[pos.Program]().FieldByName("Standing"); path[0] == of.Index[0] && len(before.Tiers) == 0 {
				continue // how members rise to tiers that are not there
			}
			after := preset(t, name)
			v := reflect.ValueOf(after).Elem()
			for _, step := range path {
				if v = reflect.Indirect(v); v.Kind() == reflect.Slice {
					v = v.Index(step)
				} else {
					v = v.Field(step)
				}
			}
			require.True(t, change(v))
			texts := said(t, program.Diff(before, after))
			require.NotEmpty(t, texts, "%s %v %v", name, path, v)
			for _, text := range texts {
				require.NotContains(t, text, "diff.", "%s %v", name, path)
				require.NotContains(t, text, "{", "%s %v: a table in Go's own words", name, path)
			}
		}
	}
}

// fields returns the way to each field of the rules: indexes of fields and of
// elements.
func fields(v reflect.Value, path []int) (all [][]int) {
	v = reflect.Indirect(v)
	below := func(v reflect.Value, i int) {
		all = append(all, fields(v, append(slices.Clone(path), i))...)
	}
	switch {
	case !v.IsValid():
		return nil
	case v.Type() == reflect.TypeFor[pos.PointsRule]() && v.FieldByName("Earn").Int() == 0:
		return nil // the short way to earn is whole or not there
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			below(v.Index(i), i)
		}
		return all
	case v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[pos.Amount]() || v.Type() == reflect.TypeFor[pos.Ratio]():
		return [][]int{path}
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && field.Type != reflect.TypeFor[pos.ProgramID]() && field.Name != "Examples" && field.Name != "Accept" {
			below(v.Field(i), i)
		}
	}
	return all
}

// change makes another value of the field.
func change(v reflect.Value) bool {
	switch x := v.Interface().(type) {
	case pos.Amount:
		v.Set(reflect.ValueOf(pos.Amount{Text: x.Text + "7", Minor: x.Minor + 7}))
		return true
	case pos.Ratio:
		v.Set(reflect.ValueOf(pos.Ratio{Num: x.Num + 7, Den: max(x.Den, 1)}))
		return true
	}
	switch v.Kind() {
	case reflect.String:
		if other := map[string]string{"money": "sale", "sale": "unit", "item": "unit", "unit": "sale"}[v.String()]; other != "" {
			v.SetString(other) // what a sale can be worked out with
		} else {
			v.SetString(v.String() + "x")
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		n := v.Int()
		if v.SetInt(n/2 + 7); v.Int() == n {
			v.SetInt(n + 1)
		}
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.Append(reflect.MakeSlice(v.Type(), 0, 1), reflect.ValueOf("x").Convert(v.Type().Elem())))
		} else {
			v.Index(0).SetInt(v.Index(0).Int() + 1)
		}
	default:
		return false
	}
	return true
}

// Every kind of rule that a document can have a table of is in the terms, and every
// condition and limit is said.
func TestTermsSayEveryRule(t *testing.T) {
	for _, name := range assets.Presets() {
		p := preset(t, name)
		lines := map[string]string{}
		for _, section := range program.Terms(p) {
			require.NotEmpty(t, section.Lines)
			for _, line := range section.Lines {
				lines[line.Table+" "+line.ID] = fmt.Sprint(said(t, line.Says))
				require.NotContains(t, lines[line.Table+" "+line.ID], "terms.", "a sentence that no catalog has")
			}
		}
		look := func(table string, tables any) {
			for i, v := 0, reflect.ValueOf(tables); i < v.Len(); i++ {
				require.Contains(t, lines, table+" "+v.Index(i).FieldByName("ID").String(), name)
			}
		}
		look("earn", p.Earn)
		look("campaign", p.Campaigns)
		look("event", p.Events)
		look("card", p.Cards)
		look("tier", p.Tiers)
		look("plan", p.Plans)
		look("reward", p.Rewards)
		look("coupon", p.Coupons)
		look("goal", p.Goals)
		look("surprise", p.Surprises)
		look("draw", p.Draws)
		require.Contains(t, lines, "returns ")
		require.Contains(t, lines[" "], "No rule looks at age, sex or origin.")
	}
}

func TestTermsSayConditionsAndLimits(t *testing.T) {
	terms := func(p *pos.Program) (texts []string) {
		for _, section := range program.Terms(p) {
			for _, line := range section.Lines {
				texts = append(texts, said(t, line.Says)...)
			}
		}
		return texts
	}
	for _, part := range []string{"When", "Limits"} {
		p := parsed(t, shop+"[[earn]]\nid = 'a'\nearn = 1\nfor = '1'\n")
		without := len(terms(p))
		rule := reflect.ValueOf(&p.Earn[0]).Elem().FieldByName(part)
		for i := range rule.NumField() {
			field := rule.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			switch v := rule.Field(i); field.Name {
			case "Birthday":
				v.SetString("week")
			case "Weekdays":
				v.Set(reflect.ValueOf([]string{"mon"}))
			default:
				require.True(t, change(v), field.Name)
			}
			got := terms(p)
			require.Len(t, got, without+1, "%s.%s is not said", part, field.Name)
			for _, text := range got {
				require.NotContains(t, text, "terms.", field.Name)
			}
			rule.Field(i).SetZero()
		}
	}
}
