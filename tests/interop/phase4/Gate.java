/* A running sealgated as Wire sees it: its REST interface and its /as4. */
import com.helger.json.IJsonObject;
import com.helger.json.serialize.JsonReader;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

final class Gate {
	private final String url;
	private final Path run;
	private final HttpClient client;

	Gate(String url, Path run) throws Exception {
		this.url = url;
		this.run = run;
		KeyStore trusted = KeyStore.getInstance("PKCS12");
		trusted.load(null, null);
		try (InputStream in = Files.newInputStream(run.resolve("tls/ca.pem"))) {
			trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
		}
		TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
		managers.init(trusted);
		SSLContext tls = SSLContext.getInstance("TLS");
		tls.init(null, managers.getTrustManagers(), null);
		client = HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
	}

	HttpResponse<byte[]> as4(Peer.Letter letter) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + "/as4")).timeout(Duration.ofSeconds(60)).header("Content-Type", letter.type());
		return client.send(request.POST(HttpRequest.BodyPublishers.ofByteArray(letter.octets())).build(), BodyHandlers.ofByteArray());
	}

	byte[] ask(String party, String method, String path, byte[] body) throws Exception {
		String key = Files.readString(run.resolve("api-keys/" + party + ".key")).trim();
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(60))
			.header("Authorization", "Bearer " + key).header("Content-Type", "application/json");
		request.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
		HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
		if (answer.statusCode() >= 300)
			throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
		return answer.body();
	}

	byte[] octets(String path) throws Exception {
		return ask("admin-1", "GET", path, null);
	}

	IJsonObject post(String party, String path, String body) throws Exception {
		byte[] answer = ask(party, "POST", path, body.getBytes(StandardCharsets.UTF_8));
		return JsonReader.readFromString(new String(answer, StandardCharsets.UTF_8)).getAsObject();
	}

	List<IJsonObject> list(String path, String member, Predicate<IJsonObject> wanted) throws Exception {
		List<IJsonObject> out = new ArrayList<>();
		JsonReader.readFromString(new String(octets(path), StandardCharsets.UTF_8)).getAsObject().getAsArray(member).forEach(item -> {
			if (wanted.test(item.getAsObject()))
				out.add(item.getAsObject());
		});
		return out;
	}

	List<IJsonObject> documents(String agreement) throws Exception {
		return list("/v1/documents?limit=500", "items", d -> agreement.equals(d.getAsString("peer")));
	}

	/* The one message to this peer, once it is in that state. */
	IJsonObject message(String agreement, String state) throws Exception {
		for (long until = System.nanoTime() + 30_000_000_000L;; Thread.sleep(100)) {
			List<IJsonObject> all = list("/v1/messages?limit=500", "items", m -> agreement.equals(m.getAsString("agreement")));
			if (all.size() == 1 && state.equals(all.get(0).getAsString("state")))
				return all.get(0);
			if (System.nanoTime() > until)
				throw new IllegalStateException("no message of \"" + agreement + "\" that is " + state + " in 30 s: " + all);
		}
	}
}
