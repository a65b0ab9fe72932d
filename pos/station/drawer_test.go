package station_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

func TestOpenDrawer(t *testing.T) {
	s := openBar(t)
	opened, err := s.OpenDrawer("robin", kim)
	require.NoError(t, err)
	journal := s.journal(t)
	require.Equal(t, opened, journal[len(journal)-1])
	e := opened.Entry
	require.Equal(t, []any{pos.Opened, pos.CashierID("robin"), pos.CashierID("kim"), pos.HolderID{}}, []any{e.Kind, e.Cashier, e.By.Manager, e.Holder})
	require.Empty(t, e.Postings)
	s.refused(t, "pin.wrong", func() error {
		_, err := s.OpenDrawer("robin", station.Override{Manager: "kim", PIN: "0000"})
		return err
	})
	s.refused(t, "pin.manager", func() error {
		_, err := s.OpenDrawer("robin", station.Override{Manager: "robin", PIN: kim.PIN})
		return err
	})
	require.Len(t, s.journal(t), len(journal))
}
