import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIDereferencer;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Verifies XAdES baseline B-B signatures (EN 319 132-1, clause 6) with the JDK: its XML Signature where it knows the
 * algorithm; else its C14N and java.security.Signature over the octets of SignedInfo.
 */
final class SignatureReader {
	record Verified(String subject, Instant signingTime, Kind kind, String how) {
	}

	private static final String SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties";
	private static final String SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";

	private final byte[] octets;      // of a detached signature's document; null: enveloped
	private final Document document;  // that holds the signature
	private final Element signature, info, properties;
	private final Kind kind;
	private final List<X509Certificate> anchors;

	private SignatureReader(byte[] octets, Document document, Element signature, List<X509Certificate> anchors) {
		this.octets = octets;
		this.document = document;
		this.signature = signature;
		this.anchors = anchors;
		if (!Xml.DS.equals(signature.getNamespaceURI()) || !"Signature".equals(signature.getLocalName()))
			throw new Refused("this is no XML signature");
		info = Xml.child(signature, Xml.DS, "SignedInfo");
		kind = Kind.ofUri(Xml.child(info, Xml.DS, "SignatureMethod").getAttribute("Algorithm"));
		Element object = Xml.child(signature, Xml.DS, "Object");
		Element qualifying = Xml.child(object, Xml.XADES, "QualifyingProperties");
		properties = Xml.child(qualifying, Xml.XADES, "SignedProperties");
		if (!qualifying.getAttribute("Target").equals("#" + signature.getAttribute("Id")))
			throw new Refused("QualifyingProperties are not about this signature");
	}

	static Verified detached(byte[] octets, byte[] signature, List<X509Certificate> anchors) throws Exception {
		Document document = Xml.parse(signature);
		return new SignatureReader(octets, document, document.getDocumentElement(), anchors).verify();
	}

	static Verified enveloped(byte[] octets, List<X509Certificate> anchors) throws Exception {
		Document document = Xml.parse(octets);
		return new SignatureReader(null, document, Xml.child(document.getDocumentElement(), Xml.DS, "Signature"), anchors).verify();
	}

	private Verified verify() throws Exception {
		Element signed = Xml.child(properties, Xml.XADES, "SignedSignatureProperties");
		Instant time = Instant.parse(Xml.child(signed, Xml.XADES, "SigningTime").getTextContent().trim());
		List<X509Certificate> chain = chain(Xml.child(signed, Xml.XADES, "SigningCertificateV2"));
		checkReferences();
		checkChain(chain, time);
		if (time.isAfter(Instant.now().plus(Duration.ofMinutes(5))))
			throw new Refused("SigningTime lies in the future");
		boolean byHand = kind.isUnknownToXmlSignature();
		if (byHand)
			coreByHand(chain.get(0).getPublicKey());
		else
			core(chain.get(0).getPublicKey());
		return new Verified(chain.get(0).getSubjectX500Principal().getName(), time, kind,
			byHand ? "C14N and java.security" : "XML Signature");
	}

	/** KeyInfo's certificates, the one that SigningCertificateV2 names (EN 319 132-1 5.2.2) in front. */
	private List<X509Certificate> chain(Element signingCertificate) throws Exception {
		Element digest = Xml.child(Xml.child(signingCertificate, Xml.XADES, "Cert"), Xml.XADES, "CertDigest");
		if (!SHA256.equals(Xml.child(digest, Xml.DS, "DigestMethod").getAttribute("Algorithm")))
			throw new Refused("CertDigest is not SHA-256");
		byte[] wanted = base64(Xml.child(digest, Xml.DS, "DigestValue"));
		Element data = Xml.child(Xml.child(signature, Xml.DS, "KeyInfo"), Xml.DS, "X509Data");
		List<X509Certificate> out = new ArrayList<>();
		X509Certificate leaf = null;
		for (Element at : Xml.children(data, Xml.DS, "X509Certificate")) {
			X509Certificate one = (X509Certificate) CertificateFactory.getInstance("X.509")
				.generateCertificate(new ByteArrayInputStream(base64(at)));
			if (leaf == null && MessageDigest.isEqual(wanted, sha256(one.getEncoded())))
				leaf = one;
			else
				out.add(one);
		}
		if (leaf == null)
			throw new Refused("SigningCertificateV2 names none of the certificates in KeyInfo");
		out.add(0, leaf);
		return out;
	}

