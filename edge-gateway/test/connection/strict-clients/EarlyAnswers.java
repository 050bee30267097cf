import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Asks for early answers over HTTP/2 with the JDK's client: PORT CA_FILE. One line for each: the status, or the failure. */
class EarlyAnswers {
  record Case(String method, String path, String type, String accept, byte[] body) {}

  public static void main(String[] arguments) throws Exception {
    var large = new byte[1_500_000];
    Arrays.fill(large, (byte) ' ');
    var json = "application/json";
    var cases = List.of(
        new Case("POST", "/v1/testing/echo:user", json, "*/*", "{\"text\":\"a\"}".getBytes()),
        new Case("POST", "/v1/testing/echo:user", json, "*/*", large),
        new Case("POST", "/nope", json, "*/*", large),
        new Case("DELETE", "/v1/testing/echo", json, "*/*", large),
        new Case("POST", "/v1/testing/echo", json, "image/png", large),
        new Case("POST", "/v1/testing/echo", json, "*/*", large),
        new Case("POST", "/v1/testing/echo", "text/plain", "*/*", large),
        new Case("POST", "/v1/testing/things:import", "application/x-ndjson", "*/*", ("{\"nope\":1}\n" + new String(large)).getBytes()),
        new Case("POST", "/v1/testing/fail", null, "*/*", new byte[0]));
    var tls = trusting(arguments[1]);
    for (var each : cases) {
      for (var known : List.of(true, false)) {
        BodyPublisher body = BodyPublishers.ofByteArray(each.body());
        ask(tls, Integer.parseInt(arguments[0]), each, known ? body : BodyPublishers.fromPublisher(body));
      }
    }
    System.exit(0);
  }

  private static void ask(SSLContext tls, int port, Case each, BodyPublisher body) throws InterruptedException {
    // A connection of its own: the next request must not inherit what is wrong with the last.
    var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).sslContext(tls).build();
    var request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + each.path()))
        .timeout(Duration.ofSeconds(20))
        .header("accept", each.accept())
        .method(each.method(), body);
    if (each.type() != null) request.header("content-type", each.type());
    try {
      HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
      System.out.println(answer.statusCode() + " " + answer.version());
    } catch (IOException error) {
      System.out.println(each.method() + " " + each.path() + ": " + error);
    }
  }

  private static SSLContext trusting(String caFile) throws Exception {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = new FileInputStream(caFile)) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
