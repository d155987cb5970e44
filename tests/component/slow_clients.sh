#!/bin/sh
# COUNT (50) clients send a header octet by octet, as many a body: never quiet, never done. Each is cut when its time is over, and others
# are served meanwhile.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
. "$SOURCE_DIR/tests/component/crowd.sh"
gateway_needs
crowd_needs
tap_folder
gateway_folder || exit 99
gateway_plain 'request_time: 2s' || exit 99
count=${COUNT:-50} figures=$TAP_FOLDER/figures
ok "the gateway starts" gateway_start
slow()
{
	"$crowd" slow "$port" "$run/api-keys" "$count" 240 >"$figures"
}
ok "slow clients come" slow
[ "$tap_failed" -eq 0 ] || tap_end
jq -r '"# headers were cut after \(.header_seconds) s, bodies after \(.body_seconds) s; the slowest answer to another took \(.slowest_ms) ms"' "$figures"
ok "each is cut, though it was never quiet" shown ".slow == 2 * $count and .left == 0"
ok "a body, when listen.request_time is over, not before" shown '.body_seconds >= 2'
ok "a header, when ten seconds are over, not before" shown '.header_seconds >= 10'
ok "others are served meanwhile" shown '.asked > 5 and .served == .asked'
counted()
{
	call admin-1 GET /metrics >"$TAP_FOLDER/metrics" && awk -v least=$((2 * count)) '$1 == "sealgate_http_cut_total" { print; cut = $2 } END { exit cut < least }' "$TAP_FOLDER/metrics"
}
ok "and counted" counted
ok "nothing of their bodies is taken for an event" is admin-1 /v1/events '.items == []'
ok "the gateway stops when it is told to" gateway_stop
tap_end
