/* phase4 against phase4 over loopback HTTP: a message of 3 KB, signed and compressed, pushed; its signed receipt verified by phase4's
 * client. See phase4_rate.
 *
 *   Phase4Rate serve DIR KIND              answers on a port of the kernel's choice, which it prints
 *   Phase4Rate push DIR KIND PORT SECONDS PID  warms up, then measures: "rate N" in messages a second, "cpu A B" in milliseconds for each
 *                                          message, of this process and of that one, "rss N" in kB
 *
 * What costs phase4 nothing in a well-made program costs it nothing here: keys are open, connections stay, nothing is logged or stored,
 * and both sides run as many threads as serve them best on two cores.
 */
import com.helger.collection.commons.CommonsArrayList;
import com.helger.collection.commons.ICommonsList;
import com.helger.http.header.HttpHeaderMap;
import com.helger.mime.CMimeType;
import com.helger.phase4.attachment.IAS4IncomingAttachmentFactory;
import com.helger.phase4.attachment.WSS4JAttachment;
import com.helger.phase4.client.AS4ClientUserMessage;
import com.helger.phase4.crypto.AS4SigningParams;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.ebms3header.Ebms3UserMessage;
import com.helger.phase4.error.AS4ErrorList;
import com.helger.phase4.incoming.AS4IncomingHandler;
import com.helger.phase4.incoming.AS4IncomingMessageMetadata;
import com.helger.phase4.incoming.AS4IncomingProfileSelectorConstant;
import com.helger.phase4.incoming.AS4IncomingReceiverConfiguration;
import com.helger.phase4.incoming.AS4RequestHandler;
import com.helger.phase4.incoming.AS4ServerInitializer;
import com.helger.phase4.incoming.IAS4IncomingMessageMetadata;
import com.helger.phase4.incoming.IAS4IncomingMessageState;
import com.helger.phase4.incoming.crypto.AS4IncomingSecurityConfiguration;
import com.helger.phase4.incoming.spi.AS4MessageProcessorResult;
import com.helger.phase4.incoming.spi.AS4SignalMessageProcessorResult;
import com.helger.phase4.incoming.spi.IAS4IncomingMessageProcessorSPI;
import com.helger.phase4.model.pmode.IPMode;
import com.helger.phase4.util.AS4ResourceHelper;
import com.helger.servlet.mock.MockServletContext;
import com.helger.web.scope.mgr.WebScopeManager;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.w3c.dom.Node;

public final class Phase4Rate {
	private static final int THREADS = 4, WARM = 2000;
	private final Peer peer;
	private final String kind, name;
	private final IPMode mode;
	private final byte[] document = document();
	private final AtomicLong done = new AtomicLong();

	private Phase4Rate(Path dir, String kind) {
		peer = new Peer(dir);
		this.kind = kind;
		name = (kind.equals("p256") ? "ecdsa" : "rsa") + "-pkipath";
		mode = Peer.mode(name);
	}

	private static byte[] document() {
		StringBuilder out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Declaration>");
		for (int i = 0; out.length() < 3000; i++)
			out.append("<Statement n=\"").append(i).append("\">opened at ").append(i * 7919L).append("</Statement>");
		return out.append("</Declaration>\n").toString().getBytes(StandardCharsets.UTF_8);
	}

	/* ---- the answering side ---- */

	/* Reads what arrived, as any application must. */
	private static final class Processor implements IAS4IncomingMessageProcessorSPI {
		@Override
		public AS4MessageProcessorResult processAS4UserMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3UserMessage message, IPMode mode,
		                                                       Node payload, ICommonsList<WSS4JAttachment> attachments, IAS4IncomingMessageState state,
		                                                       AS4ErrorList errors) {
			try {
				for (WSS4JAttachment attachment : attachments)
					attachment.getSourceStream().readAllBytes();
			} catch (IOException e) {
				throw new java.io.UncheckedIOException(e);
			}
			return AS4MessageProcessorResult.createSuccess();
		}

		@Override
		public AS4SignalMessageProcessorResult processAS4SignalMessage(IAS4IncomingMessageMetadata metadata, HttpHeaderMap headers, Ebms3SignalMessage message,
		                                                               IPMode mode, IAS4IncomingMessageState state, AS4ErrorList errors) {
			return AS4SignalMessageProcessorResult.createSuccess();
		}

