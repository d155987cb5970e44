import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.crypto.Data;
import javax.xml.crypto.NodeSetData;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Reading, walking and writing XML with what the JDK brings along. */
final class Xml {
	static final String DS = "http://www.w3.org/2000/09/xmldsig#";
	static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";

	private Xml() {
	}

	static Document parse(byte[] octets) throws Exception {
		return builder().newDocumentBuilder().parse(new ByteArrayInputStream(octets));
	}

	static Document empty() throws Exception {
		return builder().newDocumentBuilder().newDocument();
	}

	private static DocumentBuilderFactory builder() throws Exception {
		DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
		factory.setNamespaceAware(true);
		factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
		factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
		return factory;
	}

	/** The only child element of that name; none or several is an error. */
	static Element child(Element parent, String uri, String name) {
		Element found = null;
		for (Node at = parent.getFirstChild(); at != null; at = at.getNextSibling()) {
			if (at instanceof Element element && uri.equals(at.getNamespaceURI()) && name.equals(at.getLocalName())) {
				if (found != null)
					throw new Refused("<" + name + "> stands twice in <" + parent.getLocalName() + ">");
				found = element;
			}
		}
		if (found == null)
			throw new Refused("<" + parent.getLocalName() + "> has no <" + name + ">");
		return found;
	}

	static List<Element> children(Element parent, String uri, String name) {
		List<Element> out = new ArrayList<>();
		for (Node at = parent.getFirstChild(); at != null; at = at.getNextSibling())
			if (at instanceof Element element && uri.equals(at.getNamespaceURI()) && name.equals(at.getLocalName()))
				out.add(element);
		return out;
	}

	/** Text of the first element of that local name anywhere, or null. */
	static String first(Document document, String name) {
		NodeList found = document.getElementsByTagNameNS("*", name);
		return found.getLength() == 0 ? null : found.item(0).getTextContent().trim();
	}

	static byte[] write(Node node, boolean declaration) throws Exception {
		Transformer transformer = TransformerFactory.newInstance().newTransformer();
		transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, declaration ? "no" : "yes");
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		transformer.transform(new DOMSource(node), new StreamResult(out));
		return out.toByteArray();
	}

	/** Exclusive C14N of the element and what is in it, by the JDK's own canonicalizer. */
	static byte[] canonical(Element apex) throws Exception {
		List<Node> nodes = new ArrayList<>();
		collect(apex, nodes);
		CanonicalizationMethod method = XMLSignatureFactory.getInstance("DOM")
			.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null);
		Data out = method.transform(new NodeSet(nodes), null);
		try (InputStream stream = ((OctetStreamData) out).getOctetStream()) {
			return stream.readAllBytes();
		}
	}

	private static void collect(Node node, List<Node> out) {
		out.add(node);
		NamedNodeMap attributes = node.getAttributes();
		for (int i = 0; attributes != null && i < attributes.getLength(); i++)
			out.add(attributes.item(i));
		for (Node at = node.getFirstChild(); at != null; at = at.getNextSibling())
			collect(at, out);
	}

	private record NodeSet(List<Node> nodes) implements NodeSetData<Node> {
		@Override
		public Iterator<Node> iterator() {
			return nodes.iterator();
		}
	}
}
