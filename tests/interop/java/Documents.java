import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Verifies documents with the signatures that lie beside them, as ./demo leaves them.
 * <pre>
 *   java Documents CA.pem DOCUMENT.xml...   the signature of each is in DOCUMENT.sig.xml
 * </pre>
 * A line per document, TAP without a plan.
 */
public final class Documents {
	private Documents() {
	}

	private static boolean isVerified(Path document, List<X509Certificate> anchors) throws Exception {
		String name = document.getFileName().toString();
		Path beside = document.resolveSibling(name.replaceFirst("\\.xml$", ".sig.xml"));
		try {
			Object verified = SignatureReader.detached(Files.readAllBytes(document), Files.readAllBytes(beside), anchors);
			System.out.println("ok - JDK: " + name + ": " + verified);
			return true;
		} catch (Exception e) {
			System.out.println("not ok - JDK: " + name + ": " + e);
			return false;
		}
	}

	public static void main(String[] args) throws Exception {
		List<X509Certificate> anchors = Pem.certificates(Path.of(args[0]));
		int failed = 0;
		for (int i = 1; i < args.length; i++)
			failed += isVerified(Path.of(args[i]), anchors) ? 0 : 1;
		System.exit(failed > 0 ? 1 : 0);
	}
}
