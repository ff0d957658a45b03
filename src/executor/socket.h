/* Sockets by path, and messages that carry a descriptor. */
#ifndef TSOCI_SOCKET_H
#define TSOCI_SOCKET_H

#include <stddef.h>

/*
 * Connects a new socket of this type to a path of any length, which is opened with these flags (O_NOFOLLOW or 0). Returns
 * the socket or -errno.
 */
int connect_socket(const char *path, int type, int flags);
/* Sends one message, with a descriptor unless fd is -1; never raises SIGPIPE. Returns the bytes sent or -errno. */
long send_message(int socket, const void *data, size_t length, int fd);

#endif
