package access

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"contacts/pkg/auth"
	"contacts/tests/harness"
)

// A tokenSigner signs tokens with the platform's key, so that tests can make tokens that are wrong in one respect.
type tokenSigner struct {
	t       testing.TB
	private ed25519.PrivateKey
	kid     string
}

func newTokenSigner(t testing.TB) tokenSigner {
	t.Helper()
	key, err := auth.Derive([]byte(harness.Platform.Secret), 1)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := hkdf.Key(sha256.New, []byte(harness.Platform.Secret), nil, "contacts/ed25519-seed/1", ed25519.SeedSize)
	if err != nil {
		t.Fatal(err)
	}
	m := tokenSigner{t, ed25519.NewKeyFromSeed(seed), key.Key().ID}
	if !key.Key().Public.Equal(m.private.Public()) {
		t.Fatal("the platform derives its keys in another way: no token of this signer is valid")
	}
	return m
}

// token returns a valid token for an organization, except for changes to its header and payload, each a name and a value.
func (m tokenSigner) token(org string, sign func(text string) []byte, changes ...any) string {
	m.t.Helper()
	now := time.Now()
	header := object{"alg": "EdDSA", "typ": "JWT", "kid": m.kid}
	payload := object{"iss": auth.Issuer, "aud": auth.Audience, "sub": "app:test", "org": org,
		"scope": strings.Join(auth.AllScopes(), " "), "region": "DE",
		"jti": rand.Text(), "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(auth.AuthorizeLifetime).Unix()}
	for i := 0; i < len(changes); i += 2 {
		if name := changes[i].(string); header[name] != nil {
			header[name] = changes[i+1]
		} else {
			payload[name] = changes[i+1]
		}
	}
	text := encoded(m.t, header) + "." + encoded(m.t, payload)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign(text))
}

func encoded(t testing.TB, part object) string {
	t.Helper()
	text, err := json.Marshal(part)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func signedWith(key ed25519.PrivateKey) func(string) []byte {
	return func(text string) []byte { return ed25519.Sign(key, []byte(text)) }
}

// validToken returns a valid token for an organization.
func (m tokenSigner) validToken(org string) string { return m.token(org, signedWith(m.private)) }

// A credential is an Authorization header that is invalid for an organization, or valid only to read or to write, and its answers in the two
// dialects.
type credential struct {
	name, authorization  string
	enfore, rest         int
	readsOnly, writeOnly bool // what it can do is no case
}

func wrongCredentials(t *testing.T, x, other *harness.Tenant) []credential {
	t.Helper()
	m := newTokenSigner(t)
	ours := signedWith(m.private)
	_, theirs, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	right, foreign := m.validToken(x.Org), m.validToken(other.Org)
	cut := strings.LastIndexByte(right, '.') + 1
	signature, err := base64.RawURLEncoding.DecodeString(right[cut:])
	if err != nil {
		t.Fatal(err)
	}
	signature[40] ^= 1
	hmacOf := func(secret []byte) func(string) []byte {
		return func(text string) []byte {
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(text))
			return mac.Sum(nil)
		}
	}
	public := m.private.Public().(ed25519.PublicKey)
	none := func(string) []byte { return nil }
	parts, rights := strings.Split(foreign, "."), strings.Split(right, ".")
	now := time.Now()

	all := []credential{{name: "none"}, {name: "Basic", authorization: harness.BasicAuth(x.App, x.Secret)}}
	for name, token := range map[string]string{
		"garbage":                             "garbage",
		"garbage of three parts":              "a.b.c",
		"expired":                             m.token(x.Org, ours, "exp", now.Add(-time.Minute).Unix(), "nbf", now.Add(-61*time.Minute).Unix()),
		"not yet valid":                       m.token(x.Org, ours, "nbf", now.Add(10*time.Minute).Unix()),
		"of another issuer":                   m.token(x.Org, ours, "iss", "https://accounts.example"),
		"for another audience":                m.token(x.Org, ours, "aud", "orders-api"),
		"with a changed signature":            right[:cut] + base64.RawURLEncoding.EncodeToString(signature),
		"with another's signature":            rights[0] + "." + rights[1] + "." + parts[2],
		"another organization's, made its":    parts[0] + "." + rights[1] + "." + parts[2],
		"alg none":                            m.token(x.Org, none, "alg", "none"),
		"alg none with a signature":           m.token(x.Org, ours, "alg", "none"),
		"HS256 with the public key":           m.token(x.Org, hmacOf(public), "alg", "HS256"),
		"HS256 with the public key in base64": m.token(x.Org, hmacOf([]byte(base64.RawURLEncoding.EncodeToString(public))), "alg", "HS256"),
		"of an unknown key":                   m.token(x.Org, signedWith(theirs), "kid", "unknown"),
		"of an unknown key under our name":    m.token(x.Org, signedWith(theirs)),
		"of our key under an unknown name":    m.token(x.Org, ours, "kid", "unknown"),
		"without an organization":             m.token("", ours),
	} {
		all = append(all, credential{name: name, authorization: "Bearer " + token})
	}
	for i := range all {
		all[i].enfore, all[i].rest = 403, 401
	}
	bearer := func(scope string) string { return "Bearer " + m.token(x.Org, ours, "scope", scope) }
	return append(all,
		credential{name: "another organization's", authorization: "Bearer " + foreign, enfore: 403},
		credential{name: "read-only", authorization: bearer(auth.ReadScope), enfore: 403, rest: 403, readsOnly: true},
		credential{name: "write-only", authorization: bearer(auth.WriteScope), enfore: 403, rest: 403, writeOnly: true},
		credential{name: "without a scope", authorization: bearer(""), enfore: 403, rest: 403})
}

