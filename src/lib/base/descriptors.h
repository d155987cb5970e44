/* descriptors: how many files and sockets the process may have open. */
#ifndef SEALGATE_LIB_BASE_DESCRIPTORS_H
#define SEALGATE_LIB_BASE_DESCRIPTORS_H

/* Raises the soft limit to this where it is lower and the hard limit lets it. How many there may be now. */
long descriptors_allow(long wanted);

#endif
