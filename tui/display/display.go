// Package display is the second screen at a counter, which the customer sees: the
// welcome, the customer's card, and what was just earned.
//
// It knows no till. A station says what there is to see, in words, as a Frame; a
// page in a browser or the Model on a terminal shows it.
package display

import "time"

// Linger is how long what was just earned stays to be read, when the counter is
// already waiting for the next customer.
const Linger = 8 * time.Second

// Frame is what the customer sees. It names nobody: others look on.
type Frame struct {
	Language string   `json:"language"`
	Right    bool     `json:"right"` // the language is read from right to left
	Shop     string   `json:"shop"`
	Logo     []string `json:"logo,omitempty"`
	Title    string   `json:"title"`
	Said     string   `json:"said,omitempty"` // what was just done, for a moment of joy
	Cards    []Card   `json:"cards,omitempty"`
	Points   string   `json:"points,omitempty"`
	Rewards  []string `json:"rewards,omitempty"` // that are ready
	QR       string   `json:"qr,omitempty"`      // the text of a code to be photographed
	News     []string `json:"news,omitempty"`
	Idle     bool     `json:"idle,omitempty"` // the counter waits for a customer
}

// Card is a punch card as the customer sees it.
type Card struct {
	Name  string `json:"name"`
	Stamp string `json:"stamp"`
	Have  int64  `json:"have"`
	Size  int64  `json:"size"`
	Count string `json:"count"` // "7 of 10"
}
