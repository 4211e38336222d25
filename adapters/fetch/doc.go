// Package fetch gets bytes over HTTP as a patient and modest guest: it names
// itself, tries again what may pass, caps size and time, and says what went
// wrong in words that carry no secret.
//
// Only the way from a URL to decoded bytes may live here. What the bytes mean
// is for the readers and the model lists; which URL to get, and what to do
// without it, is for the application.
package fetch
