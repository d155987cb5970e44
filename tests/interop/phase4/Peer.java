/* phase4 (WSS4J, Santuario) as a peer over files, for tests/interop/phase4/check_phase4.
 *
 *   Peer make DIR    writes DIR/theirs/<case>.{as4,type,references}, messages to Sealgate, as DIR/cases lists them
 *   Peer take DIR    processes DIR/ours/<case>.{as4,type}; writes <case>.answer, <case>.answer-type (receipt or error), and
 *                    <case>.seen: a line for each payload (SHA-256 of what was unpacked) or each confirmed reference
 */
import com.helger.collection.commons.CommonsArrayList;
import com.helger.collection.commons.ICommonsList;
import com.helger.http.header.HttpHeaderMap;
import com.helger.base.io.iface.IHasInputStream;
import com.helger.mime.CMimeType;
import com.helger.mime.IMimeType;
import com.helger.phase4.attachment.AS4OutgoingAttachment;
import com.helger.phase4.attachment.IAS4IncomingAttachmentFactory;
import com.helger.phase4.attachment.WSS4JAttachment;
import com.helger.phase4.client.AS4ClientBuiltMessage;
import com.helger.phase4.client.AS4ClientPullRequestMessage;
import com.helger.phase4.client.AS4ClientUserMessage;
import com.helger.phase4.client.AbstractAS4Client;
import com.helger.phase4.crypto.AS4CryptoFactoryInMemoryKeyStore;
import com.helger.phase4.crypto.AS4SigningParams;
import com.helger.phase4.crypto.ECryptoAlgorithmCrypt;
import com.helger.phase4.crypto.ECryptoAlgorithmSign;
import com.helger.phase4.crypto.ECryptoAlgorithmSignDigest;
import com.helger.phase4.crypto.ECryptoKeyEncryptionAlgorithm;
import com.helger.phase4.crypto.ECryptoKeyIdentifierType;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.ebms3header.Ebms3UserMessage;
import com.helger.phase4.ebms3header.MessagePartNRInformation;
import com.helger.phase4.ebms3header.NonRepudiationInformation;
import com.helger.phase4.error.AS4ErrorList;
import com.helger.phase4.incoming.AS4IncomingHandler;
import com.helger.phase4.incoming.AS4IncomingMessageMetadata;
import com.helger.phase4.incoming.AS4IncomingProfileSelectorConstant;
import com.helger.phase4.incoming.AS4IncomingReceiverConfiguration;
import com.helger.phase4.incoming.AS4RequestHandler;
import com.helger.phase4.incoming.AS4ServerInitializer;
import com.helger.phase4.incoming.IAS4IncomingMessageMetadata;
import com.helger.phase4.incoming.IAS4IncomingMessageState;
import com.helger.phase4.incoming.IAS4ResponseAbstraction;
import com.helger.phase4.incoming.crypto.AS4IncomingSecurityConfiguration;
import com.helger.phase4.incoming.spi.AS4MessageProcessorResult;
import com.helger.phase4.incoming.spi.AS4SignalMessageProcessorResult;
import com.helger.phase4.incoming.spi.IAS4IncomingMessageProcessorSPI;
import com.helger.phase4.incoming.spi.IAS4IncomingPullRequestProcessorSPI;
import com.helger.phase4.mgr.MetaAS4Manager;
import com.helger.phase4.model.EMEP;
import com.helger.phase4.model.EMEPBinding;
import com.helger.phase4.model.ESoapVersion;
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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.w3c.dom.Node;

public final class Peer {
	static final String PASSWORD = "secret";
	private static final String CHANNEL = "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/NL123456789";
	static final String TEST = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/";
	static final String TYPE = "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:";

	private final Path dir;

	Peer(Path dir) {
		this.dir = dir;
	}

	/* ---- keys: one store for each kind ---- */

