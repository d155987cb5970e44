/** A document or signature that is not as it must be. */
final class Refused extends RuntimeException {
	private static final long serialVersionUID = 1;

	Refused(String reason) {
		super(reason);
	}
}
