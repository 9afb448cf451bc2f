package tests

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
)

func TestAPairIsThereOnceAmongOptions(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	made := x.newOptions(erika, phoneOption("030 1"), anOption(2, 1, "a@example.com"), anOption(5, 7, "erika"), anOption(1, 12, "030 2"))
	for _, o := range []object{phoneOption("030 1"), anOption(2, 1, "b@example.com"), anOption(5, 7, "max"), anOption(1, 12, "030 3")} {
		if got := x.rest("POST", optionsOf(erika), o).envelope(422, "typeId")["typeId"][0]; got != "the same combination of IDs cannot be used twice" {
			t.Errorf("refused as %q", got)
		}
	}
	x.rest("POST", optionsOf(erika), []object{anOption(6, 1, "a"), anOption(6, 1, "b"), anOption(7, 1, "c")}).envelope(422, "0.typeId", "1.typeId")
	x.rest("PUT", optionAt(made[0]), anOption(1, 12, "030 1")).envelope(422, "typeId")
	x.rest("PUT", optionsOf(erika), []object{anOption(5, 7, "max"), anOption(1, 12, "030 1", "id", made[0]["id"])}).envelope(422, "1.typeId")
	x.has(erika, "1.4=030 1", "2.1=a@example.com", "5.7=erika", "1.12=030 2")
	x.rest("PUT", optionAt(made[0]), phoneOption("030 4")).want(200) // its own pair is not in its way
	x.rest("POST", optionsOf(x.individual("Max")), phoneOption("030 4")).want(200)
}

func TestOptionsSwapTheirPairsInOneRequest(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	made := x.newOptions(erika, phoneOption("030 1"), anOption(2, 1, "a@example.com"), anOption(5, 7, "erika"))
	x.rest("PUT", optionsOf(erika), anOption(2, 1, "b@example.com", "id", made[0]["id"])).envelope(422, "typeId")
	turned := x.rest("PUT", optionsOf(erika), []object{anOption(2, 1, "b@example.com", "id", made[0]["id"]), anOption(5, 7, "max", "id", made[1]["id"]),
		anOption(1, 4, "030 2", "id", made[2]["id"])}).want(200).array()
	for i := range made {
		if idOf(turned[i]) != idOf(made[i]) {
			t.Errorf("the option %s is answered as %v", idOf(made[i]), turned[i])
		}
	}
	x.has(erika, "2.1=b@example.com", "5.7=max", "1.4=030 2")
	x.leads("email", "b@example.com", erika)
	x.leads("email", "a@example.com")
}

func TestPairsThatTheOtherDialectRepeatsAreAllListed(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	for _, n := range []string{"030 1", "030 2", "030 3"} {
		x.create(erika+"/phones", with(phoneSample, "type", "HOME_PHONE", "number", n))
	}
	x.has(erika, "1.4=030 1", "1.4=030 2", "1.4=030 3")
	list := x.options(erika)
	x.rest("POST", optionsOf(erika), phoneOption("030 4")).envelope(422, "typeId")
	x.rest("PUT", optionsOf(erika), with(list[2], "priority", -1)).want(200) // a pair that stays is not looked at
	x.rest("PUT", optionsOf(erika), phoneOption("030 33")).want(200)         // the first in the order of the list
	x.has(erika, "1.4=030 33", "1.4=030 1", "1.4=030 2")
	both := x.rest("PUT", optionsOf(erika), []object{phoneOption("030 11"), with(list[2], "value", "030 34", "priority", -1)}).want(200).array()
	if idOf(both[0]) != idOf(list[0]) {
		t.Errorf("%v was changed, want the first that no element names by its id, %v", both[0], list[0])
	}
	x.has(erika, "1.4=030 34", "1.4=030 11", "1.4=030 2")
	x.rest("PUT", optionsOf(erika), []object{phoneOption("030 5"), phoneOption("030 6")}).envelope(422, "1")
	x.rest("PUT", optionsOf(erika), []object{list[0], list[1], list[0]}).envelope(422, "2")
	other := x.newOptions(erika, anOption(5, 1, "erika"))[0]
	x.rest("PUT", optionAt(other), phoneOption("030 7")).envelope(422, "typeId")
	x.has(erika, "1.4=030 34", "1.4=030 11", "1.4=030 2", "5.1=erika")
	for i := range 3 { // one by one they leave the pair; then it is free
		x.rest("PUT", optionAt(list[i]), anOption(1, 5+i, "030 1")).want(200)
	}
	x.rest("PUT", optionAt(other), phoneOption("030 7")).want(200)
}

