package rest

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/url"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever the values are, all ways to send them are equivalent.
func TestCredentialsAreTheSameHoweverTheyAreSent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Filter(utf8.ValidString)
		sent := map[string]string{"username": text.Draw(t, "name"), "password": text.Draw(t, "password"), "client_id": text.Draw(t, "other")}
		object := map[string]any{"nested": map[string]any{"username": []any{1, nil}}}
		form, parts := url.Values{}, new(bytes.Buffer)
		w := multipart.NewWriter(parts)
		for name, value := range sent {
			form.Set(name, value)
			object[name] = value
			_ = w.WriteField(name, value) // can't fail: in memory
		}
		_ = w.Close()
		encoded, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		for contentType, body := range map[string]string{jsonType: string(encoded), formType: form.Encode(), w.FormDataContentType(): parts.String()} {
			c := Credentials{values: url.Values{}}
			if err := c.readBody([]byte(body), contentType); err != nil {
				t.Fatalf("%s %q: %v", contentType, body, err)
			}
			for name, value := range sent {
				if got := c.Get(name); got != value {
					t.Fatalf("%s %q: %s is %q, want %q", contentType, body, name, got, value)
				}
			}
			again := c.readBody([]byte(body), contentType)
			if again != nil || c.Get("username") != "" {
				t.Fatalf("%s %q twice: %q, %v", contentType, body, c.Get("username"), again)
			}
		}
	})
}

// Only invalid JSON is refused; encoding/json finds the same fields in valid JSON.
func FuzzCredentialsInJSON(f *testing.F) {
	for _, body := range []string{`{"username":"a","password":"b"}`, `{"username":"a","username":"b"}`, `{"username":{"username":"x"},"password":[1,"p"]}`,
		`{"user\u006eame":"\ud83d\ude00"}`, `{`, `{}{}`, `[]`, `null`, `"username"`, ` `, `{"username":"a",}`, "{\"username\":\"\xff\"}", `{"a":"\ud800"}`, `{"username":1e400}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := Credentials{values: url.Values{}}
		err := c.readBody(body, "")
		if err != nil && len(body) == 0 {
			t.Fatalf("no body: %v", err)
		}
		if err == nil && len(body) > 0 && !json.Valid(body) {
			t.Fatalf("%q is taken", body)
		}
		var object map[string]any
		if err != nil || json.Unmarshal(body, &object) != nil {
			return
		}
		for name, values := range c.values {
			if want, _ := object[name].(string); len(values) == 1 && values[0] != want {
				t.Fatalf("%q: %s is %q, want %q", body, name, values, want)
			}
		}
		if len(c.values) != len(object) {
			t.Fatalf("%q: %d names, want %d", body, len(c.values), len(object))
		}
	})
}
