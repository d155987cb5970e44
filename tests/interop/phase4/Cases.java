/* The cases of the exchange over HTTP: who speaks with whom, and how it is signed. See Wire.java.
 *
 * The words of a case's name are Peer's, and: euctp (phase4 is the trader, with the settings of its profile euctp), cef (with those of its
 * profile cef), ics2 (phase4 is customs), pull (the gateway fetches from phase4), serve (phase4 fetches from the gateway), wco (documents
 * are those of the WCO Data Model), drop (the first answer of phase4's server gets lost), bare (and a repeat is answered as phase4 does by
 * itself), refuse (what receives it refuses it), distrust (the server does not trust the gateway's authority). Words of a message alone:
 * wrong (a service that was not agreed), unsigned, other (other content under the same id), ping.
 */
import com.helger.base.state.ETriState;
import com.helger.phase4.CAS4;
import com.helger.phase4.attachment.EAS4CompressionMode;
import com.helger.phase4.client.AS4ClientUserMessage;
import com.helger.phase4.client.AbstractAS4Client;
import com.helger.phase4.crypto.ECryptoAlgorithmCrypt;
import com.helger.phase4.ebms3header.Ebms3Property;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.model.EMEP;
import com.helger.phase4.model.EMEPBinding;
import com.helger.phase4.model.message.AS4UserMessage;
import com.helger.phase4.model.message.AbstractAS4Message;
import com.helger.phase4.model.pmode.IPMode;
import com.helger.phase4.model.pmode.PMode;
import com.helger.phase4.model.pmode.PModePayloadService;
import com.helger.phase4.model.pmode.PModeReceptionAwareness;
import com.helger.phase4.model.pmode.leg.PModeLeg;
import com.helger.phase4.model.pmode.leg.PModeLegBusinessInformation;
import com.helger.phase4.model.pmode.leg.PModeLegErrorHandling;
import com.helger.phase4.model.pmode.leg.PModeLegProtocol;
import com.helger.phase4.model.pmode.leg.PModeLegSecurity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class Cases extends Peer {
	private static final List<String> OF_A_MESSAGE = List.of("wrong", "unsigned", "other", "ping");
	private static final String US = "NL123456789";

	/* Of the thread's message, and the case that its request is about. */
	final ThreadLocal<String> messageId = new ThreadLocal<>(), serving = new ThreadLocal<>();

	Cases(Path dir) {
		super(dir);
	}

	/* The party of a case is the case's name, without the words that are about one message. */
	static String base(String name) {
		return String.join("-", Arrays.stream(name.split("-")).filter(word -> !OF_A_MESSAGE.contains(word)).toList());
	}

	static String channel(String name) {
		return says(name, "pull") ? CHANNEL : "urn:sealgate:channel:" + base(name);
	}

	@Override
	Ends ends(String name) {
		Ends ends = ICS2.with(new Party(base(name), TYPE + "auth", "Customs"), ICS2.other());
		if (says(name, "euctp"))
			ends = ICS2.with(new Party(base(name), TYPE + "EORI", "Trader"), new Party(US, TYPE + "auth", "Customs")).about("eu_ics2_t2c", "eu-customs-service-type", "IE3R02");
		if (says(name, "cef"))
			ends = new Ends(new Party(base(name), null, CAS4.DEFAULT_INITIATOR_URL), new Party(US, null, CAS4.DEFAULT_RESPONDER_URL), "urn:as4:agreement", null,
				"urn:port:seals", null, "notice");
		if (says(name, "ping"))
			ends = ends.about(CAS4.DEFAULT_SERVICE_URL, null, CAS4.DEFAULT_ACTION_URL);
		return says(name, "wrong") ? ends.about("urn:another:service", null, "IE3Q02") : ends;
	}

	/* A question of customs, each with a reference of its own; to customs, something that is none. */
	@Override
	byte[] document(String name) {
		if (says(name, "wco") || says(name, "euctp"))
			return super.document(name);
		String reference = messageId.get().substring(0, 12) + (says(name, "other") ? "-2" : "");
		return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<IE3Q02 xmlns=\"urn:wco:datamodel:eu:ics2:2\">"
			+ "<documentIssueDate><DateTime>2026-02-03T03:00:00Z</DateTime></documentIssueDate><MRN>26NL0005101X7K2LF6</MRN>"
			+ "<responsibleMemberState><country>NL</country></responsibleMemberState>"
			+ "<declarant><identificationNumber>NL123456789</identificationNumber></declarant><referralRequestDetails>"
			+ "<referralRequestReference>" + reference + "</referralRequestReference><requestType>1</requestType>"
			+ "<additionalInformation><text>Who opened it? \u00e9</text></additionalInformation></referralRequestDetails></IE3Q02>\n").getBytes(StandardCharsets.UTF_8);
	}

	@Override
	String messageId(String name) {
		return messageId.get();
	}

	@Override
	void prepare(AbstractAS4Client<?> client, String name) throws Exception {
		super.prepare(client, name);
		if (says(name, "unsigned"))
			client.signingParams().setAlgorithmSign(null);
		if (client instanceof AS4ClientUserMessage user && says(name, "cef"))
			for (String property : List.of("originalSender", "finalRecipient")) {
				Ebms3Property one = new Ebms3Property();
				one.setName(property);
				one.setValue("urn:port:" + property);
				user.ebms3Properties().add(one);
			}
	}

	@Override
	PModeLegSecurity security(String name) {
		PModeLegSecurity security = super.security(name);
		if (says(name, "euctp") || says(name, "cef")) {
			security.setX509EncryptionAlgorithm(ECryptoAlgorithmCrypt.AES_128_GCM);
			security.setX509EncryptionMinimumStrength(128);
			security.setPModeAuthorize(false);
		}
		return security;
	}

	/* As phase4's profiles make them (EuCtpPMode, CEFPMode), with the party's id. */
	@Override
	PMode mode(String name) {
		if (!says(name, "euctp") && !says(name, "cef"))
			return super.mode(name);
		Ends ends = ends(name);
		PModeLegErrorHandling errors = new PModeLegErrorHandling(null, null, ETriState.TRUE, ETriState.TRUE, ETriState.TRUE, ETriState.TRUE);
		PModeLegBusinessInformation business = says(name, "cef") ? PModeLegBusinessInformation.create(null, CAS4.DEFAULT_ACTION_URL, null, CAS4.DEFAULT_MPC_ID)
			: new PModeLegBusinessInformation("eu_ics2_t2c", "eu-customs-service-type", null, null, null, null, CAS4.DEFAULT_MPC_ID);
		PModeLeg leg = new PModeLeg(PModeLegProtocol.createForDefaultSoapVersion("https://localhost/"), business, errors, null, security(name));
		boolean pulls = says(name, "serve");
		return new PMode("mode-" + name, party(new Party(ends.self().id(), ends.self().type(), CAS4.DEFAULT_INITIATOR_URL)),
			party(new Party(ends.other().id(), ends.other().type(), CAS4.DEFAULT_RESPONDER_URL)), ends.agreement(), EMEP.ONE_WAY,
			pulls ? EMEPBinding.PULL : EMEPBinding.PUSH, leg, null, says(name, "euctp") ? new PModePayloadService(EAS4CompressionMode.GZIP) : null,
			new PModeReceptionAwareness(ETriState.TRUE, ETriState.TRUE, 1, 10_000, ETriState.TRUE));
	}

	/* An answer has a RefToMessageId: to phase4 it is the second leg of a two-way exchange, whatever was agreed. */
	@Override
	PMode modeOf(String name, String action) {
		PMode mode = mode(name);
		if (!"IE3R02".equals(action))
			return mode;
		return new PMode("answers-" + name, mode.getInitiator(), mode.getResponder(), mode.getAgreement(), EMEP.TWO_WAY, EMEPBinding.PUSH_PUSH, mode.getLeg1(),
			mode.getLeg1(), null, mode.getReceptionAwareness());
	}

	@Override
	IPMode pullMode(Ebms3SignalMessage message) {
		return mode(serving.get());
	}

	/* phase4's client writes no mpc into a user message; one that is fetched has that of its channel (ebMS 3 Core 5.2.2). */
	@Override
	void onMessage(String name, AbstractAS4Message<?> message) {
		if (says(name, "pull") && message instanceof AS4UserMessage user)
			user.getEbms3UserMessage().setMpc(channel(name));
	}
}
