/* Programs of the host (and, in init, of the container) that a plan runs and waits for. */
#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "kernel.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* 6.3 */
#endif

#define ARGUMENTS_COUNT 1024
#define ENVIRONMENT_COUNT 4096
#define EXPANDED_MAX 4096
#define QUOTED_MAX 600
#define POLL_WITHOUT_PIDFD_MS 5

struct program {
    const char *path;
    const char *const *args;
    const char *const *env;
    int input, output, error; /* become 0, 1, 2 */
    uint64_t timeout;         /* seconds; 0: none */
    /* The outcome */
    int status;
    bool timed_out;
    uint64_t milliseconds;
};

/*
 * Input and output of programs are files in memory, not pipes: a program that does not read its input does no harm, and
 * one that leaves a daemon behind can neither block us nor get a SIGPIPE.
 */
static int memory_file(void)
{
    int fd = memfd_create("tsoci-program", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) fd = memfd_create("tsoci-program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd < 0 ? -errno : fd;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static _Noreturn void execute(const struct program *program, int errors)
{
    sigset_t none;
    sigemptyset(&none);
    /* Ignored signals and the mask survive execve(2); the C library's own signals refuse with EINVAL. */
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* Our own processes may run with mask 0; what a program makes must not be writable by everybody. */
    mode_t mask = umask(022);
    if (mask != 0) umask(mask);
    /* So that a time-out reaches the children of a script, too. */
    if (program->timeout > 0) setpgid(0, 0);
    int error = 0;
    if (dup2(program->input, 0) < 0 || dup2(program->output, 1) < 0 || dup2(program->error, 2) < 0) error = errno;
    if (error == 0) error = -close_on_exec_from(3);
    if (error == 0) {
        execve(program->path, (char *const *)program->args, (char *const *)program->env);
        error = errno;
    }
    if (write(errors, &error, sizeof error) < 0) _exit(126);
    _exit(127);
}

/* Waits for a child of ours, which so can't have been replaced by another process of the same pid. */
static int await(struct program *program, pid_t pid)
{
    uint64_t start = now_ms();
    uint64_t limit = program->timeout < UINT32_MAX ? program->timeout * 1000 : UINT64_MAX;
    int pidfd CLEANUP_FD = program->timeout > 0 ? sys_pidfd_open(pid) : -1;
    for (;;) {
        pid_t done = waitpid(pid, &program->status, program->timeout > 0 ? WNOHANG : 0);
        if (done < 0 && errno != EINTR) return -errno;
        program->milliseconds = now_ms() - start;
        if (done == pid) return 0;
        if (done < 0) continue;
        if (program->milliseconds >= limit) break;
        uint64_t left = limit - program->milliseconds;
        if (left > INT_MAX) left = INT_MAX;
        if (pidfd < 0 && left > POLL_WITHOUT_PIDFD_MS) left = POLL_WITHOUT_PIDFD_MS;
        struct pollfd wait = {pidfd, POLLIN, 0};
        poll(&wait, 1, (int)left);
    }
    program->timed_out = true;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, &program->status, 0) < 0 && errno == EINTR) continue;
    return 0;
}

/* Runs a program to its end. -errno when it could not be executed; else its outcome is filled. */
static int run_program(struct program *program)
{
    int errors[2];
    if (pipe2(errors, O_CLOEXEC) < 0) return -errno;
    int reader CLEANUP_FD = errors[0];
    int writer CLEANUP_FD = errors[1];
    pid_t pid = fork();
    if (pid < 0) return -errno;
    if (pid == 0) execute(program, writer);
    close_fd(&writer);
    int error = 0;
    ssize_t got;
    do got = read(reader, &error, sizeof error);
    while (got < 0 && errno == EINTR);
    int result = await(program, pid);
    return got == sizeof error ? -error : result;
}

/* The end of what the program wrote, on one line. */
static void quote_output(int fd, char *out, size_t size)
{
    char raw[QUOTED_MAX];
    struct stat stat = {0};
    size_t used = 0;
    out[0] = '\0';
    fstat(fd, &stat);
    off_t start = stat.st_size > QUOTED_MAX ? stat.st_size - QUOTED_MAX : 0;
    ssize_t length = pread(fd, raw, sizeof raw, start);
    while (length > 0 && strchr(" \t\r\n", raw[length - 1]) != NULL) length--;
    if (length <= 0) return;
    used = (size_t)snprintf(out, size, "; output: %s", start > 0 ? "…" : "");
    ssize_t at = 0;
    /* A cut may fall into the middle of a character of UTF-8. */
    while (start > 0 && at < length && ((unsigned char)raw[at] & 0xc0) == 0x80) at++;
    for (; at < length && used + 3 < size; at++) {
        unsigned char c = (unsigned char)raw[at];
        if (c == '\n') out[used++] = '\\';
        out[used++] = (char)(c == '\n' ? 'n' : c < 0x20 || c == 0x7f ? '?' : c);
    }
    out[used] = '\0';
}

static bool succeeded(const struct program *program)
{
    return !program->timed_out && WIFEXITED(program->status) && WEXITSTATUS(program->status) == 0;
}

