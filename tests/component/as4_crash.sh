#!/bin/sh
# kill -9 of either side of an AS4 exchange, again and again: each report takes effect once at the peer, and each has its verified
# receipt. One gateway pushes reports to another. COUNT says how many (60), CRASHES how often somebody is killed (8).
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
count=${COUNT:-60} crashes=${CRASHES:-8}

# agreement FOLDER OWN PEER OTHER-FOLDER OTHER-PORT KINDS: what FOLDER's gateway, as OWN, has with PEER, the gateway of the other folder
agreement()
{
	rm "$1/agreements/sandbox.yaml"
	cat >"$1/agreements/peer.yaml" <<END
profile: eu-hub
channel: as4
purpose: sandbox
basis: { kind: consent, reference: test, granted_by: test, from: 2015-01-01 }
country: EU
agency: Peer
kinds: [ $6 ]
signing: { key: ../keys/gateway.key, certificate: ../keys/gateway.pem }
answers: { anchors: $4/keys/ca.pem }
as4:
  preset: edelivery-1.15
  url: https://localhost:$5/as4
  self: { id: $2, role: http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/initiator }
  peer: { id: $3, role: http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/initiator }
  signature: { token: pkipath }
  tls: { ca: $4/tls/ca.pem, private_hosts: [ localhost ], total_time: 5s }
retry: { first: 100ms, longest: 500ms }
breaker: { failures: 100 }
END
}
a=$TAP_FOLDER/a b=$TAP_FOLDER/b
gateway_folder "$b" && port_b=$port && gateway_folder "$a" || exit 99
port_a=$port
agreement "$a" gate-a gate-b "$b" "$port_b" integrity-report
agreement "$b" gate-b gate-a "$a" "$port_a" integrity-report

on()
{
	gateway_use "$1"
	shift
	"$@"
}
ok "the sender's configuration is good" sealgate check --config "$a/sealgate.yaml"
ok "the receiver starts" on "$b" gateway_start
ok "the sender starts" on "$a" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end
ok "a test message is confirmed" eval 'on "$a" sealgate ping peer --key-file "$a/api-keys/admin-1.key" | grep "holds"'

container_numbers "$count" >"$TAP_FOLDER/numbers"
file_journeys()
{
	while read -r number; do
		journey "$number" | jq -c --arg id "J-$number" '{ id: $id } + .'
	done <"$TAP_FOLDER/numbers" >"$TAP_FOLDER/journeys"
	split -l 500 "$TAP_FOLDER/journeys" "$TAP_FOLDER/journeys-"
	for part in "$TAP_FOLDER"/journeys-*; do
		post_lines carrier-1 /v1/journeys "$part" | jq .stored || return 1
	done | awk '{ n += $1 } END { exit n != '"$count"' }'
}
ok "$count journeys are filed" on "$a" file_journeys

# The share of round $1: openings that lead to reports.
open_some()
{
	time=$(at '-5 minutes')
	sed -n "$((($1 - 1) * count / crashes + 1)),$(($1 * count / crashes))p" "$TAP_FOLDER/numbers" | while read -r number; do
		event "open-$number" door_opened "$time" "$number" | jq -c .
	done >"$TAP_FOLDER/events"
	post_lines provider-1 "/v1/events?provider=tracker-1" "$TAP_FOLDER/events" | jq -e ".stored > 0" >/dev/null
}
# Soon enough that most of them are still on their way.
crash()
{
	on "$a" open_some "$1" && sleep "0.0$((1 + $(od -An -N1 -tu1 /dev/urandom) % 9))" && on "$2" gateway_kill && on "$2" gateway_start
}
round=1
while [ "$round" -le "$crashes" ]; do
	if [ $((round % 2)) -eq 1 ]; then side=$a; else side=$b; fi
	ok "reports, and kill -9 of the $([ "$side" = "$a" ] && echo sender || echo receiver), $round" crash "$round" "$side"
	round=$((round + 1))
done

all_sent()
{
	every /v1/messages .state | sort | uniq -c | tee "$TAP_FOLDER/states" | grep -qx " *$count sent" && test "$(wc -l <"$TAP_FOLDER/states")" -eq 1 ||
		{ cat "$TAP_FOLDER/states"; return 1; }
}
ok "in the end each of $count messages is sent" on "$a" within 120 all_sent
on "$a" every /v1/messages .id | sort >"$TAP_FOLDER/messages"
receipts_hold()
{
	test "$(wc -l <"$TAP_FOLDER/messages")" -eq "$count" || return 1
	while read -r id; do
		receipt=$(call admin-1 GET "/v1/messages/$id/attempts" | jq -r '[.receipts[] | select(.kind == "accepted")][0].id')
		call admin-1 GET "/v1/messages/$id/receipts/$receipt" | grep -q NonRepudiationInformation || { echo "$id has no receipt"; return 1; }
	done <"$TAP_FOLDER/messages"
}
ok "each has a receipt with its digests" on "$a" receipts_hold

# What took effect at the receiver: the report's own reference, as the document has it.
effects()
{
	test -s "$TAP_FOLDER/messages" || return 1
	every /v1/documents .id >"$TAP_FOLDER/ids"
	while read -r id; do
		call admin-1 GET "/v1/documents/$id/content" | grep -oE 'SG[0-9A-Z]{20}' | head -n 1
	done <"$TAP_FOLDER/ids" | sort >"$TAP_FOLDER/effects"
	cmp "$TAP_FOLDER/messages" "$TAP_FOLDER/effects" || { diff "$TAP_FOLDER/messages" "$TAP_FOLDER/effects" | head; return 1; }
}
ok "each took effect at the receiver, once" on "$b" effects
echo "# $(on "$a" every /v1/messages .attempts | awk '{ n += $1 } END { print n }') tries; $(on "$b" call admin-1 GET /metrics | sed -n 's/^sealgate_as4_repeated_total //p') repeats since the receiver's last start"
ok "the sender stops when it is told to" on "$a" gateway_stop
ok "the receiver too" on "$b" gateway_stop
tap_end
