import contacts.ApiClient;
import contacts.ApiException;
import contacts.ApiResponse;
import contacts.api.AuthorizationApi;
import contacts.api.ContactOptionsApi;
import contacts.api.ContactOptionsApi.APIListContactsRequest;
import contacts.api.IndividualContactsApi;
import contacts.api.IndividualContactsApi.APIDeleteIndividualRequest;
import contacts.api.IndividualContactsApi.APIListIndividualsRequest;
import contacts.api.IndividualContactsApi.APIReplaceIndividualRequest;
import contacts.api.LoginApi;
import contacts.model.ContactOptionInput;
import contacts.model.EmailInput;
import contacts.model.EmailType;
import contacts.model.IndividualContact;
import contacts.model.IndividualContactInput;
import contacts.model.Problem;
import contacts.model.UsageContext;
import contacts.model.UserCredentials;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** The quick start with a client that openapi-generator makes of api/openapi.yaml. */
public class Walk {
  static final String url = System.getenv("URL"), org = System.getenv("ORG");

  public static void main(String[] args) throws Exception {
    // Authorize: the application's name and secret give a token that is valid for an hour.
    String secret = System.getenv("APP") + ":" + System.getenv("SECRET");
    String basic = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
    String token = new AuthorizationApi(client("Basic " + basic)).authorize(org, null).getAccessToken();
    IndividualContactsApi individuals = new IndividualContactsApi(client("Bearer " + token));

    // Create a contact. Repeated with its idempotency key, the request is answered the same and creates nothing.
    String key = UUID.randomUUID().toString();
    IndividualContactInput erika = new IndividualContactInput().name("Erika Mustermann").externalId("java-4711");
    ApiResponse<IndividualContact> created = individuals.createIndividualWithHttpInfo(org, erika, key);
    String id = created.getData().getId();
    String etag = created.getHeaders().get("etag").get(0);
    IndividualContact repeated = individuals.createIndividual(org, erika, key);
    expect(repeated.equals(created.getData()), "a repeated create", repeated);

    // Without the key it is a conflict: the problem names the contact that has the external id.
    Problem taken = problem(() -> individuals.createIndividual(org, erika, null));
    expect(taken.getStatus() == 409 && taken.getExistingId().equals(id), "a taken external id", taken);

    // Add an email address, and read the contact with all that belongs to it.
    EmailInput email = new EmailInput().address("erika@example.com")
        .type(EmailType.WORK_EMAIL).usageContext(UsageContext.PROFESSIONAL);
    individuals.createIndividualEmail(org, id, email, null);
    var details = individuals.getIndividualDetails(org, id, null, null);
    expect(details.getEmails().get(0).getAddress().equals("erika@example.com"), "the details", details);

    // Page through all contacts.
    List<String> ids = new ArrayList<>();
    String cursor = null;
    do {
      var page = individuals.listIndividuals(
          APIListIndividualsRequest.newBuilder().orgId(org).limit(1L).cursor(cursor).build());
      page.getItems().forEach(item -> ids.add(item.getId()));
      cursor = page.getNext();
    } while (cursor != null);
    expect(ids.contains(id), "the pages", ids);

    // Replace it only as it was read: a second change with the same ETag is refused.
    erika.setName("Erika Gabler");
    var seen = APIReplaceIndividualRequest.newBuilder().orgId(org).contactId(id).individualContactInput(erika).ifMatch(etag).build();
    IndividualContact replaced = individuals.replaceIndividual(seen);
    expect(replaced.getName().equals("Erika Gabler"), "a replacement", replaced);
    Problem stale = problem(() -> individuals.replaceIndividual(seen));
    expect(stale.getStatus() == 412, "a stale ETag", stale);

    // The plentymarkets dialect has the same contact: log in, find it, add an option, which is a phone of the other dialect.
    UserCredentials user = new UserCredentials().username(System.getenv("USER_NAME")).password(System.getenv("PASSWORD"));
    String userToken = new LoginApi(client(null)).login(user).getAccessToken();
    ContactOptionsApi plenty = new ContactOptionsApi(client("Bearer " + userToken));
    var matches = plenty.listContacts(APIListContactsRequest.newBuilder().externalId("java-4711").build());
    long number = matches.getEntries().get(0).getId();
    expect(id.equals(Long.toString(number)), "a list", matches);
    plenty.createContactOptions(number, List.of(new ContactOptionInput().typeId(1L).subTypeId(4L).value("+49 30 901820")), null);
    var phones = individuals.listIndividualPhones(org, id, null);
    expect(phones.getItems().get(0).getNumber().equals("+49 30 901820"), "the phones", phones);

    // Delete it. It stays readable, marked as deleted.
    individuals.deleteIndividual(APIDeleteIndividualRequest.newBuilder().orgId(org).contactId(id).build());
    IndividualContact deleted = individuals.getIndividual(org, id, null);
    expect(deleted.getDeleted(), "a deleted contact", deleted);
    System.out.println("java: the quick start, by openapi-generator");
  }

  static ApiClient client(String authorization) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(url);
    if (authorization != null) {
      client.setRequestInterceptor(request -> request.header("Authorization", authorization));
    }
    return client;
  }

  interface Call {
    void make() throws ApiException;
  }

  /** Returns the problem that the call is refused with. */
  static Problem problem(Call call) throws Exception {
    try {
      call.make();
    } catch (ApiException refused) {
      return ApiClient.createDefaultObjectMapper().readValue(refused.getResponseBody(), Problem.class);
    }
    throw new AssertionError("java: the call is not refused");
  }

  static void expect(boolean holds, String what, Object answer) {
    if (!holds) {
      throw new AssertionError("java: " + what + ": unexpected answer " + answer);
    }
  }
}
