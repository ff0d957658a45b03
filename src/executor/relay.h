/* The terminal of a process in the foreground: bytes between its master end and the caller's standard streams. */
#ifndef TSOCI_RELAY_H
#define TSOCI_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

enum { RELAY_INPUT, RELAY_MASTER, RELAY_OUTPUT, RELAY_COUNT };

struct relay_buffer {
    size_t start, end;
    char data[4096]; /* PIPE_BUF: what a pipe that polls writable takes without blocking */
};

struct relay {
    int master, peer, output;
    bool input_open, master_open, output_open;
    bool raw; /* `saved` is to be restored */
    struct termios saved;
    struct relay_buffer to_container, to_caller;
};

/* Starts with the caller's window size and, where standard input is a terminal, in raw mode. */
/* What the program must find when it starts: plain newlines, and the size of the caller's terminal. */
void relay_prepare(int master);
void relay_start(struct relay *relay, int master);
void relay_resize(const struct relay *relay);
/* What to wait for: fills one pollfd for each end. */
void relay_watch(const struct relay *relay, struct pollfd watched[RELAY_COUNT]);
/* Does what can be done without blocking. Returns how many bytes came from the container. */
size_t relay_move(struct relay *relay, const struct pollfd watched[RELAY_COUNT]);
/* The process has ended: what it wrote still comes, then the end of file. */
void relay_drain(struct relay *relay);
bool relay_is_done(const struct relay *relay);
void relay_end(struct relay *relay);

#endif
