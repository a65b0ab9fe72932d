package screen

import (
	"tenthcup/assets"
	"tenthcup/tui/theme"
)

// Settings are what a person may set about one till. The tags are the keys of the
// till's settings file; a zero field is left out there.
type Settings struct {
	Screen  ScreenSettings  `toml:"screen"`
	Counter CounterSettings `toml:"counter"`
	Scanner ScannerSettings `toml:"scanner"`
	Printer PrinterSettings `toml:"printer"`
	Display DisplaySettings `toml:"display"`
	Reports ReportSettings  `toml:"reports"`
}

// ScreenSettings are how the screen looks.
type ScreenSettings struct {
	Language  string `toml:"language,omitempty"`  // instead of the shop's
	Theme     string `toml:"theme,omitempty"`     // "dark", "light", "contrast" or a file; "" follows the terminal
	Direction string `toml:"direction,omitempty"` // who puts right-to-left text in order: "app", "terminal"; "" is the app
	FPS       int    `toml:"fps,omitempty"`       // frames a second, up to 120; 0 is 60
}

// ByTerminal is the Direction of a terminal that puts words in order by itself.
const ByTerminal = "terminal"

// CounterSettings are how the counter works.
type CounterSettings struct {
	Scan   string `toml:"scan,omitempty"`   // what a scan does: "" shows the member, "stamp" gives one stamp at once
	Card   string `toml:"card,omitempty"`   // id of the card that a scan stamps; "" is the program's first
	Keypad bool   `toml:"keypad,omitempty"` // amounts are typed in cents, as on a till: 350 is 3.50
	Quiet  bool   `toml:"quiet,omitempty"`  // no beeps
}

// ScannerSettings are how the scanner is connected, and what it sends.
type ScannerSettings struct {
	Kind   string `toml:"kind,omitempty"`   // "" is a keyboard; "serial", "evdev"
	Device string `toml:"device,omitempty"` // "/dev/ttyACM0", "/dev/input/by-id/..."
	Baud   int    `toml:"baud,omitempty"`   // of a serial line; 0 is 9600
	Layout string `toml:"layout,omitempty"` // of the keyboard that the scanner's keys pass through: "" is "us"; "hu", "ir"
	Prefix string `toml:"prefix,omitempty"` // that the scanner puts before each code
	Suffix string `toml:"suffix,omitempty"` // and behind it: "" is "enter"; "tab", "none"
	AIM    bool   `toml:"aim,omitempty"`    // it says first what kind of code it read
}

// PrinterSettings are how the receipt printer is connected.
type PrinterSettings struct {
	Kind    string `toml:"kind,omitempty"`    // "" is none; "tcp", "file", "serial", "lp"
	Address string `toml:"address,omitempty"` // "192.168.1.50:9100", "/dev/usb/lp0", "/dev/ttyUSB0", a queue of lp
	Baud    int    `toml:"baud,omitempty"`    // of a serial line; 0 is 9600
	Width   int    `toml:"width,omitempty"`   // of the paper in millimetres: 58 or 80; 0 is 80
	Page    string `toml:"page,omitempty"`    // code page: "" is "cp852"; "cp437", "image" draws everything
	QR      string `toml:"qr,omitempty"`      // "" draws QR codes, which every printer prints; "own" leaves them to the printer
	Drawer  bool   `toml:"drawer,omitempty"`  // a cash drawer hangs on the printer
	Slips   string `toml:"slips,omitempty"`   // "" on request; "always" after each action
}

// DisplaySettings are about the second screen, which the customer sees.
type DisplaySettings struct {
	Page string `toml:"page,omitempty"` // address where a browser finds it, "127.0.0.1:7070"; "" is nowhere
}

// ReportSettings are about reports.
type ReportSettings struct {
	Asleep int `toml:"asleep_days,omitempty"` // after how many days without a visit a member is asleep; 0 is 60
}

// Applied is a message: these settings are on disk and hold from now on.
type Applied struct{ Settings Settings }

// Dressed is a message: the screen looks and speaks as the settings say.
type Dressed struct {
	Settings Settings
	Dress    Dress
	Err      error // a theme that cannot be read, for one; without words in Dress nothing has changed
}

// Dress is what settings come to.
type Dress struct {
	Theme   theme.Theme
	Words   *assets.Printer
	Printer Printer // nil for none
}
