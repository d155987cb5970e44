/* phase4 and a running sealgated over HTTP, for tests/interop/phase4/check_wire.
 *
 *   Wire DIR URL RUN PORT    DIR: keys and wire-cases; URL, RUN: the gateway and its folder; PORT: where phase4 answers
 *
 * A line "ok - ..." or "not ok - ..." for each row of the interop table, and the table at the end.
 */
import com.helger.json.IJsonObject;
import com.helger.mime.CMimeType;
import com.helger.phase4.client.AS4ClientBuiltMessage;
import com.helger.phase4.client.AS4ClientPullRequestMessage;
import com.helger.phase4.client.AS4ClientReceiptMessage;
import com.helger.phase4.client.AS4ClientUserMessage;
import com.helger.phase4.client.IAS4ClientBuildMessageCallback;
import com.helger.phase4.attachment.IAS4IncomingAttachmentFactory;
import com.helger.phase4.crypto.ECryptoAlgorithmCrypt;
import com.helger.phase4.crypto.ECryptoAlgorithmSignDigest;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.ebms3header.Ebms3UserMessage;
import com.helger.phase4.incoming.AS4IncomingHandler;
import com.helger.phase4.incoming.AS4IncomingMessageMetadata;
import com.helger.phase4.incoming.AS4IncomingProfileSelectorConstant;
import com.helger.phase4.incoming.AS4IncomingReceiverConfiguration;
import com.helger.phase4.incoming.AS4ServerInitializer;
import com.helger.phase4.incoming.crypto.AS4IncomingSecurityConfiguration;
import com.helger.phase4.incoming.spi.IAS4IncomingPullRequestProcessorSPI;
import com.helger.phase4.mgr.MetaAS4Manager;
import com.helger.phase4.model.EMEP;
import com.helger.phase4.model.EMEPBinding;
import com.helger.phase4.model.ESoapVersion;
import com.helger.phase4.model.message.AS4UserMessage;
import com.helger.phase4.model.message.AbstractAS4Message;
import com.helger.phase4.model.message.MessageHelperMethods;
import com.helger.phase4.model.mpc.MPC;
import com.helger.phase4.model.pmode.IPMode;
import com.helger.phase4.model.pmode.PMode;
import com.helger.phase4.model.pmode.PModeParty;
import com.helger.phase4.model.pmode.PModeReceptionAwareness;
import com.helger.phase4.model.pmode.leg.EPModeSendReceiptReplyPattern;
import com.helger.phase4.model.pmode.leg.PModeLeg;
import com.helger.phase4.model.pmode.leg.PModeLegBusinessInformation;
import com.helger.phase4.model.pmode.leg.PModeLegProtocol;
import com.helger.phase4.model.pmode.leg.PModeLegSecurity;
import com.helger.phase4.util.AS4ResourceHelper;
import com.helger.phase4.wss.EWSSVersion;
import com.helger.servlet.mock.MockServletContext;
import com.helger.web.scope.mgr.WebScopeManager;
import com.helger.xsds.xmldsig.ReferenceType;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.w3c.dom.Document;

public final class Wire {
	/* A line of wire-cases. */
	record Case(String name, String profile, String self, String peer, List<String> ways) {
		boolean isIcs2() {
			return profile.startsWith("euctp");
		}

		String channel() {
			return "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/" + self;
		}
	}

	private static final Map<String, Case> cases = new LinkedHashMap<>();
	private final Peer peer;
	private final Gate gate;
	private final Responder responder;
	private final List<String> table = new ArrayList<>();
	private int failed;

	private Wire(Path dir, String url, Path run, int port) throws Exception {
		peer = new Peer(dir);
		gate = new Gate(url, run);
		for (String line : Files.readAllLines(dir.resolve("wire-cases"))) {
			String[] f = line.split(" +");
			if (!line.startsWith("#"))
				cases.put(f[0], new Case(f[0], f[1], f[2], f[3], Arrays.asList(f).subList(4, f.length)));
		}
		responder = new Responder(this, peer, port);
	}

	/* ---- processing modes ---- */

