libsealgate_a_SOURCES += \
	src/model/agreement.c src/model/agreement.h src/model/agreement_as4.c src/model/agreement_inside.h src/model/agreement_rows.c src/model/disclosure.c src/model/disclosure.h src/model/role.def src/model/settings.c src/model/settings_callers.c src/model/settings_inside.h src/model/settings.h \
	src/model/caller.h \
	src/model/container.c src/model/container.h \
	src/model/event.c src/model/event.h src/model/event_type.def \
	src/model/finding.c src/model/finding.h \
	src/model/geo.c src/model/geo.h \
	src/model/journey.c src/model/journey.h \
	src/model/journey_check.c \
	src/model/message_state.c src/model/message_state.def src/model/message_state.h \
	src/model/notice.c src/model/notice.h src/model/notice_kind.def \
	src/model/reply.c src/model/reply.h
