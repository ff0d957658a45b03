/* Terminals of the container, and the standard streams of its process. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "mount.h"
#include "root.h"
#include "run.h"

#define PTMX_INODE 2
#define PTMX_MAJOR 5
#define PTMX_MINOR 2
/* UNIX98_PTY_SLAVE_MAJOR and the seven after it. */
#define PEER_MAJOR 136
#define PEER_MAJORS 8
#define MEMORY_MAJOR 1

/* What the image calls /dev/pts/ptmx may be anything (CVE-2025-52565): it is verified before it is opened. */
static int open_master(struct run *run)
{
    struct stat stat;
    struct statfs statfs;
    int found CLEANUP_FD = root_open(run, "dev/pts/ptmx", 0);
    if (found < 0) return explain(run, -found, "/dev/pts/ptmx");
    if (fstat(found, &stat) < 0 || fstatfs(found, &statfs) < 0) return -errno;
    if (statfs.f_type != DEVPTS_SUPER_MAGIC || stat.st_ino != PTMX_INODE || !S_ISCHR(stat.st_mode) ||
        stat.st_rdev != makedev(PTMX_MAJOR, PTMX_MINOR)) {
        return explain(run, EPERM, "/dev/pts/ptmx is not the one of a devpts");
    }
    int master = reopen(run, found, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return master < 0 ? explain(run, -master, "/dev/pts/ptmx") : master;
}

/* From the master and not by its name, which the container could have given to something else. Linux 4.13 */
static int open_peer(struct run *run, int master)
{
    int locked = 0;
    struct stat stat;
    if (ioctl(master, TIOCSPTLCK, &locked) < 0) return explain(run, errno, "TIOCSPTLCK");
    int peer CLEANUP_FD = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (peer < 0) return explain(run, errno, "TIOCGPTPEER");
    if (fstat(peer, &stat) < 0) return -errno;
    if (!S_ISCHR(stat.st_mode) || major(stat.st_rdev) - PEER_MAJOR >= PEER_MAJORS) {
        return explain(run, EPERM, "the terminal is not a pseudoterminal");
    }
    return steal_fd(&peer);
}

/* No link is followed to the place of the console, not even one within the root (CVE-2026-88264). */
static int bind_console(struct run *run, int peer)
{
    int target CLEANUP_FD = root_file(run, "dev/console", 0600, NO_LINKS);
    if (target < 0) return explain(run, -target, "/dev/console");
    int result = bind_on(run, peer, target, 0);
    return result < 0 ? explain(run, -result, "/dev/console") : 0;
}

int op_terminal(struct run *run, const struct op_terminal *a)
{
    struct winsize size = {.ws_row = (unsigned short)a->height, .ws_col = (unsigned short)a->width};
    int master CLEANUP_FD = open_master(run);
    if (master < 0) return master;
    int peer CLEANUP_FD = open_peer(run, master);
    if (peer < 0) return peer;
    bool sized = size.ws_row != 0 || size.ws_col != 0;
    if (sized && ioctl(master, TIOCSWINSZ, &size) < 0) return explain(run, errno, "TIOCSWINSZ");
    if (fchown(peer, (uid_t)a->uid, (gid_t)a->gid) < 0) return explain(run, errno, "chown the terminal");
    int result = (a->flags & TERMINAL_CONSOLE) != 0 ? bind_console(run, peer) : 0;
    if (result < 0) return result;
    slot_set_fd(run, SLOT_TERMINAL, steal_fd(&master));
    close_fd(&run->terminal_peer);
    run->terminal_peer = steal_fd(&peer);
    return 0;
}

int op_use_terminal(struct run *run, const struct op_use_terminal *a)
{
    (void)a;
    if (run->terminal_peer < 0) return -EBADF;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (dup2(run->terminal_peer, fd) < 0) return -errno;
    }
    if (ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0) return explain(run, errno, "TIOCSCTTY");
    if (run->terminal_peer > STDERR_FILENO) close(run->terminal_peer);
    run->terminal_peer = -1;
    return 0;
}

/* /dev/null, /dev/zero and the like are everybody's. */
static bool is_memory_device(const struct stat *stat) { return S_ISCHR(stat->st_mode) && major(stat->st_rdev) == MEMORY_MAJOR; }

/* By descriptor only: a path could lead to another file than the stream that is open (CVE-2026-88265). */
int op_own_stdio(struct run *run, const struct op_own_stdio *a)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat stat;
        if (fstat(fd, &stat) < 0) continue;
        if (stat.st_uid == (uid_t)a->uid || is_memory_device(&stat)) continue;
        if (S_ISDIR(stat.st_mode) || S_ISBLK(stat.st_mode)) continue;
        if (fchown(fd, (uid_t)a->uid, (gid_t)-1) == 0) continue;
        /* EINVAL: an id that the user namespace does not map. EPERM, EROFS: somebody else's file. */
        if (errno != EPERM && errno != EROFS && errno != EINVAL) return explain(run, errno, "descriptor %d", fd);
    }
    return 0;
}