		@Override
		public void processAS4ResponseMessage(IAS4IncomingMessageMetadata metadata, IAS4IncomingMessageState state, String id, byte[] octets, boolean present,
		                                      AS4ErrorList errors) {
		}
	}

	private void answer(HttpExchange exchange) throws IOException {
		HttpHeaderMap headers = new HttpHeaderMap();
		exchange.getRequestHeaders().forEach((header, values) -> values.forEach(v -> headers.addHeader(header, v)));
		Peer.Answer answer = new Peer.Answer();
		try (AS4RequestHandler handler = new AS4RequestHandler(AS4IncomingMessageMetadata.createForRequest())) {
			handler.setCryptoFactory(peer.crypto(kind));
			handler.setPModeResolver((id, service, action, initiator, responder, agreement, address) -> mode);
			handler.setIncomingProfileSelector(new AS4IncomingProfileSelectorConstant(null, false));
			handler.setIncomingAttachmentFactory(IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE);
			handler.setIncomingSecurityConfiguration(new AS4IncomingSecurityConfiguration().setSigningParams(Peer.signing(new AS4SigningParams(), name)));
			handler.setIncomingReceiverConfiguration(new AS4IncomingReceiverConfiguration());
			handler.setProcessorSupplier(() -> new CommonsArrayList<>(new Processor()));
			handler.handleRequest(exchange.getRequestBody(), headers, answer);
		} catch (Exception e) {
			e.printStackTrace();
		}
		exchange.getResponseHeaders().set("Content-Type", answer.type);
		exchange.sendResponseHeaders(answer.status, answer.content.length);
		exchange.getResponseBody().write(answer.content);
		exchange.close();
	}

	private void serve() throws Exception {
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
		server.setExecutor(Executors.newFixedThreadPool(THREADS));
		server.createContext("/", this::answer);
		server.start();
		System.out.println("port " + server.getAddress().getPort());
		Thread.sleep(Long.MAX_VALUE);
	}

	/* ---- the pushing side ---- */

	private void push(HttpClient client, URI to) throws Exception {
		Peer.Letter letter;
		String id = UUID.randomUUID() + "@phase4.example";
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4ClientUserMessage message = peer.draft(helper, name);
			message.addAttachment(peer.attachment(helper, name, "message@hub", document, CMimeType.APPLICATION_XML, true));
			letter = Peer.letter(message.setMessageID(id).buildMessage(id, null));
		}
		HttpRequest request = HttpRequest.newBuilder(to).header("Content-Type", letter.type()).POST(HttpRequest.BodyPublishers.ofByteArray(letter.octets())).build();
		HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
		BasicHttpResponse response = new BasicHttpResponse(answer.statusCode());
		answer.headers().map().forEach((header, values) -> values.forEach(v -> response.addHeader(header, v)));
		boolean[] holds = { false };
		try (AS4ResourceHelper helper = new AS4ResourceHelper()) {
			AS4IncomingHandler.parseSignalMessage(peer.crypto(kind), peer.crypto(kind), (i, service, action, initiator, responder, agreement, address) -> mode,
				IAS4IncomingAttachmentFactory.DEFAULT_INSTANCE, new AS4IncomingProfileSelectorConstant(null, false), helper, mode, Locale.US,
				AS4IncomingMessageMetadata.createForResponse(id), response, answer.body(), null, AS4IncomingSecurityConfiguration.createDefaultInstance(),
				new AS4IncomingReceiverConfiguration(),
				(signal, metadata, state) -> holds[0] = state.isSoapSignatureChecked() && signal.getReceipt() != null
					&& id.equals(signal.getMessageInfo().getRefToMessageId()));
		}
		if (!holds[0])
			throw new IllegalStateException("no receipt: " + new String(answer.body(), StandardCharsets.UTF_8));
		done.incrementAndGet();
	}

	private void pushAll(int port, int seconds, String pid) throws Exception {
		HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
		URI to = URI.create("http://127.0.0.1:" + port + "/as4");
		for (int i = 0; i < THREADS; i++) {
			Thread thread = new Thread(() -> {
				try {
					for (;;)
						push(client, to);
				} catch (Throwable e) {
					e.printStackTrace();
					Runtime.getRuntime().halt(1);
				}
			});
			thread.setDaemon(true);
			thread.start();
		}
		/* Warm: the compilers have had their time, and enough to compile. */
		long born = System.nanoTime();
		do
			Thread.sleep(seconds * 1000L);
		while (done.get() < WARM && System.nanoTime() - born < 10L * seconds * 1_000_000_000L);
		long before = done.get(), start = System.nanoTime(), mine = cpu("self"), theirs = cpu(pid);
		Thread.sleep(seconds * 1000L);
		double count = done.get() - before;
		System.out.printf(Locale.US, "rate %.1f%n", count / ((System.nanoTime() - start) / 1e9));
		System.out.printf(Locale.US, "cpu %.2f %.2f%n", (cpu("self") - mine) * 10 / count, (cpu(pid) - theirs) * 10 / count);
	}

	/* Of a process so far, in hundredths of a second. */
	private static long cpu(String pid) throws IOException {
		String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
		String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
		return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
	}

	/* Most memory of this process so far, in kB. */
	private static String memory() throws IOException {
		for (String line : Files.readAllLines(Path.of("/proc/self/status")))
			if (line.startsWith("VmHWM:"))
				return line.replaceAll("\\D", "");
		return "0";
	}

	public static void main(String[] args) {
		try {
			WebScopeManager.onGlobalBegin(MockServletContext.create());
			AS4ServerInitializer.initAS4Server();
			Phase4Rate rate = new Phase4Rate(Path.of(args[1]), args[2]);
			if (args[0].equals("serve"))
				rate.serve();
			else
				rate.pushAll(Integer.parseInt(args[3]), Integer.parseInt(args[4]), args[5]);
			System.out.println("rss " + memory());
			System.out.flush();
			Runtime.getRuntime().halt(0);  /* phase4's threads would keep the process */
		} catch (Throwable e) {
			e.printStackTrace();
			Runtime.getRuntime().halt(1);
		}
	}
}
