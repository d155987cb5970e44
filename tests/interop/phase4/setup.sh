# setup.sh: what the scripts that run phase4 share. Source it with $here (this folder), $build (its counterpart in the build folder) and
# a function `missing WHY`, which skips the script.
#
#   phase4_path          sets $path, the class path of phase4 and what it needs; Maven fetches and keeps it
#   phase4_compile DIR FILE...   into DIR/classes; `java @DIR/java.args CLASS` runs one, with its data in DIR
#   phase4_keys DIR      an authority, and a trader and a hub for each kind of key, as PEM and PKCS #12; what phase4 trusts

phase4_path()
{
	for phase4_tool in mvn javac java keytool openssl; do
		command -v $phase4_tool >/dev/null || missing "there is no $phase4_tool"
	done
	phase4_jars=$build/jars
	if [ ! -s "$phase4_jars" ] || [ -n "$(find "$here/pom.xml" -newer "$phase4_jars")" ]; then
		timeout 240 mvn -q -B -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$phase4_jars.$$" >"$build/mvn.log" 2>&1 ||
			missing "phase4 cannot be fetched, see $build/mvn.log"
		mv "$phase4_jars.$$" "$phase4_jars"
	fi
	path=$(cat "$phase4_jars")
}

phase4_compile()
{
	phase4_dir=$1
	shift
	mkdir -p "$phase4_dir/classes/META-INF/services"
	(cd "$here" && javac -cp "$path" -d "$phase4_dir/classes" "$@") || return 1
	echo 'Peer$Pulls' >"$phase4_dir/classes/META-INF/services/com.helger.phase4.incoming.spi.IAS4IncomingPullRequestProcessorSPI"
	printf '%s\n' -Xmx1g -XX:TieredStopAtLevel=1 "-Djava.io.tmpdir=$phase4_dir" -Dphase4.manager.inmemory=true "-Dglobal.datapath=$phase4_dir" \
		"-Dwebapp.datapath=$phase4_dir" -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$phase4_dir/classes:$path" >"$phase4_dir/java.args"
}

phase4_trust()
{
	keytool -importcert -noprompt -alias "$1" -file "$2" -keystore "$3" -storetype PKCS12 -storepass secret 2>/dev/null
}

phase4_keys()
{
	"$build/exchange" keys "$1" || return 1
	phase4_trust ca "$1/ca.pem" "$1/trust.p12" || return 1
	for phase4_kind in rsa2048 p256 p384; do
		openssl pkcs12 -export -inkey "$1/hub-$phase4_kind.key" -in "$1/hub-$phase4_kind.pem" -name hub -out "$1/hub-$phase4_kind.p12" -passout pass:secret &&
			openssl x509 -in "$1/trader-$phase4_kind.pem" -out "$1/leaf.pem" && cp "$1/trust.p12" "$1/trust-$phase4_kind.p12" &&
			phase4_trust trader "$1/leaf.pem" "$1/trust-$phase4_kind.p12" || return 1
	done
}
