package plentymarkets

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
	"contacts/tests/harness"
)

func TestAPairIsUniqueAmongOptions(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	made := x.NewOptions(erika, harness.PhoneOptionBody("030 1"), harness.OptionBody(2, 1, "a@example.com"), harness.OptionBody(5, 7, "erika"), harness.OptionBody(1, 12, "030 2"))
	for _, o := range []object{harness.PhoneOptionBody("030 1"), harness.OptionBody(2, 1, "b@example.com"), harness.OptionBody(5, 7, "max"), harness.OptionBody(1, 12, "030 3")} {
		if got := x.Rest("POST", harness.OptionsPath(erika), o).Envelope(422, "typeId")["typeId"][0]; got != "the same combination of IDs cannot be used twice" {
			t.Errorf("refused as %q", got)
		}
	}
	x.Rest("POST", harness.OptionsPath(erika), []object{harness.OptionBody(6, 1, "a"), harness.OptionBody(6, 1, "b"), harness.OptionBody(7, 1, "c")}).Envelope(422, "0.typeId", "1.typeId")
	x.Rest("PUT", harness.OptionPath(made[0]), harness.OptionBody(1, 12, "030 1")).Envelope(422, "typeId")
	x.Rest("PUT", harness.OptionsPath(erika), []object{harness.OptionBody(5, 7, "max"), harness.OptionBody(1, 12, "030 1", "id", made[0]["id"])}).Envelope(422, "1.typeId")
	wantOptions(x, erika, "1.4=030 1", "2.1=a@example.com", "5.7=erika", "1.12=030 2")
	x.Rest("PUT", harness.OptionPath(made[0]), harness.PhoneOptionBody("030 4")).Want(200) // its own pair is not in its way
	x.Rest("POST", harness.OptionsPath(x.CreateIndividual("Max")), harness.PhoneOptionBody("030 4")).Want(200)
}

func TestOptionsSwapTheirPairsInOneRequest(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	made := x.NewOptions(erika, harness.PhoneOptionBody("030 1"), harness.OptionBody(2, 1, "a@example.com"), harness.OptionBody(5, 7, "erika"))
	x.Rest("PUT", harness.OptionsPath(erika), harness.OptionBody(2, 1, "b@example.com", "id", made[0]["id"])).Envelope(422, "typeId")
	turned := x.Rest("PUT", harness.OptionsPath(erika), []object{harness.OptionBody(2, 1, "b@example.com", "id", made[0]["id"]), harness.OptionBody(5, 7, "max", "id", made[1]["id"]),
		harness.OptionBody(1, 4, "030 2", "id", made[2]["id"])}).Want(200).Array()
	for i := range made {
		if harness.OptionID(turned[i]) != harness.OptionID(made[i]) {
			t.Errorf("the option %s is answered as %v", harness.OptionID(made[i]), turned[i])
		}
	}
	wantOptions(x, erika, "2.1=b@example.com", "5.7=max", "1.4=030 2")
	x.FindsOnly("email", "b@example.com", erika)
	x.FindsOnly("email", "a@example.com")
}

func TestPairsThatTheOtherDialectRepeatsAreAllListed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	for _, n := range []string{"030 1", "030 2", "030 3"} {
		x.Create(erika+"/phones", harness.With(harness.PhoneSample, "type", "HOME_PHONE", "number", n))
	}
	wantOptions(x, erika, "1.4=030 1", "1.4=030 2", "1.4=030 3")
	list := listOptions(x, erika)
	x.Rest("POST", harness.OptionsPath(erika), harness.PhoneOptionBody("030 4")).Envelope(422, "typeId")
	x.Rest("PUT", harness.OptionsPath(erika), harness.With(list[2], "priority", -1)).Want(200) // a pair that stays is not looked at
	x.Rest("PUT", harness.OptionsPath(erika), harness.PhoneOptionBody("030 33")).Want(200)     // the first in the order of the list
	wantOptions(x, erika, "1.4=030 33", "1.4=030 1", "1.4=030 2")
	both := x.Rest("PUT", harness.OptionsPath(erika), []object{harness.PhoneOptionBody("030 11"), harness.With(list[2], "value", "030 34", "priority", -1)}).Want(200).Array()
	if harness.OptionID(both[0]) != harness.OptionID(list[0]) {
		t.Errorf("%v was changed, want the first that no element names by its id, %v", both[0], list[0])
	}
	wantOptions(x, erika, "1.4=030 34", "1.4=030 11", "1.4=030 2")
	x.Rest("PUT", harness.OptionsPath(erika), []object{harness.PhoneOptionBody("030 5"), harness.PhoneOptionBody("030 6")}).Envelope(422, "1")
	x.Rest("PUT", harness.OptionsPath(erika), []object{list[0], list[1], list[0]}).Envelope(422, "2")
	other := x.NewOptions(erika, harness.OptionBody(5, 1, "erika"))[0]
	x.Rest("PUT", harness.OptionPath(other), harness.PhoneOptionBody("030 7")).Envelope(422, "typeId")
	wantOptions(x, erika, "1.4=030 34", "1.4=030 11", "1.4=030 2", "5.1=erika")
	for i := range 3 { // one by one they leave the pair; then it is free
		x.Rest("PUT", harness.OptionPath(list[i]), harness.OptionBody(1, 5+i, "030 1")).Want(200)
	}
	x.Rest("PUT", harness.OptionPath(other), harness.PhoneOptionBody("030 7")).Want(200)
}

