#!/bin/sh
# Sealgate and phase4 (https://github.com/phax/phase4) over HTTP: sealgated on one side, phase4's client and server on the other. A line
# for each row of the interop table (tests/README.md): who sends, profile, security, what is shown.
# Skipped where there is no JDK or Maven, or phase4 cannot be fetched.
SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
here=$SOURCE_DIR/tests/interop/phase4
build=$(cd "$BUILD_DIR/tests/interop/phase4" && pwd)
missing()
{
	tap_skip_all "$1"
}
. "$here/setup.sh"
gateway_needs
phase4_path
tap_folder
gateway_folder "$TAP_FOLDER/run" || exit 99
keys=$TAP_FOLDER/phase4 strangers=$TAP_FOLDER/strangers
box=CSQU3054383

# ---- the cases; Cases.java says what the words of their names mean ----

both="rsa-pkipath rsa-pkipath-plain rsa-x509v3 rsa-ski rsa-serial rsa-pss ecdsa-pkipath ecdsa-x509v3-plain-wco p384-pkipath
	ecdsa-encrypt-wco rsa-encrypt-plain rsa-pkipath-ics2 rsa-large-ics2 rsa-many-ics2 rsa-pkipath-euctp rsa-x509v3-encrypt-plain-cef"
fetched="rsa-pkipath-ics2-pull ecdsa-x509v3-pull"
served="rsa-pkipath-euctp-serve ecdsa-x509v3-encrypt-serve-wco"
troubled="rsa-pkipath-drop rsa-pkipath-drop-bare rsa-pkipath-refuse rsa-pkipath-distrust"

has()
{
	case -$2- in *-$1-*) return 0 ;; esac
	return 1
}

profile_of()
{
	if has ics2 "$1" && has pull "$1"; then echo "ICS2, pulled"
	elif has ics2 "$1"; then echo ICS2
	elif has euctp "$1" && has serve "$1"; then echo euctp-pull
	elif has euctp "$1"; then echo euctp-push
	elif has cef "$1"; then echo cef
	else echo "eDelivery AS4"
	fi
}
kind_of()
{
	if has ecdsa "$1"; then echo p256; elif has p384 "$1"; then echo p384; else echo rsa2048; fi
}
token_of()
{
	if has x509v3 "$1"; then echo x509v3; elif has ski "$1"; then echo key-id; elif has serial "$1"; then echo issuer-serial; else echo pkipath; fi
}
algorithm_of()
{
	if has ecdsa "$1"; then echo ecdsa-sha256; elif has p384 "$1"; then echo ecdsa-sha384; elif has pss "$1"; then echo rsa-pss-sha256; else echo rsa-sha256; fi
}
security_of()
{
	printf '%s, %s' "$(algorithm_of "$1")" "$(token_of "$1")"
	if has encrypt "$1"; then printf ', AES-128-GCM and RSA-OAEP'; fi
	if has plain "$1"; then printf ', plain'; else printf ', compressed'; fi
}

agreement()
{
	profile=eu-hub kinds=integrity-report preset=edelivery-1.15 ebms=http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704
	type=urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs
	form="form: none, agreed: test"
	if has wco "$1"; then profile=wco-dms form="form: detached"; fi
	if has ics2 "$1"; then preset=ics2 kinds="$kinds, reply"; fi
	self="type: $type:EORI, role: Trader" peer="type: $type:auth, role: Customs"
	if has euctp "$1"; then self="type: $type:auth, role: Customs" peer="type: $type:EORI, role: Trader"; fi
	if has cef "$1"; then self="role: $ebms/responder" peer="role: $ebms/initiator"; fi
	kind=$(kind_of "$1") unsigned=false
	if has pull "$1"; then unsigned=true; fi   # phase4's server tells without a signature that nothing waits
	{
		cat <<-END
			profile: $profile
			channel: as4
			purpose: sandbox
			basis: { kind: consent, reference: test, granted_by: test, from: 2015-01-01 }
			country: NL
			agency: phase4
			kinds: [ $kinds ]
			signing: { $form, key: $keys/trader-$kind.key, certificate: $keys/trader-$kind.pem }
			answers: { anchors: $keys/ca.pem, signer: CN=sti-taxud }
			retry: { first: 200ms, longest: 1s, budget: 15s }
			breaker: { failures: 100 }
			as4:
			  preset: $preset
			  self: { id: NL123456789, $self }
			  peer: { id: $1, $peer }
			  signature: { algorithm: $(algorithm_of "$1"), token: $(token_of "$1") }
			  accept: { tokens: [ $(token_of "$1") ], algorithms: [ $(algorithm_of "$1") ], certificates: $keys/hub-$kind.pem, unsigned_errors: $unsigned }
			  compress: $(has plain "$1" && echo false || echo true)
			  tls: { private_hosts: [ localhost ], plain_hosts: [ localhost ], total_time: 30s }
		END
		if has cef "$1"; then
			echo "  agreement: urn:as4:agreement"
			echo "  properties: { original_sender: urn:port:originalSender, final_recipient: urn:port:finalRecipient }"
		else
			echo "  agreement: EU-ICS2-TI-V2.0"
			echo "  agreement_type: ics2-interface-version"
		fi
		if has encrypt "$1"; then echo "  encryption: { certificate: $keys/hub-rsa2048.pem, key: $keys/trader-rsa2048.key, required: true }"; fi
		if has serve "$1"; then echo "  serve: { mpc: \"urn:sealgate:channel:$1\" }"; else echo "  url: $wire/as4/$1"; fi
		if has pull "$1" && has ics2 "$1"; then echo "  pull: { every: 300ms }"
		elif has pull "$1"; then echo "  pull: { mpc: \"urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/NL123456789\", every: 300ms }"; fi
		if has ics2 "$1"; then echo "  receive: { services: [ eu_ics2_c2t ] }"; elif has euctp "$1"; then echo "  receive: { services: [ eu_ics2_t2c ] }"; fi
	} >"$run/agreements/$1.yaml"
}

