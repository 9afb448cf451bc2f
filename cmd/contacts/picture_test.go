package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
)

// A page requests a form, posts the file to the bucket, and shows the picture that the platform redirects to. It returns the
// size of what it shows, and whether its left is red and its right blue.
const showPicture = `(async (list, token, file) => {
	const call = async (path, body) => {
		const answer = await fetch(path, {method: body ? "POST" : "GET",
			headers: {Authorization: "Bearer " + token, "Content-Type": "application/json"}, body: body && JSON.stringify(body)});
		return answer.json();
	};
	const contact = await call(list, {name: "Erika Mustermann"});
	const album = list + "/" + contact.id + "/images";
	const given = await call(album + "/upload", {content_type: "image/jpeg"});
	const form = new FormData();
	for (const [name, value] of Object.entries(given.fields)) form.append(name, value);
	form.append("file", await (await fetch("data:image/jpeg;base64," + file)).blob());
	const posted = await fetch(given.url, {method: "POST", body: form});
	if (!posted.ok) return "the form is answered " + posted.status;
	let images = [];
	for (let n = 0; n < 200 && images[0]?.status !== "READY"; n++) {
		await new Promise(resolve => setTimeout(resolve, 50));
		images = (await call(album)).items;
	}
	const shown = await fetch(album + "/" + given.id, {headers: {Authorization: "Bearer " + token}});
	if (!shown.ok) return "the picture is answered " + shown.status;
	const bitmap = await createImageBitmap(await shown.blob());
	const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
	canvas.drawImage(bitmap, 0, 0);
	const at = x => canvas.getImageData(x, bitmap.height / 2, 1, 1).data;
	const left = at(bitmap.width / 4), right = at(bitmap.width * 3 / 4);
	return bitmap.width + "x" + bitmap.height + " " + (left[0] > 200 && left[2] < 50) + " " + (right[2] > 200 && right[0] < 50);
})`

// A photo taken on its side is sent from a page by a form, and the page shows it upright: the bucket, which has another
// origin, accepts the form, and the platform redirects to the picture.
func TestAPageSendsAPhotoAndShowsItUpright(t *testing.T) {
	c, _ := servePlatform(t)
	limited, cancel := context.WithTimeout(newPage(t), generous)
	defer cancel()
	if err := chromedp.Do(limited, chromedp.Navigate(c.URL+"/rest/login")); err != nil {
		t.Fatal(err)
	}
	call := showPicture + `("/contacts/org/` + c.Org + `/individual", "` + tokenOf(t, c) + `", "` + base64.StdEncoding.EncodeToString(lyingPhoto(t)) + `")`
	if got, err := chromedp.Run(limited, chromedp.Evaluate[string](call, chromedp.EvalAwaitPromise)); err != nil || got != "160x80 true true" {
		t.Errorf("the page shows %q, %v; want 160x80 pixels, red and blue", got, err)
	}
}

// lyingPhoto returns a JPEG of 80 x 160 pixels whose EXIF data requires a clockwise rotation: its lower half is the left.
func lyingPhoto(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 80, 160))
	draw.Draw(m, image.Rect(0, 0, 80, 80), image.NewUniform(color.RGBA{B: 255, A: 255}), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(0, 80, 80, 160), image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	const start = len("\xff\xd8")
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	return append(append(out.Bytes()[:start:start], exif...), out.Bytes()[start:]...)
}

// tokenOf requests an access token with the application's credentials, for reading and writing unless scopes are named.
func tokenOf(t *testing.T, c credentials, scopes ...string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/auth/authorize/"+c.Org+"?"+url.Values{"scope": scopes}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(c.App, c.Secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	var given struct{ AccessToken string }
	if err != nil || json.Unmarshal(text, &given) != nil || given.AccessToken == "" {
		t.Fatalf("no token: %s, %v", text, err)
	}
	return given.AccessToken
}
