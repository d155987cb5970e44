#!/bin/sh
# The REST interface's TLS, as OpenSSL's client sees it: TLS 1.2 and 1.3 with forward secret, authenticated ciphers, and nothing older or weaker.
. "${SOURCE_DIR:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/gateway.sh"
gateway_needs
tap_needs openssl
tap_folder
gateway_folder || exit 99
ok "the gateway starts" gateway_start
[ "$tap_failed" -eq 0 ] || tap_end

# speaks OPTION...: a handshake, with everything allowed on the client's side; what was agreed is in $run/agreed
speaks()
{
	openssl s_client -connect "127.0.0.1:$port" -servername localhost -CAfile "$run/tls/ca.pem" -verify_return_error -no_ign_eof "$@" \
		</dev/null >"$run/agreed" 2>&1
	grep -E 'New, |Cipher is|Verify return code|alert|error' "$run/agreed"
	grep -q 'Verify return code: 0 (ok)' "$run/agreed" && ! grep -q 'Cipher is (NONE)' "$run/agreed"
}
with_1_2()
{
	"${2:-speaks}" -tls1_2 -cipher "$1:@SECLEVEL=0"
}
# An alert came, or an end: it was not our own client that would not.
turned_away()
{
	speaks "$@" && return 1
	grep -qE "SSL alert number|unexpected eof" "$run/agreed"
}
ok "TLS 1.3" speaks -tls1_3
ok "TLS 1.2" speaks -tls1_2
for cipher in ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384 ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256 \
	ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305; do
	ok "TLS 1.2 with $cipher" with_1_2 "$cipher"
done
for old in tls1_1 tls1; do
	ok "$old is refused, by the gateway" turned_away "-$old" -cipher 'ALL:@SECLEVEL=0'
done
for weak in kRSA aNULL eNULL 3DES RC4 CAMELLIA ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384 ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA; do
	if openssl ciphers "$weak:@SECLEVEL=0" 2>/dev/null | grep -q .; then
		ok "TLS 1.2 with $weak alone is refused, by the gateway" with_1_2 "$weak" turned_away
	else
		skip "TLS 1.2 with $weak alone is refused" "this OpenSSL has none of them"
	fi
done
no_renegotiation()
{
	speaks -tls1_2 && grep -q 'Secure Renegotiation IS supported' "$run/agreed" && grep -q 'Compression: NONE' "$run/agreed"
}
ok "renegotiation is the secure one, and nothing is compressed" no_renegotiation
tls_alone()
{
	test "$(curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/healthz")" -eq 200
}
refused "plain HTTP on this port is not answered" tls_alone
ok "and the gateway goes on" answers 200 admin-1 GET /healthz
ok "it stops when it is told to" gateway_stop
tap_end
