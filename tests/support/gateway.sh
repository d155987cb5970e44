# gateway.sh: a gateway, a sandbox customs endpoint and a receiver of webhooks for TAP scripts. Source it after tap.sh.
#
#   gateway_folder [FOLDER] [hub]   a configuration as `sealgate init --demo` makes it, in $run, on three free ports; without the
#                             hub and the agreement with it unless it is named: most scripts count what one authority gets
#   gateway_plain [LINE...]   ... without TLS
#   gateway_start [OPTION...] gateway_stop, gateway_kill (with SIGKILL), gateway_restart [OPTION...]
#   sandbox_start [SCENARIO]  sandbox_stop
#   listen_start              takes webhooks into $run/webhooks
#   call PARTY METHOD PATH [CURL-OPTION...]   answers the body, fails with status >= 400
#   post_lines PARTY PATH FILE
#   status PARTY METHOD PATH [CURL-OPTION...] answers the status code alone; the body is in $run/body
#
# All that was started is ended with the script, by its process id.

run=
PATH=$BUILD_DIR:$PATH

gateway_needs()
{
	tap_needs curl jq
	for gateway_program in sealgate sealgated sealgate-sandbox; do
		[ -x "$BUILD_DIR/$gateway_program" ] || tap_skip_all "$gateway_program is not built"
	done
}

# within SECONDS COMMAND...: the command succeeds before that; else its last output is shown.
within()
{
	within_until=$(($(date +%s) + $1))
	shift
	until within_said=$("$@" 2>&1); do
		[ "$(date +%s)" -lt "$within_until" ] || { printf '%s\n' "$within_said"; return 1; }
		sleep 0.1
	done
}

# A port in a row of three, below those that the kernel gives to whoever connects: else a call to a gateway that is being
# restarted could take its port away.
free_ports()
{
	for free_try in 1 2 3 4 5 6 7 8 9 10; do
		free_port=$((10000 + $(od -An -N2 -tu2 /dev/urandom) % 7000 * 3))
		free_taken=no
		for free_next in 0 1 2; do
			free_hex=$(printf ':%04X 00000000:0000' $((free_port + free_next)))
			if grep -qs "$free_hex" /proc/net/tcp; then free_taken=yes; fi
		done
		if [ "$free_taken" = no ]; then break; fi
	done
	echo "$free_port"
}

gateway_folder()
{
	[ -n "$TAP_FOLDER" ] || tap_folder
	run=${1:-$TAP_FOLDER/run}
	port=$(free_ports)
	sealgate init "$run" --demo --mappings "$SOURCE_DIR/mappings" --schemas "$SOURCE_DIR/schemas" --port "$port" \
		--sandbox-port $((port + 1)) --hook-port $((port + 2)) >/dev/null || return 1
	[ "${2:-}" = hub ] || { rm "$run/agreements/hub.yaml" && sed -i '/^hub:/,$d' "$run/sandbox.yaml"; } || return 1
	mkdir -p "$run/log"
	gateway_use "$run"
}

# gateway_plain [LINE...]: without TLS, as behind a proxy that ends it, and with these lines under "listen". To be called before the start.
gateway_plain()
{
	sed -i -e '/^  certificate: tls.gateway.pem/d' -e '/^  key: tls.gateway.key/d' "$run/sealgate.yaml" || return 1
	for plain_line in "$@"; do sed -i "s/^listen:/listen:\n  $plain_line/" "$run/sealgate.yaml" || return 1; done
	url=http://127.0.0.1:$port
}

# A folder that is there already.
gateway_use()
{
	run=$1
	. "$run/env"
	url=$SEALGATE_URL
}

# start NAME COMMAND...: until it says that it is ready. Its process id is in $run/NAME.pid, and in $run/log/NAME.code what it
# ended with: `ok` runs things in a shell of their own, which cannot wait for the others' children.
start()
{
	start_name=$1
	shift
	rm -f "$run/log/$start_name.code"
	: >"$run/log/$start_name.out"
	{
		sh -c 'echo $$ >"$0" && exec "$@"' "$run/$start_name.pid" "$@"
		echo $? >"$run/log/$start_name.code"
	} >"$run/log/$start_name.out" 2>>"$run/log/$start_name.log" </dev/null &
	within 60 start_is_over "$start_name"
	cat "$run/$start_name.pid" >>"$TAP_FOLDER/started"
	grep -q "ready on" "$run/log/$start_name.out" || { tail -n 5 "$run/log/$start_name.log" >&2; return 1; }
}

