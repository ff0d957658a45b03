/* Messages between the runtime (host), the stage and init; and between init and `tsoci start`. */
#ifndef TSOCI_SYNC_H
#define TSOCI_SYNC_H

#include "run.h"

enum message_type {
    MESSAGE_SLOTS = 1,  /* host → child, first: the slots */
    MESSAGE_STEP,       /* a step is done */
    MESSAGE_DESCRIPTOR, /* carries one descriptor for a slot */
    MESSAGE_EXECUTING,  /* init → whoever starts it: the program is about to be executed */
    MESSAGE_GO,         /* the answer */
    MESSAGE_FAILURE,    /* an operation failed; the sender exits */
};

struct message {
    uint32_t type;
    uint32_t subject; /* step or slot */
    int64_t value;
    union {
        int64_t slots[SLOT_COUNT];
        struct failure failure;
    };
};

/* Sends one message, with a descriptor unless fd is -1. 0 or -errno; never raises SIGPIPE. */
int sync_send(int socket, const struct message *message, int fd);
/* Receives one message; *fd is a descriptor or -1. 1, 0 at end of file, or -errno. */
int sync_receive(int socket, struct message *message, int *fd);
/* Sends the failure of this process. */
void sync_report(const struct run *run);
/* Sends to the other side of the plan; when it is gone, what it said last is why. 0 or -errno with words. */
int sync_tell(struct run *run, const struct message *message, int fd);
/* Receives a message of this type; a failure of the other side becomes this side's. */
int sync_expect(struct run *run, enum message_type type, struct message *message, int *fd);
/* Waits until the program of the other side runs: MESSAGE_EXECUTING, the answer, end of file. */
int sync_await_exec(struct run *run, int (*before_go)(struct run *run, const void *argument), const void *argument);

#endif
