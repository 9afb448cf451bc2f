package customers

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestAConfigurationBeginsWithItsDefaults(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	first := x.Get("/configuration").Want(200)
	if got, want := first.Object(), (object{"use_external_contact_management": false}); !reflect.DeepEqual(got, want) {
		t.Errorf("defaults %v, want %v", got, want)
	}
	etag := first.Header.Get("ETag")
	if !strings.HasPrefix(etag, `"`) {
		t.Fatalf("ETag %q is not a strong one", etag)
	}
	x.Get("/configuration", "If-None-Match", etag).Want(304)
	x.Do("HEAD", "/configuration", nil).Want(200)
	x.Do("DELETE", "/configuration", nil).Problem(405)
	x.Do("POST", "/configuration", harness.ConfigurationSample).Problem(405)
	// The defaults have an ETag, so that one of several readers can replace them.
	x.Do("PUT", "/configuration", harness.ConfigurationSample, "If-Match", `"7"`).Problem(412)
	put := x.Do("PUT", "/configuration", harness.ConfigurationSample, "If-Match", etag).Want(200)
	x.Do("PUT", "/configuration", harness.ConfigurationSample, "If-Match", etag).Problem(412)
	if got := put.Object(); !reflect.DeepEqual(got, harness.ConfigurationSample) {
		t.Errorf("put %v, want %v", got, harness.ConfigurationSample)
	}
	read := x.Get("/configuration").Want(200)
	if string(read.Body) != string(put.Body) || read.Header.Get("ETag") != put.Header.Get("ETag") || put.Header.Get("ETag") == etag {
		t.Errorf("GET %s with %s, PUT %s with %s", read.Body, read.Header.Get("ETag"), put.Body, put.Header.Get("ETag"))
	}
	if back := x.Do("PUT", "/configuration", read.Body, "If-Match", read.Header.Get("ETag")).Want(200); string(back.Body) != string(read.Body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
	}
	x.Do("PUT", "/configuration", object{}).Want(200) // replaces the whole, by the defaults
	if got := x.Get("/configuration").Object(); !reflect.DeepEqual(got, first.Object()) {
		t.Errorf("%v, want the defaults again", got)
	}
	if got := other.Get("/configuration").Object(); !reflect.DeepEqual(got, first.Object()) {
		t.Errorf("another tenant has %v", got)
	}
}

func TestOneOfSeveralReadersReplacesTheDefaultConfiguration(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	etag := x.Get("/configuration").Header.Get("ETag")
	answers := harness.Concurrently(t, 12, func(int) (*harness.Answer, error) {
		return x.TryDo("PUT", "/configuration", harness.ConfigurationSample, "If-Match", etag)
	})
	if got := harness.CountStatuses(answers); !maps.Equal(got, map[int]int{200: 1, 412: 11}) {
		t.Errorf("statuses %v, want one 200 and 11 times 412", got)
	}
}

func TestExternalContactManagementNeedsBothObjects(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.Do("PUT", "/configuration", object{"use_external_contact_management": true}).Faults(422, "/custom_workflow_config", "/api_access_configuration")
	x.Do("PUT", "/configuration", harness.With(harness.ConfigurationSample, "custom_workflow_config", nil)).Faults(422, "/custom_workflow_config")
	x.Do("PUT", "/configuration", harness.With(harness.ConfigurationSample, "api_access_configuration", nil)).Faults(422, "/api_access_configuration")
	if etag := x.Get("/configuration").Header.Get("ETag"); x.Get("/configuration").Object()["use_external_contact_management"] != false {
		t.Errorf("a refused PUT wrote, version %s", etag)
	}
	// Without it, either may be missing.
	for _, field := range []string{"custom_workflow_config", "api_access_configuration"} {
		sent := harness.With(harness.ConfigurationSample, field, nil, "use_external_contact_management", false)
		if got := x.Do("PUT", "/configuration", sent).Want(200).Object(); !reflect.DeepEqual(got, sent) {
			t.Errorf("put %v, want %v", got, sent)
		}
	}
	// Both objects may be empty. What GET returns then can be sent back.
	put := x.Do("PUT", "/configuration", `{"use_external_contact_management":true,"custom_workflow_config":{},"api_access_configuration":{}}`).Want(200)
	x.Do("PUT", "/configuration", put.Body).Want(200)
}

func TestAPIAccessHasDefaults(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for name, c := range map[string]struct{ sent, want object }{
		"nothing":       {object{}, harness.APIAccessDefaults},
		"zeros":         {object{"timeout_in_millis": 0.0, "max_retries": 0.0, "retry_interval_in_millis": 0.0}, nil},
		"one of them":   {object{"max_retries": 7.0}, harness.With(harness.APIAccessDefaults, "max_retries", 7.0)},
		"other fields":  {object{"url": "https://example.com", "credentials_key": "k"}, harness.With(harness.APIAccessDefaults, "url", "https://example.com", "credentials_key", "k")},
		"largest int32": {object{"timeout_in_millis": 2147483647.0, "max_retries": 1.0, "retry_interval_in_millis": 2.0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			want := c.want
			if want == nil {
				want = c.sent
			}
			put := x.ForSubtest(t).Do("PUT", "/configuration", object{"api_access_configuration": c.sent}).Want(200)
			if got := put.Object()["api_access_configuration"]; !reflect.DeepEqual(got, any(want)) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

func TestAllFaultsOfAConfigurationAreNamedTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for name, c := range map[string]struct {
		body   object
		faults []string
	}{
		"types": {object{"use_external_contact_management": "TRUE", "custom_workflow_config": "none", "api_access_configuration": []any{}, "x": 1},
			[]string{"/use_external_contact_management", "/custom_workflow_config", "/api_access_configuration", "/x"}},
		"nested": {object{"custom_workflow_config": object{"provider_id": 5, "provide_contact_start_url": strings.Repeat("a", 1025), "y": 1},
			"api_access_configuration": object{"url": 5, "credentials_key": true, "timeout_in_millis": "2000", "max_retries": -1, "retry_interval_in_millis": 1.5, "z": 1}},
			[]string{"/custom_workflow_config/provider_id", "/custom_workflow_config/provide_contact_start_url", "/custom_workflow_config/y",
				"/api_access_configuration/url", "/api_access_configuration/credentials_key", "/api_access_configuration/timeout_in_millis",
				"/api_access_configuration/max_retries", "/api_access_configuration/retry_interval_in_millis", "/api_access_configuration/z"}},
		"beyond int32": {object{"api_access_configuration": object{"timeout_in_millis": 2147483648, "max_retries": 9007199254740993}},
			[]string{"/api_access_configuration/timeout_in_millis", "/api_access_configuration/max_retries"}},
	} {
		t.Run(name, func(t *testing.T) {
			x.ForSubtest(t).Do("PUT", "/configuration", c.body).Faults(400, c.faults...)
		})
	}
	x.Do("PUT", "/configuration", `{"use_external_contact_management":null}`).Faults(400, "/use_external_contact_management")
}
