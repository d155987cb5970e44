import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.w3c.dom.Document;

/**
 * A customs endpoint that shares no code with Sealgate: the JDK's HTTPS server and client, its XML Signature, and xmllint for the
 * schema. It speaks the contract that Sealgate's agreements describe: OAuth2 client credentials at /oauth/token, POST
 * /customs/declarations with a bearer token and a detached signature in Sealgate-Signature, 202 with X-Conversation-ID,
 * and the answer pushed to the gateway, signed in the same way.
 * <pre>
 *   java CustomsEndpoint FILE.properties
 * </pre>
 * A line on standard output for each step; the first one names the port.
 */
public final class CustomsEndpoint {
	private final Properties settings = new Properties();
	private final Map<String, String> tokens = new HashMap<>();
	private final ExecutorService clerk = Executors.newSingleThreadExecutor();
	private final SignatureWriter seal;
	private final HttpClient gateway;
	private int declarations;

	private record Answer(int status, String type, String body) {
	}

	private CustomsEndpoint(Path file) throws Exception {
		try (Reader in = Files.newBufferedReader(file)) {
			settings.load(in);
		}
		Kind kind = Kind.ofFile(setting("seal.kind"));
		seal = new SignatureWriter(kind, Pem.key(path("seal.key"), kind.keyAlgorithm), Pem.certificates(path("seal.certificate")));
		gateway = HttpClient.newBuilder().sslContext(Pem.client(path("gateway.ca"))).connectTimeout(Duration.ofSeconds(10))
			.version(HttpClient.Version.HTTP_1_1).build();
	}

	private String setting(String name) {
		String value = settings.getProperty(name);
		if (value == null)
			throw new IllegalArgumentException("setting \"" + name + "\" is missing");
		return value;
	}

	private Path path(String name) {
		return Path.of(setting(name));
	}

	private static synchronized void log(String line) {
		System.out.println(line);
		System.out.flush();
	}

	private void start() throws Exception {
		HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.setHttpsConfigurator(new HttpsConfigurator(Pem.server(path("tls.keystore"), setting("tls.password"))));
		server.createContext("/oauth/token", exchange -> serve(exchange, this::token));
		server.createContext("/customs/declarations", exchange -> serve(exchange, this::declaration));
		server.setExecutor(Executors.newFixedThreadPool(4));
		server.start();
		log("ready on https://localhost:" + server.getAddress().getPort());
	}

	private interface Handler {
		Answer handle(HttpExchange exchange, byte[] body) throws Exception;
	}

	private static void serve(HttpExchange exchange, Handler handler) throws IOException {
		Answer answer;
		try {
			byte[] body = exchange.getRequestBody().readAllBytes();
			answer = exchange.getRequestMethod().equals("POST") ? handler.handle(exchange, body) : error(405, "METHOD_NOT_ALLOWED", "POST it");
		} catch (Exception e) {
			log("refused: " + e);
			answer = error(400, "BAD_REQUEST", String.valueOf(e.getMessage()));
		}
		byte[] octets = answer.body.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", answer.type);
		exchange.sendResponseHeaders(answer.status, octets.length == 0 ? -1 : octets.length);
		if (octets.length > 0)
			exchange.getResponseBody().write(octets);
		exchange.close();
	}

	private static Answer error(int status, String code, String message) {
		return new Answer(status, "application/xml", "<errorResponse><code>" + code + "</code><message>" + escaped(message)
			+ "</message></errorResponse>");
	}

