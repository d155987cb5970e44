/* probes: requests that two readers could understand differently, each with a request hidden behind it. */
#ifndef SEALGATE_TESTS_UNIT_LIB_HTTP_PROBES_H
#define SEALGATE_TESTS_UNIT_LIB_HTTP_PROBES_H

#include <stddef.h>

#define NEXT "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

struct probe {
	const char *name;
	const char *bytes;
	size_t size;
	int status;  /* 0: closed without a word (libmicrohttpd's way with a line it cannot read) */
};
#define PROBE(name, status, text) { name, text NEXT, sizeof(text NEXT) - 1, status }
#define POST "POST /echo HTTP/1.1\r\nHost: a\r\n"
#define GET "GET /ok HTTP/1.1\r\nHost: a\r\n"

static const struct probe probes[] = {
	PROBE("length and coding", 400, POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	PROBE("coding and length", 400, POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
	PROBE("blank before the colon", 400, POST "Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n"),
	PROBE("folded coding", 400, POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
	PROBE("folded coding and length", 400, POST "Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n"),
	PROBE("folded length", 400, POST "Content-Length:\r\n 3\r\n\r\nabc"),
	PROBE("folded other header", 400, GET "X-A: b\r\n c: d\r\n\r\n"),
	PROBE("two lengths", 400, POST "Content-Length: 0\r\nContent-Length: 35\r\n\r\n"),
	PROBE("two equal lengths", 400, POST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
	PROBE("two codings", 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	PROBE("unknown coding", 400, POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
	PROBE("gzip, chunked", 400, POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
	PROBE("chunked, identity", 400, POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
	PROBE("coding in HTTP/1.0", 400, "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	PROBE("length +3", 400, POST "Content-Length: +3\r\n\r\nabc"),
	PROBE("length -3", 400, POST "Content-Length: -3\r\n\r\nabc"),
	PROBE("length 0x3", 400, POST "Content-Length: 0x3\r\n\r\nabc"),
	PROBE("length \"3, 3\"", 400, POST "Content-Length: 3, 3\r\n\r\nabc"),
	PROBE("length empty", 400, POST "Content-Length:\r\n\r\nabc"),
	PROBE("length 2^64", 413, POST "Content-Length: 18446744073709551616\r\n\r\nabc"),
	PROBE("length 2^64-1", 413, POST "Content-Length: 18446744073709551615\r\n\r\nabc"),
	PROBE("length over the limit", 413, POST "Content-Length: 100001\r\n\r\nabc"),
	PROBE("length over the route's limit", 413, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n01234567890"),
	PROBE("chunk size overflow", 413, POST "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nabc\r\n0\r\n\r\n"),
	PROBE("chunk size 0x3", 400, POST "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"),
	PROBE("chunked over the route's limit", 413,
	      "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"),
	PROBE("length of a GET", 400, GET "Content-Length: 3\r\n\r\nabc"),
	PROBE("coding of a GET", 400, GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	PROBE("bare CR in a value", 400, GET "X-A: b\rc\r\n\r\n"),
	PROBE("control byte in a value", 400, GET "X-A: b\001c\r\n\r\n"),
	PROBE("DEL in a value", 400, GET "X-A: b\177c\r\n\r\n"),
	PROBE("blank in a name", 400, GET "X A: b\r\n\r\n"),
	PROBE("control byte in a name", 400, GET "X\001A: b\r\n\r\n"),
	PROBE("two hosts", 400, GET "Host: b\r\n\r\n"),
	PROBE("no host", 400, "GET /ok HTTP/1.1\r\n\r\n"),
	PROBE("two authorizations", 400, GET "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"),
	PROBE("control byte in the method", 400, "GE\001T /ok HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("NUL in the method", 400, "GET\0 /ok HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("two blanks behind the method", 400, "GET  /ok HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("NUL in a value", 400, "GET /ok HTTP/1.1\r\nHost: a\0c\r\nX-A: b\r\n\r\n"),
	PROBE("NUL in the last value", 400, GET "X-A: b\0c\r\n\r\n"),
	PROBE("NUL at the end of the last value", 400, GET "X-A: b\0\r\n\r\n"),
	PROBE("NUL in the coding", 400, POST "Transfer-Encoding: chunked\0x\r\n\r\n0\r\n\r\n"),
	PROBE("NUL in the length", 400, POST "Content-Length: 3\0005\r\nX-A: b\r\n\r\nabc"),
	PROBE("NUL for an empty line", 400, GET "\0X-A: b\r\n\r\n"),
	PROBE("NUL behind the request line", 400, "GET /ok HTTP/1.0\r\n\0\0x\r\n"),
	PROBE("colon for an empty line", 400, GET "X-A: b\r\n:\r\nX-B: c\r\n\r\n"),
	PROBE("colon for an empty line, bare LF", 400, "GET /ok HTTP/1.1\nHost: a\n:\n"),
	PROBE("colon for an empty line, mixed", 400, "GET /ok HTTP/1.1\nHost: a\n:\r\n"),
	PROBE("bare LF among others", 400, GET "X-A: b\nX-B: c\r\n\r\n"),
	PROBE("folded value", 400, GET "X-A: b\r\n cd\r\nX-B: e\r\n\r\n"),
	PROBE("blank in the target", 0, "GET /o k HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("NUL in the target", 400, "GET /ok\0x HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("control byte in the target", 400, "GET /o\001k HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("not ASCII in the target", 400, "GET /o\303\251 HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("%00 in the path", 400, "GET /ok%00x HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("%00 in the query", 400, "GET /ok?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
	PROBE("encoded body", 415, POST "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
};

#endif