func TestOptionsThatTheContactDoesNotHaveAreNotFound(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika, max := x.CreateIndividual("Erika"), x.CreateIndividual("Max")
	x.NewOptions(erika, harness.PhoneOptionBody("030 1"))
	others := x.NewOptions(max, harness.OptionBody(2, 1, "max@example.com"))[0]
	for name, missing := range map[string]object{
		"an id of another contact": harness.With(others, "typeId", 1, "subTypeId", 4), "an unknown id": harness.OptionBody(1, 4, "030 2", "id", 8123),
		"a pair": harness.OptionBody(2, 1, "a@example.com"), "a negative id": harness.OptionBody(1, 4, "030 2", "id", -1),
	} {
		t.Run(name, func(t *testing.T) {
			x := x.ForSubtest(t)
			x.Rest("PUT", harness.OptionsPath(erika), missing).Envelope(404)
			x.Rest("PUT", harness.OptionsPath(erika), []object{harness.PhoneOptionBody("030 3"), missing}).Envelope(404)
		})
	}
	for _, c := range []struct {
		body  object
		field string
	}{{harness.OptionBody(12, 1, "a"), "typeId"}, {harness.OptionBody(5, 14, "a"), "subTypeId"}} { // the body is at fault, whatever the contact has
		x.Rest("PUT", harness.OptionsPath(erika), c.body).Envelope(422, c.field)
		x.Rest("PUT", harness.OptionsPath(erika), []object{harness.PhoneOptionBody("030 3"), c.body}).Envelope(422, "1."+c.field)
	}
	for _, id := range []string{"8123", harness.LastSegment(erika), "0", "-1", "01", "abc", "9007199254740992", "%20", "1.0"} {
		x.Rest("GET", "/options/"+id, nil).Envelope(404)
		x.Rest("PUT", "/options/"+id, harness.PhoneOptionBody("030 4")).Envelope(404)
		x.Rest("DELETE", "/options/"+id, nil).Envelope(404)
	}
	wantOptions(x, erika, "1.4=030 1")
	wantOptions(x, max, "2.1=max@example.com")
	x.Rest("PUT", harness.OptionsPath(erika), harness.OptionBody(1, 4, "030 5", "id", 0)).Want(200) // none that is said
}

func TestAnOptionIsTheSameWhateverKindItBecomes(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	phone := x.Create(erika+"/phones", harness.With(harness.PhoneSample, "number", "030 901820", "description", "at home"))
	id := harness.LastSegment(phone)
	backdate(x, erika, "PHONE", id)
	become := func(typeID, subTypeID int, value string, lists map[string]string) {
		t.Helper()
		o := x.Rest("PUT", "/options/"+id, harness.OptionBody(typeID, subTypeID, value)).Want(200).Object()
		if harness.OptionID(o) != id || o["createdAt"] != "1000000000" || o["updatedAt"] == "1000000000" || o["value"] != value {
			t.Errorf("it became %v", o)
		}
		if got := x.Rest("GET", "/options/"+id, nil).Want(200).Object(); fmt.Sprint(got) != fmt.Sprint(o) {
			t.Errorf("PUT answered %v, GET shows %v", o, got)
		}
		wantOptions(x, erika, fmt.Sprintf("%d.%d=%s", typeID, subTypeID, value))
		for _, segment := range []string{"phones", "emails", "web-addresses"} {
			got := ""
			for _, item := range x.Get(erika + "/" + segment).Page().Items {
				got += fmt.Sprint(item["id"], " ", item["type"], " ", item["description"], " ", item["usages"])
			}
			if want := lists[segment]; got != strings.Replace(want, "ID", id, 1) {
				t.Errorf("%s is %q, want %q", segment, got, want)
			}
		}
	}
	become(1, 12, "030 901821", map[string]string{"phones": "ID NOT_QUALIFIED at home [EVERYTHING]"})
	x.FindsOnly("phone", "+4930901821", erika)
	become(2, 1, "erika@example.com", map[string]string{"emails": "ID WORK_EMAIL at home <nil>"})
	x.FindsOnly("phone", "+4930901821")
	x.FindsOnly("email", "erika@example.com", erika)
	become(4, 9, "https://example.com/erika", map[string]string{"web-addresses": "ID NOT_QUALIFIED at home <nil>"})
	x.FindsOnly("email", "erika@example.com")
	become(5, 6, "erika77", nil)
	become(3, 4, "030 901820", map[string]string{"phones": "ID HOME_FAX <nil> <nil>"})
	x.FindsOnly("phone", "+4930901820", erika)
	x.Do("DELETE", erika+"/phones/"+id, nil).Want(204)
	wantOptions(x, erika)
	x.FindsOnly("phone", "+4930901820")
}

