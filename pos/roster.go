package pos

// Shop is what a till knows of the store it stands in.
type Shop struct {
	Name     string  `cbor:"1,keyasint" json:"name"`
	Currency string  `cbor:"2,keyasint" json:"currency"` // ISO 4217
	Language string  `cbor:"3,keyasint" json:"language"` // BCP 47: the catalog of the screens
	Timezone string  `cbor:"4,keyasint" json:"timezone"` // IANA name
	Country  string  `cbor:"5,keyasint,omitempty" json:"country,omitempty"`
	Area     AreaID  `cbor:"6,keyasint" json:"area"`
	Store    StoreID `cbor:"7,keyasint" json:"store"`
}

// Role says what a cashier may do.
type Role string

// The roles. A manager may do all that a cashier may.
const (
	RoleCashier Role = "cashier"
	RoleManager Role = "manager"
)

// Cashier is one who works at a till.
type Cashier struct {
	ID   CashierID `cbor:"1,keyasint" json:"id"`
	Name string    `cbor:"2,keyasint" json:"name"`
	Role Role      `cbor:"3,keyasint" json:"role"`
	PIN  string    `cbor:"4,keyasint" json:"-"` // station.HashPIN; "" cannot sign in
}

// Published is one version of the program and the moment it starts to decide.
type Published struct {
	Document []byte `cbor:"1,keyasint"`
	From     int64  `cbor:"2,keyasint"` // ms since 1970
}

// Roster is all that a till is told besides its members: the store, who works
// there and the program. Version grows with each change.
type Roster struct {
	Version  uint64      `cbor:"1,keyasint"`
	Shop     Shop        `cbor:"2,keyasint"`
	Cashiers []Cashier   `cbor:"3,keyasint"`
	Programs []Published `cbor:"4,keyasint"` // the one that decides now and those to come, by From
}

// ProgramAt returns the document that decides at the moment, ms since 1970: the
// last one whose From has come, or the first where none has.
func (r Roster) ProgramAt(at int64) []byte {
	var document []byte
	for i, p := range r.Programs {
		if i == 0 || p.From <= at {
			document = p.Document
		}
	}
	return document
}

// Cashier returns the cashier with the id.
func (r Roster) Cashier(id CashierID) (Cashier, bool) {
	for _, c := range r.Cashiers {
		if c.ID == id {
			return c, true
		}
	}
	return Cashier{}, false
}
