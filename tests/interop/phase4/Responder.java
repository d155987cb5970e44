/* phase4 as the one that answers: its AS4RequestHandler behind the JDK's HTTP server. /NAME is the endpoint of agreement NAME. */
import com.helger.collection.commons.CommonsArrayList;
import com.helger.collection.commons.ICommonsList;
import com.helger.http.header.HttpHeaderMap;
import com.helger.phase4.attachment.IAS4IncomingAttachmentFactory;
import com.helger.phase4.attachment.WSS4JAttachment;
import com.helger.phase4.crypto.AS4CryptoFactoryInMemoryKeyStore;
import com.helger.phase4.crypto.AS4SigningParams;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.ebms3header.Ebms3UserMessage;
import com.helger.phase4.ebms3header.MessagePartNRInformation;
import com.helger.phase4.ebms3header.NonRepudiationInformation;
import com.helger.phase4.error.AS4ErrorList;
import com.helger.phase4.incoming.AS4IncomingMessageMetadata;
import com.helger.phase4.incoming.AS4IncomingProfileSelectorConstant;
import com.helger.phase4.incoming.AS4IncomingReceiverConfiguration;
import com.helger.phase4.incoming.AS4RequestHandler;
import com.helger.phase4.incoming.IAS4IncomingMessageMetadata;
import com.helger.phase4.incoming.IAS4IncomingMessageState;
import com.helger.phase4.incoming.crypto.AS4IncomingSecurityConfiguration;
import com.helger.phase4.incoming.spi.AS4MessageProcessorResult;
import com.helger.phase4.incoming.spi.AS4SignalMessageProcessorResult;
import com.helger.phase4.incoming.spi.IAS4IncomingMessageProcessorSPI;
import com.helger.phase4.model.error.EEbmsError;
import com.helger.phase4.model.pmode.IPMode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.w3c.dom.Node;

final class Responder {
	/* What phase4 handed on after it had checked it. */
	record Taken(String kind, String id, boolean signed, boolean decrypted, List<String> lines) {
	}

	/* A message that waits to be pulled, and what its receipt must repeat. */
	record Waiting(Peer.Letter letter, List<String> references) {
	}

	final Map<String, List<Taken>> taken = new ConcurrentHashMap<>();
	final Map<String, List<byte[]>> requests = new ConcurrentHashMap<>();
	final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
	private final Map<String, Peer.Answer> firstAnswers = new ConcurrentHashMap<>();
	private final Wire wire;
	private final Peer peer;
	private final HttpServer server;

	Responder(Wire wire, Peer peer, int port) throws IOException {
		this.wire = wire;
		this.peer = peer;
		server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
		server.setExecutor(Executors.newFixedThreadPool(4));
		server.createContext("/", this::exchanged);
		server.start();
	}

	private void exchanged(HttpExchange exchange) throws IOException {
		try {
			String name = exchange.getRequestURI().getPath().substring(1);
			byte[] octets = exchange.getRequestBody().readAllBytes();
			List<byte[]> all = requests.computeIfAbsent(name, n -> new ArrayList<>());
			boolean first;
			synchronized (all) {
				first = all.isEmpty();
				all.add(octets);
			}
			if (first && Peer.says(name, "lost"))
				return;  /* closed before phase4 has seen it */
			Peer.Answer answer = handle(name, exchange, octets);
			if (first)
				firstAnswers.put(name, answer);
			if (first && (Peer.says(name, "unheard") || Peer.says(name, "keeps")))
				return;  /* phase4 has answered, and nobody hears it */
			if (Peer.says(name, "keeps") && new String(answer.content, StandardCharsets.UTF_8).contains("this is a duplicate"))
				answer = firstAnswers.get(name);  /* phase4 knew the repeat; whoever runs it keeps receipts, and repeats them (AS4 1.0, 3.2) */
			exchange.getResponseHeaders().set("Content-Type", answer.type);
			exchange.sendResponseHeaders(answer.status, answer.content.length == 0 ? -1 : answer.content.length);
			exchange.getResponseBody().write(answer.content);
		} catch (Exception e) {
			e.printStackTrace();
		} finally {
			exchange.close();
		}
	}