# ---- both sides start ----

prepare()
{
	mkdir -p "$keys" "$strangers" && phase4_compile "$keys" Peer.java Cases.java Wire.java && phase4_keys "$keys" && phase4_keys "$strangers"
}
ok "phase4's peer is compiled, keys are made" prepare
ok "phase4 listens" start phase4 java "@$keys/java.args" Wire "$keys" "$url" "$run/tls/ca.pem" "$strangers" $served
wire=$(sed -n 's/.*ready on //p' "$run/log/phase4.out")
rm "$run/agreements/sandbox.yaml"
for case in $both $fetched $served $troubled; do agreement "$case"; done
ok "the configuration is good" sealgate check --config "$run/sealgate.yaml"
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end
ok "a journey is filed, which the questions are about" file_journey "J-$box" "$box"

# phase4 VERB CASE: its client does it; what it saw is in $TAP_FOLDER/phase4.out
phase4()
{
	curl -sS --max-time 90 --fail-with-body -X POST "$wire/do/$1/$2" >"$TAP_FOLDER/phase4.out" || { cat "$TAP_FOLDER/phase4.out"; return 1; }
}
# stored CASE: the document of which phase4 told the digest came from this peer, once, octet for octet; a question was read as one.
stored()
{
	wanted=$(cat "$TAP_FOLDER/phase4.out")
	for stored_id in $(get admin-1 "/v1/documents?limit=500" ".items[] | select(.peer == \"$1\") | .id"); do
		call admin-1 GET "/v1/documents/$stored_id/content" | sha256sum | cut -d' ' -f1
	done >"$TAP_FOLDER/digests"
	[ "$(grep -cx "$wanted" "$TAP_FOLDER/digests")" -eq 1 ] || { echo "$wanted is not once among:"; cat "$TAP_FOLDER/digests"; return 1; }
	has wco "$1" || has euctp "$1" || is admin-1 "/v1/documents?limit=500" "[.items[] | select(.peer == \"$1\")] | all(.[]; .type == \"IE3Q02\" and .state != \"refused\")"
}
message_to()
{
	get admin-1 "/v1/messages?limit=500" ".items[] | select(.agreement == \"$1\" and .kind == \"${2:-integrity-report}\") | .id"
}
in_state()
{
	is admin-1 "/v1/messages/$1" ".state == \"$2\" and ((.reason // \"\") | contains(\"${3:-}\"))"
}
# parts_are ID FILE: lines "<Content-ID> <SHA-256>" of what phase4 unpacked are those of the message's document, signature, files; once.
parts_are()
{
	{
		call admin-1 GET "/v1/messages/$1/document" | sha256sum
		if call admin-1 GET "/v1/messages/$1/signature" >"$TAP_FOLDER/signature" 2>/dev/null; then sha256sum <"$TAP_FOLDER/signature"; fi
		for part in $(get admin-1 "/v1/messages/$1/parts" ".items[].number"); do call admin-1 GET "/v1/messages/$1/parts/$part" | sha256sum; done
	} | cut -d' ' -f1 | sort >"$TAP_FOLDER/ours"
	cut -d' ' -f2 "$2" | grep . | sort | diff "$TAP_FOLDER/ours" -
}
handed_on()
{
	as4_id=$(call admin-1 GET "/v1/messages/$1" | jq -r .conversation)
	curl -sS --max-time 30 "$wire/seen/$as4_id" >"$TAP_FOLDER/seen" && parts_are "$1" "$TAP_FOLDER/seen"
}
row()
{
	echo "phase4 4.4.1, $1, $(profile_of "$2"), $(security_of "$2"): $3"
}

# ---- phase4 sends ----

push()
{
	phase4 push "$1" && stored "$1"
}
for case in $both; do
	what="receipt verified; the same octets again: the same receipt, octet for octet; the document is there once"
	if has large "$case"; then what="a part of 15 MB; $what"; elif has many "$case"; then what="26 parts; $what"; fi
	ok "$(row "phase4 pushes" "$case" "$what")" push "$case"
