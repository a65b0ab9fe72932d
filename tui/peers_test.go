package tui_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ODOO-POS-044: scanning the code of a printed card opens the member it belongs to.
func TestScannedCardOpensItsMember(t *testing.T) {
	inShop(t, points, func(t *testing.T, s *shop) {
		const printed = "0444-e050-4548"
		s.enrol("Nagy Béla", "", "0444-e050-4549")
		anna := s.enrol("Kovács Anna", "", printed)
		_, err := s.station.Earn("robin", anna.Profile.Holder, 50000)
		require.NoError(t, err)
		d := s.start(80, 24)
		d.Scan(printed)
		require.Contains(t, d.View(), "Kovács Anna")
		require.Contains(t, d.View(), "500")
		require.NotContains(t, d.View(), "Nagy Béla")
	})
}
