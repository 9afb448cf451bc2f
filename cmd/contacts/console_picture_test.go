package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAPictureIsAddedAndShown(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada)
	file := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(file, lyingPhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	v.do(chromedp.SetUploadFiles(chromedp.CSS("#picture-file"), []string{file}, chromedp.NodeReady))
	v.until(`document.querySelector(".picture img")?.naturalWidth > 0 && document.querySelector(".portrait img")?.naturalWidth > 0`)
	v.inspect("console-picture")
}

// drag makes a file of a page, as a person drags or copies it, in the variable data.
func drag(photo []byte, name, kind string) string {
	return `const data = new DataTransfer();
		data.items.add(new File([Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(photo) + `"), c => c.charCodeAt(0))], "` + name + `", {type: "` + kind + `"}));`
}

func TestPicturesAreDroppedAndPasted(t *testing.T) {
	v, c := openConsole(t)
	walkIn := made(t, c, "placeholder-customers", `{"customer_id":"P-1","name":"Walk-in","is_active":true,"customer_since":"2024-01-01","requires_formal_invoice":false,"track_revenue":true}`)
	v.at("placeholders/" + walkIn)
	v.read(`(() => { ` + drag(lyingPhoto(t), "photo.jpg", "image/jpeg") + `
		document.querySelector(".drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})); return "" })()`)
	v.until(`document.querySelectorAll(".picture img").length === 1`)
	v.read(`(() => { ` + drag(lyingPhoto(t), "photo.jpg", "image/jpeg") + `
		document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); return "" })()`)
	v.until(`document.querySelectorAll(".picture img").length === 2`)
	v.read(`(() => { ` + drag([]byte("no picture"), "note.txt", "text/plain") + `
		document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); return "" })()`)
	v.until(`document.querySelector(".toast.bad")?.textContent.includes("Only JPEG and PNG")`)
	if camera := v.read(`document.querySelector("input[type=file][capture]")?.accept`); camera != "image/jpeg" {
		t.Errorf("the camera takes %q", camera)
	}
	v.click(button("Remove picture"))
	v.until(`document.querySelectorAll(".picture img").length === 1`)
}