func TestWhatTheContactDoesNotHaveIsNotFound(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika, max := x.individual("Erika"), x.individual("Max")
	x.newOptions(erika, phoneOption("030 1"))
	others := x.newOptions(max, anOption(2, 1, "max@example.com"))[0]
	for name, missing := range map[string]object{
		"an id of another contact": with(others, "typeId", 1, "subTypeId", 4), "an unknown id": anOption(1, 4, "030 2", "id", 8123),
		"a pair": anOption(2, 1, "a@example.com"), "a negative id": anOption(1, 4, "030 2", "id", -1),
	} {
		t.Run(name, func(t *testing.T) {
			x := x.in(t)
			x.rest("PUT", optionsOf(erika), missing).envelope(404)
			x.rest("PUT", optionsOf(erika), []object{phoneOption("030 3"), missing}).envelope(404)
		})
	}
	for _, c := range []struct {
		body  object
		field string
	}{{anOption(12, 1, "a"), "typeId"}, {anOption(5, 14, "a"), "subTypeId"}} { // the body is at fault, whatever the contact has
		x.rest("PUT", optionsOf(erika), c.body).envelope(422, c.field)
		x.rest("PUT", optionsOf(erika), []object{phoneOption("030 3"), c.body}).envelope(422, "1."+c.field)
	}
	for _, id := range []string{"8123", tail(erika), "0", "-1", "01", "abc", "9007199254740992", "%20", "1.0"} {
		x.rest("GET", "/options/"+id, nil).envelope(404)
		x.rest("PUT", "/options/"+id, phoneOption("030 4")).envelope(404)
		x.rest("DELETE", "/options/"+id, nil).envelope(404)
	}
	x.has(erika, "1.4=030 1")
	x.has(max, "2.1=max@example.com")
	x.rest("PUT", optionsOf(erika), anOption(1, 4, "030 5", "id", 0)).want(200) // none that is said
}

func TestAnOptionIsTheSameWhateverKindItBecomes(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	phone := x.create(erika+"/phones", with(phoneSample, "number", "030 901820", "description", "at home"))
	id := tail(phone)
	x.age(erika, "PHONE", id)
	become := func(typeID, subTypeID int, value string, lists map[string]string) {
		t.Helper()
		o := x.rest("PUT", "/options/"+id, anOption(typeID, subTypeID, value)).want(200).object()
		if idOf(o) != id || o["createdAt"] != "1000000000" || o["updatedAt"] == "1000000000" || o["value"] != value {
			t.Errorf("it became %v", o)
		}
		if got := x.rest("GET", "/options/"+id, nil).want(200).object(); fmt.Sprint(got) != fmt.Sprint(o) {
			t.Errorf("PUT answered %v, GET shows %v", o, got)
		}
		x.has(erika, fmt.Sprintf("%d.%d=%s", typeID, subTypeID, value))
		for _, segment := range []string{"phones", "emails", "web-addresses"} {
			got := ""
			for _, item := range x.get(erika + "/" + segment).page().Items {
				got += fmt.Sprint(item["id"], " ", item["type"], " ", item["description"], " ", item["usages"])
			}
			if want := lists[segment]; got != strings.Replace(want, "ID", id, 1) {
				t.Errorf("%s is %q, want %q", segment, got, want)
			}
		}
	}
	become(1, 12, "030 901821", map[string]string{"phones": "ID NOT_QUALIFIED at home [EVERYTHING]"})
	x.leads("phone", "+4930901821", erika)
	become(2, 1, "erika@example.com", map[string]string{"emails": "ID WORK_EMAIL at home <nil>"})
	x.leads("phone", "+4930901821")
	x.leads("email", "erika@example.com", erika)
	become(4, 9, "https://example.com/erika", map[string]string{"web-addresses": "ID NOT_QUALIFIED at home <nil>"})
	x.leads("email", "erika@example.com")
	become(5, 6, "erika77", nil)
	become(3, 4, "030 901820", map[string]string{"phones": "ID HOME_FAX <nil> <nil>"})
	x.leads("phone", "+4930901820", erika)
	x.do("DELETE", erika+"/phones/"+id, nil).want(204)
	x.has(erika)
	x.leads("phone", "+4930901820")
}

// age makes a channel one that was made and changed in September 2001.
func (x *tenant) age(owner, segment, id string) {
	x.t.Helper()
	setNumbers(x.t, "T#"+x.org+"#C#"+fmt.Sprintf("%016s", ownerID(owner)), segment+"#"+fmt.Sprintf("%016s", id), 1_000_000_000_999, "created", "updated")
}