	private Peer.Answer handle(String name, HttpExchange exchange, byte[] octets) throws Exception {
		HttpHeaderMap headers = new HttpHeaderMap();
		exchange.getRequestHeaders().forEach((header, values) -> values.forEach(v -> headers.addHeader(header, v)));
		Peer.Answer answer = new Peer.Answer();
		if (new String(octets, StandardCharsets.UTF_8).contains(":Receipt>")) {  /* phase4's handler takes no receipt alone: its client does */
			Wire.Signal signal = wire.signal(name, headers.getFirstHeaderValue("Content-Type"), octets);
			keep(name, new Taken("signal", signal.refersTo(), signal.signed(), false, signal.confirmed()));
			answer.status = 202;
			return answer;
		}
		Processor processor = new Processor(name);
		IPMode mode = wire.mode(name);
		try (AS4RequestHandler handler = new AS4RequestHandler(AS4IncomingMessageMetadata.createForRequest())) {
			handler.setCryptoFactory(Peer.says(name, "stranger") ? distrusting(name) : peer.crypto(Peer.kind(name)));
			handler.setPModeResolver((id, service, action, initiator, responder, agreement, address) -> mode);
			handler.setIncomingProfileSelector(new AS4IncomingProfileSelectorConstant(null, false));
			handler.setIncomingAttachmentFactory(IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE);
			handler.setIncomingSecurityConfiguration(new AS4IncomingSecurityConfiguration().setSigningParams(Peer.signing(new AS4SigningParams(), name)));
			handler.setIncomingReceiverConfiguration(new AS4IncomingReceiverConfiguration());
			handler.setProcessorSupplier(() -> new CommonsArrayList<>(processor));
			handler.handleRequest(new ByteArrayInputStream(octets), headers, answer);
		}
		/* phase4's handler answers a pull request without signature and parts ("would be nice"): the message is one that its client built. */
		if (processor.pulled && waiting.containsKey(name)) {
			answer.type = waiting.get(name).letter().type();
			answer.content = waiting.get(name).letter().octets();
			answer.status = 200;
		}
		return answer;
	}

	/* With a key of its own, and nobody that it trusts. */
	private AS4CryptoFactoryInMemoryKeyStore distrusting(String name) throws Exception {
		KeyStore nobody = KeyStore.getInstance("PKCS12");
		nobody.load(null, null);
		return new AS4CryptoFactoryInMemoryKeyStore(peer.store("hub-" + Peer.kind(name) + ".p12"), "hub", Peer.PASSWORD.toCharArray(), nobody);
	}

	static List<String> confirmed(Ebms3SignalMessage message) {
		List<String> lines = new ArrayList<>();
		for (Object any : message.getReceipt().getAny())
			if (any instanceof NonRepudiationInformation information)
				for (MessagePartNRInformation part : information.getMessagePartNRInformation())
					lines.add(Peer.line(part.getReference()));
		return lines;
	}

	private void keep(String name, Taken one) {
		List<Taken> all = taken.computeIfAbsent(name, n -> new ArrayList<>());
		synchronized (all) {
			all.add(one);
		}
	}

	private final class Processor implements IAS4IncomingMessageProcessorSPI {
		private final String name;
		boolean pulled;

		Processor(String name) {
			this.name = name;
		}

		@Override
		public AS4MessageProcessorResult processAS4UserMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3UserMessage message, IPMode mode,
		                                                       Node payload, ICommonsList<WSS4JAttachment> attachments, IAS4IncomingMessageState state,
		                                                       AS4ErrorList errors) {
			keep(name, new Taken("user", message.getMessageInfo().getMessageId(), state.isSoapSignatureChecked(), state.isSoapDecrypted(), digests(attachments)));
			if (Peer.says(name, "refuses"))
				errors.add(EEbmsError.EBMS_EXTERNAL_PAYLOAD_ERROR.errorBuilder(Locale.US).refToMessageInError(message.getMessageInfo().getMessageId())
					.errorDetail("not today").build());
			return Peer.says(name, "refuses") ? AS4MessageProcessorResult.createFailure() : AS4MessageProcessorResult.createSuccess();
		}

		@Override
		public AS4SignalMessageProcessorResult processAS4SignalMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3SignalMessage message,
		                                                               IPMode mode, IAS4IncomingMessageState state, AS4ErrorList errors) {
			pulled = message.getPullRequest() != null;
			if (!state.isSoapSignatureChecked())
				throw new IllegalStateException("a signal without a signature");
			return AS4SignalMessageProcessorResult.createSuccess();  /* of a pull request: phase4 says EBMS:0006 */
		}

		@Override
		public void processAS4ResponseMessage(IAS4IncomingMessageMetadata metadata, IAS4IncomingMessageState state, String id, byte[] octets, boolean present,
		                                      AS4ErrorList errors) {
		}
	}

	/* SHA-256 of what was unpacked, part by part. */
	static List<String> digests(List<WSS4JAttachment> attachments) {
		try {
			List<String> lines = new ArrayList<>();
			for (WSS4JAttachment attachment : attachments)
				lines.add(Wire.digest(attachment.getSourceStream().readAllBytes()));
			return lines;
		} catch (Exception e) {
			throw new IllegalStateException(e);
		}
	}

	List<Taken> of(String name, String kind) {
		List<Taken> all = taken.getOrDefault(name, List.of());
		synchronized (all) {
			return all.stream().filter(t -> t.kind().equals(kind)).toList();
		}
	}
}
