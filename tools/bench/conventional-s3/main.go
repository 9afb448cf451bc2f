// Command conventional-s3 is the conventional function that stores pictures, too: it links the SDK's client of S3, as the platform's functions
// of images do.
package main

import (
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/go-chi/chi/v5"

	"contacts/tools/bench/conventional/function"
)

func main() {
	function.Start(func(router chi.Router, c aws.Config) {
		i := images{bucket: aws.String(os.Getenv("BUCKET_NAME")), client: s3.NewFromConfig(c)}
		i.presigner = s3.NewPresignClient(i.client)
		router.Post("/contacts/org/{org}/image/{key}", i.form)
		router.Put("/contacts/org/{org}/image/{key}", i.put)
		router.Get("/contacts/org/{org}/image/{key}", i.get)
		router.Delete("/contacts/org/{org}/image/{key}", i.delete)
	})
}

type images struct {
	bucket    *string
	client    *s3.Client
	presigner *s3.PresignClient
}

func key(r *http.Request) *string {
	return aws.String(chi.URLParam(r, "org") + "/" + chi.URLParam(r, "key"))
}

func (i images) form(w http.ResponseWriter, r *http.Request) {
	form, err := i.presigner.PresignPostObject(r.Context(), &s3.PutObjectInput{Bucket: i.bucket, Key: key(r)})
	if err != nil {
		function.Fail(w, err)
		return
	}
	function.Answer(w, http.StatusCreated, form)
}

func (i images) put(w http.ResponseWriter, r *http.Request) {
	if _, err := i.client.PutObject(r.Context(), &s3.PutObjectInput{Bucket: i.bucket, Key: key(r), Body: r.Body}); err != nil {
		function.Fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (i images) get(w http.ResponseWriter, r *http.Request) {
	if _, err := i.client.HeadObject(r.Context(), &s3.HeadObjectInput{Bucket: i.bucket, Key: key(r)}); err != nil {
		function.Fail(w, err)
		return
	}
	address, err := i.presigner.PresignGetObject(r.Context(), &s3.GetObjectInput{Bucket: i.bucket, Key: key(r)})
	if err != nil {
		function.Fail(w, err)
		return
	}
	http.Redirect(w, r, address.URL, http.StatusFound)
}

func (i images) delete(w http.ResponseWriter, r *http.Request) {
	if _, err := i.client.DeleteObject(r.Context(), &s3.DeleteObjectInput{Bucket: i.bucket, Key: key(r)}); err != nil {
		function.Fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
