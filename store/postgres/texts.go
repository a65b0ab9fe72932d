package postgres

import (
	"embed"
	"strings"
)

//go:embed query/*.sql
var queries embed.FS

// texts are the statements about one table.
type texts struct {
	get, some, ranges, forward, backward, last, delete string

	put         string // of rows that may be there
	add, change string // of rows that are not there, and that are; "" where put does as well

	follow string // its rows under what stands in a range of the feed; "" where they come with that
}

// indexes are the tables of the ledger that are an index of another one here: each of
// their rows is a column of a row there, and is nearly always written with it. So an entry
// and its place in a holder's history are one row, and so are what a holder has and the
// place in the feed.
var indexes = map[string]string{"feed": "account", "history": "entry"}

// textsOf returns the statements about a table of an area's. What is put into one is
// joined with the area's row, which is there and locked: so a database that is distributed
// sees that all of it is about one area, and puts it there in one step.
func textsOf(table string) *texts {
	full := strings.Join([]string{"tenthcup", table}, ".")
	of := func(query string) string { return text(query, full, "area") }
	all := textsBy(of)
	switch base, index := indexes[table]; {
	case index:
		full = strings.Join([]string{"tenthcup", base}, ".")
		in := func(query string) string { return of(query + "_" + table) }
		all = textsBy(in)
	case table == "account":
		all.put, all.add, all.change = of("put_account"), of("add_account"), of("change_account")
	case table == "entry":
		all.put = of("add_entry") // nobody writes one again
	default:
		all.add, all.change = of("add"), of("change")
		feed := strings.Join([]string{"tenthcup", indexes["feed"]}, ".")
		all.follow = strings.ReplaceAll(text("follow_feed", feed, "area"), "{followed}", table)
	}
	return all
}

// textsBy returns the statements that every table has.
func textsBy(of func(query string) string) *texts {
	return &texts{
		get: of("get"), some: of("some"), ranges: of("ranges"), forward: of("forward"), backward: of("backward"),
		last: of("last"), put: of("put"), delete: of("delete"),
	}
}

func text(query, table, place string) string {
	sql, err := queries.ReadFile("query/" + query + ".sql")
	if err != nil {
		panic(err) // it is in the program
	}
	return strings.NewReplacer("{table}", table, "{place}", place).Replace(string(sql))
}

// ledgerTables are the tables that each area has.
var ledgerTables = func() map[string]*texts {
	all := map[string]*texts{}
	for _, name := range []string{
		"entry", "account", "profile", "feed", "history", "asked", "quarantine", "code",
		"lease", "exception", "open", "once", "written", small,
	} {
		all[name] = textsOf(name)
	}
	return all
}()

// setupTexts are the statements about the setup, whatever the part.
var setupTexts = func() *texts {
	of := func(query string) string { return text(query, "tenthcup.setup", "part") }
	all := textsBy(of)
	all.put = of("put_setup")
	return all
}()
