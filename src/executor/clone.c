/* Making the stage and init: sealed copies of this program, so that no container can reach the binary on the host. */
#include "clone.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kernel.h"
#include "plan.h"
#include "sync.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* 6.3 */
#endif

int seal(int fd)
{
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) return -errno;
    return 0;
}

int copy_self(void)
{
    int source CLEANUP_FD = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (source < 0) return -errno;
    /* Kernels before 6.3 refuse MFD_EXEC; there every memfd is executable. */
    int copy CLEANUP_FD = memfd_create("tsoci", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (copy < 0 && errno == EINVAL) copy = memfd_create("tsoci", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy < 0) return -errno;
    struct stat stat;
    if (fstat(source, &stat) < 0) return -errno;
    for (off_t left = stat.st_size; left > 0;) {
        ssize_t sent = sendfile(copy, source, NULL, (size_t)left);
        if (sent <= 0) return sent < 0 ? -errno : -EIO;
        left -= sent;
    }
    int result = seal(copy);
    return result < 0 ? result : steal_fd(&copy);
}

static int keep_on_exec(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    return flags < 0 || fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) < 0 ? -errno : 0;
}

/* In the child, before the copy is executed: exactly the descriptors that it needs survive. */
static int keep_descriptors(const struct run *run, int sync, uint64_t preserve)
{
    static const unsigned char types[SLOT_COUNT] = SLOT_TYPES;
    int result = keep_on_exec(sync);
    if (result == 0) result = keep_on_exec(run->plan_fd);
    for (int slot = 0; slot < SLOT_COUNT && result == 0; slot++) {
        if (types[slot] == SLOT_TYPE_DESCRIPTOR && run->slots[slot] >= 0) result = keep_on_exec((int)run->slots[slot]);
    }
    for (uint64_t fd = 3; fd < 3 + preserve && result == 0; fd++) result = keep_on_exec((int)fd);
    return result;
}

static _Noreturn void become_child(struct run *run, enum section section, int sync, uint64_t preserve)
{
    char sync_text[16], plan_text[16], section_text[16];
    snprintf(sync_text, sizeof sync_text, "%d", sync);
    snprintf(plan_text, sizeof plan_text, "%d", run->plan_fd);
    snprintf(section_text, sizeof section_text, "%d", section);
    char *const argv[] = {CHILD_NAME, sync_text, plan_text, section_text, NULL};
    int result = keep_descriptors(run, sync, preserve);
    if (result == 0) {
        syscall(SYS_execveat, run->self_fd, "", argv, environ, AT_EMPTY_PATH);
        result = -errno;
    }
    run->sync = sync;
    snprintf(run->failure.message, sizeof run->failure.message, "execute the sealed copy of tsoci");
    run->failure.error = -result;
    sync_report(run);
    _exit(1);
}

/* clone(2) as fork(2), with namespaces. The arguments after the flags are unused by it on every architecture. */
static pid_t clone_process(uint64_t flags)
{
    return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, 0, 0, 0, 0);
}

static int join_cgroup(int cgroup, pid_t pid)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%d", pid);
    int procs CLEANUP_FD = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (procs < 0) return -errno;
    return write(procs, text, (size_t)length) == length ? 0 : -errno;
}

/* A child that starts in a cgroup of v2 (Linux 5.7), or is put there before it is told anything. */
static pid_t clone_in_cgroup(uint64_t flags, const char *path)
{
    int cgroup CLEANUP_FD = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup < 0) return -1;
    struct clone_args arguments = {
        .flags = flags | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup};
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    /* EINVAL, E2BIG: Linux 5.3 to 5.6 */
    if (pid >= 0 || !(lacks_call(errno) || errno == EINVAL || errno == E2BIG)) return pid;
    pid = clone_process(flags);
    if (pid <= 0) return pid;
    int result = join_cgroup(cgroup, pid);
    if (result == 0) return pid;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = -result;
    return -1;
}