start_is_over()
{
	grep -q "ready on" "$run/log/$1.out" || [ -s "$run/log/$1.code" ]
}

# stop NAME [SIGNAL]: gives the code that it ended with.
stop()
{
	[ -s "$run/$1.pid" ] || return 0
	kill "-${2:-TERM}" "$(cat "$run/$1.pid")" 2>/dev/null
	within 30 test -s "$run/log/$1.code" || return 99
	rm -f "$run/$1.pid"
	return "$(cat "$run/log/$1.code")"
}

gateway_start()
{
	start gateway sealgated --config "$run/sealgate.yaml" "$@"
}

gateway_stop()
{
	stop gateway
}

gateway_kill()
{
	stop gateway KILL
	test $? -eq 137
}

gateway_restart()
{
	gateway_stop
	gateway_start "$@"
}

sandbox_start()
{
	start sandbox sealgate-sandbox --config "$run/sandbox.yaml" --scenario "${1:-good}"
}

sandbox_stop()
{
	stop sandbox
}

listen_start()
{
	start listen sealgate listen --port $((port + 2)) --certificate "$run/tls/hook.pem" --key "$run/tls/hook.key" \
		--secret-file "$run/secrets/hook" --save "$run/webhooks"
}

call()
{
	call_party=$1 call_method=$2 call_path=$3
	shift 3
	curl -sS --max-time 30 --fail-with-body --cacert "$run/tls/ca.pem" -X "$call_method" \
		-H "Authorization: Bearer $(cat "$run/api-keys/$call_party.key")" -H "Content-Type: application/json" "$@" "$url$call_path"
}

# post_lines PARTY PATH FILE: as NDJSON
post_lines()
{
	curl -sS --max-time 60 --fail-with-body --cacert "$run/tls/ca.pem" -H "Authorization: Bearer $(cat "$run/api-keys/$1.key")" \
		-H "Content-Type: application/x-ndjson" --data-binary "@$3" "$url$2"
}

status()
{
	status_party=$1 status_method=$2 status_path=$3
	shift 3
	curl -sS --max-time 30 --cacert "$run/tls/ca.pem" -X "$status_method" -o "$run/body" -w '%{http_code}' \
		-H "Authorization: Bearer $(cat "$run/api-keys/$status_party.key")" -H "Content-Type: application/json" "$@" "$url$status_path"
}

# answers CODE PARTY METHOD PATH [CURL-OPTION...]: with this status.
answers()
{
	answers_code=$1
	shift
	answers_got=$(status "$@")
	[ "$answers_got" = "$answers_code" ] || { echo "answered $answers_got:"; cat "$run/body"; return 1; }
}

# is PARTY PATH EXPRESSION: what the gateway answers makes the expression of jq true.
is()
{
	is_answer=$(call "$1" GET "$2") || { echo "$is_answer"; return 1; }
	printf '%s' "$is_answer" | jq -e "$3" >/dev/null || { printf '%s\n' "$is_answer" | head -c 2000; return 1; }
}

# get PARTY PATH EXPRESSION: prints it.
get()
{
	call "$1" GET "$2" | jq -r "$3"
}

# Nothing is on its way; customs may not have answered everything.
quiet()
{
	is admin-1 /v1/status '.pending | .containers + .messages + .deliveries == 0'
}

# at 'TIME': as date understands it, as the interface wants it
at()
{
	date -u -d "$1" +%FT%TZ
}

# journey CONTAINER [BILL]: that is under way since two days
journey()
{
	cat <<END
{ "container": "$1", "size_type": "45G1", "fullness": "5", "from": "$(at '-2 days')", "until": "$(at '+20 days')",
  "consignments": [ { "master": "SGTU6301234567", "references": [ { "type": "355", "id": "26NL0005101X7K2LF6" } ],
    "may_see": [ "terminal-1", "broker-1", "port-1" ] } ],
  "legs": [ { "mode": "1", "carrier": { "smdg": "SGT" }, "vessel": { "imo": "9395044", "name": "Example Star" }, "voyage": "605E",
    "from": { "locode": "CNYSA" }, "to": { "locode": "NLRTM" }, "cut_off": "$(at '+1 day')", "etd": "$(at '+2 days')", "eta": "$(at '+16 days')" } ],
  "seals": [ { "number": "H1234567", "class": "H", "by": "SH", "at": "$(at '-2 days')" } ],
  "offices": { "first_entry": "NL000511" } }
END
}

