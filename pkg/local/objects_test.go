package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

const testBucket = "images-local"

func startObjects(t *testing.T, o ObjectsOptions) *Objects {
	t.Helper()
	o.Bucket = testBucket
	objects, err := StartObjects(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Stop(context.Background()) })
	return objects
}

func s3Client(endpoint string) *s3.Client {
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	})
}

func putObject(t *testing.T, c *s3.Client, key, body string) {
	t.Helper()
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(testBucket), Key: &key, Body: strings.NewReader(body), ContentType: aws.String("image/png"),
		Metadata: map[string]string{"for": "test"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// getObject returns an object's content, "" with false for one that is not there.
func getObject(t *testing.T, c *s3.Client, key string, o s3.GetObjectInput) (string, *s3.GetObjectOutput, bool) {
	t.Helper()
	o.Bucket, o.Key = aws.String(testBucket), &key
	got, err := c.GetObject(t.Context(), &o)
	var none *types.NoSuchKey
	if errors.As(err, &none) {
		return "", nil, false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), got, true
}

func TestObjectsAreStoredWholeAndReadBack(t *testing.T) {
	c := s3Client(startObjects(t, ObjectsOptions{}).Endpoint())
	keys := []string{"a", "a/b", "a/b/c", "A", "ä ö+%/?#&=", strings.Repeat("k", 1000), "../../etc/passwd", "\u0001"}
	for i, key := range keys {
		putObject(t, c, key, fmt.Sprintf("content %d", i))
	}
	for i, key := range keys {
		body, got, ok := getObject(t, c, key, s3.GetObjectInput{})
		if !ok || body != fmt.Sprintf("content %d", i) || *got.ContentType != "image/png" || got.Metadata["for"] != "test" || *got.ContentLength != 9 {
			t.Errorf("%q: %q %+v", key, body, got)
		}
	}
	if body, _, _ := getObject(t, c, "a", s3.GetObjectInput{Range: aws.String("bytes=3-5")}); body != "ten" {
		t.Errorf("a part is %q", body)
	}
	putObject(t, c, "a", "") // replaced by nothing
	if body, _, ok := getObject(t, c, "a", s3.GetObjectInput{}); !ok || body != "" {
		t.Errorf("replaced: %q %v", body, ok)
	}
	for range 2 { // deleting what is not there is no error
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(testBucket), Key: aws.String("a")}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, ok := getObject(t, c, "a", s3.GetObjectInput{}); ok {
		t.Error("deleted, and still there")
	}
}

func TestListsAreInOrderAndPagesNeitherSkipNorRepeat(t *testing.T) {
	c := s3Client(startObjects(t, ObjectsOptions{}).Endpoint())
	var want []string
	for i := range 23 {
		key := fmt.Sprintf("x/%d/%02d", i%4, i)
		want = append(want, key)
		putObject(t, c, key, "1")
	}
	putObject(t, c, "y", "1")
	slices.Sort(want)
	list := func(o s3.ListObjectsV2Input) (keys []string) {
		o.Bucket = aws.String(testBucket)
		pages := s3.NewListObjectsV2Paginator(c, &o)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, object := range page.Contents {
				keys = append(keys, *object.Key)
			}
			for _, prefix := range page.CommonPrefixes {
				keys = append(keys, *prefix.Prefix)
			}
		}
		return keys
	}
	for size := int32(1); size <= 24; size++ {
		if diff := cmp.Diff(want, list(s3.ListObjectsV2Input{Prefix: aws.String("x/"), MaxKeys: &size})); diff != "" {
			t.Fatalf("pages of %d: %s", size, diff)
		}
		folders := list(s3.ListObjectsV2Input{Prefix: aws.String("x/"), Delimiter: aws.String("/"), MaxKeys: &size})
		if diff := cmp.Diff([]string{"x/0/", "x/1/", "x/2/", "x/3/"}, folders); diff != "" {
			t.Fatalf("pages of %d: %s", size, diff)
		}
	}
}

func TestObjectsOutliveTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "objects")
	first := startObjects(t, ObjectsOptions{File: file})
	putObject(t, s3Client(first.Endpoint()), "kept", "content")
	first.Stop(t.Context())
	c := s3Client(startObjects(t, ObjectsOptions{File: file}).Endpoint())
	if body, _, ok := getObject(t, c, "kept", s3.GetObjectInput{}); !ok || body != "content" {
		t.Errorf("got %q %v", body, ok)
	}
}

