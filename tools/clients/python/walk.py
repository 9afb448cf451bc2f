"""The quick start with a client that openapi-python-client generates from api/openapi.yaml."""

import base64
import os
import sys
import uuid

from contacts import AuthenticatedClient, Client
from contacts.api.authorization import authorize
from contacts.api.individual_contacts import (
    create_individual,
    create_individual_email,
    delete_individual,
    get_individual,
    get_individual_details,
    list_individual_phones,
    list_individuals,
    replace_individual,
)
from contacts.api.login import login
from contacts.api.contact_options import create_contact_options, list_contacts
from contacts.models import (
    AccessToken,
    ContactOptionInput,
    ContactPage,
    Email,
    EmailInput,
    EmailType,
    IndividualContact,
    IndividualContactDetails,
    IndividualContactInput,
    IndividualContactPage,
    PhoneList,
    Problem,
    UsageContext,
    UserCredentials,
    UserTokens,
)
from contacts.types import UNSET, Unset

url, org = os.environ["URL"], os.environ["ORG"]


def main() -> None:
    # Authorize: the application's name and secret give a token that is valid for an hour.
    secret = base64.b64encode(f"{os.environ['APP']}:{os.environ['SECRET']}".encode()).decode()
    token = authorize.sync(org, client=AuthenticatedClient(url, secret, prefix="Basic"))
    assert isinstance(token, AccessToken), token
    client = AuthenticatedClient(url, token.access_token)

    # Create a contact. Repeated with its idempotency key, the request is answered the same and creates nothing.
    key = str(uuid.uuid4())
    erika = IndividualContactInput(name="Erika Mustermann", external_id="python-4711")
    created = create_individual.sync_detailed(org, client=client, body=erika, idempotency_key=key)
    assert isinstance(created.parsed, IndividualContact), created
    contact, etag = created.parsed.id, created.headers["ETag"]
    repeated = create_individual.sync(org, client=client, body=erika, idempotency_key=key)
    assert repeated == created.parsed, repeated

    # Without the key it is a conflict: the problem names the contact that has the external id.
    taken = create_individual.sync(org, client=client, body=erika)
    assert isinstance(taken, Problem) and (taken.status, taken.existing_id) == (409, contact), taken

    # Add an email address, and read the contact with all that belongs to it.
    address = EmailInput(address="erika@example.com", type_=EmailType.WORK_EMAIL, usage_context=UsageContext.PROFESSIONAL)
    email = create_individual_email.sync(org, contact, client=client, body=address)
    assert isinstance(email, Email), email
    details = get_individual_details.sync(org, contact, client=client)
    assert isinstance(details, IndividualContactDetails) and details.emails == [email], details

    # Page through all contacts.
    found: list[IndividualContact] = []
    cursor: str | Unset = UNSET
    while True:
        page = list_individuals.sync(org, client=client, limit=1, cursor=cursor)
        assert isinstance(page, IndividualContactPage), page
        found += page.items
        cursor = page.next_
        if isinstance(cursor, Unset):
            break
    assert contact in [item.id for item in found], found

    # Replace it only as it was read: a second change with the same ETag is refused.
    erika.name = "Erika Gabler"
    replaced = replace_individual.sync(org, contact, client=client, body=erika, if_match=etag)
    assert isinstance(replaced, IndividualContact) and replaced.name == "Erika Gabler", replaced
    stale = replace_individual.sync(org, contact, client=client, body=erika, if_match=etag)
    assert isinstance(stale, Problem) and stale.status == 412, stale

    # The plentymarkets dialect has the same contact: log in, find it, add an option, which is a phone of the other dialect.
    user = UserCredentials(username=os.environ["USER_NAME"], password=os.environ["PASSWORD"])
    tokens = login.sync(client=Client(url), body=user)
    assert isinstance(tokens, UserTokens), tokens
    plenty = AuthenticatedClient(url, tokens.access_token)
    matches = list_contacts.sync(client=plenty, external_id="python-4711")
    assert isinstance(matches, ContactPage) and str(matches.entries[0].id) == contact, matches
    option = ContactOptionInput(type_id=1, sub_type_id=4, value="+49 30 901820")
    options = create_contact_options.sync(matches.entries[0].id, client=plenty, body=[option])
    assert isinstance(options, list) and len(options) == 1, options
    phones = list_individual_phones.sync(org, contact, client=client)
    assert isinstance(phones, PhoneList) and phones.items[0].number == "+49 30 901820", phones

    # Delete it. It stays readable, marked as deleted.
    deleted = delete_individual.sync_detailed(org, contact, client=client)
    assert deleted.status_code == 204, deleted
    read = get_individual.sync(org, contact, client=client)
    assert isinstance(read, IndividualContact) and read.deleted, read


try:
    main()
except AssertionError as unexpected:
    sys.exit(f"python: unexpected answer: {unexpected}")
print("python: the quick start, by openapi-python-client")
