import java.net.InetAddress;
import java.net.ServerSocket;

/** Prints a port that the kernel found free on loopback a moment ago. */
public final class FreePort {
	private FreePort() {
	}

	public static void main(String[] args) throws Exception {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			System.out.println(socket.getLocalPort());
		}
	}
}
