/* phase4 over HTTP, for tests/interop/phase4/check_wire.sh: its server, and its client on demand.
 *
 *   Wire DIR URL TLS-CA STRANGERS CASE...   keys and trust are in DIR, those of people whom nobody trusts in STRANGERS; URL is the
 *                                           gateway's; the cases' channels are known
 *
 * POST /as4/<case> is phase4's server. POST /do/<verb>/<case> makes its client do something: 200 and what it saw, or 500 and what went
 * wrong. GET /seen/<eb:MessageId>: the parts that the server handed on, a line each, as often as it handed them on.
 */
import com.helger.collection.commons.ICommonsList;
import com.helger.http.header.HttpHeaderMap;
import com.helger.phase4.attachment.IAS4IncomingAttachmentFactory;
import com.helger.phase4.attachment.WSS4JAttachment;
import com.helger.phase4.client.AS4ClientPullRequestMessage;
import com.helger.phase4.client.AS4ClientReceiptMessage;
import com.helger.phase4.crypto.AS4CryptoFactoryInMemoryKeyStore;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.ebms3header.Ebms3UserMessage;
import com.helger.phase4.ebms3header.MessagePartNRInformation;
import com.helger.phase4.ebms3header.NonRepudiationInformation;
import com.helger.phase4.error.AS4ErrorList;
import com.helger.phase4.incoming.AS4IncomingHandler;
import com.helger.phase4.incoming.AS4IncomingMessageMetadata;
import com.helger.phase4.incoming.AS4IncomingProfileSelectorConstant;
import com.helger.phase4.incoming.AS4IncomingReceiverConfiguration;
import com.helger.phase4.incoming.IAS4IncomingMessageMetadata;
import com.helger.phase4.incoming.IAS4IncomingMessageState;
import com.helger.phase4.incoming.crypto.AS4IncomingSecurityConfiguration;
import com.helger.phase4.incoming.spi.AS4MessageProcessorResult;
import com.helger.phase4.incoming.spi.AS4SignalMessageProcessorResult;
import com.helger.phase4.mgr.MetaAS4Manager;
import com.helger.phase4.model.error.EEbmsError;
import com.helger.phase4.model.mpc.MPC;
import com.helger.phase4.model.pmode.IPMode;
import com.helger.phase4.model.pmode.PMode;
import com.helger.phase4.util.AS4ResourceHelper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.w3c.dom.Node;

public final class Wire extends Cases {
	private static final String STRANGER = "a stranger";

	private final URI gateway;
	private final HttpClient http;
	private final Peer strangers;
	private final Map<String, StringBuffer> handedOn = new ConcurrentHashMap<>();
	private final Map<String, Answer> receipts = new ConcurrentHashMap<>();
	private final Set<String> dropped = ConcurrentHashMap.newKeySet();
	private final Map<String, Offer> offers = new ConcurrentHashMap<>();

	private Wire(Path dir, String url, Path ca, Path strangers) throws Exception {
		super(dir);
		this.strangers = new Peer(strangers);
		current = this;
		gateway = URI.create(url + "/as4");
		KeyStore trust = KeyStore.getInstance(KeyStore.getDefaultType());
		trust.load(null, null);
		try (InputStream in = Files.newInputStream(ca)) {
			trust.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
		}
		TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		managers.init(trust);
		SSLContext tls = SSLContext.getInstance("TLS");
		tls.init(null, managers.getTrustManagers(), null);
		http = HttpClient.newBuilder().sslContext(tls).connectTimeout(Duration.ofSeconds(20)).build();
	}

	/* Where the case says so the server does not know the gateway's authority. */
	@Override
	AS4CryptoFactoryInMemoryKeyStore crypto(String kind) throws Exception {
		String name = serving.get();
		if (STRANGER.equals(name))
			return strangers.crypto(kind);
		if (name != null && says(name, "distrust"))
			return new AS4CryptoFactoryInMemoryKeyStore(store("hub-" + kind + ".p12"), "hub", PASSWORD.toCharArray(), strangers.store("trust-" + kind + ".p12"));
		return super.crypto(kind);
	}

	/* ---- the client ---- */

