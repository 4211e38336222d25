package postgres

// HasRefusal reports whether the violation of a constraint has a message.
func HasRefusal(constraint string) bool {
	_, ok := refusals[constraint]
	return ok
}

// TooOld is what greet says of a server's version.
var TooOld = tooOld
