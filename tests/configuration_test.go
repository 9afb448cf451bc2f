package tests

import (
	"maps"
	"reflect"
	"strings"
	"testing"
)

var (
	apiAccessDefaults   = object{"timeout_in_millis": 2000.0, "max_retries": 3.0, "retry_interval_in_millis": 250.0}
	configurationSample = object{"use_external_contact_management": true,
		"custom_workflow_config": object{"provider_id": "string", "provide_contact_start_url": "string", "provide_contact_address_start_url": "string",
			"show_contact_details_start_url": "string"},
		"api_access_configuration": with(apiAccessDefaults, "url", "string", "credentials_key", "string")}
)

func TestAConfigurationBeginsWithItsDefaults(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	first := x.get("/configuration").want(200)
	if got, want := first.object(), (object{"use_external_contact_management": false}); !reflect.DeepEqual(got, want) {
		t.Errorf("defaults %v, want %v", got, want)
	}
	etag := first.header.Get("ETag")
	if !strings.HasPrefix(etag, `"`) {
		t.Fatalf("ETag %q is not a strong one", etag)
	}
	x.get("/configuration", "If-None-Match", etag).want(304)
	x.do("HEAD", "/configuration", nil).want(200)
	x.do("DELETE", "/configuration", nil).problem(405)
	x.do("POST", "/configuration", configurationSample).problem(405)
	// The defaults can be replaced by whoever has read them, once.
	x.do("PUT", "/configuration", configurationSample, "If-Match", `"7"`).problem(412)
	put := x.do("PUT", "/configuration", configurationSample, "If-Match", etag).want(200)
	x.do("PUT", "/configuration", configurationSample, "If-Match", etag).problem(412)
	if got := put.object(); !reflect.DeepEqual(got, configurationSample) {
		t.Errorf("put %v, want %v", got, configurationSample)
	}
	read := x.get("/configuration").want(200)
	if string(read.body) != string(put.body) || read.header.Get("ETag") != put.header.Get("ETag") || put.header.Get("ETag") == etag {
		t.Errorf("GET %s with %s, PUT %s with %s", read.body, read.header.Get("ETag"), put.body, put.header.Get("ETag"))
	}
	if back := x.do("PUT", "/configuration", read.body, "If-Match", read.header.Get("ETag")).want(200); string(back.body) != string(read.body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
	}
	x.do("PUT", "/configuration", object{}).want(200) // replaces the whole, by the defaults
	if got := x.get("/configuration").object(); !reflect.DeepEqual(got, first.object()) {
		t.Errorf("%v, want the defaults again", got)
	}
	if got := other.get("/configuration").object(); !reflect.DeepEqual(got, first.object()) {
		t.Errorf("another tenant has %v", got)
	}
}

func TestOfThoseThatReadTheDefaultConfigurationOneReplacesIt(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	etag := x.get("/configuration").header.Get("ETag")
	answers := together(t, 12, func(int) (*answer, error) {
		return x.tryAs("PUT", "/configuration", configurationSample, "If-Match", etag)
	})
	if got := statuses(answers); !maps.Equal(got, map[int]int{200: 1, 412: 11}) {
		t.Errorf("statuses %v, want one 200 and 11 times 412", got)
	}
}

func TestExternalContactManagementNeedsBothObjects(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	x.do("PUT", "/configuration", object{"use_external_contact_management": true}).faults(422, "/custom_workflow_config", "/api_access_configuration")
	x.do("PUT", "/configuration", with(configurationSample, "custom_workflow_config", nil)).faults(422, "/custom_workflow_config")
	x.do("PUT", "/configuration", with(configurationSample, "api_access_configuration", nil)).faults(422, "/api_access_configuration")
	if etag := x.get("/configuration").header.Get("ETag"); x.get("/configuration").object()["use_external_contact_management"] != false {
		t.Errorf("a refused PUT wrote, version %s", etag)
	}
	// Without it, either may be missing.
	for _, field := range []string{"custom_workflow_config", "api_access_configuration"} {
		sent := with(configurationSample, field, nil, "use_external_contact_management", false)
		if got := x.do("PUT", "/configuration", sent).want(200).object(); !reflect.DeepEqual(got, sent) {
			t.Errorf("put %v, want %v", got, sent)
		}
	}
	// Both objects may be empty: no field of theirs is required. What GET returns then can be sent back.
	put := x.do("PUT", "/configuration", `{"use_external_contact_management":true,"custom_workflow_config":{},"api_access_configuration":{}}`).want(200)
	x.do("PUT", "/configuration", put.body).want(200)
}

func TestAPIAccessHasDefaults(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for name, c := range map[string]struct{ sent, want object }{
		"nothing":       {object{}, apiAccessDefaults},
		"zeros":         {object{"timeout_in_millis": 0.0, "max_retries": 0.0, "retry_interval_in_millis": 0.0}, nil},
		"one of them":   {object{"max_retries": 7.0}, with(apiAccessDefaults, "max_retries", 7.0)},
		"other fields":  {object{"url": "https://example.com", "credentials_key": "k"}, with(apiAccessDefaults, "url", "https://example.com", "credentials_key", "k")},
		"largest int32": {object{"timeout_in_millis": 2147483647.0, "max_retries": 1.0, "retry_interval_in_millis": 2.0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			want := c.want
			if want == nil {
				want = c.sent
			}
			put := x.in(t).do("PUT", "/configuration", object{"api_access_configuration": c.sent}).want(200)
			if got := put.object()["api_access_configuration"]; !reflect.DeepEqual(got, any(want)) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

func TestAllThatIsWrongWithAConfigurationIsToldAtOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
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
			x.in(t).do("PUT", "/configuration", c.body).faults(400, c.faults...)
		})
	}
	x.do("PUT", "/configuration", `{"use_external_contact_management":null}`).faults(400, "/use_external_contact_management")
}
