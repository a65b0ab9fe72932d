// Package pos holds the words of Tenthcup: ids, days, money, members, programs,
// entries and problems.
//
// The package and everything below it is pure: no files, no network, no clock,
// no chance. Time, identifiers and random bytes come in as arguments, so that a
// decision made at a till can be made again anywhere and gives the same answer.
package pos
