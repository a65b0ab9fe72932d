// Package bolt keeps ledgers in single files: Till is a till's, and OpenCentral
// opens a small chain's central server. Both promise what package store promises.
//
// A file belongs to one process at a time. All methods are safe for concurrent
// use; writers take turns, and readers see the file as it was when they began.
package bolt