func TestNoAnsweredObjectIsLostBySIGKILL(t *testing.T) {
	file := filepath.Join(t.TempDir(), "objects")
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), helperRole+"=objects:"+file)
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Wait()
	defer server.Process.Kill()
	var url string
	if _, err := fmt.Fscan(output, &url); err != nil {
		t.Fatal(err)
	}
	c := s3Client(url)
	put := func(n int) error {
		_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String(testBucket), Key: aws.String(fmt.Sprint(n)), Body: strings.NewReader(strings.Repeat(fmt.Sprint(n), 10_000)),
		}, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
		return err
	}
	answered := 0
	for ; put(answered) == nil; answered++ {
		if answered == 20 {
			go server.Process.Kill()
		}
	}
	_ = server.Wait()
	if answered < 21 {
		t.Fatalf("only %d objects were stored", answered)
	}
	again := s3Client(startObjects(t, ObjectsOptions{File: file}).Endpoint())
	for n := range answered {
		if body, _, _ := getObject(t, again, fmt.Sprint(n), s3.GetObjectInput{}); body != strings.Repeat(fmt.Sprint(n), 10_000) {
			t.Errorf("object %d of %d was stored and has %d bytes", n, answered, len(body))
		}
	}
}

func TestADeletedObjectKeepsItsVersionsUntilTheyAreDeletedToo(t *testing.T) {
	c := s3Client(startObjects(t, ObjectsOptions{}).Endpoint())
	bucket, key := aws.String(testBucket), aws.String("a")
	for _, body := range []string{"first", "second"} {
		putObject(t, c, *key, body)
	}
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: key}); err != nil {
		t.Fatal(err)
	}
	type version struct {
		id     string
		latest bool
	}
	list := func() (objects, markers []version) {
		pages := s3.NewListObjectVersionsPaginator(c, &s3.ListObjectVersionsInput{Bucket: bucket, MaxKeys: aws.Int32(1)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.Versions {
				objects = append(objects, version{*v.VersionId, *v.IsLatest})
			}
			for _, v := range page.DeleteMarkers {
				markers = append(markers, version{*v.VersionId, *v.IsLatest})
			}
		}
		return objects, markers
	}
	remove := func(v version) {
		t.Helper()
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: key, VersionId: &v.id}); err != nil {
			t.Fatal(err)
		}
	}
	objects, markers := list()
	if len(objects) != 2 || objects[0].latest || len(markers) != 1 || !markers[0].latest {
		t.Fatalf("got %v and %v", objects, markers)
	}
	for i, want := range []string{"second", "first"} {
		if body, _, _ := getObject(t, c, *key, s3.GetObjectInput{VersionId: &objects[i].id}); body != want {
			t.Errorf("version %d is %q", i, body)
		}
	}
	remove(markers[0]) // the version before it becomes the latest
	if body, _, _ := getObject(t, c, *key, s3.GetObjectInput{}); body != "second" {
		t.Errorf("without the delete marker: %q", body)
	}
	remove(objects[0])
	if body, _, _ := getObject(t, c, *key, s3.GetObjectInput{}); body != "first" {
		t.Errorf("without the latest version: %q", body)
	}
	remove(objects[1])
	if objects, markers := list(); len(objects)+len(markers) != 0 {
		t.Errorf("left are %v and %v", objects, markers)
	}
}

func TestAVersionGoesWhenItWasReplacedLongAgo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "objects")
	first := startObjects(t, ObjectsOptions{File: file})
	c := s3Client(first.Endpoint())
	for _, body := range []string{"oldest", "old", "latest"} {
		putObject(t, c, "a", body)
	}
	if err := first.store.expireBefore(time.Now()); err != nil {
		t.Fatal(err)
	}
	all, err := first.store.versions(testBucket)
	if err != nil || len(all) != 1 || !all[0].latest {
		t.Errorf("left are %v, %v", all, err)
	}
}

func TestAnUploadThatBreaksOffLeavesTheFormerObject(t *testing.T) {
	objects := startObjects(t, ObjectsOptions{})
	c := s3Client(objects.Endpoint())
	putObject(t, c, "a", "former")
	body, write := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, objects.Endpoint()+"/"+testBucket+"/a", body)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = 1000
	go func() {
		_, _ = io.WriteString(write, "latter")
		_ = write.CloseWithError(errors.New("gone"))
	}()
	if response, err := http.DefaultClient.Do(request); err == nil {
		t.Fatal(response.Status)
	}
	if body, _, _ := getObject(t, c, "a", s3.GetObjectInput{}); body != "former" {
		t.Errorf("got %q", body)
	}
}

