package functions

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"contacts/pkg/local"
	"contacts/tests/harness"
)

// exportContacts lets the exporter do all that it can do: write files of each format, select contacts by tag and by time, with pictures.
func exportContacts(x *harness.Tenant, handlers map[string]local.Handler, bucket *s3.Client) {
	x.T.Helper()
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("Muster AG")
	department := harness.LastSegment(x.Create(firm+"/departments", object{"name": "Sales"}))
	x.Create(person+"/professional-identities", object{"organization_contact": harness.LastSegment(firm), "is_active": true,
		"departments": []object{{"contact_id": harness.LastSegment(firm), "department_id": department}}})
	x.Do("POST", person+"/tags", object{"name": "VIP"}).Want(201)
	added := harness.LastSegment(x.Create(person+"/images", harness.ImageBody(harness.SmallPicture)))
	if _, err := handlers["imageprocessor"].Invoke(x.T.Context(), harness.S3Event("incoming/"+x.Org+"/"+harness.OwnerID(person)+"/"+added)); err != nil {
		x.T.Fatal(err)
	}
	export := func(orders ...object) {
		paths := []string{}
		for _, order := range orders {
			paths = append(paths, x.Create("/exports", order))
		}
		if _, err := handlers["exporter"].Invoke(x.T.Context(), []byte(`{}`)); err != nil {
			x.T.Fatal(err)
		}
		for _, path := range paths {
			shown := x.Get(path).Want(200).Object()
			response, err := http.Get(shown["url"].(string))
			if err != nil || response.StatusCode != 200 {
				x.T.Fatalf("the file of %v: %v, %v", shown, response, err)
			}
			_ = response.Body.Close()
		}
	}
	export(object{"format": "VCARD"}, object{"format": "CSV"}, object{"format": "JSON_LINES", "tag": "VIP"}, object{"format": "JSON_LINES", "changed_since": "2026-01-01T00:00:00Z"})
	x.Get("/exports").Want(200)
	x.Get(person + "/vcard").Want(200)
	for _, version := range picturesOf(x, bucket, person) { // a picture that is deleted meanwhile
		if _, err := bucket.DeleteObject(x.T.Context(), &s3.DeleteObjectInput{Bucket: aws.String(harness.Bucket), Key: &version}); err != nil {
			x.T.Fatal(err)
		}
	}
	export(object{"format": "VCARD"})
	x.Get(person + "/vcard").Want(200)
	x.Get(firm + "/vcard").Want(200)
}

// picturesOf returns the keys of the objects of a contact's images.
func picturesOf(x *harness.Tenant, bucket *s3.Client, owner string) (keys []string) {
	x.T.Helper()
	page, err := bucket.ListObjectsV2(x.T.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(harness.Bucket), Prefix: aws.String("images/" + x.Org + "/" + harness.OwnerID(owner) + "/")})
	if err != nil {
		x.T.Fatal(err)
	}
	for _, o := range page.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}
