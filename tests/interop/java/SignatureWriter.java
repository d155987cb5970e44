import java.security.MessageDigest;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIDereferencer;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLObject;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Writes XAdES baseline B-B signatures with the JDK's XML Signature, in the forms that Sealgate's sign/sign.h takes. */
final class SignatureWriter {
	private final Kind kind;
	private final PrivateKey key;
	private final List<X509Certificate> chain;
	private final XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");

	SignatureWriter(Kind kind, PrivateKey key, List<X509Certificate> chain) {
		this.kind = kind;
		this.key = key;
		this.chain = chain;
	}

	/** A document of its own; `name` is what its Reference calls the signed octets. */
	byte[] detached(byte[] octets, String name) throws Exception {
		Document document = Xml.empty();
		sign(document, document, octets, name);
		return Xml.write(document, true);
	}

	byte[] enveloped(byte[] octets) throws Exception {
		Document document = Xml.parse(octets);
		sign(document, document.getDocumentElement(), null, "");
		return Xml.write(document, false);
	}

	private void sign(Document document, Node parent, byte[] octets, String uri) throws Exception {
		Element qualifying = properties(document);
		XMLObject object = factory.newXMLObject(List.of(new DOMStructure(qualifying)), null, null, null);
		DigestMethod sha256 = factory.newDigestMethod(DigestMethod.SHA256, null);
		Transform exclusive = factory.newTransform(CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null);
		Transform enveloped = factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null);
		Reference content = factory.newReference(uri, sha256, octets == null ? List.of(enveloped, exclusive) : List.of(), null, "r-document");
		Reference signed = factory.newReference("#xades-properties", sha256, List.of(exclusive), "http://uri.etsi.org/01903#SignedProperties", null);
		boolean byHand = kind.isUnknownToXmlSignature();
		SignedInfo info = factory.newSignedInfo(
			factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
			factory.newSignatureMethod(byHand ? Kind.ECDSA_P256.uri : kind.uri, null), List.of(content, signed));
		KeyInfoFactory keyInfos = factory.getKeyInfoFactory();
		KeyInfo keyInfo = keyInfos.newKeyInfo(List.of(keyInfos.newX509Data(chain)));
		DOMSignContext context = new DOMSignContext(byHand ? standIn() : key, parent);
		URIDereferencer own = factory.getURIDereferencer();
		context.setDefaultNamespacePrefix("ds");
		context.setIdAttributeNS((Element) qualifying.getFirstChild(), null, "Id");
		context.setURIDereferencer((reference, crypto) -> octets != null && reference.getURI().equals(uri)
			? new OctetStreamData(new ByteArrayInputStream(octets)) : own.dereference(reference, crypto));
		factory.newXMLSignature(info, keyInfo, List.of(object), "xades-signature", null).sign(context);
		if (byHand)
			signByHand((Element) parent.getLastChild());
	}

	/** The form is XML Signature's, made with a key that is thrown away; method and value are then put in their places. */
	private void signByHand(Element signature) throws Exception {
		Element info = Xml.child(signature, Xml.DS, "SignedInfo");
		Xml.child(info, Xml.DS, "SignatureMethod").setAttribute("Algorithm", kind.uri);
		info.setAttributeNS(XMLConstants.XMLNS_ATTRIBUTE_NS_URI, "xmlns:ds", Xml.DS);
		Signature signer = Signature.getInstance(kind.keyAlgorithm);
		signer.initSign(key);
		signer.update(Xml.canonical(info));
		Xml.child(signature, Xml.DS, "SignatureValue").setTextContent(Base64.getEncoder().encodeToString(signer.sign()));
	}

	private static PrivateKey standIn() throws Exception {
		KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
		generator.initialize(new ECGenParameterSpec("secp256r1"));
		KeyPair pair = generator.generateKeyPair();
		return pair.getPrivate();
	}

	private Element properties(Document document) throws Exception {
		Element qualifying = element(document, null, Xml.XADES, "xades:QualifyingProperties");
		qualifying.setAttribute("Target", "#xades-signature");
		qualifying.setAttributeNS(XMLConstants.XMLNS_ATTRIBUTE_NS_URI, "xmlns:xades", Xml.XADES);
		Element properties = element(document, qualifying, Xml.XADES, "xades:SignedProperties");
		properties.setAttribute("Id", "xades-properties");
		Element signed = element(document, properties, Xml.XADES, "xades:SignedSignatureProperties");
		element(document, signed, Xml.XADES, "xades:SigningTime").setTextContent(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
		Element certificate = element(document, element(document, signed, Xml.XADES, "xades:SigningCertificateV2"), Xml.XADES, "xades:Cert");
		Element digest = element(document, certificate, Xml.XADES, "xades:CertDigest");
		element(document, digest, Xml.DS, "ds:DigestMethod").setAttribute("Algorithm", DigestMethod.SHA256);
		element(document, digest, Xml.DS, "ds:DigestValue").setTextContent(Base64.getEncoder()
			.encodeToString(MessageDigest.getInstance("SHA-256").digest(chain.get(0).getEncoded())));
		Element data = element(document, properties, Xml.XADES, "xades:SignedDataObjectProperties");
		Element format = element(document, data, Xml.XADES, "xades:DataObjectFormat");
		format.setAttribute("ObjectReference", "#r-document");
		element(document, format, Xml.XADES, "xades:MimeType").setTextContent("application/xml");
		return qualifying;
	}

	private static Element element(Document document, Element parent, String uri, String name) {
		Element out = document.createElementNS(uri, name);
		if (parent != null)
			parent.appendChild(out);
		return out;
	}
}
