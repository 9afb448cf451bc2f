package main

import (
	"flag"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var manyRows = flag.Int("rows", 1200, "how many contacts TestALongListIsScrolledToItsEnd scrolls through")

// scrollTo scrolls the list, further in each frame, until it shows a name. It returns the seconds that this took, the longest frame in
// milliseconds, the greatest number of rows that were drawn at once, and the megabytes of memory that the scripts use at the end.
const scrollTo = `(name => new Promise(resolve => {
	const box = document.querySelector(".scroll"), began = performance.now();
	let last = began, longest = 0, most = 0;
	requestAnimationFrame(function look(now) {
		longest = Math.max(longest, now - last);
		last = now;
		box.scrollTop += 4000;
		const rows = [...document.querySelectorAll(".row-name")];
		most = Math.max(most, rows.length);
		if (!rows.some(e => e.textContent === name)) return requestAnimationFrame(look);
		resolve([((now - began) / 1000).toFixed(1), longest.toFixed(0), most, ((performance.memory?.usedJSHeapSize ?? 0) / 1e6).toFixed(0)].join(" "));
	});
}))`

func TestALongListIsScrolledToItsEnd(t *testing.T) {
	v, c := openConsole(t)
	const batch = 500
	for first := 0; first < *manyRows; first += batch {
		var rows []string
		for i := first; i < min(first+batch, *manyRows); i++ {
			rows = append(rows, fmt.Sprintf(`{"name":"Contact %06d","external_id":"row-%d"}`, i, i))
		}
		for refused := true; refused; { // a busy machine's engine does not take them all at once
			answer := exchange(t, c, http.MethodPost, "/contacts/org/acme/individual/batch", `{"items":[`+strings.Join(rows, ",")+`]}`)
			refused = len(answer["problems"].([]any)) > 0
		}
	}
	v.do(chromedp.Navigate(c.URL + "/console/individuals"))
	v.until(`document.querySelector(".row")`)
	t.Logf("the first rows are there after %s ms", v.read(`performance.now().toFixed(0)`))
	figures := strings.Fields(v.read(scrollTo + fmt.Sprintf(`("Contact %06d")`, *manyRows-1)))
	t.Logf("%d contacts: scrolled in %s s, longest frame %s ms, at most %s rows drawn, %s MB used by scripts", *manyRows, figures[0], figures[1], figures[2], figures[3])
	if most, err := strconv.Atoi(figures[2]); err != nil || most > 60 {
		t.Errorf("%s rows are drawn at once", figures[2])
	}
	v.inspect("console-end-of-list")
}

func TestPeopleAreInTheOrderOfTheirNames(t *testing.T) {
	v, c := openConsole(t)
	for _, name := range []string{"Zoë Ott", "ada Lovelace", "Émile Zola", "Erika Sommer"} {
		made(t, c, "individual", `{"name":"`+name+`"}`)
	}
	v.at("individuals")
	v.until(found + ` === "ada Lovelace|Émile Zola|Erika Sommer|Zoë Ott"`)

	// Who is renamed or new is in place at once.
	v.click(`[...document.querySelectorAll(".row")].find(e => e.textContent.includes("Zoë"))`)
	v.click(button("Edit"))
	v.until(`document.querySelector(".editor [name='/name']")`)
	v.fill(`[name='/name']`, "Bea Ott")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(found + ` === "ada Lovelace|Bea Ott|Émile Zola|Erika Sommer"`)
	v.press("n")
	v.until(`document.querySelector(".editor [name='/name']")`)
	v.fill(`[name='/name']`, "Carl Gauß")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(found + ` === "ada Lovelace|Bea Ott|Carl Gauß|Émile Zola|Erika Sommer"`)
}
