/* The devices of a cgroup v2: an eBPF program that the planner compiled. */
#include "run.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define VERIFIER_LOG_MAX 65536
#define QUOTED_MAX 400

static int bpf(int command, union bpf_attr *attributes)
{
    return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

/* Before Linux 5.11 programs count as locked memory, of which the default limit allows too little. */
static int load_unlimited(union bpf_attr *attributes)
{
    struct rlimit64 old, unlimited = {RLIM64_INFINITY, RLIM64_INFINITY};
    int fd = bpf(BPF_PROG_LOAD, attributes);
    if (fd >= 0 || errno != EPERM || prlimit64(0, RLIMIT_MEMLOCK, &unlimited, &old) < 0) return fd < 0 ? -errno : fd;
    fd = bpf(BPF_PROG_LOAD, attributes);
    int error = errno;
    prlimit64(0, RLIMIT_MEMLOCK, &old, NULL);
    return fd < 0 ? -error : fd;
}

static int load_filter(struct run *run, const struct bytes *program)
{
    static char log[VERIFIER_LOG_MAX];
    union bpf_attr attributes = {0};
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = (uintptr_t)program->data;
    attributes.insn_cnt = program->length / sizeof(struct bpf_insn);
    attributes.license = (uintptr_t)"Apache-2.0";
    int fd = load_unlimited(&attributes);
    if (fd >= 0 || fd == -EPERM) return fd;
    attributes.log_level = 1;
    attributes.log_buf = (uintptr_t)log;
    attributes.log_size = sizeof log;
    fd = load_unlimited(&attributes);
    if (fd >= 0) return fd;
    size_t length = strlen(log), shown = length > QUOTED_MAX ? QUOTED_MAX : length;
    if (length == 0) return fd;
    for (size_t i = 0; i < length; i++) log[i] = log[i] == '\n' ? ' ' : log[i];
    return explain(run, -fd, "the verifier says: %s", log + length - shown);
}

static int attach_filter(struct run *run, const char *path, const struct bytes *program)
{
    int cgroup CLEANUP_FD = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup < 0) return -errno;
    int filter CLEANUP_FD = load_filter(run, program);
    if (filter < 0) return filter;
    union bpf_attr attributes = {0};
    attributes.target_fd = (uint32_t)cgroup;
    attributes.attach_bpf_fd = (uint32_t)filter;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    if (bpf(BPF_PROG_ATTACH, &attributes) == 0) return 0;
    if (errno != EINVAL) return -errno;
    attributes.attach_flags = 0;
    return bpf(BPF_PROG_ATTACH, &attributes) < 0 ? -errno : 0;
}

int op_device_filter(struct run *run, const struct op_device_filter *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->cgroup, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int result = attach_filter(run, path, &a->program);
    return result == -EPERM && (a->flags & DEVICE_FILTER_OPTIONAL) != 0 ? 0 : result;
}
