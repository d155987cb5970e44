#!/bin/sh
# Twice as many events are offered as the gateway takes, and its disk becomes slow, by CLIENTS clients (1000) for twice SECONDS_EACH (1). It sheds what is too much
# and says when to come again; what it took is there once, and what it refused is not; its memory stays where it is; an operator gets
# through. Times are told, and held only against each other, with much room.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
. "$SOURCE_DIR/tests/component/crowd.sh"
gateway_needs
crowd_needs
[ -s "$BUILD_DIR/tests/component/fault.so" ] || tap_skip_all "fault.so is not built"
tap_folder
gateway_folder || exit 99
gateway_plain || exit 99
clients=${CLIENTS:-1000} figures=$TAP_FOLDER/figures
[ "$("$crowd" files)" -gt $((clients + 300)) ] || tap_skip_all "only $("$crowd" files) files may be open"
gateway_slowly()
{
	start gateway env LD_PRELOAD="$BUILD_DIR/tests/component/fault.so" FAULT_FILES=/sealgate.db FAULT_SLOW="$TAP_FOLDER/slow" \
		sealgated --config "$run/sealgate.yaml"
}
ok "the gateway starts" gateway_slowly
flood()
{
	"$crowd" load "$port" "$run/api-keys" "$(cat "$run/gateway.pid")" "$TAP_FOLDER" "${SECONDS_EACH:-1}" "$clients" >"$figures"
}
ok "clients come: one, then many, then too many" flood
[ "$tap_failed" -eq 0 ] || tap_end
jq -r '"# calm: \(.calm.median_ms) ms, 99 %: \(.calm.p99_ms) ms. Taken in a second: \(.rate.taken_rate). Flood: offered \(.flood.offered_rate), taken
	\(.flood.taken_rate) in a second, refused \(.flood.refused), median \(.flood.median_ms) ms, 99 %: \(.flood.p99_ms) ms. Memory: \(.rate.rss_kib), then
	\(.flood.rss_kib) KiB" | gsub("\\s+"; " ")' "$figures"
ok "what it can take is taken" shown '[.calm, .rate] | all(.[]; .taken > 0 and .taken == .offered)'
ok "of what is too much, some is refused" shown '.flood | .offered > .taken and .refused > 0 and .taken > 0'
ok "by 429 or 503, and each time it says when to come again" shown '.flood | .without_retry_after == 0 and .strange == 0'
ok "nobody is left without an answer" shown '.flood.unknown == 0'
ok "an operator gets through all the while" shown '.operator | .asked > 4 and .served == .asked'
ok "what was refused is taken when it comes again" shown '.again | .offered > 0 and .taken == .offered'
ok "who is taken waits as long as what may wait before him takes" shown '.flood.p99_ms < 20 * (.rate.p99_ms + 1000000 / .flood.taken_rate)'
within_memory "memory stays bounded" ".flood.rss_kib - .rate.rss_kib < 32768 + 64 * $clients"
counted()
{
	call admin-1 GET /metrics >"$TAP_FOLDER/metrics" || return 1
	jq -r '"sealgate_refused_total{reason=\"busy\"} \(.flood.refused + .again.tries - .again.offered)"' "$figures" >"$TAP_FOLDER/wanted"
	grep -Fxf "$TAP_FOLDER/wanted" "$TAP_FOLDER/metrics" || { cat "$TAP_FOLDER/wanted"; grep refused "$TAP_FOLDER/metrics"; return 1; }
}
ok "and counted, by the reason" counted

# Nothing was without an answer, so that it is known of each.
what_is_there()
{
	every /v1/events .id | sort >"$TAP_FOLDER/stored" && sort "$TAP_FOLDER/taken" "$TAP_FOLDER/again" >"$TAP_FOLDER/acknowledged" &&
		test -s "$TAP_FOLDER/acknowledged" && cmp "$TAP_FOLDER/acknowledged" "$TAP_FOLDER/stored" ||
		{ diff "$TAP_FOLDER/acknowledged" "$TAP_FOLDER/stored" | head; return 1; }
}
ok "what was taken is there once, and nothing else" what_is_there
ok "the containers are assessed" within 120 is admin-1 /v1/status '.pending.containers == 0 and .stored["containers.held"] == 0'
ok "the gateway stops when it is told to" gateway_stop
tap_end
