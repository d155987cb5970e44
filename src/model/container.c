#include "model/container.h"

#include <ctype.h>
#include <string.h>

/* A is 10, B 12, ... Z 38: multiples of 11 are left out. */
static int letter_value(char c)
{
	int n = c - 'A';
	return 10 + n + (n >= 1) + (n >= 11) + (n >= 21);
}

char container_check_digit(const char *first_ten)
{
	int sum = 0;
	for (int i = 0; i < 10; i++) {
		int value = isdigit((unsigned char)first_ten[i]) ? first_ten[i] - '0' : letter_value(first_ten[i]);
		sum += value << i;
	}
	return (char)('0' + sum % 11 % 10);
}

static bool has_shape(const char *n)
{
	if (strlen(n) != 11 || !strchr("UJZ", n[3]))
		return false;
	for (int i = 0; i < 3; i++)
		if (n[i] < 'A' || n[i] > 'Z')
			return false;
	return strspn(n + 4, "0123456789") == 7;
}

int container_read(const char *text, char number_r[static CONTAINER_NUMBER_SIZE], bool *good_r, struct error *error)
{
	size_t n = 0;
	bool longer = false;
	for (const char *at = text; *at; at++) {
		if (*at == ' ' || *at == '-')
			continue;
		if (n == CONTAINER_NUMBER_SIZE - 1)
			longer = true;
		else
			number_r[n++] = (char)toupper((unsigned char)*at);
	}
	number_r[n] = '\0';
	if (longer || !has_shape(number_r))
		FAIL(error, BAD_FIELD, "\"%.40s\" is no ISO 6346 container number (such as CSQU3054383); say \"container_scheme\": "
		     "\"other\" for another kind of equipment", text);
	*good_r = container_check_digit(number_r) == number_r[10];
	return 0;
}

bool container_is_iso(const char *number)
{
	return has_shape(number) && container_check_digit(number) == number[10];
}
