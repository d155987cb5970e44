libsealgate_a_SOURCES += \
	src/sandbox/answer.c \
	src/sandbox/clerk.c src/sandbox/clerk.h \
	src/sandbox/declaration.c src/sandbox/declaration.h \
	src/sandbox/hub.c src/sandbox/hub.h src/sandbox/hub_inside.h \
	src/sandbox/hub_check.c src/sandbox/hub_ledger.c src/sandbox/hub_ledger.h src/sandbox/hub_play.c src/sandbox/hub_pull.c \
	src/sandbox/hub_report.c src/sandbox/hub_rules.c src/sandbox/hub_rules.h src/sandbox/hub_rules.def src/sandbox/hub_send.c \
	src/sandbox/hub_setup.c src/sandbox/hub_setup.h src/sandbox/hub_spoil.c src/sandbox/hub_take.c src/sandbox/hub_write.c \
	src/sandbox/inside.h \
	src/sandbox/intake.c \
	src/sandbox/judge.c src/sandbox/judge.h \
	src/sandbox/oauth.c src/sandbox/oauth.h \
	src/sandbox/outbox.c src/sandbox/outbox.h \
	src/sandbox/refusal.c src/sandbox/refusal.h \
	src/sandbox/register.c src/sandbox/register.h \
	src/sandbox/response.c src/sandbox/response.h \
	src/sandbox/routes.c \
	src/sandbox/sandbox.c src/sandbox/sandbox.h \
	src/sandbox/scenario.c src/sandbox/scenario.h src/sandbox/scenario.def \
	src/sandbox/setup.c src/sandbox/setup.h \
	src/sandbox/shelf.c src/sandbox/shelf.h
sbin_PROGRAMS += sealgate-sandbox
sealgate_sandbox_SOURCES = src/sandbox/main.c
sealgate_sandbox_LDADD = $(LIBSEALGATE) $(JEMALLOC_LIBS)