static void describe(const struct program *program, int output, char *out, size_t size)
{
    unsigned long long ms = program->milliseconds;
    int length;
    if (program->timed_out) {
        length = snprintf(out, size, "timed out after %llu seconds", (unsigned long long)program->timeout);
    } else if (WIFSIGNALED(program->status)) {
        length = snprintf(out, size, "killed by signal %d after %llu ms", WTERMSIG(program->status), ms);
    } else {
        length = snprintf(out, size, "exit status %d after %llu ms", WEXITSTATUS(program->status), ms);
    }
    quote_output(output, out + length, size - (size_t)length);
}

/* A daemon that the program left behind keeps this file; it must not fill the memory of the host. */
static void stop_output(int fd)
{
    if (ftruncate(fd, 0) == 0) fcntl(fd, F_ADD_SEALS, F_SEAL_GROW);
}

static int memory_input(const struct run *run, const struct text *text)
{
    int fd CLEANUP_FD = memory_file();
    int result = fd < 0 ? fd : text_write(run, text, fd);
    if (result < 0) return result;
    return lseek(fd, 0, SEEK_SET) < 0 ? -errno : steal_fd(&fd);
}

/* A failure in words: fills `words` and returns -ECANCELED, or -errno when the program could not be executed. */
static int run_and_describe(struct program *program, int output, char *words, size_t size)
{
    words[0] = '\0';
    int result = run_program(program);
    if (result == 0 && !succeeded(program)) {
        describe(program, output, words, size);
        result = -ECANCELED;
    }
    stop_output(output);
    return result;
}

static int run_hook(struct run *run, const struct op_hook *a, const char *path, char *words, size_t size)
{
    const char *args[ARGUMENTS_COUNT], *env[ENVIRONMENT_COUNT];
    char args_space[EXPANDED_MAX], env_space[EXPANDED_MAX];
    int result = list_vector(run, &a->args, args, ARGUMENTS_COUNT, args_space, sizeof args_space);
    if (result == 0) result = list_vector(run, &a->env, env, ENVIRONMENT_COUNT, env_space, sizeof env_space);
    if (result < 0) return result;
    if (args[0] == NULL) {
        args[0] = path;
        args[1] = NULL;
    }
    int input CLEANUP_FD = memory_input(run, &a->stdin);
    int output CLEANUP_FD = memory_file();
    if (input < 0 || output < 0) return input < 0 ? input : output;
    bool inherit = (a->flags & HOOK_INHERIT_ENV) != 0;
    struct program program = {.path = path, .args = args, .env = inherit ? (const char *const *)environ : env,
                              .input = input, .output = output, .error = output, .timeout = a->timeout};
    return run_and_describe(&program, output, words, size);
}

int op_hook(struct run *run, const struct op_hook *a)
{
    char path_buffer[PATH_MAX], name_buffer[64], words[DETAIL_MAX];
    const char *path = text_string(run, &a->path, path_buffer, sizeof path_buffer);
    const char *name = text_string(run, &a->name, name_buffer, sizeof name_buffer);
    if (path == NULL || name == NULL) return -ENAMETOOLONG;
    words[0] = '\0';
    int result = run_hook(run, a, path, words, sizeof words);
    if (result == 0) return 0;
    if ((a->flags & HOOK_WARN) == 0) return words[0] == '\0' ? result : explain(run, -result, "%s", words);
    char line[2 * DETAIL_MAX];
    if (words[0] == '\0') error_words(-result, words, sizeof words);
    snprintf(line, sizeof line, "%s: %.*s: %s", name, DETAIL_MAX / 2, path, words);
    log_line("warning", line);
    return 0;
}

static int run_spawned(struct run *run, const struct op_spawn *a, char *words, size_t size)
{
    const char *args[ARGUMENTS_COUNT], *env[ENVIRONMENT_COUNT];
    char path_buffer[PATH_MAX], args_space[EXPANDED_MAX], env_space[EXPANDED_MAX];
    const char *path = text_string(run, &a->path, path_buffer, sizeof path_buffer);
    if (path == NULL) return -errno;
    int result = list_vector(run, &a->args, args, ARGUMENTS_COUNT, args_space, sizeof args_space);
    if (result == 0) result = list_vector(run, &a->env, env, ENVIRONMENT_COUNT, env_space, sizeof env_space);
    if (result < 0) return result;
    int null CLEANUP_FD = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return explain(run, errno, "/dev/null");
    int error CLEANUP_FD = memory_file();
    if (error < 0) return error;
    struct program program = {.path = path, .args = args, .env = env, .input = null, .output = null, .error = error,
                              .timeout = a->timeout};
    return run_and_describe(&program, error, words, size);
}

int op_spawn(struct run *run, const struct op_spawn *a)
{
    char words[DETAIL_MAX] = "";
    bool unit = (a->flags & SPAWN_UNIT) != 0;
    if (unit && run->foreign_cgroup) return 0;
    int result = run_spawned(run, a, words, sizeof words);
    if (result == 0 || (a->flags & SPAWN_OPTIONAL) != 0) return 0;
    if (unit) run->foreign_cgroup = true;
    return words[0] == '\0' ? result : explain(run, -result, "%s", words);
}
