import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** Responses of the WCO Data Model as a risk system writes them. */
final class Answers {
	private static final DateTimeFormatter FORM_304 = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

	private Answers() {
	}

	private static String pointer(String section, String tag) {
		return "<Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>" + section + "</DocumentSectionCode>"
			+ (tag == null ? "" : "<TagID>" + tag + "</TagID>") + "</Pointer>";
	}

	private static String control(Instant now) {
		return "<AdditionalInformation><StatementCode>X-CONTROL</StatementCode>"
			+ "<StatementDescription>Examination after an opening outside permitted places. type=unpack from="
			+ FORM_304.format(now.plus(6, ChronoUnit.HOURS)) + " disclose=restricted</StatementDescription>"
			+ "<LimitDateTime><r:DateTimeString formatCode=\"304\">" + FORM_304.format(now.plus(14, ChronoUnit.HOURS))
			+ "</r:DateTimeString></LimitDateTime><StatementTypeCode>ACB</StatementTypeCode>"
			+ pointer("42A", null) + pointer("67A", null) + pointer("28A", null) + pointer("31B", "159") + "</AdditionalInformation>"
			+ "<ContactOffice><ID>NL000511</ID><Communication><ID>+31880000001</ID><TypeCode>TE</TypeCode></Communication></ContactOffice>";
	}

	private static String place(String container) {
		return "<od:Declaration><od:FunctionCode>9</od:FunctionCode><od:GoodsShipment><od:Consignment>"
			+ "<od:GoodsLocation><od:Name>Examination yard</od:Name><od:ID>NLRTMRIT</od:ID><od:TypeCode>A</od:TypeCode></od:GoodsLocation>"
			+ "<od:TransportEquipment><od:SequenceNumeric>1</od:SequenceNumeric><od:ID>" + container + "</od:ID></od:TransportEquipment>"
			+ "</od:Consignment></od:GoodsShipment></od:Declaration>";
	}

	/** `container` may be null: then the answer names none. */
	static String write(String function, String reference, String container) {
		Instant now = Instant.now();
		boolean isControl = function.equals("05");
		return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			+ "<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" xmlns=\"urn:wco:datamodel:WCO:RES-DMS:2\""
			+ " xmlns:r=\"urn:wco:datamodel:WCO:Response_DS:DMS:2\" xmlns:od=\"urn:wco:datamodel:WCO:DEC-DMS:2\">"
			+ "<md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode><md:WCOTypeName>RES</md:WCOTypeName>"
			+ "<Response><FunctionCode>" + function + "</FunctionCode>"
			+ "<FunctionalReferenceID>" + UUID.randomUUID().toString().replace("-", "") + "</FunctionalReferenceID>"
			+ "<IssueDateTime><r:DateTimeString formatCode=\"304\">" + FORM_304.format(now) + "</r:DateTimeString></IssueDateTime>"
			+ (isControl ? control(now) : "")
			+ "<Declaration><FunctionalReferenceID>" + reference + "</FunctionalReferenceID><ID>26NL000511"
			+ reference.substring(Math.max(0, reference.length() - 8)) + "</ID><VersionID>1</VersionID></Declaration>"
			+ (isControl && container != null ? place(container) : "")
			+ "</Response></md:MetaData>\n";
	}
}
