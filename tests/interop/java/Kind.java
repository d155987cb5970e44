import java.util.Arrays;

/** A kind of signature: its name in files, the URI of XML Signature, what the JDK calls it, and the key it wants. */
enum Kind {
	ECDSA_P256("p256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "EC"),
	ECDSA_P384("p384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "EC"),
	RSA_PSS("rsa-pss", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "RSA"),
	RSA_PKCS1("rsa-pkcs1", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "RSA"),
	ED25519("ed25519", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", "Ed25519");

	final String file, uri, keyAlgorithm;

	Kind(String file, String uri, String keyAlgorithm) {
		this.file = file;
		this.uri = uri;
		this.keyAlgorithm = keyAlgorithm;
	}

	static Kind ofUri(String uri) {
		return Arrays.stream(values()).filter(kind -> kind.uri.equals(uri)).findFirst()
			.orElseThrow(() -> new Refused("signature method " + uri + " is not taken"));
	}

	static Kind ofFile(String file) {
		return Arrays.stream(values()).filter(kind -> kind.file.equals(file)).findFirst()
			.orElseThrow(() -> new IllegalArgumentException("no kind of signature is called " + file));
	}

	/** XML Signature of JDK 17 to 20 knows no Ed25519; its java.security does. */
	boolean isUnknownToXmlSignature() {
		return this == ED25519 && Runtime.version().feature() < 21;
	}
}