	private void checkChain(List<X509Certificate> chain, Instant time) throws Exception {
		Set<TrustAnchor> trusted = new HashSet<>();
		for (X509Certificate anchor : anchors)
			trusted.add(new TrustAnchor(anchor, null));
		List<X509Certificate> path = new ArrayList<>(chain);
		path.removeIf(anchors::contains);
		PKIXParameters parameters = new PKIXParameters(trusted);
		parameters.setRevocationEnabled(false);
		parameters.setDate(Date.from(time));
		CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
		boolean[] usage = chain.get(0).getKeyUsage();
		if (usage != null && !usage[0] && !usage[1])
			throw new Refused("the signer's certificate is not meant for signing");
	}

	private Element reference(boolean ofProperties) {
		Element found = null;
		for (Element at : Xml.children(info, Xml.DS, "Reference")) {
			if (SIGNED_PROPERTIES.equals(at.getAttribute("Type")) != ofProperties)
				continue;
			if (found != null)
				throw new Refused("SignedInfo has a Reference too many");
			found = at;
		}
		if (found == null)
			throw new Refused(ofProperties ? "no Reference has the Type of SignedProperties" : "no Reference names the document");
		return found;
	}

	/** One Reference to the document, which DataObjectFormat (5.2.4) speaks of, and one to SignedProperties (6.3). */
	private void checkReferences() {
		Element content = reference(false);
		if (!reference(true).getAttribute("URI").equals("#" + properties.getAttribute("Id")))
			throw new Refused("the Reference of that Type is not to SignedProperties");
		boolean wholeDocument = content.getAttribute("URI").isEmpty();
		if (wholeDocument == (octets != null) || content.getAttribute("URI").startsWith("#"))
			throw new Refused("the Reference is not to the whole document");
		Element data = Xml.child(properties, Xml.XADES, "SignedDataObjectProperties");
		Element format = Xml.child(data, Xml.XADES, "DataObjectFormat");
		if (!format.getAttribute("ObjectReference").equals("#" + content.getAttribute("Id")))
			throw new Refused("DataObjectFormat does not speak of the document's Reference");
		Xml.child(format, Xml.XADES, "MimeType");
	}

	private void core(PublicKey key) throws Exception {
		XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
		DOMValidateContext context = new DOMValidateContext(KeySelector.singletonKeySelector(key), signature);
		URIDereferencer own = factory.getURIDereferencer();
		context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
		context.setIdAttributeNS(properties, null, "Id");
		context.setURIDereferencer((reference, crypto) -> octets != null && !reference.getURI().startsWith("#")
			? new OctetStreamData(new ByteArrayInputStream(octets)) : own.dereference(reference, crypto));
		XMLSignature xml = factory.unmarshalXMLSignature(context);
		for (Object reference : xml.getSignedInfo().getReferences())
			if (!((Reference) reference).validate(context))
				throw new Refused("the digest of Reference \"" + ((Reference) reference).getURI() + "\" differs");
		if (!xml.getSignatureValue().validate(context) || !xml.validate(context))
			throw new Refused("the signature value does not fit");
	}

	private void coreByHand(PublicKey key) throws Exception {
		checkDigest(reference(true), Xml.canonical(properties));
		checkDigest(reference(false), octets != null ? octets : withoutSignature());
		Signature verifier = Signature.getInstance(kind.keyAlgorithm);
		verifier.initVerify(key);
		verifier.update(Xml.canonical(info));
		if (!verifier.verify(base64(Xml.child(signature, Xml.DS, "SignatureValue"))))
			throw new Refused("the signature value does not fit");
	}

	private byte[] withoutSignature() throws Exception {
		Document copy = (Document) document.cloneNode(true);
		Element root = copy.getDocumentElement();
		root.removeChild(Xml.child(root, Xml.DS, "Signature"));
		return Xml.canonical(root);
	}

	private static void checkDigest(Element reference, byte[] octets) throws Exception {
		if (!SHA256.equals(Xml.child(reference, Xml.DS, "DigestMethod").getAttribute("Algorithm")))
			throw new Refused("a Reference's digest is not SHA-256");
		if (!MessageDigest.isEqual(base64(Xml.child(reference, Xml.DS, "DigestValue")), sha256(octets)))
			throw new Refused("the digest of Reference \"" + reference.getAttribute("URI") + "\" differs");
	}

	private static byte[] sha256(byte[] octets) throws Exception {
		return MessageDigest.getInstance("SHA-256").digest(octets);
	}

	private static byte[] base64(Element element) {
		return Base64.getMimeDecoder().decode(element.getTextContent());
	}
}