func TestWhatStaysIsNotChanged(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	phone := x.create(erika+"/phones", with(phoneSample, "number", "030 901820"))
	x.age(erika, "PHONE", tail(phone))
	etag, shown := x.get(phone).header.Get("ETag"), x.options(erika)[0]
	if shown["createdAt"] != "1000000000" || shown["updatedAt"] != "1000000000" || shown["priority"] != 0.0 {
		t.Errorf("shown as %v", shown)
	}
	x.newOptions(erika, anOption(2, 1, "a@example.com"))
	x.rest("PUT", optionAt(shown), shown).want(200)
	x.rest("PUT", optionsOf(erika), x.options(erika)).want(200)
	if got := x.rest("GET", optionAt(shown), nil).want(200).object(); fmt.Sprint(got) != fmt.Sprint(shown) || x.get(phone).header.Get("ETag") != etag {
		t.Errorf("%v became %v", shown, got)
	}
	changed := x.rest("PUT", optionAt(shown), with(shown, "priority", 3)).want(200).object()
	if changed["createdAt"] != "1000000000" || changed["updatedAt"] == "1000000000" || changed["priority"] != 3.0 {
		t.Errorf("changed to %v", changed)
	}
	x.do("PUT", phone, with(phoneSample, "number", "030 901821")).want(200)
	got := x.rest("GET", optionAt(shown), nil).want(200).object()
	if got["priority"] != 3.0 || got["createdAt"] != "1000000000" || got["value"] != "030 901821" {
		t.Errorf("after a change by the other dialect it is %v", got)
	}
	x.rest("PUT", optionAt(shown), anOption(1, 1, "030 1")).want(200) // without a priority
	if got := x.rest("GET", optionAt(shown), nil).want(200).object()["priority"]; got != 3.0 {
		t.Errorf("priority %v, want the one it had", got)
	}
}

// A pair that a record can't express is remembered, until an option gets another one.
func TestARememberedPairOutlivesChangesByTheOtherDialect(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	o := x.newOptions(erika, anOption(3, 12, "030 1"))[0]
	phone := erika + "/phones/" + idOf(o)
	put := func(kind, context, number string, want ...string) {
		t.Helper()
		x.do("PUT", phone, object{"type": kind, "number": number, "usage_context": context}).want(200)
		x.has(erika, want...)
	}
	put("NOT_QUALIFIED", "ORGANIZATION", "030 2", "3.12=030 2")
	put("NOT_QUALIFIED", "PERSONAL", "string", "3.12=string")
	put("MOBILE", "PERSONAL", "030 3", "1.2=030 3")
	put("NOT_QUALIFIED", "PERSONAL", "030 4", "3.12=030 4")
	put("MOBILE", "PERSONAL", "030 5", "1.2=030 5")
	x.rest("PUT", optionsOf(erika), anOption(1, 2, "030 6")).want(200) // an option has this pair now
	put("NOT_QUALIFIED", "PERSONAL", "030 7", "1.4=030 7")
}

func TestEveryDefaultPairIsShownAsItWasMade(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	values := map[int]string{1: "030 1", 2: "a@example.com", 3: "030 2", 4: "https://example.com"}
	for _, typeID := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13} {
		person, want := x.individual("Erika"), []string{}
		var sent []object
		for _, sub := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15} {
			value := values[typeID]
			if value == "" {
				value = "any text"
			}
			sent = append(sent, anOption(typeID, sub, value))
			want = append(want, fmt.Sprintf("%d.%d=%s", typeID, sub, value))
		}
		made := x.newOptions(person, sent...)
		if got := pairs(made); !slices.Equal(got, want) {
			t.Errorf("made %q, want %q", got, want)
		}
		x.has(person, want...)
		for _, o := range made {
			if id, err := contact.ParseID(idOf(o)); err != nil || id.Kind() != contact.Part {
				t.Errorf("the id %s: %v", idOf(o), err)
			}
		}
	}
}

// setNumbers sets numbers of a stored item.
func setNumbers(t testing.TB, pk, sk string, value int64, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := platform.store.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
			TableName: &platform.name, Key: keyOf(pk, sk), ConditionExpression: aws.String("attribute_exists(pk)"),
			UpdateExpression: aws.String("SET #n = :n"), ExpressionAttributeNames: map[string]string{"#n": name},
			ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}},
		}); err != nil {
			t.Fatal(pk, sk, err)
		}
	}
}
