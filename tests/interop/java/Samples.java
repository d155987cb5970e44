import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/**
 * The other side of tests/interop/signatures.c. A folder holds ca.pem, <kind>.key and <kind>.pem, documents <name>.xml, their
 * detached signatures <name>.<kind>.sig and enveloped forms <name>.<kind>.signed.
 * <pre>
 *   java Samples verify FOLDER   each signature verifies, and nothing that was changed does
 *   java Samples sign FOLDER     signs every document anew, with the same keys
 * </pre>
 * A line per signature, TAP without a plan.
 */
public final class Samples {
	private static int count, failed;

	private interface Trial {
		Object run() throws Exception;
	}

	private Samples() {
	}

	private static void good(String what, Trial trial) {
		try {
			say(true, what + ": " + trial.run());
		} catch (Exception e) {
			say(false, what + ": " + e);
		}
	}

	private static void bad(String what, Trial trial) {
		try {
			say(false, what + ": taken as " + trial.run());
		} catch (Exception e) {
			say(true, what + ": refused");
		}
	}

	private static void say(boolean ok, String what) {
		count++;
		failed += ok ? 0 : 1;
		System.out.println((ok ? "ok" : "not ok") + " - JDK: " + what.replace('\n', ' ').replace("#", "\\#"));
	}

	/** Changes one octet behind the place where `mark` begins. */
	private static byte[] changed(byte[] octets, String mark, int offset) {
		byte[] out = octets.clone();
		int at = new String(octets, StandardCharsets.ISO_8859_1).indexOf(mark);
		if (at < 0)
			throw new IllegalStateException("no \"" + mark + "\" to change");
		out[at + offset] ^= 1;
		return out;
	}

	private static void verify(Path folder, String name, Kind kind, List<X509Certificate> anchors) throws Exception {
		byte[] document = Files.readAllBytes(folder.resolve(name + ".xml"));
		byte[] signature = Files.readAllBytes(folder.resolve(name + "." + kind.file + ".sig"));
		byte[] signed = Files.readAllBytes(folder.resolve(name + "." + kind.file + ".signed"));
		String what = name + " " + kind.file;
		good(what + " detached", () -> SignatureReader.detached(document, signature, anchors));
		good(what + " enveloped", () -> SignatureReader.enveloped(signed, anchors));
		bad(what + " detached, document changed", () -> SignatureReader.detached(changed(document, "WCOTypeName>", 12), signature, anchors));
		bad(what + " detached, SigningTime changed", () -> SignatureReader.detached(document, changed(signature, "SigningTime>", 12 + 3), anchors));
		bad(what + " detached, MimeType changed", () -> SignatureReader.detached(document, changed(signature, "MimeType>", 9), anchors));
		bad(what + " detached, value changed", () -> SignatureReader.detached(document, changed(signature, "SignatureValue>", 15 + 20), anchors));
		bad(what + " enveloped, document changed", () -> SignatureReader.enveloped(changed(signed, "WCOTypeName>", 12), anchors));
		bad(what + " by a signer of another authority", () -> SignatureReader.detached(document, signature,
			Pem.certificates(folder.resolve("other-ca.pem"))));
	}

	private static void sign(Path folder, String name, Kind kind) throws Exception {
		byte[] document = Files.readAllBytes(folder.resolve(name + ".xml"));
		SignatureWriter writer = new SignatureWriter(kind, Pem.key(folder.resolve(kind.file + ".key"), kind.keyAlgorithm),
			Pem.certificates(folder.resolve(kind.file + ".pem")));
		Files.write(folder.resolve(name + "." + kind.file + ".sig"), writer.detached(document, name + ".xml"));
		Files.write(folder.resolve(name + "." + kind.file + ".signed"), writer.enveloped(document));
	}

	public static void main(String[] args) throws Exception {
		Path folder = Path.of(args[1]);
		List<X509Certificate> anchors = Pem.certificates(folder.resolve("ca.pem"));
		List<String> names;
		try (Stream<Path> files = Files.list(folder)) {
			names = files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".xml"))
				.map(name -> name.substring(0, name.length() - 4)).sorted().toList();
		}
		for (String name : names) {
			for (Kind kind : Kind.values()) {
				if (args[0].equals("sign"))
					sign(folder, name, kind);
				else
					verify(folder, name, kind, anchors);
			}
		}
		System.exit(failed > 0 || (count == 0 && args[0].equals("verify")) ? 1 : 0);
	}
}
