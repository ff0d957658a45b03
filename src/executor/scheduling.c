/* How the kernel runs a process: when, on which processors, with memory of which nodes, as which kind of system. */
#include "run.h"

#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>

#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_CLASS_SHIFT 13
/* CONFIG_NR_CPUS is no higher. */
#define CPUS_MAX 8192

/* struct sched_attr of Linux 5.3; the kernel before takes it while the last two are zero. */
struct scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t least_use, most_use;
};

/* From outside it is init, from inside oneself. */
static pid_t target(const struct run *run) { return run->section == SECTION_HOST ? (pid_t)run->slots[SLOT_PID] : 0; }

int op_scheduler(struct run *run, const struct op_scheduler *a)
{
    struct scheduling attributes = {
        .size = sizeof attributes,
        .policy = (uint32_t)a->policy,
        .flags = a->flags,
        .nice = (int32_t)a->nice,
        .priority = (uint32_t)a->priority,
        .runtime = a->runtime,
        .deadline = a->deadline,
        .period = a->period,
    };
    return syscall(SYS_sched_setattr, target(run), &attributes, 0) < 0 ? -errno : 0;
}

int op_io_priority(struct run *run, const struct op_io_priority *a)
{
    int value = (int)(a->class << IOPRIO_CLASS_SHIFT | a->priority);
    return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, target(run), value) < 0 ? -errno : 0;
}

int op_cpu_affinity(struct run *run, const struct op_cpu_affinity *a)
{
    unsigned char all[CPUS_MAX / 8];
    memset(all, 0xff, sizeof all);
    (void)run;
    long result = a->cpus.length == 0 ? syscall(SYS_sched_setaffinity, 0, sizeof all, all)
                                      : syscall(SYS_sched_setaffinity, 0, (size_t)a->cpus.length, a->cpus.data);
    return result < 0 && (a->flags & CPU_AFFINITY_OPTIONAL) == 0 ? -errno : 0;
}

int op_memory_policy(struct run *run, const struct op_memory_policy *a)
{
    (void)run;
    const void *nodes = a->nodes.length == 0 ? NULL : a->nodes.data;
    /* The kernel takes one bit less than it is told. */
    return syscall(SYS_set_mempolicy, (int)(a->mode | a->flags), nodes, a->nodes.length * 8UL + 1) < 0 ? -errno : 0;
}

int op_personality(struct run *run, const struct op_personality *a)
{
    (void)run;
    return personality(a->domain) < 0 ? -errno : 0;
}
