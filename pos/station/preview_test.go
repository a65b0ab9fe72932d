package station_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// A preview is what the sale gives, and leaves no trace.
func TestPreview(t *testing.T) {
	s := openBar(t)
	ann := s.enrol(t, "Ann")
	before := s.sight(t, ann)
	sale := pos.Sale{Amount: 1250}
	would, err := s.Preview(ann, sale)
	require.NoError(t, err)
	require.Equal(t, before, s.sight(t, ann))
	done, err := s.Sell("robin", ann, sale)
	require.NoError(t, err)
	require.NotEmpty(t, would.Postings)
	require.Equal(t, done.Record.Entry.Postings, would.Postings)
	_, err = s.Preview(ann, pos.Sale{})
	require.ErrorIs(t, err, &pos.Problem{Key: "amount.positive"})
}

// What has run out at this till is known before anybody asks for it.
func TestMemberSeesWhatRanOut(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte("title = 'Bakery'\n[[reward]]\nid = 'bun'\npoints = 1\nstock = 1\n[points]\nearn = 1\nfor = '1'\n")})
	ann := s.enrol(t, "Ann")
	_, err := s.Earn("robin", ann, 500)
	require.NoError(t, err)
	require.Nil(t, s.sight(t, ann).Rewards[0].Not)
	_, err = s.Claim("robin", ann, rules.Claim{Reward: "bun"})
	require.NoError(t, err)
	left := s.sight(t, ann).Rewards[0]
	require.Equal(t, int64(4), left.Ready)
	require.ErrorIs(t, left.Not, &pos.Problem{Key: "redeem.stock"})
}

func (s *till) sight(t *testing.T, holder pos.HolderID) station.Member {
	t.Helper()
	m, err := s.Member(holder)
	require.NoError(t, err)
	return m
}