done
for case in rsa-x509v3 rsa-pkipath-ics2; do
	ok "$(row "phase4 pushes" "$case" "a test message, receipt verified")" phase4 ping "$case"
	ok "$(row "phase4 pushes" "$case" "other parts under the same id: signed error EBMS:0004")" phase4 other "$case"
	ok "$(row "phase4 pushes" "$case" "no signature: EBMS:0103")" phase4 unsigned "$case"
	ok "$(row "phase4 pushes" "$case" "a stranger's signature: EBMS:0101")" phase4 stranger "$case"
done
ok "$(row "phase4 pushes" rsa-pkipath-ics2 "another service: EBMS:0010")" phase4 wrong rsa-pkipath-ics2
offered()
{
	phase4 offer "$1" && stored "$1"
}
for case in $fetched; do
	ok "$(row "the gateway pulls" "$case" "stored once, and confirmed by a receipt of its own")" offered "$case"
done

# ---- the gateway sends: one opening, a report to each ----

ok "an opening is taken" post_event "open-$box" door_opened "$(at '-5 minutes')" "$box"
pushed()
{
	id=$(message_to "$1") && within 30 in_state "$id" sent && handed_on "$id"
}
for case in $both $fetched; do
	ok "$(row "the gateway pushes" "$case" "parts as they were sent; signed receipt, sent")" pushed "$case"
done
served()
{
	within 20 eval "[ -n \"\$(message_to $1)\" ]" && id=$(message_to "$1") && phase4 fetch "$1" && tail -n +2 "$TAP_FOLDER/phase4.out" >"$TAP_FOLDER/fetched" &&
		parts_are "$id" "$TAP_FOLDER/fetched" && in_state "$id" sent
}
empty()
{
	phase4 fetch "$1" && grep -q "EBMS:0006" "$TAP_FOLDER/phase4.out"
}
for case in $served; do
	ok "$(row "phase4 pulls" "$case" "parts as they were sent; its receipt comes in a POST of its own, sent")" served "$case"
	ok "$(row "phase4 pulls" "$case" "nothing waits any more: EBMS:0006")" empty "$case"
done

# ---- trouble ----

tries()
{
	is admin-1 "/v1/messages/$1/attempts" "(.items | length) == $2"
}
dropped()
{
	pushed "$1" && tries "$(message_to "$1")" 2
}
ok "$(row "the gateway pushes" rsa-pkipath-drop "the answer is lost; phase4 knows the repeat, its receipt is repeated: handed on once, sent")" dropped rsa-pkipath-drop
failed()
{
	id=$(message_to "$1") && within 30 in_state "$id" failed "$2"
}
ok "$(row "the gateway pushes" rsa-pkipath-drop-bare "the answer is lost; phase4 by itself answers a repeat by EBMS:0004: failed, with its words")" \
	failed rsa-pkipath-drop-bare "EBMS:0004"
ok "and it says that the message had arrived" in_state "$(message_to rsa-pkipath-drop-bare)" failed duplicate
ok "$(row "the gateway pushes" rsa-pkipath-refuse "phase4's user refuses it: failed with EBMS:0103")" failed rsa-pkipath-refuse "EBMS:0103"
ok "$(row "the gateway pushes" rsa-pkipath-distrust "phase4 does not know our authority: failed with its error")" failed rsa-pkipath-distrust "EBMS:01"

# ---- replies, with files ----

# files COUNT OCTETS: as the interface wants them
files()
{
	for n in $(seq "$1"); do
		{ printf '%%PDF-1.7 %s\n' "$n" && head -c "$2" /dev/urandom; } | base64 -w 0 >"$TAP_FOLDER/file-$n"
		printf '{ "name": "record-%s.pdf", "content": "%s" }\n' "$n" "$(cat "$TAP_FOLDER/file-$n")"
	done | jq -s '{ text: "The record is attached.", files: . }' >"$TAP_FOLDER/reply"
}
reply()
{
	notice=$(get admin-1 "/v1/notices?kind=question&limit=500" "[.items[] | select(.peer == \"$1\")][0].id") && files "$2" "$3" || return 1
	draft=$(call broker-1 POST "/v1/notices/$notice/reply" --data-binary "@$TAP_FOLDER/reply") || { echo "$draft"; return 1; }
	call port-1 POST "/v1/notices/$notice/reply/approve" --data "{ \"reply\": $(printf '%s' "$draft" | jq .id) }" || return 1
	id=$(message_to "$1" reply) && within 40 in_state "$id" sent && handed_on "$id"
}
ok "$(row "the gateway pushes" rsa-large-ics2 "an answer with a file of 15 MB; parts as they were sent, sent")" reply rsa-large-ics2 1 15000000
ok "$(row "the gateway pushes" rsa-many-ics2 "an answer with nine files; parts as they were sent, sent")" reply rsa-many-ics2 9 100000
ok "the gateway stops when it is told to" gateway_stop
tap_end
