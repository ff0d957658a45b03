/* Finding the user's program, waiting for start, and executing it. */
#include "run.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "clone.h"
#include "sync.h"

#define ARGUMENTS_LIMIT 16384
#define SPACE_SIZE 4096
#define SHEBANG_MAX 256

/* With the effective credentials: what execve(2) will see. */
static int is_program(const char *path)
{
    struct stat stat_buffer;
    if (stat(path, &stat_buffer) < 0) return -errno;
    if (S_ISDIR(stat_buffer.st_mode)) return -EISDIR;
    if (!S_ISREG(stat_buffer.st_mode)) return -EACCES;
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0) return 0;
    /* EPERM: a filter that is older than faccessat2(2), Linux 5.8. The real ids are the same by now. */
    return errno != EPERM || access(path, X_OK) < 0 ? -errno : 0;
}

static int remember(struct run *run, const char *path, size_t length, const char *file)
{
    int written = length == 0 ? snprintf(run->program, sizeof run->program, "%s", file)
                              : snprintf(run->program, sizeof run->program, "%.*s/%s", (int)length, path, file);
    return written >= (int)sizeof run->program ? -ENAMETOOLONG : 0;
}

/* An empty element of PATH is the current directory (execvp(3)). */
static int search_path(struct run *run, const char *path, const char *file)
{
    int found = -ENOENT;
    for (const char *element = path;; element++) {
        size_t length = strcspn(element, ":");
        int result = length == 0 ? remember(run, ".", 1, file) : remember(run, element, length, file);
        if (result == 0) result = is_program(run->program);
        if (result == 0) return 0;
        if (result == -EACCES) found = -EACCES;
        element += length;
        if (*element == '\0') return found;
    }
}

/* HOME from the container's own /etc/passwd: "name:x:UID:gid:comment:HOME:shell". "/" when it has no line for the uid. */
static void find_home(uint64_t uid, char *home, size_t size)
{
    char line[1024];
    snprintf(home, size, "HOME=/");
    int fd CLEANUP_FD = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat stat_buffer;
    if (fd < 0 || fstat(fd, &stat_buffer) < 0 || !S_ISREG(stat_buffer.st_mode)) return;
    for (off_t offset = 0;;) {
        ssize_t length = pread(fd, line, sizeof line - 1, offset);
        if (length <= 0) return;
        line[length] = '\0';
        char *end = strchr(line, '\n');
        offset += end == NULL ? length : end - line + 1;
        if (end != NULL) *end = '\0';
        char *field[6] = {line};
        for (int i = 1; i < 6 && field[i - 1] != NULL; i++) {
            field[i] = strchr(field[i - 1], ':');
            if (field[i] != NULL) *field[i]++ = '\0';
        }
        if (field[5] == NULL || field[2][0] < '0' || field[2][0] > '9' || strtoull(field[2], NULL, 10) != uid) continue;
        field[5][strcspn(field[5], ":")] = '\0';
        if (field[5][0] != '\0') snprintf(home, size, "HOME=%s", field[5]);
        return;
    }
}

int op_find_program(struct run *run, const struct op_find_program *a)
{
    char file_buffer[PATH_MAX], path_buffer[PATH_MAX];
    const char *file = text_string(run, &a->file, file_buffer, sizeof file_buffer);
    const char *path = text_string(run, &a->path, path_buffer, sizeof path_buffer);
    if (file == NULL || path == NULL) return -errno;
    /* Now: the last limits may leave no descriptor to open a file with. */
    if ((a->flags & FIND_PROGRAM_ADD_HOME) != 0) find_home(a->uid, run->home, sizeof run->home);
    int result;
    if (strchr(file, '/') == NULL) {
        result = file[0] == '\0' ? -ENOENT : search_path(run, path, file);
        /* The words that callers tell exit status 127 from (CLI.md 2.2, 2.5). */
        if (result == -ENOENT) return explain(run, ECANCELED, "executable file not found in $PATH");
    } else {
        result = remember(run, "", 0, file);
        if (result == 0) result = is_program(run->program);
        if (result == -ENOENT || result == -ENOTDIR) return explain(run, -result, "stat %s", file);
        /* What execve(2) says, in whose words callers look for exit status 126. */
        if (result == -EISDIR) return explain(run, EACCES, "is a directory");
    }
    return result;
}

