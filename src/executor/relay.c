#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "run.h"

static bool is_empty(const struct relay_buffer *buffer) { return buffer->start == buffer->end; }

/* Raw, but for the output: the process writes plain newlines, and the caller's terminal makes them what it needs. */
static void make_raw(struct relay *relay)
{
    if (tcgetattr(STDIN_FILENO, &relay->saved) < 0) return;
    struct termios raw = relay->saved;
    cfmakeraw(&raw);
    raw.c_oflag = relay->saved.c_oflag;
    relay->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void keep_newlines(int master)
{
    struct termios settings;
    if (tcgetattr(master, &settings) < 0) return;
    settings.c_oflag &= ~(tcflag_t)ONLCR;
    tcsetattr(master, TCSANOW, &settings);
}

void relay_start(struct relay *relay, int master)
{
    *relay = (struct relay){.master = master, .output = -1};
    relay->input_open = relay->master_open = relay->output_open = true;
    fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK);
    /* Held, so that the master is at its end when we say so, and not whenever nobody has the terminal open. */
    relay->peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    make_raw(relay);
    /* A stopped terminal must not block us. O_NONBLOCK on the caller's own description would be seen by the caller. */
    if (isatty(STDOUT_FILENO)) relay->output = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void copy_size(int master)
{
    struct winsize size;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0) return;
    ioctl(master, TIOCSWINSZ, &size);
}

void relay_prepare(int master)
{
    keep_newlines(master);
    copy_size(master);
}

void relay_resize(const struct relay *relay) { copy_size(relay->master); }

void relay_watch(const struct relay *relay, struct pollfd watched[RELAY_COUNT])
{
    int output = relay->output >= 0 ? relay->output : STDOUT_FILENO;
    short master = 0;
    if (is_empty(&relay->to_caller)) master |= POLLIN;
    if (!is_empty(&relay->to_container)) master |= POLLOUT;
    /* Ends that nothing is wanted from are left out: poll(2) would go on telling that they hung up. */
    bool reads = relay->input_open && is_empty(&relay->to_container);
    watched[RELAY_INPUT] = (struct pollfd){reads ? STDIN_FILENO : -1, POLLIN, 0};
    watched[RELAY_MASTER] = (struct pollfd){relay->master_open && master != 0 ? relay->master : -1, master, 0};
    watched[RELAY_OUTPUT] = (struct pollfd){is_empty(&relay->to_caller) ? -1 : output, POLLOUT, 0};
}

static bool is_temporary(void) { return errno == EAGAIN || errno == EINTR; }

/* False at the end of file or at an error. */
static bool fill(struct relay_buffer *buffer, int fd)
{
    ssize_t length = read(fd, buffer->data, sizeof buffer->data);
    if (length < 0) return is_temporary();
    buffer->start = 0;
    buffer->end = (size_t)length;
    return length > 0;
}

/* False when nobody can take the bytes any more. */
static bool empty(struct relay_buffer *buffer, int fd)
{
    ssize_t length = write(fd, buffer->data + buffer->start, buffer->end - buffer->start);
    if (length < 0) return is_temporary();
    buffer->start += (size_t)length;
    return true;
}

size_t relay_move(struct relay *relay, const struct pollfd watched[RELAY_COUNT])
{
    size_t received = 0;
    if (watched[RELAY_INPUT].revents != 0) relay->input_open = fill(&relay->to_container, STDIN_FILENO);
    if ((watched[RELAY_MASTER].revents & POLLOUT) != 0 && !empty(&relay->to_container, relay->master)) {
        relay->to_container.start = relay->to_container.end;
    }
    if ((watched[RELAY_MASTER].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && is_empty(&relay->to_caller)) {
        relay->master_open = fill(&relay->to_caller, relay->master);
        received = relay->to_caller.end - relay->to_caller.start;
    }
    if (watched[RELAY_OUTPUT].revents != 0) relay->output_open = empty(&relay->to_caller, watched[RELAY_OUTPUT].fd);
    /* A caller that no longer reads must not stop the process. */
    if (!relay->output_open) relay->to_caller.start = relay->to_caller.end;
    return received;
}

void relay_drain(struct relay *relay)
{
    relay->input_open = false;
    relay->to_container.start = relay->to_container.end;
    close_fd(&relay->peer);
}

bool relay_is_done(const struct relay *relay) { return !relay->master_open && is_empty(&relay->to_caller); }

void relay_end(struct relay *relay)
{
    close_fd(&relay->peer);
    close_fd(&relay->output);
    if (relay->raw) tcsetattr(STDIN_FILENO, TCSANOW, &relay->saved);
}