/* By what the caller left open, for by now numbers that it left closed may be ours. */
static int check_preserved(struct run *run, uint64_t preserve)
{
    uint64_t available = run->first_closed - (STDERR_FILENO + 1);
    if (preserve <= available) return 0;
    return explain(run, EBADF, "unable to stat preserved-fd %llu (of %llu)", (unsigned long long)available + 1,
                   (unsigned long long)preserve);
}

static int clone_from_host(struct run *run, const struct op_clone *a)
{
    int pair[2];
    char buffer[PATH_MAX];
    const char *cgroup = text_string(run, &a->cgroup, buffer, sizeof buffer);
    if (cgroup == NULL) return -errno;
    int result = check_preserved(run, a->preserve);
    if (result < 0) return result;
    if (run->self_fd < 0) run->self_fd = copy_self();
    if (run->self_fd < 0) return explain(run, -run->self_fd, "copy tsoci into memory");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
    pid_t pid = cgroup[0] == '\0' ? clone_process(a->flags) : clone_in_cgroup(a->flags, cgroup);
    if (pid == 0) {
        close(pair[0]);
        become_child(run, (enum section)a->into, pair[1], a->preserve);
    }
    result = pid < 0 ? -errno : 0;
    close(pair[1]);
    run->sync = pair[0];
    if (cgroup[0] != '\0' && result == -EOPNOTSUPP) return explain(run, EOPNOTSUPP, "%s is below processes", cgroup);
    if (cgroup[0] != '\0' && result == -EBUSY) return explain(run, EBUSY, "%s has handed out controllers", cgroup);
    if (result < 0) return result;
    run->slots[a->into == SECTION_STAGE ? SLOT_STAGE : SLOT_PID] = pid;
    struct message hello = {.type = MESSAGE_SLOTS};
    memcpy(hello.slots, run->slots, sizeof hello.slots);
    /* In a cgroup that is too small it may be dead already. */
    return sync_tell(run, &hello, -1);
}

/* init becomes a child of the runtime, as without a stage; the stage has nothing left to do. */
static int clone_from_stage(struct run *run, const struct op_clone *a)
{
    pid_t pid = clone_process(a->flags | CLONE_PARENT);
    if (pid < 0) return -errno;
    if (pid == 0) {
        run->slots[SLOT_OWN_PID] = getpid();
        run->failure_sections = 0;
        _exit(run_child_section(run, SECTION_INIT));
    }
    struct message message = {.type = MESSAGE_STEP, .subject = STEP_CLONED, .value = pid};
    int result = sync_send(run->sync, &message, -1);
    if (result < 0) return result;
    _exit(0);
}

int op_clone(struct run *run, const struct op_clone *a)
{
    return run->section == SECTION_HOST ? clone_from_host(run, a) : clone_from_stage(run, a);
}

int run_child_section(struct run *run, enum section section)
{
    int result = run_section(run, section);
    if (result < 0) sync_report(run);
    return result < 0 ? 1 : 0;
}

/* The start of the sealed copy: the plan lies in memory that the runtime made, and is checked again. */
int child_main(char **argv)
{
    static struct run run = RUN_INITIAL;
    struct message hello;
    run.sync = atoi(argv[1]);
    run.plan_fd = atoi(argv[2]);
    if (fcntl(run.sync, F_SETFD, FD_CLOEXEC) < 0 || fcntl(run.plan_fd, F_SETFD, FD_CLOEXEC) < 0) return 1;
    if (sync_receive(run.sync, &hello, NULL) <= 0 || hello.type != MESSAGE_SLOTS) return 1;
    memcpy(run.slots, hello.slots, sizeof run.slots);
    run.slots[SLOT_OWN_PID] = getpid();
    if (plan_map(&run.plan, run.plan_fd) < 0) return 1;
    umask(0);
    return run_child_section(&run, (enum section)atoi(argv[3]));
}
