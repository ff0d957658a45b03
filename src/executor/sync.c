/*
 * The socket between two processes of one plan. SOCK_SEQPACKET keeps messages apart, and end of file says that the other
 * side is gone: init does not outlive a runtime that was killed half-way.
 */
#include "sync.h"

#include "relay.h"
#include "socket.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static size_t message_size(const struct message *message)
{
    switch (message->type) {
    case MESSAGE_SLOTS: return offsetof(struct message, slots) + sizeof message->slots;
    case MESSAGE_FAILURE: return sizeof *message;
    default: return offsetof(struct message, slots);
    }
}

int sync_send(int socket, const struct message *message, int fd)
{
    long sent = send_message(socket, message, message_size(message), fd);
    return sent < 0 ? (int)sent : 0;
}

int sync_receive(int socket, struct message *message, int *fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec data = {message, sizeof *message};
    struct msghdr packet = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (fd) *fd = -1;
    memset(message, 0, offsetof(struct message, slots));
    ssize_t received;
    do received = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    /* A peer that died with unread messages resets the connection: for us it is gone all the same. */
    if (received < 0) return errno == ECONNRESET ? 0 : -errno;
    if (received == 0) return 0;
    struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
        int got;
        memcpy(&got, CMSG_DATA(header), sizeof got);
        if (fd) *fd = got;
        else close(got);
    }
    return (size_t)received < message_size(message) ? -EPROTO : 1;
}

void sync_report(const struct run *run)
{
    struct message message = {.type = MESSAGE_FAILURE, .failure = run->failure};
    if (run->sync >= 0) sync_send(run->sync, &message, -1);
}

/* The other side ended without a word; its exit status may say why. */
static int other_side_gone(struct run *run)
{
    pid_t child = (pid_t)(run->slots[SLOT_PID] > 0 ? run->slots[SLOT_PID] : run->slots[SLOT_STAGE]);
    siginfo_t info = {0};
    if (run->section == SECTION_STAGE || run->section == SECTION_INIT) return explain(run, ECANCELED, "the runtime is gone");
    if (child > 0 && waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == child) {
        if (info.si_code == CLD_EXITED) return explain(run, ECANCELED, "init exited with status %d", info.si_status);
        if (info.si_status == SIGKILL) {
            return explain(run, ECANCELED, "init was killed by SIGKILL; the memory limit may be too low to start a process");
        }
        return explain(run, ECANCELED, "init was killed by signal %d", info.si_status);
    }
    return explain(run, ECANCELED, "init is gone");
}

static int take_report(struct run *run, const struct message *message)
{
    run->failure = message->failure;
    run->failure.message[DETAIL_MAX - 1] = run->failure.detail[DETAIL_MAX - 1] = '\0';
    run->failure.reported = true;
    return message->failure.error > 0 ? -message->failure.error : -EPROTO;
}

int sync_expect(struct run *run, enum message_type type, struct message *message, int *fd)
{
    int got = sync_receive(run->sync, message, fd);
    if (got < 0) return got;
    if (got == 0) return other_side_gone(run);
    if (message->type == MESSAGE_FAILURE) return take_report(run, message);
    if (message->type != type) return explain(run, EPROTO, "unexpected message %u instead of %u", message->type, type);
    return 0;
}

int sync_await_exec(struct run *run, int (*before_go)(struct run *run, const void *argument), const void *argument)
{
    struct message message;
    int result = sync_expect(run, MESSAGE_EXECUTING, &message, NULL);
    if (result == 0 && before_go != NULL) result = before_go(run, argument);
    if (result == 0) {
        message = (struct message){.type = MESSAGE_GO};
        result = sync_send(run->sync, &message, -1);
    }
    if (result < 0) return result;
    /* execve(2) closes init's end; a failure is reported over it. */
    int got = sync_receive(run->sync, &message, NULL);
    if (got <= 0) return got;
    return message.type == MESSAGE_FAILURE ? take_report(run, &message) : -EPROTO;
}

/* Its report may still wait to be read, behind messages that nobody asks for any more. */
int sync_tell(struct run *run, const struct message *message, int fd)
{
    int result = sync_send(run->sync, message, fd);
    if (result != -EPIPE && result != -ECONNRESET) return result;
    struct message last;
    int stray = -1;
    do {
        close_fd(&stray);
        int got = sync_receive(run->sync, &last, &stray);
        if (got <= 0) return got == 0 ? other_side_gone(run) : result;
    } while (last.type != MESSAGE_FAILURE);
    close_fd(&stray);
    return take_report(run, &last);
}

int op_wake(struct run *run, const struct op_wake *a)
{
    struct message message = {.type = MESSAGE_STEP, .subject = (uint32_t)a->step};
    /* From here on init outlives the runtime: a Ctrl-C is for `foreground` to forward, not for us to die of. */
    if (a->step == STEP_COMMITTED) block_signals(NULL);
    return sync_tell(run, &message, -1);
}

int op_wait(struct run *run, const struct op_wait *a)
{
    struct message message;
    int result = sync_expect(run, MESSAGE_STEP, &message, NULL);
    if (result < 0) return result;
    if (message.subject != a->step) return explain(run, EPROTO, "got step %u instead", message.subject);
    if (a->step == STEP_CLONED) {
        run->slots[SLOT_PID] = message.value;
        /* The stage has done its work; nobody else would reap it. */
        waitpid((pid_t)run->slots[SLOT_STAGE], NULL, 0);
        run->slots[SLOT_STAGE] = 0;
    }
    return 0;
}

int op_give(struct run *run, const struct op_give *a)
{
    struct message message = {.type = MESSAGE_DESCRIPTOR, .subject = (uint32_t)a->slot};
    if (slot_fd(run, a->slot) < 0) return -EBADF;
    return sync_tell(run, &message, slot_fd(run, a->slot));
}

int op_take(struct run *run, const struct op_take *a)
{
    struct message message;
    int fd = -1;
    int result = sync_expect(run, MESSAGE_DESCRIPTOR, &message, &fd);
    if (result < 0) return result;
    if (fd < 0 || message.subject != a->slot) {
        if (fd >= 0) close(fd);
        return -EPROTO;
    }
    slot_set_fd(run, a->slot, fd);
    /* A terminal comes to the runtime only to be relayed. */
    if (a->slot == SLOT_TERMINAL) relay_prepare(fd);
    return 0;
}

int op_await_exec(struct run *run, const struct op_await_exec *a)
{
    (void)a;
    return sync_await_exec(run, NULL, NULL);
}