	IPMode mode(String name) {
		Case c = cases.get(name);
		PModeLegSecurity security = new PModeLegSecurity();
		security.setWSSVersion(EWSSVersion.WSS_111);
		security.setX509SignatureAlgorithm(Peer.algorithm(name));
		security.setX509SignatureHashFunction(ECryptoAlgorithmSignDigest.DIGEST_SHA_256);
		if (c.profile.equals("cef") || Peer.says(name, "encrypt")) {
			security.setX509EncryptionAlgorithm(ECryptoAlgorithmCrypt.AES_128_GCM);
			security.setX509EncryptionMinimumStrength(128);
		}
		security.setPModeAuthorize(false);
		security.setSendReceipt(true);
		security.setSendReceiptNonRepudiation(true);
		security.setSendReceiptReplyPattern(EPModeSendReceiptReplyPattern.RESPONSE);
		PModeLeg leg = new PModeLeg(new PModeLegProtocol("https://localhost/", ESoapVersion.SOAP_12),
			PModeLegBusinessInformation.create(service(c), null, null, c.profile.equals("euctp-pull") ? c.channel() : null), null, null, security);
		boolean answered = c.ways.contains("reply");  /* what has a RefToMessageId is a second leg for phase4 */
		return new PMode("wire-" + name, party(c, true), party(c, false), agreement(c), answered ? EMEP.TWO_WAY : EMEP.ONE_WAY,
			answered ? EMEPBinding.PUSH_PUSH : c.profile.equals("euctp-pull") ? EMEPBinding.PULL : EMEPBinding.PUSH, leg, answered ? leg : null, null,
			PModeReceptionAwareness.createDefault());
	}

	private static PModeParty party(Case c, boolean theirs) {
		String type = !c.isIcs2() ? null : theirs ? Peer.TYPE + "auth" : Peer.TYPE + "EORI";
		String role = c.isIcs2() ? (theirs ? "Customs" : "Trader") : Peer.TEST + (theirs ? "responder" : "initiator");
		return new PModeParty(type, theirs ? c.peer : c.self, role, null, null);
	}

	private static String agreement(Case c) {
		return c.isIcs2() ? "EU-ICS2-TI-V2.0" : "urn:as4:agreement";
	}

	private static String service(Case c) {
		return c.isIcs2() ? "eu_ics2_c2t" : "urn:example:wire";
	}

	/* Which mode a pull request is for; found by Java's service loader. */
	public static final class Pulls implements IAS4IncomingPullRequestProcessorSPI {
		@Override
		public IPMode findPMode(Ebms3SignalMessage message) {
			for (Case c : cases.values())
				if (c.ways.contains("pull") && c.channel().equals(message.getPullRequest().getMpc()))
					return wire.mode(c.name);
			return null;
		}
	}

	private static Wire wire;

	/* ---- phase4 builds ---- */

	record Built(Peer.Letter letter, List<String> references) {
	}

	private interface Change {
		void apply(AS4ClientUserMessage client) throws Exception;
	}

	private static List<String> references(AS4ClientBuiltMessage built) {
		List<String> out = new ArrayList<>();
		if (built.hasDSReferences())
			for (ReferenceType r : built.getAllDSReferences())
				out.add(Peer.line(r));
		return out;
	}

