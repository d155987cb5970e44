/* log: JSON lines on stderr (or a file descriptor), one per happening, never a body, a key or a token.
 *
 * Each line has time, level, what (a short fixed word a program can search for), id (the message, event, request
 * or other object it is about; NULL: none) and text. Control characters, C1, U+2028/2029 and bidirectional
 * controls in text are escaped. Safe from every thread; a line is one write(2).
 */
#ifndef SEALGATE_LIB_BASE_LOG_H
#define SEALGATE_LIB_BASE_LOG_H

#include "lib/base/error.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR, LOG_LEVEL_NONE };

void log_open(const char *program, int fd, enum log_level least);  /* before threads start; else stderr, info */
/* For programs whose stderr a person reads: "program: text" instead of JSON. */
void log_open_plain(const char *program, enum log_level least);
void log_debug(const char *what, const char *id, const char *format, ...) printf_like(3, 4);
void log_info(const char *what, const char *id, const char *format, ...) printf_like(3, 4);
void log_warning(const char *what, const char *id, const char *format, ...) printf_like(3, 4);
void log_error(const char *what, const char *id, const char *format, ...) printf_like(3, 4);

#endif