	private static String escaped(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

	/** RFC 6749 4.4. */
	private Answer token(HttpExchange exchange, byte[] body) {
		Map<String, String> form = new HashMap<>();
		for (String pair : new String(body, StandardCharsets.US_ASCII).split("&")) {
			String[] parts = pair.split("=", 2);
			form.put(parts[0], URLDecoder.decode(parts.length == 2 ? parts[1] : "", StandardCharsets.UTF_8));
		}
		if (!"client_credentials".equals(form.get("grant_type")))
			return new Answer(400, "application/json", "{\"error\":\"unsupported_grant_type\"}");
		if (!setting("client.id").equals(form.get("client_id")) || !setting("client.secret").equals(form.get("client_secret"))) {
			log("token refused to " + form.get("client_id"));
			return new Answer(401, "application/json", "{\"error\":\"invalid_client\"}");
		}
		String token = UUID.randomUUID().toString();
		synchronized (tokens) {
			tokens.put(token, form.get("client_id"));
		}
		log("token given to " + form.get("client_id") + ", scope " + form.get("scope"));
		return new Answer(200, "application/json", "{\"access_token\":\"" + token + "\",\"token_type\":\"bearer\",\"expires_in\":3600}");
	}

	private Answer declaration(HttpExchange exchange, byte[] body) throws Exception {
		String authorization = exchange.getRequestHeaders().getFirst("Authorization");
		synchronized (tokens) {
			if (authorization == null || !authorization.startsWith("Bearer ") || !tokens.containsKey(authorization.substring(7)))
				return error(401, "UNAUTHORIZED", "no valid access token");
		}
		String accept = exchange.getRequestHeaders().getFirst("Accept");
		if (accept == null || !accept.startsWith("application/vnd."))
			return error(406, "ACCEPT_HEADER_INVALID", "Accept must name a version");
		Document document = Xml.parse(body);
		String reference = Xml.first(document, "FunctionalReferenceID");
		log("received " + reference + ", " + body.length + " octets, " + exchange.getRequestHeaders().getFirst("Content-Type"));
		String header = exchange.getRequestHeaders().getFirst("Sealgate-Signature");
		if (header == null)
			return refuse(reference, "there is no signature");
		byte[] signature = Base64.getDecoder().decode(header);
		int number = keep(body, signature);
		try {
			SignatureReader.Verified by = SignatureReader.detached(body, signature, Pem.certificates(path("reporters.ca")));
			log("signature valid: " + by.subject() + ", " + by.kind() + ", at " + by.signingTime());
		} catch (Exception e) {
			return refuse(reference, "the signature is not valid: " + e.getMessage());
		}
		String complaint = schemaComplaint(path("documents").resolve(number + ".xml"));
		if (complaint != null)
			return refuse(reference, "the document is not valid: " + complaint);
		log("schema valid: " + setting("schema"));
		String conversation = UUID.randomUUID().toString();
		exchange.getResponseHeaders().set("X-Conversation-ID", conversation);
		clerk.submit(() -> answer(document, reference, conversation));
		log("accepted " + reference + " as conversation " + conversation);
		return new Answer(202, "application/xml", "");
	}

	private static Answer refuse(String reference, String why) {
		log("refused " + reference + ": " + why);
		return error(400, "PAYLOAD_FORBIDDEN", why);
	}

	private synchronized int keep(byte[] body, byte[] signature) throws IOException {
		int number = ++declarations;
		Files.write(path("documents").resolve(number + ".xml"), body);
		Files.write(path("documents").resolve(number + ".sig"), signature);
		return number;
	}

	/** What xmllint says against it, or null. */
	private String schemaComplaint(Path document) throws Exception {
		Process process = new ProcessBuilder("xmllint", "--nonet", "--noout", "--schema", setting("schema"), document.toString())
			.redirectErrorStream(true).start();
		String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		return process.waitFor() == 0 ? null : said;
	}

	/** A control (function code 05) for an integrity report, else "accepted" (01). */
	private void answer(Document document, String reference, String conversation) {
		try {
			boolean isReport = "SCI".equals(Xml.first(document, "TypeCode"));
			byte[] answer = Answers.write(isReport ? "05" : "01", reference, containerOf(document)).getBytes(StandardCharsets.UTF_8);
			Files.write(path("documents").resolve(reference + ".answer.xml"), answer);
			byte[] signature = seal.detached(answer, "answer.xml");
			Thread.sleep(300);  // later than the 202, as customs is
			HttpRequest request = HttpRequest.newBuilder(URI.create(setting("gateway.url")))
				.timeout(Duration.ofSeconds(30))
				.header("Authorization", "Bearer " + setting("gateway.token"))
				.header("Content-Type", "application/xml; charset=UTF-8")
				.header("X-Conversation-ID", conversation)
				.header("Sealgate-Signature", Base64.getEncoder().encodeToString(signature))
				.POST(HttpRequest.BodyPublishers.ofByteArray(answer)).build();
			HttpResponse<String> said = gateway.send(request, HttpResponse.BodyHandlers.ofString());
			log("pushed " + (isReport ? "control" : "acceptance") + " for " + reference + ": the gateway answered " + said.statusCode()
				+ (said.statusCode() / 100 == 2 ? "" : " " + said.body()));
		} catch (Exception e) {
			log("cannot push for " + reference + ": " + e);
		}
	}

	private static String containerOf(Document document) {
		var equipment = document.getElementsByTagNameNS("*", "TransportEquipment");
		if (equipment.getLength() == 0)
			return null;
		var ids = ((org.w3c.dom.Element) equipment.item(0)).getElementsByTagNameNS("*", "ID");
		return ids.getLength() == 0 ? null : ids.item(0).getTextContent();
	}

	public static void main(String[] args) throws Exception {
		new CustomsEndpoint(Path.of(args[0])).start();
	}
}