	private Built user(String name, String id) throws Exception {
		messageId.set(id);
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			return built(user(helper, name));
		}
	}

	private static String newId() {
		return UUID.randomUUID().toString().replace("-", "") + "@phase4.example";
	}

	private HttpResponse<byte[]> post(Built message) throws Exception {
		return http.send(HttpRequest.newBuilder(gateway).timeout(Duration.ofSeconds(60)).header("Content-Type", message.type())
			.POST(HttpRequest.BodyPublishers.ofByteArray(message.octets())).build(), HttpResponse.BodyHandlers.ofByteArray());
	}

	private static void must(boolean good, String what) {
		if (!good)
			throw new IllegalStateException(what);
	}

	private static String type(HttpResponse<byte[]> response) {
		return response.headers().firstValue("Content-Type").orElse("");
	}

	static Set<String> references(Ebms3SignalMessage message) {
		Set<String> lines = new TreeSet<>();
		for (Object any : message.getReceipt().getAny())
			if (any instanceof NonRepudiationInformation information)
				for (MessagePartNRInformation part : information.getMessagePartNRInformation())
					lines.add(line(part.getReference()).strip());
		return lines;
	}

	/* A receipt that is signed, about this message, with the digests of what was signed. */
	private static void checkReceipt(Ebms3SignalMessage message, boolean signed, Built sent) {
		must(signed, "the signal is not signed");
		must(message.getReceipt() != null, "no receipt: " + codes(message));
		must(sent.id().equals(message.getMessageInfo().getRefToMessageId()), "the receipt is about " + message.getMessageInfo().getRefToMessageId());
		must(references(message).equals(new TreeSet<>(sent.references().lines().toList())), "the receipt has other digests:\n" + references(message));
	}

	private static String codes(Ebms3SignalMessage message) {
		return String.join(" ", message.getError().stream().map(e -> e.getErrorCode() + " " + e.getErrorDetail() + " " + e.getDescriptionValue()).toList());
	}

	private void confirmed(String name, Built sent, HttpResponse<byte[]> response) throws Exception {
		boolean[] called = { false };
		must(response.statusCode() == 200, "answered " + response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
		readSignal(name, response.body(), type(response), (message, metadata, state) -> {
			called[0] = true;
			checkReceipt(message, state.isSoapSignatureChecked(), sent);
		});
		must(called[0], "phase4 found no signal in the answer");
	}

	private static String digest(byte[] octets) throws Exception {
		return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
	}

	/* Twice the same octets: the receipt, and the same receipt. */
	private String push(String name) throws Exception {
		Built message = user(name, newId());
		HttpResponse<byte[]> first = post(message);
		confirmed(name, message, first);
		HttpResponse<byte[]> again = post(message);
		must(Arrays.equals(first.body(), again.body()) && type(first).equals(type(again)), "the repeat was answered by other octets");
		return says(name, "ping") ? "confirmed" : digest(document(name));
	}

	private String refused(String name, Built message, String code) throws Exception {
		StringBuilder said = new StringBuilder();
		HttpResponse<byte[]> response = post(message);
		readSignal(base(name), response.body(), type(response), (signal, metadata, state) -> {
			must(state.isSoapSignatureChecked(), "the error is not signed");
			must(message.id().equals(signal.getMessageInfo().getRefToMessageId()), "the error is about another message");
			said.append(codes(signal));
		});
		must(said.toString().startsWith(code + " "), "answered " + said);
		return said.toString();
	}

	private String otherParts(String name) throws Exception {
		Built message = user(name, newId());
		confirmed(name, message, post(message));
		return refused(name, user(name + "-other", message.id()), "EBMS:0004");
	}

	private String signedByAStranger(String name) throws Exception {
		serving.set(STRANGER);
		Built message = user(name, newId());
		serving.remove();
		return refused(name, message, "EBMS:0101");
	}

	/* Asks for a message, and confirms it by a POST of its own. */
	private String fetch(String name) throws Exception {
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			messageId.set(newId());
			AS4ClientPullRequestMessage client = new AS4ClientPullRequestMessage(helper);
			prepare(client, name);
			client.setMPC(channel(name));
			HttpResponse<byte[]> response = post(built(client.buildMessage(messageId.get(), null)));
			StringBuilder out = new StringBuilder();
			Built[] receipt = { null };
			BasicHttpResponse read = new BasicHttpResponse(response.statusCode());
			read.setHeader("Content-Type", type(response));
			PMode mode = mode(name);
			AS4IncomingHandler.parseUserOrSignalMessage(crypto(kind(name)), crypto("rsa2048"), (id, service, action, initiator, responder, agreement, address) -> mode,
				IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE, new AS4IncomingProfileSelectorConstant(null, false), helper, mode, Locale.US,
				AS4IncomingMessageMetadata.createForResponse(name), read, response.body(), null, AS4IncomingSecurityConfiguration.createDefaultInstance(),
				new AS4IncomingReceiverConfiguration(), (message, metadata, state) -> {
					must(state.isSoapSignatureChecked(), "what was fetched is not signed");
					out.append(message.getMessageInfo().getMessageId()).append('\n').append(lines(state.getDecryptedAttachments()));
					receipt[0] = receiptFor(helper, name, message, state);
				}, (message, metadata, state) -> out.append(codes(message)));
			if (receipt[0] != null) {
				int status = post(receipt[0]).statusCode();
				must(status >= 200 && status < 300, "the receipt was answered by " + status);
			}
			return out.toString();
		}
	}

	private Built receiptFor(AS4ResourceHelper helper, String name, Ebms3UserMessage message, IAS4IncomingMessageState state) {
		try {
			messageId.set(newId());
			AS4ClientReceiptMessage client = new AS4ClientReceiptMessage(helper);
			prepare(client, name);
			client.setSoapDocument(state.getOriginalSoapDocument()).setEbms3UserMessage(message).setNonRepudiation(true).setReceiptShouldBeSigned(true);
			return built(client.buildMessage(messageId.get(), null));
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
	}

	/* ---- the server ---- */

	static String lines(ICommonsList<WSS4JAttachment> attachments) {
		StringBuilder out = new StringBuilder();
		try {
			for (WSS4JAttachment attachment : attachments)
				out.append(attachment.getId()).append(' ').append(digest(attachment.getSourceStream().readAllBytes())).append('\n');
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
		return out.toString();
	}

	/* What one request came to. */
	private final class Taking extends Processor {
		final String name;
		Ebms3SignalMessage signal;
		boolean signed, repeated;
		String about;

		Taking(String name) {
			this.name = name;
		}

		@Override
		public AS4MessageProcessorResult processAS4UserMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3UserMessage message, IPMode mode,
		                                                       Node payload, ICommonsList<WSS4JAttachment> attachments, IAS4IncomingMessageState state,
		                                                       AS4ErrorList errors) {
			about = message.getMessageInfo().getMessageId();
			if (!state.isSoapSignatureChecked() || says(name, "encrypt") != state.isSoapDecrypted() || says(name, "refuse")) {
				errors.add(EEbmsError.EBMS_POLICY_NONCOMPLIANCE.errorBuilder(Locale.US).refToMessageInError(about).errorDetail("not signed, not encrypted as agreed, or refused on purpose").build());
				return AS4MessageProcessorResult.createFailure();
			}
			handedOn.computeIfAbsent(about, id -> new StringBuffer()).append(lines(attachments));
			return AS4MessageProcessorResult.createSuccess();
		}

		@Override
		public AS4SignalMessageProcessorResult processAS4SignalMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3SignalMessage message,
		                                                               IPMode mode, IAS4IncomingMessageState state, AS4ErrorList errors) {
			signal = message;
			signed = state.isSoapSignatureChecked();
			return AS4SignalMessageProcessorResult.createSuccess();
		}

		void failed(IAS4IncomingMessageState state, AS4ErrorList errors) {
			about = state.getMessageID();
			errors.forEach(e -> repeated |= String.valueOf(e.getEbmsError().getErrorDetail()).contains("duplicate"));
		}
	}

	/* A receiver that repeats its receipts (AS4 1.0, 3.2): phase4 sees that a message is a duplicate, its user keeps the receipts. */
	private Answer take(String name, byte[] octets, String type) throws Exception {
		if (type.startsWith("application/soap+xml") && new String(octets, StandardCharsets.UTF_8).contains(":Receipt>"))
			return takeReceipt(name, octets, type);
		Taking taking = new Taking(name);
		serving.set(name);
		Answer answer;
		try {
			answer = handle(name, octets, type, taking, (metadata, state, errors, message) -> taking.failed(state, errors));
		} finally {
			serving.remove();
		}
		if (taking.signal != null)
			return answerPull(taking, answer);
		if (taking.repeated && !says(name, "bare"))
			return receipts.get(taking.about);
		if (taking.about != null && !taking.repeated)
			receipts.put(taking.about, answer);
		return answer;
	}

	/* ---- what the gateway fetches ---- */

	private record Offer(Built message, BlockingQueue<String> result) {
	}

	/* phase4's server would answer without a signature and without parts: what is fetched is made by its client. That nothing waits, the
	 * server says itself. */
	private Answer answerPull(Taking taking, Answer answer) throws Exception {
		Offer offer = offers.get(taking.name);
		must(taking.signed && channel(taking.name).equals(taking.signal.getPullRequest().getMpc()), "a pull request that is not signed, or for another channel");
		if (offer != null) {
			answer.content = offer.message.octets();
			answer.type = offer.message.type();
		}
		return answer;
	}

	/* Its server takes no receipt that comes by itself: it is read as if it were an answer. */
	private Answer takeReceipt(String name, byte[] octets, String type) throws Exception {
		Answer answer = new Answer();
		Offer offer = offers.remove(name);
		answer.status = 202;
		if (offer == null)
			return answer;
		try {
			readSignal(name, octets, type, (message, metadata, state) -> checkReceipt(message, state.isSoapSignatureChecked(), offer.message));
			offer.result.add("confirmed");
		} catch (Exception e) {
			offer.result.add(e.toString());
		}
		return answer;
	}

	/* Lays a message into the channel, and waits until it was fetched and confirmed. */
	private String offer(String name) throws Exception {
		Offer offer = new Offer(user(name, newId()), new LinkedBlockingQueue<>());
		String document = digest(document(name));
		offers.put(name, offer);
		String result = offer.result.poll(30, TimeUnit.SECONDS);
		must("confirmed".equals(result), "not confirmed: " + result);
		return document;
	}

	/* ---- HTTP ---- */

	private String run(String verb, String name) throws Exception {
		return switch (verb) {
		case "push" -> push(name);
		case "ping" -> push(name + "-ping");
		case "other" -> otherParts(name);
		case "wrong" -> refused(name, user(name + "-wrong", newId()), "EBMS:0010");
		case "unsigned" -> refused(name, user(name + "-unsigned", newId()), "EBMS:0103");
		case "stranger" -> signedByAStranger(name);
		case "fetch" -> fetch(name);
		case "offer" -> offer(name);
		default -> throw new IllegalStateException("no verb " + verb);
		};
	}

	private static void answer(HttpExchange exchange, int status, String type, byte[] octets) throws Exception {
		if (!type.isEmpty())
			exchange.getResponseHeaders().add("Content-Type", type.replaceAll("\\s+", " "));
		exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
		if (octets.length > 0)
			exchange.getResponseBody().write(octets);
		exchange.close();
	}

	private void as4(HttpExchange exchange) throws Exception {
		String name = exchange.getRequestURI().getPath().substring("/as4/".length());
		Answer answer = take(name, exchange.getRequestBody().readAllBytes(), exchange.getRequestHeaders().getFirst("Content-Type"));
		if (says(name, "drop") && dropped.add(name))
			exchange.close();  /* the connection ends without an answer */
		else
			answer(exchange, answer.status, answer.type, answer.content);
	}

	private void serve(HttpExchange exchange) {
		String path = exchange.getRequestURI().getPath();
		try {
			if (path.startsWith("/as4/")) {
				as4(exchange);
				return;
			}
			exchange.getRequestBody().readAllBytes();
			String[] words = path.split("/");
			String text = path.startsWith("/do/") ? run(words[2], words[3]) : handedOn.getOrDefault(path.substring("/seen/".length()), new StringBuffer()).toString();
			answer(exchange, 200, "text/plain", (text + "\n").getBytes(StandardCharsets.UTF_8));
		} catch (Throwable e) {
			e.printStackTrace();
			try {
				answer(exchange, 500, "text/plain", (e + "\n").getBytes(StandardCharsets.UTF_8));
			} catch (Exception lost) {
				exchange.close();
			}
		}
	}

	public static void main(String[] args) {
		try {
			open(args);
		} catch (Exception e) {
			e.printStackTrace();
			System.exit(1);
		}
	}

	private static void open(String[] args) throws Exception {
		begin();
		Wire wire = new Wire(Path.of(args[0]), args[1], Path.of(args[2]), Path.of(args[3]));
		MetaAS4Manager.getMPCMgr().createMPC(new MPC(CHANNEL));
		for (String name : Arrays.asList(args).subList(4, args.length))
			MetaAS4Manager.getMPCMgr().createMPC(new MPC(channel(name)));
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
		server.createContext("/", wire::serve);
		server.setExecutor(Executors.newFixedThreadPool(8));
		server.start();
		System.out.println("ready on http://localhost:" + server.getAddress().getPort());
	}
}
