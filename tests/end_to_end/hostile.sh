#!/bin/sh
# Names and values that mean something to SQL, to a path, to a shell, to a format or to a terminal mean nothing here: each is kept as it is or
# refused, whatever it stands in, and the store, the log and the folders around are as they should be afterwards.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_folder
gateway_folder || exit 99
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end
jq -r '.[] | @json' >"$TAP_FOLDER/values" <<'EOD'
[ "x' or '1'='1", "x'; drop table events; --", "x\" union select * from secrets --", "x\\'; delete from meta; --", "1) or (1=1", "%", "_", "*", "[a-z]",
  "../../../../etc/passwd", "..", ".", "/etc/passwd", "..\\..\\x", "file:///etc/passwd", "a/b", "%2e%2e%2f", "%00", "%s%s%n%n", "{{7*7}}", "{event.id}", "${jndi:ldap://127.0.0.1/x}",
  "$(touch hostile)", "`touch hostile`", "; touch hostile", "| touch hostile", "-rf", "--help", "a\nb", "a\r\nX-Header: b", "a\tb", "\u001b[31mred", "\u202egpj.exe",
  "\u2028", "\u0085", "\ufeffx", "\u0007", "<script>alert(1)</script>", "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>", "&e;", "\"", "'", "\\", "null", "0", "-1", "1e999",
  "\u00e9", "e\u0301", "\uff33\uff25\uff2c\uff25\uff23\uff34", "😀", " ", " x ", "" ]
EOD
awk 'NR % 4 == 1' "$TAP_FOLDER/values" >"$TAP_FOLDER/some"

