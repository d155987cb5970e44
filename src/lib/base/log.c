#include "lib/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"

static struct {
	const char *program;
	int fd;
	enum log_level least;
	bool plain;
} log_state = { "sealgate", STDERR_FILENO, LOG_LEVEL_INFO, false };

void log_open(const char *program, int fd, enum log_level least)
{
	log_state.program = program;
	log_state.fd = fd;
	log_state.least = least;
	log_state.plain = false;
}

void log_open_plain(const char *program, enum log_level least)
{
	log_open(program, STDERR_FILENO, least);
	log_state.plain = true;
}

__attribute__((format(printf, 4, 0))) static void log_line(enum log_level level, const char *what, const char *id, const char *format, va_list args)
{
	static const char *const names[] = { "debug", "info", "warning", "error" };
	if (level < log_state.least)
		return;
	char text[1024];
	vsnprintf(text, sizeof text, format, args);
	BUFFER_AUTO line = { 0 };
	if (log_state.plain) {
		buffer_printf(&line, "%s: ", log_state.program);
		text_escape_for_person(&line, text);
		buffer_add_char(&line, '\n');
	} else {
		char time[CLOCK_TEXT_SIZE];
		clock_format(clock_real_ms(), time);
		buffer_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\",\"what\":\"%s\"", time, names[level],
		              log_state.program, what);
		if (id) {
			buffer_add_text(&line, ",\"id\":");
			text_escape_json(&line, id);
		}
		buffer_add_text(&line, ",\"text\":");
		text_escape_json(&line, text);
		buffer_add_text(&line, "}\n");
	}
	ssize_t written = write(log_state.fd, line.data, line.size);
	(void)written;  /* nobody is left to tell */
}

#define LOG_FUNCTION(name, level)                                           \
	void name(const char *what, const char *id, const char *format, ...) \
	{                                                                    \
		va_list args;                                                \
		va_start(args, format);                                      \
		log_line(level, what, id, format, args);                     \
		va_end(args);                                                \
	}

LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