func TestAFramingThatGofakes3WouldStoreAsContentIsRefused(t *testing.T) {
	objects := startObjects(t, ObjectsOptions{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, objects.Endpoint()+"/"+testBucket+"/a", strings.NewReader("3\r\nabc\r\n0\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNotImplemented {
		t.Error(response.Status)
	}
}

func TestConditionalWritesAreHeldInOneStep(t *testing.T) {
	c := s3Client(startObjects(t, ObjectsOptions{}).Endpoint())
	var won sync.Map
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String(testBucket), Key: aws.String("one"), Body: strings.NewReader(fmt.Sprint(i)), IfNoneMatch: aws.String("*"),
			})
			if err == nil {
				won.Store(i, true)
			}
		})
	}
	all.Wait()
	winners := 0
	won.Range(func(any, any) bool { winners++; return true })
	if winners != 1 {
		t.Errorf("%d of 8 first writes won", winners)
	}
}

// TestEveryKindOfUploadIsToldAsS3NamesIt sends an object in each of the four ways, the presigned ones as a client
// without the SDK does.
func TestEveryKindOfUploadIsToldAsS3NamesIt(t *testing.T) {
	created := make(chan Created, 1)
	objects := startObjects(t, ObjectsOptions{Keys: testKeys, Created: func(c Created) { created <- c }})
	c := s3Client(objects.Endpoint())
	bucket := aws.String(testBucket)
	presign := s3.NewPresignClient(c)
	for name, upload := range map[string]func(t *testing.T, key string){
		"ObjectCreated:Put": func(t *testing.T, key string) { putObject(t, c, key, "content") },
		"ObjectCreated:Post": func(t *testing.T, key string) {
			url, fields := signedForm(t, c, key, time.Minute, map[string]string{"Content-Type": "image/png"})
			fields["Content-Type"] = "image/png"
			if status, code := postForm(t, url, fields, "content"); status != http.StatusNoContent {
				t.Fatal(status, code)
			}
		},
		"ObjectCreated:Copy": func(t *testing.T, key string) {
			putObject(t, c, "source", "content")
			<-created
			if _, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: bucket, Key: &key, CopySource: aws.String(testBucket + "/source")}); err != nil {
				t.Fatal(err)
			}
		},
		"ObjectCreated:CompleteMultipartUpload": func(t *testing.T, key string) {
			begun, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: &key})
			if err != nil {
				t.Fatal(err)
			}
			part, err := c.UploadPart(t.Context(), &s3.UploadPartInput{
				Bucket: bucket, Key: &key, UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("content"),
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
				Bucket: bucket, Key: &key, UploadId: begun.UploadId,
				MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}},
			}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			key := "incoming/ä b/" + name
			upload(t, key)
			got := <-created
			want := Created{
				Event: name, Bucket: testBucket, Key: key, Size: 7, ETag: "9a0364b9e99bb480dd25e1f0284c8555", Time: got.Time,
			}
			if got != want || got.Time.IsZero() {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			signed, err := presign.PresignGetObject(t.Context(), &s3.GetObjectInput{
				Bucket: bucket, Key: &key, ResponseContentType: aws.String("image/jpeg"), ResponseCacheControl: aws.String("private"),
			}, s3.WithPresignExpires(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.Get(signed.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, _ := io.ReadAll(response.Body)
			if string(body) != "content" || response.Header.Get("Content-Type") != "image/jpeg" || response.Header.Get("Cache-Control") != "private" {
				t.Errorf("the presigned GET answers %s %v %q", response.Status, response.Header, body)
			}
		})
	}
}

func TestAFolderThatCannotBeWrittenOrIsInUseIsOneSentence(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := StartObjects(t.Context(), ObjectsOptions{File: filepath.Join(plain, "x"), Bucket: testBucket})
	if want := "the data folder " + plain + " can't be written: not a directory"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	dir := t.TempDir()
	startObjects(t, ObjectsOptions{File: filepath.Join(dir, "objects")})
	_, err = StartObjects(t.Context(), ObjectsOptions{File: filepath.Join(dir, "objects"), Bucket: testBucket})
	if want := "the data in " + dir + " is in use by another process; stop that one first"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
