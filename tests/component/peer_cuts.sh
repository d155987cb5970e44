#!/bin/sh
# Customs dies in the middle of the exchange: each connection to it is cut off further on than the one before, first on the way there, then
# on the way back, handshake, token, report and receipt, until one ends uncut. Then the report has been sent, customs has it once, and the
# gateway has told of each try that failed. BYTES (800): how much further on; 1: each octet.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_needs perl
tap_folder
gateway_folder || exit 99
bytes=${BYTES:-800}
sed -i -e '/^retry:/d' -e '/^breaker:/d' "$run/agreements/sandbox.yaml"
printf 'retry: { first: 20ms, longest: 50ms }\nbreaker: { failures: 1000 }\n' >>"$run/agreements/sandbox.yaml"
cp "$run/agreements/sandbox.yaml" "$TAP_FOLDER/agreement"
container_numbers 2 >"$TAP_FOLDER/numbers"

ok "customs is there" sandbox_start
# exchange NAME UP DOWN CONTAINER
exchange()
{
	start "$1" perl "$SOURCE_DIR/tests/component/cutter.pl" $((port + 1)) "$2" "$3" || return 1
	cut_url=$(sed -n 's/.*ready on //p' "$run/log/$1.out")
	sed "s,https://localhost:$((port + 1)),$cut_url,g" "$TAP_FOLDER/agreement" >"$run/agreements/sandbox.yaml"
	gateway_start && open_door "$4" >/dev/null || return 1
	within "${WAIT:-60}" is admin-1 "/v1/messages?container=$4" '[.items[].state] == ["sent"]' && within 20 quiet
}
once()
{
	is admin-1 "/v1/messages?container=$1" '.items | length == 1' || return 1
	id=$(message_of "$1" .id)
	test "$(find "$run/customs" -name "$id.xml" | wc -l)" -eq 1 && call admin-1 GET "/v1/messages/$id/document" | cmp - "$run/customs/$id.xml"
}
told()
{
	echo "$(grep -c '^cut' "$run/log/$1.log") cuts"
	grep -q '^cut' "$run/log/$1.log" && grep -qE '"what":"(message|token|authorization)".*(unknown|waiting|not sent|no access token)' "$run/log/gateway.log" ||
		{ tail -n 5 "$run/log/gateway.log"; return 1; }
}
for way in forth back; do
	if [ "$way" = forth ]; then up=$bytes down=0 line=1; else up=0 down=$bytes line=2; fi
	box=$(sed -n "${line}p" "$TAP_FOLDER/numbers")
	ok "cut on the way $way: in the end the report is sent" exchange "cut-$way" "$up" "$down" "$box"
	ok "cut on the way $way: customs has it once, with its octets" once "$box"
	ok "cut on the way $way: the log tells of it" told "cut-$way"
	echo "# $(grep -c '^cut' "$run/log/cut-$way.log") cuts"
	ok "cut on the way $way: the gateway stops" gateway_stop
done
ok "one report for each opening" test "$(find "$run/customs" -name 'SG*.xml' ! -name '*.sig.xml' ! -name '*-answer*' | wc -l)" -eq 2
tap_end
