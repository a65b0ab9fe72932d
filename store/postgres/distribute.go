package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"tenthcup/pos"
)

// What can be wrong with a database that is to be distributed.
var (
	// ErrNoCitus says that the database has no Citus extension.
	ErrNoCitus = pos.Refuse("db.citus")
	// ErrDistributed says that a table is distributed already, and otherwise than is
	// wanted. The table's name goes with it.
	ErrDistributed = pos.Refuse("db.distributed")
)

// placement is where Citus keeps the rows of a table.
type placement struct {
	table  string
	method string // h: by the hash of a column; n: on every node, if model is t; "" where Citus has not heard of it
	model  string
	column string
	group  int32 // tables of one group have the rows of one area on the same node
	local  int64 // bytes in the table itself, which a distributed one leaves to its shards
}

// areaTable is the table that all others of areas are kept beside.
const areaTable = "area"

// byArea are the tables of which each area's rows are on one node, all on the same; the
// partitions of those that have some go with them. The first one sets the group.
var byArea = func() []string {
	all := []string{areaTable}
	for _, name := range slices.Sorted(maps.Keys(ledgerTables)) {
		if indexes[name] == "" {
			all = append(all, name)
		}
	}
	return all
}()

// everywhere are the tables that each node has a copy of.
var everywhere = []string{"head", "migration", "setup"}

const placements = `
select c.relname, coalesce(p.partmethod::text, ''), coalesce(p.repmodel::text, ''),
    coalesce(column_to_column_name(p.logicalrelid, p.partkey), ''), coalesce(p.colocationid, 0),
    pg_relation_size(c.oid) + coalesce((select sum(pg_relation_size(relid)) from pg_partition_tree(c.oid)), 0)::bigint
from pg_class c left join pg_dist_partition p on p.logicalrelid = c.oid
where c.relnamespace = 'tenthcup'::regnamespace and c.relname = any($1)`

// The statements that place one table. Each leaves a table alone that is placed already.
const (
	placeFirst      = "select create_distributed_table('tenthcup.%[1]s', 'area', colocate_with => 'none')" + unplaced
	placeByArea     = "select create_distributed_table('tenthcup.%[1]s', 'area', colocate_with => 'tenthcup.area')" + unplaced
	placeEverywhere = "select create_reference_table('tenthcup.%[1]s')" + unplaced
	unplaced        = " where not exists (select from pg_dist_partition where logicalrelid = 'tenthcup.%[1]s'::regclass)"
	// Rows that were there before are copied to the nodes, and stay where they were until this.
	forgetLocal = "select truncate_local_data_after_distributing_table('tenthcup.%s')"
)

// Distribute spreads the tables that Migrate has made over the nodes of a Citus cluster,
// and the rows that they have with them: all of one area to one node. The URL is that of
// the coordinator. It returns the names of the tables that it placed, none if all were
// placed before. It can be run again, after a crash or when a newer version has more
// tables. While it works writers wait, for as long as the copying takes. A database
// without the extension is ErrNoCitus, one that is distributed otherwise ErrDistributed;
// neither is touched.
func Distribute(ctx context.Context, url string) (placed []string, err error) {
	conn, err := dial(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(explain(err), conn.Close(ctx)) }()
	var installed bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_extension where extname = 'citus')").Scan(&installed); err != nil {
		return nil, err
	}
	if !installed {
		return nil, ErrNoCitus
	}
	before, err := placementsOf(ctx, conn)
	if err != nil {
		return nil, err
	}
	for _, p := range before {
		if !p.fits(before[areaTable].group) {
			return nil, pos.Refuse(ErrDistributed.Key, "table", p.table)
		}
	}
	return place(ctx, conn, before)
}

// placementsOf returns where each table of ours is.
func placementsOf(ctx context.Context, conn *pgx.Conn) (map[string]placement, error) {
	found, err := conn.Query(ctx, placements, slices.Concat(byArea, everywhere))
	if err != nil {
		return nil, err
	}
	all := map[string]placement{}
	err = eachRow(found, func() error {
		var p placement
		err := found.Scan(&p.table, &p.method, &p.model, &p.column, &p.group, &p.local)
		all[p.table] = p
		return err
	})
	return all, err
}

// fits reports whether the table is where it belongs, or nowhere yet. The group is that of
// the areas.
func (p placement) fits(group int32) bool {
	switch {
	case p.method == "":
		return true
	case slices.Contains(everywhere, p.table):
		return p.method == "n" && p.model == "t"
	}
	return p.method == "h" && p.column == "area" && p.group == group
}

func place(ctx context.Context, conn *pgx.Conn, before map[string]placement) (placed []string, err error) {
	for _, table := range slices.Concat(byArea, everywhere) {
		statement := placeByArea
		switch {
		case table == areaTable:
			statement = placeFirst
		case slices.Contains(everywhere, table):
			statement = placeEverywhere
		}
		if before[table].method == "" {
			if _, err := conn.Exec(ctx, fmt.Sprintf(statement, table)); err != nil {
				return placed, fmt.Errorf("distribute %s: %w", table, err)
			}
			placed = append(placed, table)
		}
		if before[table].local > 0 {
			if _, err := conn.Exec(ctx, fmt.Sprintf(forgetLocal, table)); err != nil {
				return placed, fmt.Errorf("forget what was copied of %s: %w", table, err)
			}
		}
	}
	return placed, nil
}
