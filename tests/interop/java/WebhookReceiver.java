import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Receives webhooks and checks their signatures (Standard Webhooks 1.0) with the JDK's HMAC.
 * <pre>
 *   java WebhookReceiver KEYSTORE PASSWORD SECRET-FILE FOLDER
 * </pre>
 * The secret file is read for each delivery, since a subscription gives it only once it is there. A line per delivery; each
 * body is kept as FOLDER/<webhook-id>.json.
 */
public final class WebhookReceiver {
	private final Path secret, folder;

	private WebhookReceiver(Path secret, Path folder) {
		this.secret = secret;
		this.folder = folder;
	}

	private boolean isSigned(String id, String time, byte[] body, String signatures) throws Exception {
		long age = Math.abs(Instant.now().getEpochSecond() - Long.parseLong(time));
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(Base64.getDecoder().decode(Files.readString(secret).trim().substring("whsec_".length())), "HmacSHA256"));
		mac.update((id + "." + time + ".").getBytes(StandardCharsets.UTF_8));
		byte[] wanted = mac.doFinal(body);
		for (String one : signatures.split(" "))
			if (one.startsWith("v1,") && MessageDigest.isEqual(wanted, Base64.getDecoder().decode(one.substring(3))))
				return age <= 300;
		return false;
	}

	private void take(HttpExchange exchange) throws IOException {
		int status;
		try {
			byte[] body = exchange.getRequestBody().readAllBytes();
			String id = exchange.getRequestHeaders().getFirst("webhook-id"), time = exchange.getRequestHeaders().getFirst("webhook-timestamp");
			boolean good = Files.exists(secret) && isSigned(id, time, body, exchange.getRequestHeaders().getFirst("webhook-signature"));
			if (good)
				Files.write(folder.resolve(id.replaceAll("[^A-Za-z0-9._-]", "_") + ".json"), body);
			System.out.println((good ? "signature valid " : "signature wrong ") + id + " " + new String(body, StandardCharsets.UTF_8));
			status = good ? 204 : 401;
		} catch (Exception e) {
			System.out.println("refused " + e);
			status = 400;
		}
		System.out.flush();
		exchange.sendResponseHeaders(status, -1);
		exchange.close();
	}

	public static void main(String[] args) throws Exception {
		WebhookReceiver receiver = new WebhookReceiver(Path.of(args[2]), Path.of(args[3]));
		HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.setHttpsConfigurator(new HttpsConfigurator(Pem.server(Path.of(args[0]), args[1])));
		server.createContext("/", receiver::take);
		server.start();
		System.out.println("ready on https://localhost:" + server.getAddress().getPort());
		System.out.flush();
	}
}
