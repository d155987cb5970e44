#!/bin/sh
# A stop that whoever spreads requests can see: /readyz says so first, and nobody is turned away meanwhile; then the port is closed.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
sed -i 's/^listen:/listen:\n  drain: 60s/' "$run/sealgate.yaml"
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end
ok "it is ready" answers 200 admin-1 GET /readyz
signal()
{
	kill "-$1" "$(cat "$run/gateway.pid")"
}
not_ready()
{
	answers 503 admin-1 GET /readyz && jq -e '.type == "urn:sealgate:problem:stopping"' "$run/body"
}
# code of a new connection without a key
code()
{
	curl -sS --max-time 30 --cacert "$run/tls/ca.pem" -o /dev/null -w '%{http_code}' "$url$1"
}
ok "it is told to stop" signal TERM
ok "it is not ready any more, and says why" within 40 not_ready
ok "it is alive" test "$(code /healthz)" -eq 200
post()
{
	answers "$1" provider-1 POST "/v1/events?provider=tracker-1" --data "@$run/event.json"
}
event event-1 door_opened "$(at '-5 minutes')" CSQU3054383 >"$run/event.json"
ok "an event is taken, from a connection that is new" post 201
ok "SIGHUP changes nothing now" signal HUP
ok "and the event is there" post 200
counted()
{
	call admin-1 GET /metrics >"$run/metrics" && awk '$1 == "sealgate_refused_total{reason=\"stopping\"}" { print; n = $2 } END { exit n < 1 }' "$run/metrics"
}
ok "the refusals are counted" counted
ok "a second signal ends the wait, and it stops as it should" gateway_stop
refused "the port is closed" code /healthz
ok "the gateway starts again" gateway_start
ok "the event was kept" post 200
ok "two signals at once stop it as well" eval 'signal TERM; gateway_stop'
tap_end
