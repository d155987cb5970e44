/* ready: tells whoever started the gateway how it is: sd_notify(3)'s protocol, spoken by hand, since it is one datagram. */
#ifndef SEALGATE_SEALGATED_READY_H
#define SEALGATE_SEALGATED_READY_H

#include <stdint.h>

/* Sends `state` ("READY=1", "STOPPING=1", "WATCHDOG=1") to $NOTIFY_SOCKET; does nothing where there is none. */
void ready_tell(const char *state);
/* Milliseconds between two WATCHDOG=1, half of what $WATCHDOG_USEC allows; 0: nobody watches. */
int64_t ready_watchdog_ms(void);

#endif
