package postgres

// The tables that Distribute places, for a test that has no Citus.
var (
	ByArea     = byArea
	Everywhere = everywhere
)

// Statements returns the statements about each table of an area's, by what they do.
func Statements() map[string]map[string]string {
	all := map[string]map[string]string{}
	for name, t := range ledgerTables {
		all[name] = map[string]string{
			"get": t.get, "some": t.some, "ranges": t.ranges, "forward": t.forward, "backward": t.backward,
			"last": t.last, "put": t.put, "delete": t.delete,
		}
		if t.follow != "" {
			all[name]["follow"] = t.follow
		}
		if t.add != "" {
			all[name]["add"], all[name]["change"] = t.add, t.change
		}
	}
	all["area"] = map[string]string{"lock": lockArea, "count": readArea}
	return all
}
