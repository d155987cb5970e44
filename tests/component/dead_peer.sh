#!/bin/sh
# Each of BOXES (12) openings is reported to ten customs authorities, twice: first all of them are well; then one lets the gateway connect
# and never says a word, and one answers after SLOW (8) seconds. The other eight get everything while these two hang. How fast, compared
# to the first run, is told.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
. "$SOURCE_DIR/tests/component/crowd.sh"
gateway_needs
crowd_needs
tap_folder
gateway_folder || exit 99
boxes=${BOXES:-12} slow=${SLOW:-8}

authorities()
{
	for name in p1 p2 p3 p4 p5 p6 p7 p8 mute late; do
		peer "$name" no-answer || return 1
	done
}
ok "ten authorities are there" authorities
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end

# openings ROUND: as many boxes, the second round's after the first round's; when the openings were taken
openings()
{
	container_numbers $((2 * boxes)) | sed -n "$((($1 - 1) * boxes + 1)),$(($1 * boxes))p" >"$TAP_FOLDER/boxes-$1"
	while read -r box; do journey "$box" | jq -c ".id = \"J-$box\""; done <"$TAP_FOLDER/boxes-$1" >"$TAP_FOLDER/journeys"
	while read -r box; do event "open-$box" door_opened "$(at '-5 minutes')" "$box"; echo; done <"$TAP_FOLDER/boxes-$1" >"$TAP_FOLDER/events"
	post_lines carrier-1 /v1/journeys "$TAP_FOLDER/journeys" | jq -e ".stored == $boxes" &&
		within 30 is admin-1 /v1/status '.pending.containers == 0' || return 1
	date +%s.%N >"$TAP_FOLDER/began-$1"
	post_lines provider-1 "/v1/events?provider=tracker-1" "$TAP_FOLDER/events" | jq -e ".stored == $boxes"
}
# The eight have everything of this round and the rounds before.
eight_have()
{
	is admin-1 "/v1/messages?state=sent&limit=500" "[.items[] | select(.agreement | startswith(\"p\")) | .agreement] | group_by(.) | map(length) ==
		[range(8) | $(($1 * boxes))]" && date +%s.%N >"$TAP_FOLDER/ended-$1"
}
# of PEER EXPRESSION: true of the list of its messages' states in the second round
of()
{
	call admin-1 GET "/v1/messages?limit=500" >"$TAP_FOLDER/messages" &&
		jq -e --rawfile boxes "$TAP_FOLDER/boxes-2" "(\$boxes | split(\"\n\")) as \$ours | [.items[] | select(.agreement == \"$1\" and
			(.container | IN(\$ours[])))] | $2" "$TAP_FOLDER/messages"
}
everybody_has()
{
	is admin-1 "/v1/messages?state=sent&limit=500" ".items | length == $((10 * boxes))"
}
ok "$boxes openings are taken" openings 1
ok "the eight have the reports" within 120 eight_have 1
ok "and so have the two others" within 60 everybody_has

stop_two()
{
	gateway_stop && stop mute && stop late && start hang "$crowd" hang && peer late "slow=$slow,no-answer" &&
		sed -i "s,^  url:.*,  url: $(sed -n 's/.*ready on //p' "$run/log/hang.out")," "$run/agreements/mute.yaml" &&
		sed -i "s,^\( *\)token_url: https://localhost:[0-9]*,\1token_url: $(sed -n 's/^  url: //p' "$run/agreements/p1.yaml")," "$run/agreements/mute.yaml" &&
		gateway_start
}
ok "one is mute from now on, one is late" stop_two
[ "$tap_failed" -eq 0 ] || tap_end
ok "$boxes more openings are taken" openings 2
ok "the eight have these reports too" within 120 eight_have 2
ok "the mute one has none, and each is still to be delivered" of mute "length == $boxes and all(.[]; .state != \"sent\" and .state != \"failed\")"
ok "it was tried" of mute 'any(.[]; .attempts > 0)'
printf '# the late one had %s of %s when the eight had all\n' "$(of late '[.[] | select(.state == "sent")] | length')" "$boxes"
seconds()
{
	echo "$(cat "$TAP_FOLDER/began-$1") $(cat "$TAP_FOLDER/ended-$1")"
}
echo "$(seconds 1) $(seconds 2)" | awk -v n=$((8 * boxes)) '{ a = $2 - $1; b = $4 - $3
	printf "# eight of ten healthy: %d messages in %.2f s (%.0f/s); beside two that hang: %.2f s (%.0f/s); ratio %.2f\n", n, a, n / a, b, n / b, a / b }'
ok "the late one gets everything in the end" within 240 of late "length == $boxes and all(.[]; .state == \"sent\")"
each_once()
{
	for name in p1 p2 p3 p4 p5 p6 p7 p8 late; do
		test "$(find "$run/customs/$name" -name 'SG*.xml' ! -name '*.sig.xml' ! -name '*-answer*' | wc -l)" -eq $((2 * boxes)) || { echo "$name"; ls "$run/customs/$name"; return 1; }
	done
}
ok "each has each report once" each_once
ok "the gateway stops when it is told to" gateway_stop
tap_end
