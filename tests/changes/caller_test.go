package changes

import (
	"testing"

	"contacts/tests/harness"
)

// Changes name the application or the user that made them, as long as there is one of that name.
func TestAChangeIsByACallerThatHasANameWhileItIsThere(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	f := l.Follow()
	l.Do("POST", "/individual", object{"name": "by the application"}).Want(201)
	l.Do("POST", "/individual", object{"name": "by the user"}, "Authorization", "Bearer "+l.LogIn().Access).Want(201)
	since := f.Since
	names := func() map[any]any {
		t.Helper()
		f.Since = since
		names := map[any]any{}
		for _, c := range f.Next() {
			by, _ := c["by"].(object)
			names[by["kind"]] = by["name"]
		}
		return names
	}
	if got := names(); got["app"] != l.App || got["user"] != l.User {
		t.Errorf("the changes are by %v", got)
	}
	l.Delete()
	if err := harness.Platform.Database.DeleteApplication(t.Context(), l.App); err != nil {
		t.Fatal(err)
	}
	if got := names(); len(got) != 2 || got["app"] != nil || got["user"] != nil {
		t.Errorf("after their deletion the changes are by %v", got)
	}
}

// After a point-in-time recovery readers may have seen changes that the table has no longer: with another epoch their tokens lead to all
// contacts once more.
func TestAnotherEpochShowsAllContactsAgainToReadersOfChanges(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	m := harness.NewMirror(x)
	person := x.CreateIndividual("Erika")
	m.Sync()
	id := harness.LastSegment(person)
	m.Contacts[id] = object{"as it was": "after the moment of the recovery"}
	m.Sync()
	if m.Contacts[id]["as it was"] == nil {
		t.Fatal("what has not changed is shown again")
	}
	if err := harness.Platform.Database.BeginEpoch(t.Context(), x.Org); err != nil {
		t.Fatal(err)
	}
	m.Sync()
	m.Equals()
	if all := m.Next(); len(all) > 0 {
		t.Errorf("what was shown again is shown once more: %v", all)
	}
}
