# peer.sh: phase4's jars, and keys for both sides. Source it; `skip WHY` is the script's own, $build the build folder's tests/interop/phase4.

# The class path in $path. The jars are kept by Maven, the list of them in the build folder: fetched by one test at a time.
peer_jars()
{
	for tool in mvn javac java keytool openssl flock; do command -v $tool >/dev/null || skip "there is no $tool"; done
	exec 9>"$build/jars.lock"
	flock 9
	if [ ! -s "$build/jars" ] || [ -n "$(find "$here/pom.xml" -newer "$build/jars")" ]; then
		timeout 240 mvn -q -B -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$build/jars.new" >"$build/mvn.log" 2>&1 ||
			skip "phase4 cannot be fetched, see $build/mvn.log"
		mv "$build/jars.new" "$build/jars"
	fi
	exec 9>&-
	path=$(cat "$build/jars")
}

# peer_compile FOLDER PULLS SOURCE...: classes in FOLDER; PULLS finds the mode of a pull request
peer_compile()
{
	peer_classes=$1 peer_pulls=$2
	shift 2
	mkdir -p "$peer_classes/META-INF/services"
	javac -cp "$path" -d "$peer_classes" "$@" || return 1
	echo "$peer_pulls" >"$peer_classes/META-INF/services/com.helger.phase4.incoming.spi.IAS4IncomingPullRequestProcessorSPI"
}

# peer_keys DIR: an authority, trader and hub for each kind of key, and the same as Java's key stores
peer_keys()
{
	"$build/exchange" keys "$1" || return 1
	for peer_kind in rsa2048 p256 p384; do
		openssl pkcs12 -export -inkey "$1/hub-$peer_kind.key" -in "$1/hub-$peer_kind.pem" -name hub -out "$1/hub-$peer_kind.p12" -passout pass:secret
		keytool -importcert -noprompt -alias ca -file "$1/ca.pem" -keystore "$1/trust-$peer_kind.p12" -storetype PKCS12 -storepass secret 2>/dev/null
		openssl x509 -in "$1/trader-$peer_kind.pem" -out "$1/leaf.pem"
		keytool -importcert -noprompt -alias trader -file "$1/leaf.pem" -keystore "$1/trust-$peer_kind.p12" -storetype PKCS12 -storepass secret 2>/dev/null
	done
}

# peer_java DIR CLASS ARGUMENT...
peer_java()
{
	peer_dir=$1
	shift
	timeout 240 java -Xmx1g -Djava.io.tmpdir="$peer_dir" -Dphase4.manager.inmemory=true -Dglobal.datapath="$peer_dir" -Dwebapp.datapath="$peer_dir" \
		-Dorg.slf4j.simpleLogger.defaultLogLevel="${PEER_LOG:-error}" -cp "$peer_dir/classes:$path" "$@"
}
