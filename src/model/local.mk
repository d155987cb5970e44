libsealgate_a_SOURCES += src/model/message_state.c src/model/message_state.def src/model/message_state.h
