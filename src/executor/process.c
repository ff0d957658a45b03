/* What a process does to itself: namespaces, limits, credentials, filters. */
#include "kernel.h"
#include "process.h"
#include "run.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define KEYCTL_JOIN_SESSION_KEYRING 1
#define KEYCTL_SETPERM 5

/* Field 22 of /proc/PID/stat; 0 when there is no such process. `state` is field 3. */
uint64_t process_start_time(pid_t pid, char *state)
{
    char path[64], buffer[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, buffer, sizeof buffer - 1);
    if (length <= 0) return 0;
    buffer[length] = '\0';
    /* The name in parentheses may hold anything, parentheses and spaces too: the last one ends it. */
    char *at = strrchr(buffer, ')');
    if (at == NULL || at[1] != ' ') return 0;
    at += 2;
    if (state != NULL) *state = *at;
    for (int field = 3; field < 22 && at != NULL; field++) {
        at = strchr(at, ' ');
        if (at != NULL) at++;
    }
    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

int op_unshare(struct run *run, const struct op_unshare *a)
{
    (void)run;
    return unshare((int)a->flags) < 0 ? -errno : 0;
}

int op_setns(struct run *run, const struct op_setns *a)
{
    if ((a->flags & SETNS_SECOND_TRY) != 0 && (run->setns_missed & a->types) == 0) return 0;
    if (setns(slot_fd(run, a->slot), (int)a->types) == 0) return 0;
    if ((a->flags & SETNS_FIRST_TRY) != 0 && errno == EPERM) {
        run->setns_missed |= a->types;
        return 0;
    }
    if (errno == EINVAL) return explain(run, EINVAL, "not a namespace of this type, or one that can't be joined from here");
    return -errno;
}

int op_dumpable(struct run *run, const struct op_dumpable *a)
{
    (void)run;
    return prctl(PR_SET_DUMPABLE, (unsigned long)a->value, 0, 0, 0) < 0 ? -errno : 0;
}

int op_setsid(struct run *run, const struct op_setsid *a)
{
    (void)run;
    (void)a;
    return setsid() < 0 && getsid(0) != getpid() ? -errno : 0;
}

int op_session_keyring(struct run *run, const struct op_session_keyring *a)
{
    char buffer[256];
    const char *name = text_string(run, &a->name, buffer, sizeof buffer);
    if (name == NULL) return -errno;
    long keyring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
    if (keyring < 0) return errno == ENOSYS ? 0 : -errno;
    if (a->permissions == 0) return 0;
    return syscall(SYS_keyctl, KEYCTL_SETPERM, keyring, a->permissions) < 0 ? -errno : 0;
}

int op_hostname(struct run *run, const struct op_hostname *a)
{
    char buffer[256];
    const char *name = text_string(run, &a->name, buffer, sizeof buffer);
    return name == NULL || sethostname(name, strlen(name)) < 0 ? -errno : 0;
}

int op_domainname(struct run *run, const struct op_domainname *a)
{
    char buffer[256];
    const char *name = text_string(run, &a->name, buffer, sizeof buffer);
    return name == NULL || setdomainname(name, strlen(name)) < 0 ? -errno : 0;
}

int op_enter_directory(struct run *run, const struct op_enter_directory *a)
{
    char buffer[PATH_MAX];
    /* A caller may be where it can't open anything any more; then it finds nothing by a relative path either. */
    run->caller_directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    return path == NULL || chdir(path) < 0 ? -errno : 0;
}

int op_rlimit(struct run *run, const struct op_rlimit *a)
{
    struct rlimit64 limit = {a->soft, a->hard};
    pid_t pid = run->section == SECTION_HOST ? (pid_t)run->slots[SLOT_PID] : 0;
    return prlimit64(pid, (int)a->resource, &limit, NULL) < 0 ? -errno : 0;
}

int op_umask(struct run *run, const struct op_umask *a)
{
    (void)run;
    umask((mode_t)a->mask);
    return 0;
}

/* The kernel's answer, not the C library's: "(unreachable)/…" means outside the root (CVE-2024-21626). */
static int check_inside_root(struct run *run)
{
    char buffer[PATH_MAX];
    if (syscall(SYS_getcwd, buffer, sizeof buffer) < 0) return -errno;
    return buffer[0] == '/' ? 0 : explain(run, EPERM, "the directory is outside the root filesystem");
}

static int make_directories(const char *path)
{
    int result = make_parents(path, 0755);
    if (result < 0) return result;
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* After the root has been entered plain paths are the container's own. */
int op_working_directory(struct run *run, const struct op_working_directory *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int result = chdir(path) < 0 ? -errno : 0;
    if (result == -ENOENT && (a->flags & WORKING_DIRECTORY_CREATE) != 0) {
        result = make_directories(path);
        if (result == 0) result = chdir(path) < 0 ? -errno : 0;
    }
    if (result == -EACCES && (a->flags & WORKING_DIRECTORY_LATER) != 0) return chdir("/") < 0 ? -errno : 0;
    return result < 0 ? result : check_inside_root(run);
}

int op_bounding(struct run *run, const struct op_bounding *a)
{
    (void)run;
    for (int bit = 0; bit < 64; bit++) {
        if ((a->mask >> bit & 1) != 0) continue;
        int present = prctl(PR_CAPBSET_READ, bit, 0, 0, 0);
        if (present < 0) return 0; /* the last one that this kernel knows was before */
        if (present == 1 && prctl(PR_CAPBSET_DROP, bit, 0, 0, 0) < 0) return -errno;
    }
    return 0;
}

int op_credentials(struct run *run, const struct op_credentials *a)
{
    (void)run;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return -errno;
    if ((a->flags & CREDENTIALS_KEEP_GROUPS) == 0 &&
        syscall(SYS_setgroups, (size_t)(a->groups.length / 4), (const void *)a->groups.data) < 0) {
        return explain(run, errno, "setgroups");
    }
    if (syscall(SYS_setresgid, (gid_t)a->gid, (gid_t)a->gid, (gid_t)a->gid) < 0) return explain(run, errno, "setresgid");
    if (syscall(SYS_setresuid, (uid_t)a->uid, (uid_t)a->uid, (uid_t)a->uid) < 0) return explain(run, errno, "setresuid");
    return 0;
}

int op_capabilities(struct run *run, const struct op_capabilities *a)
{
    (void)run;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)a->effective, (uint32_t)a->permitted, (uint32_t)a->inheritable},
        {(uint32_t)(a->effective >> 32), (uint32_t)(a->permitted >> 32), (uint32_t)(a->inheritable >> 32)},
    };
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL) return -errno;
    if (syscall(SYS_capset, &header, data) < 0) return -errno;
    for (int bit = 0; bit < 64; bit++) {
        if ((a->ambient >> bit & 1) == 0) continue;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0) < 0) return explain(run, errno, "ambient capability %d", bit);
    }
    return 0;
}

int op_no_new_privileges(struct run *run, const struct op_no_new_privileges *a)
{
    (void)run;
    (void)a;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int op_pidfd(struct run *run, const struct op_pidfd *a)
{
    int fd = sys_pidfd_open((pid_t)run->slots[SLOT_PID]);
    if (fd < 0) return -errno;
    slot_set_fd(run, a->into, fd);
    return 0;
}

int op_find_process(struct run *run, const struct op_find_process *a)
{
    int fd CLEANUP_FD = sys_pidfd_open((pid_t)a->pid);
    if (fd < 0) return call_failed(run, errno, PIDFD_OPEN);
    /* The order matters: the descriptor pins the process before its start time is read. */
    if (process_start_time((pid_t)a->pid, NULL) != a->start_time) return -ESRCH;
    slot_set_fd(run, a->into, steal_fd(&fd));
    return 0;
}
