/* Addresses that a call must not reach, at both ends of each block, and their neighbours; and what no header may hold. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/http/client.h"
#include "lib/http/header.h"
#include "support/suite.h"

static bool is_private(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return http_address_is_private((struct sockaddr *)&v4, sizeof v4);
	ck_assert_int_eq(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return http_address_is_private((struct sockaddr *)&v6, sizeof v6);
}

START_TEST(what_is_not_public_is_refused)
{
	static const char *const texts[] = { "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
		"127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.2.255", "192.88.99.1", "192.168.0.0",
		"192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:1ff::1",
		"2001:db8::1", "2002:7f00:1::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_msg(is_private(texts[i]), "%s is let through", texts[i]);
}
END_TEST

START_TEST(what_is_public_is_let_through)
{
	static const char *const texts[] = { "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "203.0.114.0", "223.255.255.255", "::ffff:9.9.9.9", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1", "2a00:1450::1", "3ffe::1" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_msg(!is_private(texts[i]), "%s is refused", texts[i]);
}
END_TEST

START_TEST(what_is_no_internet_address_is_refused)
{
	struct sockaddr local = { .sa_family = AF_UNIX };
	struct sockaddr_in cut = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x09090909) };
	ck_assert(http_address_is_private(&local, sizeof local));
	ck_assert(http_address_is_private((struct sockaddr *)&cut, sizeof(sa_family_t)));
	ck_assert(!http_address_is_private((struct sockaddr *)&cut, sizeof cut));
}
END_TEST

/* Each octet at each place of a value, held against the rule octet by octet. */
START_TEST(a_header_carries_no_controls)
{
	for (size_t size = 1; size < 20; size++)
		for (size_t at = 0; at < size; at++)
			for (int octet = 1; octet < 256; octet++) {
				char value[20] = { 0 };
				memset(value, at % 2 ? '\xff' : ' ', size);
				value[at] = (char)octet;
				ck_assert_int_eq(http_is_field_value(value), octet == '\t' || (octet >= 0x20 && octet != 0x7f));
			}
	ck_assert(http_is_field_value("") && http_is_field_value("a\tb c \xc3\xa4 and more behind it"));
}
END_TEST

SUITE("address", what_is_not_public_is_refused, what_is_public_is_let_through, what_is_no_internet_address_is_refused, a_header_carries_no_controls)
