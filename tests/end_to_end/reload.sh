#!/bin/sh
# Settings that are read again while the gateway runs: nobody is turned away, nothing is lost, and bad ones change nothing. What needs
# a person is said in words.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end

reload()
{
	kill -HUP "$(cat "$run/gateway.pid")"
}
logged()
{
	grep -q "$1" "$run/log/gateway.log"
}
held()
{
	grep -c '"reload".*the new settings hold' "$run/log/gateway.log"
}
holds()
{
	test "$(held)" -ge "$1"
}

# ---- under load ----

# Posts on and on; the codes that were answered, or 000.
post_on()
{
	n=0
	while [ ! -e "$TAP_FOLDER/enough" ]; do
		n=$((n + 1))
		curl -sS --max-time 30 --cacert "$SEALGATE_CA" -H "Authorization: Bearer $(cat "$run/api-keys/provider-1.key")" -H "Content-Type: application/json" \
			-o /dev/null -w '%{http_code}\n' "$url/v1/events" \
			-d "{ \"id\": \"$1-$n\", \"type\": \"status\", \"time\": \"2016-02-03T01:00:00Z\", \"device\": { \"id\": \"d$1\" } }" 2>/dev/null || echo "broken off"
	done >"$TAP_FOLDER/codes-$1"
}
reload_under_load()
{
	post_on 1 &
	first=$!
	post_on 2 &
	second=$!
	sleep 0.5
	for time in 1 2 3; do
		reload
		within 20 holds "$time" || break
		sleep 0.3
	done
	touch "$TAP_FOLDER/enough"
	wait "$first" "$second"
	holds 3
}
ok "it reads its settings again three times, under load" reload_under_load
ok "everybody was served, or asked to come again in a moment" eval 'sort "$TAP_FOLDER"/codes-? | uniq -c; ! grep -v -e "^201" -e "^503" "$TAP_FOLDER"/codes-?'
ok "what was taken is there" eval 'test "$(cat "$TAP_FOLDER"/codes-? | grep -c 201)" -eq "$(get admin-1 /v1/status .stored.events)"'

# ---- what changes ----

other_limit()
{
	sed -i 's/^listen:/listen:\n  body: 64KiB/' "$run/sealgate.yaml"
	reload
	within 20 holds 4 && head -c 100000 /dev/zero | tr '\0' ' ' >"$run/large" && answers 413 provider-1 POST /v1/events --data-binary "@$run/large"
}
ok "a new limit holds" other_limit
new_certificate()
{
	cp "$run/tls/hook.pem" "$run/tls/gateway.pem" && cp "$run/tls/hook.key" "$run/tls/gateway.key"
	reload
	within 20 holds 5 && is admin-1 /v1/status '.troubles == []'
}
ok "a new certificate is shown" new_certificate

# ---- what does not ----

bad_settings()
{
	cp "$run/sealgate.yaml" "$run/good.yaml"
	sed -i 's/^store:.*/store: data\nstroe: data/' "$run/sealgate.yaml"
	reload
	within 20 logged 'stroe' && is admin-1 /v1/status '.troubles[0] | .what == "reload" and (.text | test("stroe"))'
}
ok "settings that are wrong change nothing, and are told of" bad_settings
ok "sealgate status says so, and what to do" eval '! sealgate status --key-file "$run/api-keys/admin-1.key" >told && grep -q "the earlier ones hold on" told && grep -q "reload again" told'
other_port()
{
	sed 's/^  port: .*/  port: 1/' "$run/good.yaml" >"$run/sealgate.yaml"
	reload
	within 20 logged 'change with a restart' && is admin-1 /v1/status '.troubles | length == 1'
}
ok "another port needs a restart, which is said" other_port
no_key()
{
	cp "$run/good.yaml" "$run/sealgate.yaml"
	mv "$run/keys/gateway.key" "$run/keys/away"
	echo "no key" >"$run/keys/gateway.key"
	reload
	within 20 is admin-1 /v1/status '.troubles[0].text | test("gateway.key")'
}
ok "a key that is none changes nothing" no_key
mended()
{
	mv "$run/keys/away" "$run/keys/gateway.key"
	reload
	within 20 holds 6 && is admin-1 /v1/status '.troubles == []'
}
ok "once it is mended, all is well" mended
soon_over()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" \
		-keyout "$run/tls/gateway.key" -out "$run/tls/gateway.pem" 2>/dev/null
	cp "$run/tls/ca.pem" "$run/tls/ca-before" && cat "$run/tls/gateway.pem" >>"$run/tls/ca.pem"
	reload
	within 20 holds 7 && is admin-1 /v1/status '.troubles[0].text | test("ends in [67] day")' && call admin-1 GET /metrics | grep -q '^sealgate_tls_days [67]$'
}
ok "a certificate that ends soon is told of" soon_over
ok "the gateway stops when it is told to" gateway_stop
tap_end
