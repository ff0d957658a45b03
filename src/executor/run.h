/*
 * The state of one process that carries out a plan, and what every operation may use.
 *
 * Convention: an operation returns 0 or -errno; outputs are untouched on failure. `explain` adds words to the errno.
 * Every descriptor is opened close-on-exec. Nothing is allocated on the heap.
 */
#ifndef TSOCI_RUN_H
#define TSOCI_RUN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "generated/operations.h"
#include "values.h"

#define DETAIL_MAX 1024

struct section_view {
    const unsigned char *data;
    uint32_t length;
    uint32_t operations;
};

struct plan {
    const unsigned char *data;
    uint32_t length;
    uint32_t failure_status;
    struct text failure;
    struct section_view sections[SECTION_COUNT];
};

/* The first failure of a plan; what fails while undoing is appended to its detail and never replaces it. */
struct failure {
    int error;
    bool bare;     /* the detail is the whole message */
    bool reported; /* filled from the report of another process */
    char message[DETAIL_MAX]; /* what was attempted: the operation's own words */
    char detail[DETAIL_MAX];  /* what is known beside the errno; may be empty */
};

struct run {
    enum section section;
    struct plan plan;
    const char *root;          /* of the state directories */
    int64_t slots[SLOT_COUNT]; /* descriptors: -1 while empty */
    int sync;                  /* socket to the other side (host - stage/init), or -1 */
    int plan_fd;               /* sealed memory with the plan, for the child */
    int self_fd;               /* sealed copy of this program, for the child */
    unsigned first_closed;     /* descriptor that the caller left closed; all below can be preserved */
    int terminal_peer;         /* the end of the pseudoterminal that the container uses, or -1 */
    int caller_directory;      /* once it has been left, or -1 */
    uint64_t failure_sections; /* ON_FAILURE_SECTIONS_* */
    uint64_t setns_missed;     /* CLONE_* that setns first_try could not join */
    bool force;                /* --force */
    bool foreign_cgroup;       /* somebody else's processes or unit: undoing must not touch them */
    int exit_status;
    int wait_status;           /* of the awaited process, as waitpid gives it; -1 before */
    char program[PATH_MAX];    /* found by find_program */
    char home[PATH_MAX];       /* "HOME=…", or empty */
    struct failure failure;
};

/* --- text.c: texts ------------------------------------------------------------------------------------------------ */

/* The text with its slots filled in; points into the plan where there are none. NULL (errno ENAMETOOLONG) when it is longer than the buffer. */
const char *text_string(const struct run *run, const struct text *text, char *buffer, size_t size);
/* Writes the whole text to a descriptor with one writev(2). 0 or -errno. */
int text_write(const struct run *run, const struct text *text, int fd);
bool text_is_empty(const struct text *text);
/* Iterates over a list: `position` starts at NULL. */
bool list_next(const struct list *list, const unsigned char **position, struct text *text);
/* Fills a NULL-terminated vector of strings; slots are expanded into `space`. 0, -E2BIG. */
int list_vector(const struct run *run, const struct list *list, const char **vector, size_t count, char *space, size_t size);

/* --- run.c: carrying out a plan ----------------------------------------------------------------------------------- */

/* Sets the words that go with an error, and returns -error. ECANCELED: the words say all, no errno is printed. */
int explain(struct run *run, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Fails with an errno; where the kernel lacks a system call, or a filter refuses it, with its name: "open_tree (Linux 5.2)". */
int call_failed(struct run *run, int error, const char *call);
/* Fails with words only, for failures that are no errno's; returns what the operation returns. */
int say(struct run *run, const char *text);
/* The whole line that reports the failure. */
void failure_text(const struct run *run, char *buffer, size_t size);
/* Carries out one section; on failure run->failure is filled, and what on_failure asked for has been done. 0 or -errno. */
int run_section(struct run *run, enum section section);
/* Like run_section, but every operation is attempted; the first failure is returned. */
int run_section_all(struct run *run, enum section section);

static inline int slot_fd(const struct run *run, uint64_t slot) { return (int)run->slots[slot]; }
/* Puts a descriptor into a slot, closing the one that was there. */
void slot_set_fd(struct run *run, uint64_t slot, int fd);

/* --- report.c: what people read ----------------------------------------------------------------------------------- */

void log_setup(const char *path, const char *format, bool debug);
void log_line(const char *level, const char *message);
/* "no such file or directory": strerror(3) in lower case, as callers match it. */
const char *error_words(int error, char *buffer, size_t size);

/* --- wait.c: the signals that `foreground` forwards; *blocked is their set, if not NULL. 0 or -errno. */

#include <signal.h>

int block_signals(sigset_t *blocked);
/* The number of a line "key number" of a small file, 0 where there is none. */
uint64_t read_counter(const char *path, const char *key);

/* --- files.c ------------------------------------------------------------------------------------------------------ */

/* Writes a text at once: files of cgroupfs and procfs take all of a value in one write(2), and writev(2) becomes
 * several there. kernel_file: an error tells the value. 0 or -errno. */
int write_text(struct run *run, const struct text *text, int fd, bool kernel_file);
/* Makes the missing directories above a path. 0 or -errno. */
int make_parents(const char *path, mode_t mode);
/* Removes a directory and all below it, never crossing a mount. A missing one is fine. 0 or -errno. */
int remove_all(struct run *run, const char *path);

/* --- descriptors -------------------------------------------------------------------------------------------------- */

static inline void close_fd(int *fd);
/* descriptors.c: closes a range, or marks all from a number on to be closed by execve(2). 0 or -errno. */
int close_between(unsigned first, unsigned last);
int close_on_exec_from(unsigned first);

/* `int fd CLEANUP_FD = …` closes the descriptor when it goes out of scope; `steal_fd` hands it on. */
#define CLEANUP_FD __attribute__((cleanup(close_fd)))

static inline int steal_fd(int *fd)
{
    int value = *fd;
    *fd = -1;
    return value;
}

#include <errno.h>
#include <unistd.h>

static inline void close_fd(int *fd)
{
    int saved = errno;
    if (*fd >= 0) close(*fd);
    *fd = -1;
    errno = saved;
}

#endif
