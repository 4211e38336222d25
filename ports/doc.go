// Package ports holds the interfaces behind which foreign systems and
// interchangeable parts stand: the store, the fetcher, the model lists, the
// readers, the queue. One file per port, at most five methods each; the
// comment is the contract: what is returned when something is missing, what is
// atomic, what may be repeated.
//
// No code but interfaces and the plain values that they speak in may live
// here, and what carries one of them in a context (Actor). It imports the domain only.
package ports