# container_numbers COUNT: with their check digits (ISO 6346), one a line
container_numbers()
{
	awk -v count="$1" 'BEGIN {
		split("0 1 2 3 4 5 6 7 8 9 A 10 B 12 C 13 D 14 E 15 F 16 G 17 H 18 I 19 J 20 K 21 L 23 M 24 N 25 O 26 P 27 Q 28 R 29 S 30 T 31 U 32 V 34 W 35 X 36 Y 37 Z 38", t, " ")
		for (i = 1; i <= 10; i++) value[i - 1 ""] = i - 1
		for (i = 11; i in t; i += 2) value[t[i]] = t[i + 1]
		for (n = 1; n <= count; n++) {
			id = sprintf("SEAU%06d", n); sum = 0
			for (k = 1; k <= 10; k++) sum += value[substr(id, k, 1)] * 2 ^ (k - 1)
			printf "%s%d\n", id, sum % 11 % 10
		}
	}'
}

# event ID TYPE TIME CONTAINER
event()
{
	printf '{ "id": "%s", "type": "%s", "time": "%s", "container": "%s", "device": { "id": "dev-%s" }, ' "$1" "$2" "$3" "$4" "$4"
	printf '"position": { "lat": "30.877701", "lon": "121.883003", "source": "gnss", "accuracy": "30" } }'
}

# file_journey ID CONTAINER
file_journey()
{
	journey "$2" >"$run/journey.json"
	call carrier-1 PUT "/v1/journeys/$1" --data "@$run/journey.json"
}

# post_event ID TYPE TIME CONTAINER
post_event()
{
	event "$@" >"$run/event-$1.json"
	call provider-1 POST "/v1/events?provider=tracker-1" --data "@$run/event-$1.json"
}

# every ITEMS-PATH EXPRESSION: of all pages, one a line
every()
{
	every_cursor=0 every_more=true
	while [ "$every_more" = true ]; do
		call admin-1 GET "$1?limit=500&cursor=$every_cursor" >"$TAP_FOLDER/page" || return 1
		jq -r ".items[] | $2" "$TAP_FOLDER/page"
		every_cursor=$(jq -r .cursor "$TAP_FOLDER/page") every_more=$(jq -r .more "$TAP_FOLDER/page")
	done
}

# open_door CONTAINER [ID]: a journey of its own, and an opening that nobody permitted
open_door()
{
	file_journey "J-$1" "$1" && post_event "${2:-open-$1}" door_opened "$(at '-5 minutes')" "$1"
}

# peer NAME SCENARIO: a sandbox of its own as an authority, and the agreement with it, instead of the one that init made
peer()
{
	if [ -f "$run/agreements/sandbox.yaml" ]; then
		mv "$run/agreements/sandbox.yaml" "$run/sandbox.example" && mkdir -p "$run/customs" || return 1
	fi
	sed -e "s,^documents:.*,documents: customs/$1," -e "s,/customs/sandbox/,/customs/$1/," -e "s,^clock:.*,clock: real," "$run/sandbox.yaml" \
		>"$run/sandbox-$1.yaml"
	start "$1" sealgate-sandbox --config "$run/sandbox-$1.yaml" --port 0 --scenario "$2" || return 1
	peer_url=$(sed -n 's/.*ready on //p' "$run/log/$1.out" | sed 's/127.0.0.1/localhost/')
	sed -e "s,https://localhost:$((port + 1)),$peer_url,g" -e '/^retry:/d' "$run/sandbox.example" >"$run/agreements/$1.yaml"
	echo "retry: { first: 100ms, longest: 500ms }" >>"$run/agreements/$1.yaml"
}

# message_of CONTAINER EXPRESSION: of its only message
message_of()
{
	get admin-1 "/v1/messages?container=$1" ".items[0]$2"
}

tap_at_end()
{
	for end_pid in $(cat "$TAP_FOLDER/started" 2>/dev/null); do kill "$end_pid" 2>/dev/null; done
	within 20 ends_are_over || for end_pid in $(cat "$TAP_FOLDER/started"); do kill -KILL "$end_pid" 2>/dev/null; done
	if [ "$tap_failed" -gt 0 ]; then
		for end_log in "$run"/log/*.log; do sed "s,^,# $(basename "$end_log"): ," "$end_log" 2>/dev/null | tail -n 12; done
	fi
}

ends_are_over()
{
	for end_pid in $(cat "$TAP_FOLDER/started" 2>/dev/null); do
		if kill -0 "$end_pid" 2>/dev/null; then return 1; fi
	done
}