	private Built build(Case c, String id, byte[] document, Change change) throws Exception {
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4ClientUserMessage client = peer.draft(helper, c.name);
			client.setPMode(mode(c.name), false);
			client.setAgreementRefValue(agreement(c)).setServiceValue(service(c));
			if (!c.isIcs2())
				client.setAgreementTypeValue(null).setServiceType(null).setAction("urn:example:action");
			client.setFromRole(party(c, true).getRole()).setFromPartyIDType(party(c, true).getIDType()).setFromPartyID(c.peer);
			client.setToRole(party(c, false).getRole()).setToPartyIDType(party(c, false).getIDType()).setToPartyID(c.self);
			if (c.profile.equals("cef")) {
				client.ebms3Properties().add(MessageHelperMethods.createEbms3Property("originalSender", "urn:example:c1"));
				client.ebms3Properties().add(MessageHelperMethods.createEbms3Property("finalRecipient", "urn:example:c4"));
			}
			if (document != null)
				client.addAttachment(peer.attachment(helper, c.name, "message@hub", document, CMimeType.APPLICATION_XML, true));
			peer.fill(client, helper, c.name);
			client.setMessageID(id);
			if (change != null)
				change.apply(client);
			AS4ClientBuiltMessage built = client.buildMessage(id, new IAS4ClientBuildMessageCallback() {
				@Override
				public void onAS4Message(AbstractAS4Message<?> message) {
					if (c.profile.equals("euctp-pull"))
						((AS4UserMessage) message).getEbms3UserMessage().setMpc(c.channel());
				}
			});
			return new Built(Peer.letter(built), references(built));
		}
	}

	/* A message of ICS2 that nothing here is read of but that it came; each case has its own. */
	private static byte[] document(String name) {
		return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<IE3N04 xmlns=\"urn:wco:datamodel:eu:ics2:2\"><MRN>26NL"
			+ String.format("%014X", Integer.toUnsignedLong(name.hashCode())) + "</MRN></IE3N04>\n").getBytes(StandardCharsets.UTF_8);
	}

	/* ---- phase4 reads an answer, as its client does ---- */

	record Signal(boolean signed, String refersTo, List<String> confirmed, List<String> errors) {
	}

	private static BasicHttpResponse response(String type) {
		BasicHttpResponse response = new BasicHttpResponse(200);
		response.setHeader("Content-Type", type);
		return response;
	}

	private static String type(HttpResponse<byte[]> answer) {
		return answer.headers().firstValue("Content-Type").orElse("");
	}

	private Signal signal(Case c, HttpResponse<byte[]> answer) throws Exception {
		return signal(c, type(answer), answer.body());
	}

	Signal signal(String name, String type, byte[] octets) throws Exception {
		return signal(cases.get(name), type, octets);
	}

	private Signal signal(Case c, String type, byte[] octets) throws Exception {
		Signal[] out = { null };
		IPMode mode = mode(c.name);
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4IncomingHandler.parseSignalMessage(peer.crypto(Peer.kind(c.name)), peer.crypto(Peer.kind(c.name)),
				(id, service, action, initiator, responder, agreement, address) -> mode, IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE,
				new AS4IncomingProfileSelectorConstant(null, false), helper, mode, Locale.US, AS4IncomingMessageMetadata.createForResponse(c.name),
				response(type), octets, null, AS4IncomingSecurityConfiguration.createDefaultInstance(), new AS4IncomingReceiverConfiguration(),
				(message, metadata, state) -> out[0] = new Signal(state.isSoapSignatureChecked(), message.getMessageInfo().getRefToMessageId(),
					message.getReceipt() != null ? Responder.confirmed(message) : List.of(), message.getError().stream().map(e -> e.getErrorCode()).toList()));
		}
		must(out[0] != null, "phase4 read no signal in " + new String(octets, StandardCharsets.UTF_8));
		must(out[0].signed, "the answer is not signed: " + out[0]);
		return out[0];
	}

	static String digest(byte[] octets) throws Exception {
		return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
	}

	static void must(boolean good, String why) {
		if (!good)
			throw new IllegalStateException(why);
	}

	/* ---- phase4 as initiator ---- */

	private static String id(Case c, String what) {
		return what + "-" + c.name + "@phase4.example";
	}

	/* Pushed twice, the same octets: one receipt that confirms all of it, one document. */
	private void push(Case c, String what, byte[] document) throws Exception {
		Built built = build(c, id(c, what), document, null);
		HttpResponse<byte[]> first = gate.as4(built.letter), second = gate.as4(built.letter);
		Signal receipt = signal(c, first);
		must(receipt.errors.isEmpty(), "answered with " + receipt.errors);
		must(id(c, what).equals(receipt.refersTo), "the receipt is for " + receipt.refersTo);
		must(receipt.confirmed.containsAll(built.references) && built.references.size() >= 3, "the receipt confirms " + receipt.confirmed);
		must(Arrays.equals(first.body(), second.body()), "the second receipt is another one");
		List<IJsonObject> stored = gate.documents(c.name).stream().filter(d -> same(d, document)).toList();
		must(stored.size() == 1, "the document is there " + stored.size() + " times");
		partsAreThere(c, "/v1/documents/" + stored.get(0).getAsString("id") + "/parts");
	}

	/* What came beside the document, octet for octet, in its order: as Peer attaches it. */
	private void partsAreThere(Case c, String path) throws Exception {
		List<byte[]> wanted = new ArrayList<>();
		if (Peer.says(c.name, "more")) {
			wanted.add("a\nb\r\nc".getBytes(StandardCharsets.UTF_8));
			wanted.add(Peer.noise(5000));
		}
		if (Peer.says(c.name, "large"))
			wanted.add(Peer.noise(15_000_000));
		for (int i = 0; Peer.says(c.name, "many") && i < 25; i++)
			wanted.add(Peer.noise(100 + i));
		List<IJsonObject> parts = gate.list(path, "items", p -> true);
		must(parts.size() == wanted.size(), parts.size() + " parts are there, not " + wanted.size());
		for (int i = 0; i < wanted.size(); i++)
			must(Arrays.equals(gate.octets(path + "/" + (i + 1)), wanted.get(i)), "part " + (i + 1) + " is another one");
	}

	private boolean same(IJsonObject stored, byte[] document) {
		try {
			return Arrays.equals(gate.octets("/v1/documents/" + stored.getAsString("id") + "/content"), document);
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
	}

	private void refused(Case c, String code, Built built) throws Exception {
		int before = gate.documents(c.name).size();
		Signal signal = signal(c, gate.as4(built.letter));
		must(signal.errors.equals(List.of(code)), "answered with " + signal);
		must(gate.documents(c.name).size() == before, "it was taken");
	}

	private void ping(Case c) throws Exception {
		Built built = build(c, id(c, "ping"), null, client -> client.setServiceValue(Peer.TEST + "service").setServiceType(null).setAction(Peer.TEST + "test"));
		int before = gate.documents(c.name).size();
		Signal receipt = signal(c, gate.as4(built.letter));
		must(receipt.errors.isEmpty() && receipt.confirmed.containsAll(built.references), "answered with " + receipt);
		must(gate.documents(c.name).size() == before, "a test message brought something");
	}

	private void refusals(Case c) throws Exception {
		row("initiator", c, "test message (ping)", () -> ping(c));
		row("initiator", c, "other content under a used MessageId: EBMS:0004", () -> refused(c, "EBMS:0004", build(c, id(c, "push"), document("other"), null)));
		row("initiator", c, "a service that is not agreed: EBMS:0010",
			() -> refused(c, "EBMS:0010", build(c, id(c, "service"), document("service"), client -> client.setServiceValue("urn:example:other"))));
		row("initiator", c, "no signature: EBMS:0103",
			() -> refused(c, "EBMS:0103", build(c, id(c, "unsigned"), document("unsigned"), client -> client.signingParams().setAlgorithmSign(null))));
		row("initiator", c, "signed by a stranger: EBMS:0101",
			() -> refused(c, "EBMS:0101", build(c, id(c, "stranger"), document("stranger"), client -> client.setCryptoFactorySign(peer.crypto("stranger")))));
	}

	private HttpResponse<byte[]> pullRequest(Case c, String id) throws Exception {
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4ClientPullRequestMessage client = new AS4ClientPullRequestMessage(helper);
			peer.prepare(client, c.name);
			return gate.as4(Peer.letter(client.setMPC(c.channel()).setMessageID(id).buildMessage(id, null)));
		}
	}

	/* Fetched, checked, confirmed by a POST of its own. */
	private void pull(Case c) throws Exception {
		gate.message(c.name, "ready");
		HttpResponse<byte[]> answer = pullRequest(c, id(c, "pull"));
		List<String> digests = new ArrayList<>();
		Peer.Letter[] receipt = { null };
		IPMode mode = mode(c.name);
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4IncomingHandler.parseUserMessage(peer.crypto(Peer.kind(c.name)), peer.crypto(Peer.kind(c.name)),
				(id, service, action, initiator, responder, agreement, address) -> mode, IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE,
				new AS4IncomingProfileSelectorConstant(null, false), helper, mode, Locale.US, AS4IncomingMessageMetadata.createForResponse(c.name),
				response(type(answer)), answer.body(), null, AS4IncomingSecurityConfiguration.createDefaultInstance(), new AS4IncomingReceiverConfiguration(),
				(message, metadata, state) -> {
					must(state.isSoapSignatureChecked(), "what was pulled is not signed");
					digests.addAll(Responder.digests(state.hasDecryptedAttachments() ? state.getDecryptedAttachments() : state.getOriginalAttachments()));
					receipt[0] = receipt(c, message, state.getOriginalSoapDocument());
				});
		}
		must(receipt[0] != null, "phase4 read no message in " + answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
		must(gate.as4(receipt[0]).statusCode() == 202, "the receipt was not taken");
		IJsonObject sent = gate.message(c.name, "sent");
		must(digests.contains(digest(gate.octets("/v1/messages/" + sent.getAsString("id") + "/document"))), "another document was pulled");
		Signal empty = signal(c, pullRequest(c, id(c, "again")));
		must(empty.errors.equals(List.of("EBMS:0006")), "the empty channel answered with " + empty);
	}

	private Peer.Letter receipt(Case c, Ebms3UserMessage message, Document soap) {
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4ClientReceiptMessage client = new AS4ClientReceiptMessage(helper);
			peer.prepare(client, c.name);
			client.setNonRepudiation(true).setReceiptShouldBeSigned(true).setEbms3UserMessage(message).setSoapDocument(soap)
				.setRefToMessageID(message.getMessageInfo().getMessageId());
			return Peer.letter(client.buildMessage(id(c, "receipt"), null));
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
	}

	/* ---- phase4 as responder ---- */

	/* Taken once, its parts as they are here; `sent`, with the receipt. */
	private void taken(Case c, int tries) throws Exception {
		IJsonObject message = gate.message(c.name, "sent");
		String path = "/v1/messages/" + message.getAsString("id");
		List<Responder.Taken> all = responder.of(c.name, "user");
		must(all.size() == 1 && all.get(0).signed(), "phase4 took " + all);
		must(message.getAsInt("attempts") == tries, "tried " + message.getAsInt("attempts") + " times");
		must(all.get(0).decrypted() == Peer.says(c.name, "encrypt"), "encrypted: " + all.get(0).decrypted());
		List<String> wanted = new ArrayList<>(List.of(digest(gate.octets(path + "/document"))));
		for (IJsonObject part : gate.list(path + "/parts", "items", p -> true))
			wanted.add(digest(gate.octets(path + "/parts/" + part.getAsInt("number"))));
		must(all.get(0).lines().containsAll(wanted), "phase4 saw " + all.get(0).lines() + ", not " + wanted);
		List<byte[]> requests = responder.requests.get(c.name);
		must(requests.stream().allMatch(r -> Arrays.equals(r, requests.get(0))), "the tries were not the same octets");
		String receipt = gate.list(path + "/attempts", "receipts", r -> "accepted".equals(r.getAsString("kind"))).get(0).getAsString("id");
		must(new String(gate.octets(path + "/receipts/" + receipt), StandardCharsets.UTF_8).contains("NonRepudiationInformation"), "no receipt is kept");
	}

	private void fails(Case c, String... codes) throws Exception {
		String reason = gate.message(c.name, "failed").getAsString("reason");
		must(Arrays.stream(codes).anyMatch(reason::contains), "the reason is \"" + reason + "\"");
	}

	/* phase4 answers the repeat of what it has taken with an error, not with its receipt. */
	private void repeat(Case c) throws Exception {
		fails(c, "EBMS:0004");
		fails(c, "an earlier try may have arrived");
		must(responder.of(c.name, "user").size() == 1, "phase4 took it " + responder.of(c.name, "user").size() + " times");
	}

	private void pulledFrom(Case c) throws Exception {
		byte[] document = document(c.name);
		Built built = build(c, id(c, "wait"), document, client -> client.setAction("IE3N04"));
		responder.waiting.put(c.name, new Responder.Waiting(built.letter, built.references));
		for (int i = 0; responder.of(c.name, "signal").isEmpty() && i < 200; i++)
			Thread.sleep(50);
		responder.waiting.remove(c.name);
		List<Responder.Taken> receipts = responder.of(c.name, "signal");
		must(!receipts.isEmpty() && receipts.get(0).signed() && receipts.get(0).lines().containsAll(built.references), "the receipts: " + receipts);
		must(gate.documents(c.name).stream().filter(d -> same(d, document)).count() == 1, "the document is not there once");
	}

	/* A question, and its answer with a file of 15 MB and eight small ones: IE3R02. */
	private void reply(Case c, String run) throws Exception {
		push(c, "question", Files.readAllBytes(Path.of(run, "question.xml")));
		String question = gate.list("/v1/notices?limit=500", "items", n -> "question".equals(n.getAsString("kind"))).get(0).getAsString("id");
		StringBuilder files = new StringBuilder();
		for (int i = 0; i < 9; i++) {
			byte[] file = Peer.noise(i == 0 ? 15_000_000 : 1000 + i);
			System.arraycopy("%PDF-1.7\n".getBytes(StandardCharsets.US_ASCII), 0, file, 0, 9);
			files.append(i > 0 ? "," : "").append("{\"name\":\"file-" + i + ".pdf\",\"content\":\"" + Base64.getEncoder().encodeToString(file) + "\"}");
		}
		String path = "/v1/notices/" + question + "/reply";
		String draft = gate.post("broker-1", path, "{\"text\":\"It was opened for a repair.\",\"files\":[" + files + "]}").getAsString("id");
		gate.post("admin-1", path + "/approve", "{\"reply\":\"" + draft + "\"}");
		taken(c, 1);
		must(responder.of(c.name, "user").get(0).lines().size() == 10, "phase4 saw " + responder.of(c.name, "user").get(0).lines().size() + " parts");
	}

	/* ---- all of it ---- */

	private interface Check {
		void run() throws Exception;
	}

	private static String security(Case c) {
		String name = c.name;
		String token = Peer.says(name, "x509v3") ? "x509v3" : Peer.says(name, "ski") ? "ski" : Peer.says(name, "serial") ? "issuer-serial" : "pkipath";
		return Peer.algorithm(name).getID() + ", " + token + (Peer.says(name, "plain") ? ", plain" : ", compressed")
			+ (Peer.says(name, "encrypt") ? ", aes128-gcm rsa-oaep" : "") + (Peer.says(name, "large") ? ", 15 MB" : "") + (Peer.says(name, "many") ? ", 26 parts" : "");
	}

	private void row(String role, Case c, String what, Check check) {
		String direction = role.equals("initiator") ? "phase4 -> sealgate" : "sealgate -> phase4", why = null;
		long start = System.nanoTime();
		try {
			check.run();
		} catch (Throwable e) {
			why = e.toString();
			failed++;
		}
		System.out.println((why == null ? "ok - " : "not ok - ") + direction + ", " + c.profile + ": " + what + "; " + security(c));
		System.out.printf("%s%.1f s%n", why == null ? "" : why.substring(0, Math.min(why.length(), 1500)) + "; ", (System.nanoTime() - start) / 1e9);
		table.add(String.format("phase4 4.4.1 | %s | %s | %s; %s | %s", direction, c.profile, what, security(c), why == null ? "passed" : "FAILED"));
	}

	private void run(Path run) throws Exception {
		for (Case c : cases.values()) {
			if (c.ways.contains("in"))
				row("initiator", c, "push, receipt, repeat", () -> push(c, "push", document(c.name)));
			if (c.ways.contains("refusals"))
				refusals(c);
		}
		gate.ask("carrier-1", "PUT", "/v1/journeys/J-1", Files.readAllBytes(run.resolve("journey.json")));
		gate.ask("provider-1", "POST", "/v1/events?provider=tracker-1", Files.readAllBytes(run.resolve("event.json")));
		for (Case c : cases.values()) {
			if (c.ways.contains("serve"))
				row("initiator", c, "pulled from sealgate, receipt by a POST", () -> pull(c));
			if (c.ways.contains("out"))
				row("responder", c, "push, receipt", () -> taken(c, 1));
			if (c.ways.contains("lost"))
				row("responder", c, "first try lost, the same octets again", () -> taken(c, 2));
			if (c.ways.contains("unheard"))
				row("responder", c, "receipt lost: the repeat is known, EBMS:0004", () -> repeat(c));
			if (c.ways.contains("keeps"))
				row("responder", c, "receipt lost: the repeat is known, the kept receipt repeated", () -> taken(c, 2));
			if (c.ways.contains("refuses"))
				row("responder", c, "phase4's error EBMS:0011: failed", () -> fails(c, "EBMS:0011"));
			if (c.ways.contains("stranger"))
				row("responder", c, "phase4 does not know our signer: failed", () -> fails(c, "EBMS:0101", "EBMS:0102"));
			if (c.ways.contains("reply"))
				row("responder", c, "question pushed, answered: 10 parts, 15 MB", () -> reply(c, run.toString()));
			if (c.ways.contains("pull"))
				row("responder", c, "sealgate pulls, receipt by a POST", () -> pulledFrom(c));
		}
		System.out.println("peer | direction | profile | what; security | result");
		table.forEach(System.out::println);
	}

	public static void main(String[] args) {
		try {
			WebScopeManager.onGlobalBegin(MockServletContext.create());
			AS4ServerInitializer.initAS4Server();
			wire = new Wire(Path.of(args[0]), args[1], Path.of(args[2]), Integer.parseInt(args[3]));
			for (Case c : cases.values())
				if (c.profile.equals("euctp-pull"))
					MetaAS4Manager.getMPCMgr().createMPC(new MPC(c.channel()));
			wire.run(Path.of(args[2]));
			System.exit(wire.failed > 0 ? 1 : 0);
		} catch (Throwable e) {  /* phase4's threads would keep the process */
			e.printStackTrace();
			System.exit(2);
		}
	}
}