// backdate dates the creation and change of a channel to September 2001.
func backdate(x *harness.Tenant, owner, segment, id string) {
	x.T.Helper()
	setNumbers(x.T, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", harness.OwnerID(owner)), segment+"#"+fmt.Sprintf("%016s", id), 1_000_000_000_999, "created", "updated")
}

func TestUnchangedOptionsAreNotWritten(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	phone := x.Create(erika+"/phones", harness.With(harness.PhoneSample, "number", "030 901820"))
	backdate(x, erika, "PHONE", harness.LastSegment(phone))
	etag, shown := x.Get(phone).Header.Get("ETag"), listOptions(x, erika)[0]
	if shown["createdAt"] != "1000000000" || shown["updatedAt"] != "1000000000" || shown["priority"] != 0.0 {
		t.Errorf("shown as %v", shown)
	}
	x.NewOptions(erika, harness.OptionBody(2, 1, "a@example.com"))
	x.Rest("PUT", harness.OptionPath(shown), shown).Want(200)
	x.Rest("PUT", harness.OptionsPath(erika), listOptions(x, erika)).Want(200)
	if got := x.Rest("GET", harness.OptionPath(shown), nil).Want(200).Object(); fmt.Sprint(got) != fmt.Sprint(shown) || x.Get(phone).Header.Get("ETag") != etag {
		t.Errorf("%v became %v", shown, got)
	}
	changed := x.Rest("PUT", harness.OptionPath(shown), harness.With(shown, "priority", 3)).Want(200).Object()
	if changed["createdAt"] != "1000000000" || changed["updatedAt"] == "1000000000" || changed["priority"] != 3.0 {
		t.Errorf("changed to %v", changed)
	}
	x.Do("PUT", phone, harness.With(harness.PhoneSample, "number", "030 901821")).Want(200)
	got := x.Rest("GET", harness.OptionPath(shown), nil).Want(200).Object()
	if got["priority"] != 3.0 || got["createdAt"] != "1000000000" || got["value"] != "030 901821" {
		t.Errorf("after a change by the other dialect it is %v", got)
	}
	x.Rest("PUT", harness.OptionPath(shown), harness.OptionBody(1, 1, "030 1")).Want(200) // without a priority
	if got := x.Rest("GET", harness.OptionPath(shown), nil).Want(200).Object()["priority"]; got != 3.0 {
		t.Errorf("priority %v, want the one it had", got)
	}
}

// A pair that a channel cannot express is stored with it, until its option gets another.
func TestAStoredPairSurvivesChangesByTheOtherDialect(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	o := x.NewOptions(erika, harness.OptionBody(3, 12, "030 1"))[0]
	phone := erika + "/phones/" + harness.OptionID(o)
	put := func(kind, context, number string, want ...string) {
		t.Helper()
		x.Do("PUT", phone, object{"type": kind, "number": number, "usage_context": context}).Want(200)
		wantOptions(x, erika, want...)
	}
	put("NOT_QUALIFIED", "ORGANIZATION", "030 2", "3.12=030 2")
	put("NOT_QUALIFIED", "PERSONAL", "string", "3.12=string")
	put("MOBILE", "PERSONAL", "030 3", "1.2=030 3")
	put("NOT_QUALIFIED", "PERSONAL", "030 4", "3.12=030 4")
	put("MOBILE", "PERSONAL", "030 5", "1.2=030 5")
	x.Rest("PUT", harness.OptionsPath(erika), harness.OptionBody(1, 2, "030 6")).Want(200) // an option has this pair now
	put("NOT_QUALIFIED", "PERSONAL", "030 7", "1.4=030 7")
}

func TestEveryDefaultPairIsShownAsItWasMade(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	values := map[int]string{1: "030 1", 2: "a@example.com", 3: "030 2", 4: "https://example.com"}
	for _, typeID := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13} {
		person, want := x.CreateIndividual("Erika"), []string{}
		var sent []object
		for _, sub := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15} {
			value := values[typeID]
			if value == "" {
				value = "any text"
			}
			sent = append(sent, harness.OptionBody(typeID, sub, value))
			want = append(want, fmt.Sprintf("%d.%d=%s", typeID, sub, value))
		}
		made := x.NewOptions(person, sent...)
		if got := pairs(made); !slices.Equal(got, want) {
			t.Errorf("made %q, want %q", got, want)
		}
		wantOptions(x, person, want...)
		for _, o := range made {
			if id, err := contact.ParseID(harness.OptionID(o)); err != nil || id.Kind() != contact.Part {
				t.Errorf("the id %s: %v", harness.OptionID(o), err)
			}
		}
	}
}

// setNumbers sets numbers of a stored item.
func setNumbers(t testing.TB, pk, sk string, value int64, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := harness.Platform.Store.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
			TableName: &harness.Platform.Name, Key: harness.ItemKey(pk, sk), ConditionExpression: aws.String("attribute_exists(pk)"),
			UpdateExpression: aws.String("SET #n = :n"), ExpressionAttributeNames: map[string]string{"#n": name},
			ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}},
		}); err != nil {
			t.Fatal(pk, sk, err)
		}
	}
}
