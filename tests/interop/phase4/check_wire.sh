#!/bin/sh
# phase4 (https://github.com/phax/phase4) and a running sealgated over HTTP, phase4 as initiator and as responder: a line for each
# row of the interop table, which is printed at the end. Skipped where there is no JDK or Maven, or phase4 cannot be fetched.
SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
here=$SOURCE_DIR/tests/interop/phase4
build=$BUILD_DIR/tests/interop/phase4
skip() { tap_skip_all "$1"; }
. "$here/peer.sh"
gateway_needs
peer_jars
tap_folder
gateway_folder || exit 99
dir=$TAP_FOLDER/peer
mkdir "$dir"
cp "$here/wire-cases" "$dir/wire-cases"

says() { case -$1- in *-"$2"-*) true ;; *) false ;; esac; }

# line YES TEXT: prints the text where YES is not empty
line() { if [ -n "$1" ]; then printf '%s\n' "$2"; fi; }

# agreement NAME PROFILE SELF PEER WAYS: as wire-cases has it
agreement()
{
	kind=rsa2048 token=pkipath preset=edelivery-1.15 kinds=integrity-report
	says "$1" ecdsa && kind=p256
	says "$1" p384 && kind=p384
	says "$1" x509v3 && token=x509v3
	says "$1" ski && token=key-id
	says "$1" serial && token=issuer-serial
	case $2 in euctp-*) preset=ics2 ;; esac
	if [ "$4" = sti-taxud ]; then kinds=reply; fi
	algorithm='' compress='' encryption='' corners='' terms='' way="  url: http://localhost:$peer_port/$1"
	says "$1" pss && algorithm=", algorithm: rsa-pss-sha256"
	says "$1" plain && compress="  compress: false"
	says "$1" encrypt && encryption="  encryption: { certificate: $dir/hub-rsa2048.pem, key: $dir/trader-rsa2048.key, required: true }"
	[ "$2" = cef ] && corners="  properties: { original_sender: 'urn:example:c4', final_recipient: 'urn:example:c1' }"
	[ "$preset" = ics2 ] || terms="  agreement: urn:as4:agreement
  receive: { services: [ urn:example:wire ] }"
	case $5 in
	*serve*) way="  serve: { mpc: 'urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/$3' }" ;;
	*pull*) way="$way
  pull: { every: 300ms }" ;;
	esac
	cat >"$run/agreements/$1.yaml" <<END
profile: eu-hub
channel: as4
purpose: sandbox
basis: { kind: consent, reference: test, granted_by: test, from: 2015-01-01 }
country: EU
agency: phase4
kinds: [ $kinds ]
signing: { form: none, agreed: test, key: $dir/trader-$kind.key, certificate: $dir/trader-$kind.pem }
answers: { anchors: $dir/ca.pem, signer: CN=sti-taxud }
retry: { first: 200ms, longest: 500ms, budget: 20s }
breaker: { failures: 100 }
as4:
  preset: $preset
  self: { id: $3 }
  peer: { id: $4 }
  signature: { token: $token$algorithm }
  accept: { certificates: $dir/hub-$kind.pem }
  tls: { private_hosts: [ localhost ], plain_hosts: [ localhost ], total_time: 30s }
$way
$(line "$compress" "$compress")
$(line "$encryption" "$encryption")
$(line "$corners" "$corners")
$(line "$terms" "$terms")
END
}

# A stranger who calls himself as the hub does.
stranger()
{
	keytool -genkeypair -alias hub -dname "CN=sti-taxud,O=Test,C=NL" -keyalg RSA -keysize 2048 -validity 30 -keystore "$dir/hub-stranger.p12" \
		-storetype PKCS12 -storepass secret && cp "$dir/trust-rsa2048.p12" "$dir/trust-stranger.p12"
}

# Its bill and number are those of the journey, so that the parties to the journey may answer it.
question()
{
	sed 's/COSU6301234567/SGTU6301234567/; /transportDocumentHouse/d; s/RFI-2026-000417-1/RFI-1/; 18,22d' "$SOURCE_DIR/mappings/answers/eu-hub/IE3Q02/sample.in.xml"
}

peer_port=$((port + 1))
ok "keys are made" peer_keys "$dir"
ok "and those of a stranger" stranger
rm "$run/agreements/sandbox.yaml"
while read -r name profile self peer ways; do
	case $name in '#') ;; *) agreement "$name" "$profile" "$self" "$peer" "$ways" ;; esac
done <"$dir/wire-cases"
ok "phase4's side compiles" peer_compile "$dir/classes" "Wire\$Pulls" "$here/Peer.java" "$here/Gate.java" "$here/Responder.java" "$here/Wire.java"
ok "the configuration is good" sealgate check --config "$run/sealgate.yaml"
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end
journey CSQU3054383 >"$run/journey.json"
event opened door_opened "$(at '-5 minutes')" CSQU3054383 >"$run/event.json"
question >"$run/question.xml"
wire() { peer_java "$dir" Wire "$dir" "$url" "$run" "$peer_port" 2>"$build/wire.log" || { code=$?; tail -n 30 "$build/wire.log" >&2; return $code; }; }
tap_lines wire
ok "the gateway stops when it is told to" gateway_stop
tap_end
