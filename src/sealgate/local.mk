libsealgate_a_SOURCES += \
	src/sealgate/arguments.c \
	src/sealgate/authorize.c \
	src/sealgate/backup.c \
	src/sealgate/check.c src/sealgate/check.h src/sealgate/check_settings.c \
	src/sealgate/command.h src/sealgate/commands.c \
	src/sealgate/configuration.c src/sealgate/configuration.h \
	src/sealgate/explain.c \
	src/sealgate/gateway.c src/sealgate/gateway.h \
	src/sealgate/help.c \
	src/sealgate/init.c src/sealgate/init.h src/sealgate/init_hub.c src/sealgate/init_text.c \
	src/sealgate/input.c src/sealgate/input.h \
	src/sealgate/list.c \
	src/sealgate/listen.c src/sealgate/listen.h \
	src/sealgate/output.c src/sealgate/output.h \
	src/sealgate/play.c src/sealgate/play.h src/sealgate/play_quiet.c src/sealgate/play_reply.c src/sealgate/play_result.c src/sealgate/play_rows.c \
	src/sealgate/ping.c \
	src/sealgate/program.c \
	src/sealgate/release.c \
	src/sealgate/reply.c \
	src/sealgate/send.c \
	src/sealgate/show.c \
	src/sealgate/status.c src/sealgate/subscribe.c \
	src/sealgate/story.c src/sealgate/story.h \
	src/sealgate/token.c \
	src/sealgate/try.c src/sealgate/try.h src/sealgate/try_answer.c src/sealgate/try_message.c src/sealgate/try_payload.c src/sealgate/try_report.c \
	src/sealgate/verify.c

bin_PROGRAMS += sealgate
sealgate_SOURCES = src/sealgate/main.c
sealgate_LDADD = $(LIBSEALGATE)
