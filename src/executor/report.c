/* What people and callers read: one error line on standard error, and one in the log file. */
#include "run.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct {
    const char *path;
    bool json;
    bool debug;
} log_target;

void log_setup(const char *path, const char *format, bool debug)
{
    log_target.path = path;
    log_target.json = format != NULL && strcmp(format, "json") == 0;
    log_target.debug = debug;
}

const char *error_words(int error, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s", strerror(error));
    if (buffer[0] >= 'A' && buffer[0] <= 'Z') buffer[0] = (char)(buffer[0] - 'A' + 'a');
    return buffer;
}

/* Appends what both JSON strings and logfmt's quoted values need escaped. */
static void escape(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (; *text != '\0' && used + 7 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') used += (size_t)snprintf(out + used, size - used, "\\%c", c);
        else if (c == '\n') used += (size_t)snprintf(out + used, size - used, "\\n");
        else if (c < 0x20) used += (size_t)snprintf(out + used, size - used, "\\u%04x", c);
        else out[used++] = (char)c;
    }
    out[used] = '\0';
}

static void log_to_file(const char *level, const char *message)
{
    char escaped[4 * DETAIL_MAX], line[5 * DETAIL_MAX], when[40];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    escape(escaped, sizeof escaped, message);
    int length = snprintf(line, sizeof line,
                          log_target.json ? "{\"level\":\"%2$s\",\"msg\":\"%3$s\",\"time\":\"%1$s\"}\n"
                                          : "time=\"%1$s\" level=%2$s msg=\"%3$s\"\n",
                          when, level, escaped);
    int fd CLEANUP_FD = open(log_target.path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd >= 0 && length > 0 && write(fd, line, (size_t)length) < 0) return;
}

void log_line(const char *level, const char *message)
{
    char line[4 * DETAIL_MAX];
    bool error = strcmp(level, "error") == 0;
    if (strcmp(level, "debug") == 0 && !log_target.debug) return;
    if (log_target.path != NULL && log_target.path[0] != '\0') log_to_file(level, message);
    /* Callers such as conmon read errors from standard error even when there is a log file (CLI.md 2.2). */
    if (log_target.path != NULL && log_target.path[0] != '\0' && !error) return;
    int length = error ? snprintf(line, sizeof line, "tsoci: %s\n", message)
                       : snprintf(line, sizeof line, "tsoci: %s: %s\n", level, message);
    if (length >= (int)sizeof line) {
        length = sizeof line - 1;
        line[length - 1] = '\n';
    }
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0) return;
}