/* Resets what the program would inherit from this one. */
static void reset_signals(void)
{
    sigset_t none;
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        if (number != SIGKILL && number != SIGSTOP) sigaction(number, &action, NULL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Close-on-exec would be too late: the program itself may be a path through /proc/self/fd (CVE-2024-21626). */
static int close_descriptors(struct run *run, unsigned int first)
{
    unsigned int sync = (unsigned int)run->sync;
    if (sync >= first) {
        int result = sync > first ? close_between(first, sync - 1) : 0;
        if (result < 0) return result;
        first = sync + 1;
    }
    for (int slot = 0; slot < SLOT_COUNT; slot++) run->slots[slot] = -1;
    return close_between(first, ~0U);
}

static void explain_script(struct run *run, char *line, int error)
{
    line[strcspn(line, "\n")] = '\0';
    size_t length = strlen(line);
    bool carriage_return = length > 0 && line[length - 1] == '\r';
    char *interpreter = line + 2 + strspn(line + 2, " \t");
    interpreter[strcspn(interpreter, " \t\r")] = '\0';
    if (carriage_return) explain(run, error, "its first line ends in a carriage return (CRLF)");
    else if (access(interpreter, F_OK) < 0) explain(run, error, "its interpreter %s does not exist", interpreter);
    else explain(run, error, "its interpreter is %s", interpreter);
}

static void explain_elf(struct run *run, int fd, int error)
{
    Elf64_Ehdr header;
    Elf64_Phdr program;
    Elf64_Ehdr own;
    int self CLEANUP_FD = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (pread(fd, &header, sizeof header, 0) != sizeof header) return;
    if (self >= 0 && pread(self, &own, sizeof own, 0) == sizeof own && own.e_machine != header.e_machine) {
        explain(run, error, "it is a program for another architecture (ELF machine %u)", header.e_machine);
        return;
    }
    if (header.e_ident[EI_CLASS] != ELFCLASS64) return;
    for (int i = 0; i < header.e_phnum && i < 64; i++) {
        char interpreter[SHEBANG_MAX] = "";
        off_t offset = (off_t)(header.e_phoff + (uint64_t)i * sizeof program);
        if (pread(fd, &program, sizeof program, offset) != sizeof program) return;
        if (program.p_type != PT_INTERP) continue;
        if (pread(fd, interpreter, sizeof interpreter - 1, (off_t)program.p_offset) <= 0) return;
        if (access(interpreter, F_OK) < 0) explain(run, error, "its dynamic loader %s does not exist", interpreter);
        return;
    }
}

/* "no such file or directory" for a file that is there: says what is missing (its interpreter, the right architecture …). */
static int explain_exec(struct run *run, int error)
{
    char head[SHEBANG_MAX] = "";
    struct statvfs filesystem;
    run->failure.detail[0] = '\0';
    int fd CLEANUP_FD = open(run->program, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length = fd < 0 ? -1 : pread(fd, head, sizeof head - 1, 0);
    if (error == EACCES && statvfs(run->program, &filesystem) == 0 && (filesystem.f_flag & ST_NOEXEC) != 0) {
        explain(run, error, "its filesystem is mounted noexec");
    } else if (length >= 2 && head[0] == '#' && head[1] == '!') {
        explain_script(run, head, error);
    } else if (length >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0) {
        explain_elf(run, fd, error);
    } else if (error == ENOEXEC && length >= 0) {
        explain(run, error, length == 0 ? "it is empty" : "it is neither an ELF program nor a script with a #! line");
    }
    return -error;
}

int op_await_start(struct run *run, const struct op_await_start *a)
{
    (void)a;
    int connection;
    do connection = accept4(slot_fd(run, SLOT_START_SOCKET), NULL, NULL, SOCK_CLOEXEC);
    while (connection < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (connection < 0) return -errno;
    slot_set_fd(run, SLOT_START_SOCKET, -1);
    if (run->sync >= 0) close(run->sync);
    run->sync = connection;
    return 0;
}

int op_exec(struct run *run, const struct op_exec *a)
{
    static const char *arguments[ARGUMENTS_LIMIT], *environment[ARGUMENTS_LIMIT];
    static char argument_space[SPACE_SIZE], environment_space[SPACE_SIZE];
    struct message message = {.type = MESSAGE_EXECUTING};
    int result = list_vector(run, &a->args, arguments, ARGUMENTS_LIMIT, argument_space, sizeof argument_space);
    if (result == 0) result = list_vector(run, &a->env, environment, ARGUMENTS_LIMIT - 1, environment_space, sizeof environment_space);
    if (result < 0) return result;
    if (run->home[0] != '\0') {
        environment[a->env.count] = run->home;
        environment[a->env.count + 1] = NULL;
    }
    reset_signals();
    result = close_descriptors(run, 3 + (unsigned int)a->preserve);
    if (result < 0) return result;
    result = sync_send(run->sync, &message, -1);
    /* Whoever started this may be gone by now: then nothing is executed, and the container has stopped. */
    if (result == 0) result = sync_expect(run, MESSAGE_GO, &message, NULL);
    if (result < 0) return result;
    execve(run->program, (char *const *)arguments, (char *const *)environment);
    return explain_exec(run, errno);
}
