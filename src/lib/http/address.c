/* address: which addresses a call must not reach (IANA special-purpose registries, RFC 6890 and what came after). */
#include <netinet/in.h>
#include <string.h>

#include "lib/http/client.h"

struct block4 {
	uint32_t net;
	int bits;
};

static const struct block4 blocks4[] = {
	{ 0x00000000, 8 },  /* this network: Linux connects 0.0.0.0 to itself */
	{ 0x0a000000, 8 },  /* private */
	{ 0x64400000, 10 }, /* shared, carrier-grade NAT */
	{ 0x7f000000, 8 },  /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local: cloud metadata */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* 6to4 relay */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarks */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 4 },  /* multicast */
	{ 0xf0000000, 4 },  /* reserved, broadcast */
};

struct block6 {
	uint8_t net[4];
	int bits;
};

/* Inside 2000::/3; outside of it everything is refused (loopback, unique local, link-local, multicast, NAT64, ...). */
static const struct block6 blocks6[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* protocol assignments, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02, 0x00, 0x00 }, 16 }, /* 6to4 */
	{ { 0x3f, 0xff, 0x00, 0x00 }, 20 }, /* documentation */
};

static bool is_private4(uint32_t address)
{
	for (size_t i = 0; i < sizeof blocks4 / sizeof *blocks4; i++)
		if (((address ^ blocks4[i].net) >> (32 - blocks4[i].bits)) == 0)
			return true;
	return false;
}

static uint32_t word(const uint8_t octets[static 4])
{
	return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
}

static bool is_private6(const struct in6_addr *address)
{
	const uint8_t *octets = address->s6_addr;
	if (IN6_IS_ADDR_V4MAPPED(address))
		return is_private4(word(octets + 12));
	if ((octets[0] & 0xe0) != 0x20)
		return true;
	for (size_t i = 0; i < sizeof blocks6 / sizeof *blocks6; i++)
		if (((word(octets) ^ word(blocks6[i].net)) >> (32 - blocks6[i].bits)) == 0)
			return true;
	return false;
}

bool http_address_is_private(const struct sockaddr *address, socklen_t size)
{
	if (address->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
		struct sockaddr_in v4;
		memcpy(&v4, address, sizeof v4);
		return is_private4(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
		struct sockaddr_in6 v6;
		memcpy(&v6, address, sizeof v6);
		return is_private6(&v6.sin6_addr);
	}
	return true;
}