	KeyStore store(String name) throws Exception {
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(dir.resolve(name))) {
			store.load(in, PASSWORD.toCharArray());
		}
		return store;
	}

	/* Opened once: the key of a PKCS#12 file is behind thousands of rounds of a hash. */
	private final Map<String, AS4CryptoFactoryInMemoryKeyStore> cryptos = new ConcurrentHashMap<>();

	AS4CryptoFactoryInMemoryKeyStore crypto(String kind) throws Exception {
		AS4CryptoFactoryInMemoryKeyStore crypto = cryptos.get(kind);
		if (crypto == null) {
			crypto = new AS4CryptoFactoryInMemoryKeyStore(store("hub-" + kind + ".p12"), "hub", PASSWORD.toCharArray(), store("trust-" + kind + ".p12"));
			cryptos.put(kind, crypto);
		}
		return crypto;
	}

	/* The words of a case's name say what it is. */
	static boolean says(String name, String word) {
		return List.of(name.split("-")).contains(word);
	}

	static String kind(String name) {
		return says(name, "ecdsa") ? "p256" : says(name, "p384") ? "p384" : "rsa2048";
	}

	static ECryptoAlgorithmSign algorithm(String name) {
		return says(name, "ecdsa") ? ECryptoAlgorithmSign.ECDSA_SHA_256 : says(name, "p384") ? ECryptoAlgorithmSign.ECDSA_SHA_384
			: says(name, "pss") ? ECryptoAlgorithmSign.RSA_SHA_256_MGF1 : ECryptoAlgorithmSign.RSA_SHA_256;
	}

	/* ---- the processing mode ---- */

	static PMode mode(String name) {
		PModeLegSecurity security = new PModeLegSecurity();
		security.setWSSVersion(EWSSVersion.WSS_111);
		security.setX509SignatureAlgorithm(algorithm(name));
		security.setX509SignatureHashFunction(ECryptoAlgorithmSignDigest.DIGEST_SHA_256);
		if (says(name, "encrypt"))
			security.setX509EncryptionAlgorithm(ECryptoAlgorithmCrypt.AES_128_GCM);
		security.setSendReceipt(true);
		security.setSendReceiptNonRepudiation(true);
		security.setSendReceiptReplyPattern(EPModeSendReceiptReplyPattern.RESPONSE);
		PModeLeg leg = new PModeLeg(new PModeLegProtocol("https://localhost/", ESoapVersion.SOAP_12),
			PModeLegBusinessInformation.create("eu_ics2_c2t", "IE3Q02", null, null), null, null, security);
		return new PMode("mode-" + name, new PModeParty(TYPE + "auth", "sti-taxud", "Customs", null, null),
			new PModeParty(TYPE + "EORI", "NL123456789", "Trader", null, null), "EU-ICS2-TI-V2.0", EMEP.ONE_WAY, EMEPBinding.PUSH, leg, null, null,
			PModeReceptionAwareness.createDefault());
	}

	/* ---- make ---- */

	static byte[] noise(int size) {
		byte[] out = new byte[size];
		for (int i = 0; i < size; i++)
			out[i] = (byte) ((i * 2654435761L) >>> 13);
		return out;
	}

	private static byte[] document(String name) {
		return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><q:IE3Q02 xmlns:q=\"urn:q\" b='2' a='1'>" + name + " \u00e9</q:IE3Q02>\n").getBytes(StandardCharsets.UTF_8);
	}

	WSS4JAttachment attachment(AS4ResourceHelper helper, String name, String cid, byte[] data, IMimeType type, boolean utf8) throws Exception {
		AS4OutgoingAttachment.Builder builder = AS4OutgoingAttachment.builder().data(data).contentID(cid).mimeType(type);
		if (utf8)
			builder.charset(StandardCharsets.UTF_8);
		if (!says(name, "plain"))
			builder.compressionGZIP();
		return WSS4JAttachment.createOutgoingFileAttachment(builder.build(), helper);
	}

	/* A user message of the hub, without what it carries. */
	AS4ClientUserMessage draft(AS4ResourceHelper helper, String name) throws Exception {
		AS4ClientUserMessage client = new AS4ClientUserMessage(helper);
		prepare(client, name);
		client.setPMode(mode(name), false);
		client.setAction(says(name, "ping") ? TEST + "test" : "IE3Q02");
		client.setServiceType(says(name, "ping") ? null : "eu-customs-service-type");
		client.setServiceValue(says(name, "ping") ? TEST + "service" : "eu_ics2_c2t");
		client.setConversationID("1");
		client.setAgreementRefValue("EU-ICS2-TI-V2.0");
		client.setAgreementTypeValue("ics2-interface-version");
		client.setFromRole("Customs").setFromPartyIDType(TYPE + "auth").setFromPartyID("sti-taxud");
		client.setToRole("Trader").setToPartyIDType(TYPE + "EORI").setToPartyID("NL123456789");
		client.setForceMimeMessage(true);
		if (says(name, "encrypt")) {
			client.setCryptoFactoryCrypt(crypto("rsa2048"));
			client.cryptParams().setAlgorithmCrypt(ECryptoAlgorithmCrypt.AES_128_GCM).setKeyEncAlgorithm(ECryptoKeyEncryptionAlgorithm.RSA_OAEP_XENC11)
				.setKeyIdentifierType(ECryptoKeyIdentifierType.SKI_KEY_IDENTIFIER).setEncryptSymmetricSessionKey(true)
				.setCertificate((X509Certificate) store("trust-rsa2048.p12").getCertificate("trader"));
		}
		return client;
	}

	/* What the words of the name say that it carries besides its document. */
	void fill(AS4ClientUserMessage client, AS4ResourceHelper helper, String name) throws Exception {
		if (says(name, "more")) {
			client.addAttachment(attachment(helper, name, "text@hub", "a\nb\r\nc".getBytes(StandardCharsets.UTF_8), CMimeType.TEXT_PLAIN, true));
			client.addAttachment(attachment(helper, name, "picture@hub", noise(5000), CMimeType.IMAGE_JPG, false));
		}
		if (says(name, "large"))
			client.addAttachment(attachment(helper, name, "large@hub", noise(15_000_000), CMimeType.APPLICATION_PDF, false));
		for (int i = 0; says(name, "many") && i < 25; i++)
			client.addAttachment(attachment(helper, name, "p" + i + "@hub", noise(100 + i), CMimeType.APPLICATION_PDF, false));
	}

	private AS4ClientBuiltMessage user(AS4ResourceHelper helper, String name) throws Exception {
		AS4ClientUserMessage client = draft(helper, name);
		if (!says(name, "ping"))
			client.addAttachment(attachment(helper, name, "message@hub", document(name), CMimeType.APPLICATION_XML, true));
		fill(client, helper, name);
		return client.buildMessage(name + "@phase4.example", null);
	}

	static AS4SigningParams signing(AS4SigningParams params, String name) {
		return params.setAlgorithmSign(algorithm(name)).setAlgorithmSignDigest(ECryptoAlgorithmSignDigest.DIGEST_SHA_256)
			.setUseSingleCertificate(says(name, "x509v3"))
			.setKeyIdentifierType(says(name, "ski") ? ECryptoKeyIdentifierType.SKI_KEY_IDENTIFIER : says(name, "serial") ? ECryptoKeyIdentifierType.ISSUER_SERIAL
				: ECryptoKeyIdentifierType.BST_DIRECT_REFERENCE);
	}

	void prepare(AbstractAS4Client<?> client, String name) throws Exception {
		client.setSoapVersion(ESoapVersion.SOAP_12);
		client.setCryptoFactorySign(crypto(kind(name)));
		signing(client.signingParams(), name);
		client.setMessageID(name + "@phase4.example");
	}

	private AS4ClientBuiltMessage pull(AS4ResourceHelper helper, String name) throws Exception {
		AS4ClientPullRequestMessage client = new AS4ClientPullRequestMessage(helper);
		prepare(client, name);
		client.setMPC(CHANNEL);
		return client.buildMessage(name + "@phase4.example", null);
	}

	static String line(ReferenceType reference) {
		return reference.getURI() + ' ' + Base64.getEncoder().encodeToString(reference.getDigestValue()) + '\n';
	}

	record Letter(String type, byte[] octets) {
	}

	/* As it goes over the wire. */
	static Letter letter(AS4ClientBuiltMessage built) throws Exception {
		ByteArrayOutputStream octets = new ByteArrayOutputStream();
		built.getHttpEntity().writeTo(octets);
		String type = built.hasCustomHttpHeaders() ? built.getAllCustomHttpHeaders().getFirstHeaderValue("Content-Type") : null;
		if (type == null)
			type = built.getHttpEntity().getContentType();
		return new Letter(type.replaceAll("\\s+", " "), octets.toByteArray());
	}

	private void make(String name) throws Exception {
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4ClientBuiltMessage built = says(name, "pull") ? pull(helper, name) : user(helper, name);
			Letter letter = letter(built);
			StringBuilder references = new StringBuilder();
			if (built.hasDSReferences())
				for (ReferenceType r : built.getAllDSReferences())
					references.append(line(r));
			Files.write(dir.resolve("theirs/" + name + ".as4"), letter.octets());
			Files.writeString(dir.resolve("theirs/" + name + ".type"), letter.type());
			Files.writeString(dir.resolve("theirs/" + name + ".references"), references);
		}
	}

	/* ---- take ---- */

	static final class Answer implements IAS4ResponseAbstraction {
		byte[] content = new byte[0];
		String type = "";
		int status = 200;

		@Override
		public void setContent(byte[] octets, Charset charset) {
			content = octets;
		}

		@Override
		public void setContent(HttpHeaderMap headers, IHasInputStream stream) {
			try (InputStream in = stream.getInputStream()) {
				content = in.readAllBytes();
			} catch (java.io.IOException e) {
				throw new java.io.UncheckedIOException(e);
			}
			if (headers.getFirstHeaderValue("Content-Type") != null)
				type = headers.getFirstHeaderValue("Content-Type");
		}

		@Override
		public void setMimeType(IMimeType mime) {
			type = mime.getAsString();
		}

		@Override
		public void setStatus(int code) {
			status = code;
		}
	}

	/* Which mode a pull request is for; found by Java's service loader. */
	public static final class Pulls implements IAS4IncomingPullRequestProcessorSPI {
		@Override
		public IPMode findPMode(Ebms3SignalMessage message) {
			return mode(message.getMessageInfo().getMessageId().replaceAll("@.*", ""));
		}
	}

	private static final class Processor implements IAS4IncomingMessageProcessorSPI {
		final StringBuilder seen = new StringBuilder();

		@Override
		public AS4MessageProcessorResult processAS4UserMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3UserMessage message, IPMode mode,
		                                                       Node payload, ICommonsList<WSS4JAttachment> attachments, IAS4IncomingMessageState state,
		                                                       AS4ErrorList errors) {
			seen.append("user ").append(message.getMessageInfo().getMessageId()).append('\n');
			try {
				for (WSS4JAttachment attachment : attachments) {
					byte[] digest = MessageDigest.getInstance("SHA-256").digest(attachment.getSourceStream().readAllBytes());
					seen.append(attachment.getId()).append(' ').append(HexFormat.of().formatHex(digest)).append('\n');
				}
			} catch (Exception e) {
				throw new IllegalStateException(e);
			}
			return AS4MessageProcessorResult.createSuccess();
		}

		@Override
		public AS4SignalMessageProcessorResult processAS4SignalMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3SignalMessage message,
		                                                               IPMode mode, IAS4IncomingMessageState state, AS4ErrorList errors) {
			seen.append(message.getPullRequest() != null ? "pull " : message.getReceipt() != null ? "receipt " : "error ").append(message.getMessageInfo().getMessageId()).append('\n');
			if (message.getReceipt() != null)
				for (Object any : message.getReceipt().getAny())
					if (any instanceof NonRepudiationInformation information)
						for (MessagePartNRInformation part : information.getMessagePartNRInformation())
							seen.append(line(part.getReference()));
			message.getError().forEach(e -> seen.append(e.getErrorCode()).append('\n'));
			return AS4SignalMessageProcessorResult.createSuccess();
		}

		@Override
		public void processAS4ResponseMessage(IAS4IncomingMessageMetadata metadata, IAS4IncomingMessageState state, String id, byte[] octets, boolean present,
		                                      AS4ErrorList errors) {
		}
	}

	/* A signal that answers what phase4 sent, as its client reads it from the HTTP response. */
	private void takeSignal(String name) throws Exception {
		Processor processor = new Processor();
		BasicHttpResponse response = new BasicHttpResponse(200);
		response.setHeader("Content-Type", Files.readString(dir.resolve("ours/" + name + ".type")));
		PMode mode = mode(name);
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4IncomingHandler.parseSignalMessage(crypto(kind(name)), crypto(kind(name)), (id, service, action, initiator, responder, agreement, address) -> mode,
				IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE, new AS4IncomingProfileSelectorConstant(null, false), helper, mode, Locale.US,
				AS4IncomingMessageMetadata.createForResponse(name), response, Files.readAllBytes(dir.resolve("ours/" + name + ".as4")), null,
				AS4IncomingSecurityConfiguration.createDefaultInstance(), new AS4IncomingReceiverConfiguration(), (message, metadata, state) -> {
					if (!state.isSoapSignatureChecked())
						processor.seen.append("unsigned ");
					processor.processAS4SignalMessage(metadata, null, message, mode, state, null);
				});
		} catch (Exception e) {
			processor.seen.append("refused ").append(e).append('\n');
		}
		Files.writeString(dir.resolve("ours/" + name + ".seen"), processor.seen);
	}

	private void take(String name) throws Exception {
		if (says(name, "receipt") || says(name, "pull")) {
			takeSignal(name);
			return;
		}
		byte[] octets = Files.readAllBytes(dir.resolve("ours/" + name + ".as4"));
		HttpHeaderMap headers = new HttpHeaderMap();
		headers.addHeader("Content-Type", Files.readString(dir.resolve("ours/" + name + ".type")));
		Answer answer = new Answer();
		Processor processor = new Processor();
		PMode mode = mode(name);
		try (AS4RequestHandler handler = new AS4RequestHandler(AS4IncomingMessageMetadata.createForRequest())) {
			handler.setCryptoFactory(crypto(kind(name)));
			handler.setPModeResolver((id, service, action, initiator, responder, agreement, address) -> mode);
			handler.setIncomingProfileSelector(new AS4IncomingProfileSelectorConstant(null, false));
			handler.setIncomingAttachmentFactory(IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE);
			AS4IncomingSecurityConfiguration security = AS4IncomingSecurityConfiguration.createDefaultInstance();
			handler.setIncomingSecurityConfiguration(security);
			handler.setIncomingReceiverConfiguration(new AS4IncomingReceiverConfiguration());
			handler.setProcessorSupplier(() -> new CommonsArrayList<>(processor));
			handler.handleRequest(new ByteArrayInputStream(octets), headers, answer);
		} catch (Exception e) {
			processor.seen.append("refused ").append(e).append('\n');
		}
		Files.write(dir.resolve("ours/" + name + ".answer"), answer.content);
		Files.writeString(dir.resolve("ours/" + name + ".answer-type"), answer.type.replaceAll("\\s+", " "));
		Files.writeString(dir.resolve("ours/" + name + ".seen"), processor.seen);
	}

	public static void main(String[] args) {
		try {
			run(args);
			System.exit(0);
		} catch (Throwable e) {  /* phase4's threads would keep the process */
			e.printStackTrace();
			System.exit(1);
		}
	}

	private static void run(String[] args) throws Exception {
		Peer peer = new Peer(Path.of(args[1]));
		WebScopeManager.onGlobalBegin(MockServletContext.create());
		AS4ServerInitializer.initAS4Server();
		MetaAS4Manager.getMPCMgr().createMPC(new MPC(CHANNEL));
		if (args[0].equals("make"))
			for (String name : Files.readAllLines(peer.dir.resolve("cases")))
				peer.make(name);
		else
			try (var files = Files.list(peer.dir.resolve("ours"))) {
				for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".as4")).sorted()::iterator)
					peer.take(file.getFileName().toString().replace(".as4", ""));
			}
	}
}
