package main

import (
	"net/http"
	"testing"
)

func TestAPersonSeesWhoChangedWhatWhenAndPutsAFormerValueBack(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	person := "/contacts/org/acme/individual/" + ada
	email := made(t, c, "individual/"+ada+"/emails", `{"type":"PERSONAL_EMAIL","address":"ada@example.org","usage_context":"PERSONAL"}`)
	phone := made(t, c, "individual/"+ada+"/phones", `{"type":"PERSONAL_MOBILE","number":"+442079460123","usage_context":"PERSONAL"}`)
	exchange(t, c, http.MethodPut, person+"/emails/"+email, `{"type":"WORK_EMAIL","address":"ada@engines.example","usage_context":"PERSONAL"}`)
	exchange(t, c, http.MethodDelete, person+"/phones/"+phone, "")
	v.at("individuals/" + ada)
	v.press("h")
	v.until(`document.querySelectorAll(".history-entry").length === 5`)
	v.inspect("console-history")
	const newest = `[...document.querySelectorAll(".history-what > span")].map(e => e.textContent).join("|")`
	if got := v.read(newest); got != "phone number removed|email address changed|phone number added|email address added|Contact created" {
		t.Errorf("the history says %s", got)
	}
	if got := v.read(`[...document.querySelectorAll(".history-entry:nth-child(2) .differences div")].map(e => e.textContent).join("|")`); got != "TypePersonal email→Work email|Addressada@example.org→ada@engines.example" {
		t.Errorf("the change of the address is shown as %s", got)
	}
	if who := v.read(`document.querySelector(".history-by strong").textContent`); who != "Application "+c.App {
		t.Errorf("it was %s", who)
	}

	// What was changed is put back, and the other value again; what was removed is there once more.
	v.click(button("Put back the former value: email address"))
	v.until(`document.querySelectorAll(".history-entry").length === 6 && document.querySelector(".history-by strong").textContent === "` + c.Username + `"`)
	v.click(button("Undo"))
	v.until(`document.querySelectorAll(".history-entry").length === 7`)
	v.click(button("Put back the former value: phone number"))
	v.until(`document.querySelectorAll(".history-entry").length === 8`)
	details := exchange(t, c, http.MethodGet, person+"/full", "")
	if address := details["emails"].([]any)[0].(map[string]any)["address"]; address != "ada@engines.example" || len(details["phones"].([]any)) != 1 {
		t.Errorf("there is %v", details)
	}
}

func TestAPersonLooksAtAContactAsItWas(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Byron"}`)
	made(t, c, "individual/"+ada+"/emails", `{"type":"PERSONAL_EMAIL","address":"ada@example.org","usage_context":"PERSONAL"}`)
	exchange(t, c, http.MethodPut, "/contacts/org/acme/individual/"+ada, `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada + "/history")
	v.click(`document.querySelector(".history-entry:nth-child(2) .history-look")`)
	v.until(`document.querySelector(".contact-name h1")?.textContent === "Ada Byron" && document.querySelector('a[href="mailto:ada@example.org"]')`)
	if tools := v.read(`String(document.querySelectorAll(".detail .part-tools, .detail .add").length)`); tools != "0" {
		t.Errorf("what was can be changed by %s buttons", tools)
	}
	v.inspect("console-moment")
	v.click(button("Earlier change"))
	v.until(`document.querySelector(".contact-name h1")?.textContent === "Ada Byron" && !document.querySelector('a[href="mailto:ada@example.org"]')`)
	v.click(button("Later change"))
	v.click(button("Later change"))
	v.until(`document.querySelector(".contact-name h1")?.textContent === "Ada Lovelace" && document.querySelector(".moment")`)
	v.at("individuals/" + ada + "/at/2001-01-01T00:00:00Z")
	v.until(`document.querySelector(".empty")?.textContent === "The contact did not exist yet."`)
	v.click(button("Back to now"))
	v.until(`document.querySelector("#edit")`)
}