// Each token is wrong in one respect, and the requests are valid: they succeed with a valid token.
func TestNoOperationAcceptsAWrongCredential(t *testing.T) {
	t.Parallel()
	x, other := newSampleOrganization(t), harness.NewTenant(t)
	right := newTokenSigner(t).validToken(x.Org)
	before := x.readAll(right)
	credentials := wrongCredentials(t, x.Tenant, other)
	var cases atomic.Int64
	t.Run("wrong", func(t *testing.T) {
		for _, c := range credentials {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				w := *x
				w.Tenant = x.ForSubtest(t)
				for _, op := range w.operations {
					if !op.isAdministration() && (c.readsOnly && !op.needsWriteScope() || c.writeOnly && op.needsWriteScope()) {
						continue
					}
					cases.Add(int64(w.tryCredential(op, c)))
				}
			})
		}
	})
	t.Logf("%d requests: %d operations, %d wrong credentials", cases.Load(), len(x.operations), len(credentials))
	x.wantUnchanged(before, right)

	// None of them failed for any other reason.
	for _, op := range x.operations {
		if path := x.fill(op.path, x.ids) + x.query(op); op.method == "PUT" || op.method == "PATCH" {
			if a := x.send(op, path, right); a.Status > 201 {
				t.Errorf("%s with a right token = %d %s", a.What, a.Status, a.Body)
			}
		}
	}
}

// This also shows that the paths of deletions are right.
func TestAStaleIfMatchPreventsEveryChange(t *testing.T) {
	t.Parallel()
	x := newSampleOrganization(t)
	before, cases := x.readAll(x.Token), 0
	for _, op := range x.operations {
		if !op.writes() || op.method == "POST" {
			continue
		}
		cases++
		t.Run(op.name, func(t *testing.T) {
			w := *x
			w.Tenant = x.ForSubtest(t)
			w.wantRefused(op, w.send(op, w.fill(op.path, w.ids)+w.query(op), w.Token, "If-Match", `"0"`), 412)
		})
	}
	t.Logf("%d requests with a stale If-Match", cases)
	x.wantUnchanged(before, x.Token)
}

// tryCredential sends an operation with a wrong credential, reads as HEAD too, and returns the number of requests.
func (w *sampleOrganization) tryCredential(op operation, c credential) int {
	w.T.Helper()
	var headers []string
	if c.authorization != "" {
		headers = []string{"Authorization", c.authorization}
	}
	path := w.fill(op.path, w.ids) + w.query(op)
	methods := []string{op.method}
	if !op.writes() {
		methods = append(methods, "HEAD")
	}
	for _, method := range methods {
		a := harness.Send(w.T, method, path, w.body(op), headers...)
		status := c.enfore
		if op.isRest() {
			status = c.rest
		}
		switch {
		case status != 0:
			w.wantRefused(op, a, status)
		case len(op.idPlaces()) > 0: // this dialect knows no organization but the token's, and that one has no such thing
			w.wantRefused(op, a, 404)
		default:
			a.Want(200)
			if secret := w.leaked(op, a); secret != "" {
				w.T.Errorf("%s reveals %q to another organization: %s", a.What, secret, a.Body)
			}
		}
	}
	return len(methods)
}

