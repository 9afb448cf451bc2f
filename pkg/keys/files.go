package keys

import (
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Exports is the partition of a tenant's exports, in the order of their creation.
func Exports(org string) string { return Tenant(org) + "#EXPORT" }

// Export is an export.
func Export(org string, id contact.ID) dynamo.Key { return key(Exports(org), Digits(id)) }

// A JobKind is the kind of a job.
type JobKind string

// ExportJob is the kind of an export.
const ExportJob JobKind = "EXPORT"

// Jobs is the partition of all jobs that are not finished, of all tenants.
func Jobs() string { return "P#JOB" }

// Job marks that a job is not finished.
func Job(org string, kind JobKind, id contact.ID) dynamo.Key {
	return key(Jobs(), string(kind)+"#"+org+"#"+Digits(id))
}

// JobPlace is how far a job has come.
func JobPlace(org string, kind JobKind, id contact.ID) dynamo.Key {
	return key(Tenant(org)+"#"+string(kind)+"#"+Digits(id), "PLACE")
}

// ParseJob parses the sort key of a job's mark.
func ParseJob(sk string) (kind JobKind, org string, id contact.ID, ok bool) {
	parts := strings.Split(sk, "#")
	if len(parts) != 3 || parts[1] == "" {
		return "", "", 0, false
	}
	id, ok = parseID(parts[2])
	kind = JobKind(parts[0])
	return kind, parts[1], id, ok && kind == ExportJob
}