# of_some COMMAND...: the command is true with each of some of the values, as JSON, in $value and in a path as $segment
of_some()
{
	while IFS= read -r value; do
		segment=$(printf '%s' "$value" | jq -r '@uri')
		"$@" || { echo "with $value"; return 1; }
	done <"$TAP_FOLDER/some"
}
# code METHOD PARTY PATH [CURL-OPTION...]: the status is none of a failure of ours; it is in $got
code()
{
	code_method=$1 code_party=$2
	shift 2
	got=$(status "$code_party" "$code_method" "$@" --path-as-is)
	case $got in
	2?? | 4??) ;;
	*) echo "$code_method $1: $got"; cat "$run/body"; return 1 ;;
	esac
}
# gets PARTY PATH...: each path with each of the values for every @; status and address of each are in $run/got, what was answered in $run/bodies
gets()
{
	gets_party=$1
	shift
	rm -rf "$run/bodies" && mkdir "$run/bodies" || return 1
	for gets_path in "$@"; do
		jq -r --arg path "$gets_path" '@uri as $value | $path | gsub("@"; $value)' "$TAP_FOLDER/values"
	done | awk -v url="$url" -v bodies="$run/bodies" '{ printf "url = \"%s%s\"\noutput = \"%s/%d\"\n", url, $0, bodies, NR }' >"$run/urls"
	curl -sS -g --path-as-is --max-time 300 --cacert "$run/tls/ca.pem" -H "Authorization: Bearer $(cat "$run/api-keys/$gets_party.key")" -K "$run/urls" \
		-w '%{http_code} %{url_effective}\n' >"$run/got" || return 1
	test "$(wc -l <"$run/got")" -eq $(($(wc -l <"$TAP_FOLDER/values") * $#)) && ! grep -v '^[24]' "$run/got"
}

# ---- as an event's own identifier, and wherever an event has text ----

jq -c '{ id: ., type: "status", time: "2016-02-03T01:00:00Z", container: "CSQU3054383", device: { id: . } }' "$TAP_FOLDER/values" >"$TAP_FOLDER/events"
events_are_posted()
{
	post_lines provider-1 /v1/events "$TAP_FOLDER/events" >"$run/answer" || { cat "$run/answer"; return 1; }
	jq -e --argjson count "$(wc -l <"$TAP_FOLDER/values")" '.stored + .repeated + .refused == $count and all(.results[]; .status | IN(200, 201, 422))' "$run/answer" >/dev/null ||
		{ cat "$run/answer"; return 1; }
}
stored_or_refused()
{
	events_are_posted && jq -r '.results[] | select(.status == 201) | .id | @json' "$run/answer" | sort >"$TAP_FOLDER/stored" &&
		test "$(wc -l <"$TAP_FOLDER/stored")" -gt 30
}
ok "events with such identifiers are stored or refused" stored_or_refused
as_they_were()
{
	every /v1/events '.id | @json' | sort >"$TAP_FOLDER/there" && cmp "$TAP_FOLDER/stored" "$TAP_FOLDER/there" &&
		sort "$TAP_FOLDER/values" | comm -13 - "$TAP_FOLDER/there" | awk '{ print; bad = 1 } END { exit bad }'
}
ok "those that were stored are there as they were sent, and nothing else" as_they_were
again()
{
	events_are_posted && jq -e --argjson stored "$(wc -l <"$TAP_FOLDER/stored")" '.stored == 0 and .repeated == $stored' "$run/answer"
}
ok "each is the same event when it comes again, and no other's" again

# ---- in paths and parameters ----

in_a_path()
{
	gets admin-1 /v1/events/@ /v1/journeys/@ /v1/containers/@ /v1/messages/@ /v1/messages/@/document /v1/messages/@/parts/@ /v1/documents/@/content /v1/notices/@ \
		/v1/subscriptions/@ /v1/findings/@ /v1/peers/@/authorization || return 1
	! grep -rl 'root:' "$run/bodies"
}
ok "in a path it names nothing that it should not" in_a_path
in_a_parameter()
{
	gets admin-1 '/v1/events?container=@' '/v1/events?provider=@' '/v1/events?type=@' '/v1/events?cursor=@' '/v1/events?limit=@' '/v1/events?order=@' '/v1/messages?state=@' \
		'/v1/messages?agreement=@' '/v1/notices?kind=@' '/v1/journeys?container=@' '/v1/deliveries?state=@' '/v1/events?@=@'
}
ok "in a parameter it is a value or refused" in_a_parameter
as_a_provider()
{
	code POST provider-1 "/v1/providers/$segment/events" --data '{}' && test "$got" -ge 400
}
ok "as a provider it is nobody" of_some as_a_provider
# Who filters for what nobody has finds nothing: the filter is no pattern.
filters_are_exact()
{
	for pattern in % _ '%25' "x'%20or%20'1'='1" '*' 'CSQU305438%25' 'CSQU305438_'; do
		code GET admin-1 "/v1/events?container=$pattern" && { test "$got" -ge 400 || jq -e '.items == []' "$run/body" >/dev/null; } || { echo "$pattern"; return 1; }
	done
	is admin-1 '/v1/events?container=CSQU3054383' '.items | length > 0'
}
ok "a filter is no pattern" filters_are_exact
names_of_journeys()
{
	journey CSQU3054383 | jq -c --slurpfile ids "$TAP_FOLDER/values" '.id = $ids[]' >"$TAP_FOLDER/journeys"
	post_lines carrier-1 /v1/journeys "$TAP_FOLDER/journeys" >"$run/answer" &&
		jq -e 'all(.results[]; .status | IN(201, 409, 422, 403))' "$run/answer" >/dev/null || { cat "$run/answer"; return 1; }
	gets carrier-1 /v1/journeys/@
}
ok "journeys of such names are kept or refused" names_of_journeys
name_of_a_subscription()
{
	code PUT port-1 "/v1/subscriptions/$segment" --data "$(printf '{ "url": "https://localhost:1/", "types": [ %s ], "secrets": [ %s ] }' "$value" "$value")"
}
ok "a subscription too" of_some name_of_a_subscription
in_a_header()
{
	code GET admin-1 /v1/status -H "Last-Event-ID: $(printf '%s' "$value" | tr -d '\\')" -H "If-Match: $(printf '%s' "$value" | tr -d '\\')" || return 1
	got=$(curl -sS --max-time 30 --cacert "$run/tls/ca.pem" -o "$run/body" -w '%{http_code}' -H "Authorization: Bearer $(printf '%s' "$value" | tr -d '\\')" "$url/v1/status")
	test "$got" -eq 401 || { echo "as a key: $got"; return 1; }
}
ok "as a key it opens nothing" of_some in_a_header

# ---- afterwards ----

no_fault_of_ours()
{
	call admin-1 GET /metrics >"$run/metrics" && awk '/^sealgate_refused_total.reason="(internal|store|store-full|io|bad-mapping)"/ { if ($2 > 0) { print; bad = 1 } } END { exit bad }' "$run/metrics"
}
ok "none of it was a fault of ours" no_fault_of_ours
log_is_lines()
{
	jq -c . "$run/log/gateway.log" >/dev/null && test "$(jq -c . "$run/log/gateway.log" | wc -l)" -eq "$(wc -l <"$run/log/gateway.log")" &&
		! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037]')" "$run/log/gateway.log" && ! grep -q "$(printf '\342\200\256')" "$run/log/gateway.log"
}
ok "the log is one JSON object a line, without control characters" log_is_lines
ok "no command was run" eval 'test -z "$(find "$run" . -maxdepth 3 -name hostile 2>/dev/null)"'
ok "the gateway stops when it is told to" gateway_stop
starts_and_knows()
{
	gateway_start && as_they_were
}
ok "it starts again, and its events are as they were" starts_and_knows
not_a_name()
{
	name=$(printf '%s' "$value" | jq -r .)
	printf '{}' >"$run/empty.json"
	sealgate try --config "$run/sealgate.yaml" --provider "$name" "$run/empty.json" >"$run/said" 2>&1
	test $? -le 2 && ! grep -q 'root:' "$run/said"
}
ok "as a provider's name on the command line it names no file" of_some not_a_name
tap_end