func TestIDsOfAnotherTenantAreNotFoundByAnyOperation(t *testing.T) {
	t.Parallel()
	x, y := newSampleOrganization(t), newSampleOrganization(t)
	before, own := x.readAll(x.Token), y.readAll(y.Token)
	cases := 0
	for _, op := range y.operations {
		places := op.idPlaces()
		tries := [][]string{places} // all ids are the other's; or one, at each place
		if len(places) > 1 {
			for i := range places {
				tries = append(tries, places[i:i+1])
			}
		}
		for _, foreign := range tries {
			if len(foreign) == 0 {
				continue
			}
			ids := map[string]string{}
			for place, id := range y.ids {
				ids[place] = id
			}
			for _, place := range foreign {
				ids[place] = x.ids[place]
			}
			path := y.fill(op.path, ids) + y.query(op)
			x.wantRefused(op, y.send(op, path, y.Token), 404)
			cases++
			if !op.writes() {
				x.wantRefused(op, harness.Send(t, "HEAD", path, nil, "Authorization", "Bearer "+y.Token), 404)
				cases++
			}
		}
	}
	t.Logf("%d requests with ids of another tenant", cases)
	x.wantUnchanged(before, x.Token)
	y.wantUnchanged(own, y.Token)
}

// References to parts of another tenant's contact, which no other test makes.
func TestRecordsOfAnotherTenantCanNotBeReferredTo(t *testing.T) {
	t.Parallel()
	x, y := newSampleOrganization(t), harness.NewTenant(t)
	id := func(place string) string { return x.ids["/contacts/org/{}/"+place] }
	firm, person := y.CreateOrganization("ACME"), y.CreateIndividual("Erika")
	kept := y.Create(firm+"/memberships", harness.MembershipSample)
	for _, a := range []*harness.Answer{
		y.Do("POST", firm+"/memberships", harness.With(harness.MembershipSample, "organization_contact", id("organization/"))),
		y.Do("PUT", kept, harness.With(harness.MembershipSample, "organization_contact", id("organization/"))),
	} {
		a.Faults(422, "/organization_contact")
	}
	for owner, faults := range map[string][]string{
		harness.LastSegment(firm): {"/departments/0/department_id", "/locations/0/location_id"},
		id("organization/"):       {"/departments/0/contact_id", "/departments/0/department_id", "/locations/0/contact_id", "/locations/0/location_id"},
	} {
		y.Do("POST", person+"/professional-identities", object{"organization_contact": harness.LastSegment(firm), "is_active": true,
			"departments": []any{object{"contact_id": owner, "department_id": id("organization/{}/departments/")}},
			"locations":   []any{object{"contact_id": owner, "location_id": id("organization/{}/locations/")}}}).
			Faults(422, faults...)
	}
	const configurations = "delivery_and_invoicing_configurations"
	address := id("individual/{}/addresses/")
	y.Do("PUT", person+"/roles/customer", harness.With(harness.CustomerMinimal, configurations, []any{
		object{"invoice_address_id": address, "delivery_address_id": address, "alternative_payer": object{"id": id("individual/")}}})).
		Faults(422, "/"+configurations+"/0/invoice_address_id", "/"+configurations+"/0/delivery_address_id",
			"/"+configurations+"/0/alternative_payer")

	option := func(typeID, subTypeID any) object {
		return object{"typeId": typeID, "subTypeId": subTypeID, "value": "x"}
	}
	number := func(place string) json.Number { return json.Number(x.ids["/rest/accounts/contacts/"+place]) }
	typeID, subTypeID := number("option_types/"), number("option_sub_types/")
	y.Rest("POST", harness.OptionsPath(person), option(typeID, subTypeID)).Envelope(422, "typeId", "subTypeId")
	y.Rest("GET", fmt.Sprintf("%s/validate?typeId=%s&subTypeId=%s&value=x", harness.OptionsPath(person), typeID, subTypeID), nil).Envelope(422,
		"typeId", "subTypeId")
	foreign := option(5, 6)
	foreign["id"] = number("options/")
	y.Rest("PUT", harness.OptionsPath(person), foreign).Envelope(404)
	if got := string(y.Rest("GET", harness.OptionsPath(person), nil).Want(200).Body); strings.Contains(got, x.mark) || strings.Contains(got, "typeId") {
		t.Errorf("left %s", got)
	}
}
