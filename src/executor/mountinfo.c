/* Reading /proc/PID/mountinfo. */
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "mount.h"

static int next_line(struct mount_list *list, char **line)
{
    for (;;) {
        char *start = list->buffer + list->start;
        char *newline = memchr(start, '\n', list->end - list->start);
        if (newline != NULL) {
            *newline = '\0';
            *line = start;
            list->start = (unsigned)(newline + 1 - list->buffer);
            return 1;
        }
        memmove(list->buffer, start, list->end - list->start);
        list->end -= list->start;
        list->start = 0;
        if (list->end == sizeof list->buffer) return -E2BIG;
        ssize_t count = read(list->fd, list->buffer + list->end, sizeof list->buffer - list->end);
        if (count <= 0) return count < 0 ? -errno : 0;
        list->end += (unsigned)count;
    }
}

/* The kernel writes space, tab, newline and backslash as three octal digits. */
static const char *unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; to++) {
        if (from[0] == '\\' && from[1] != '\0' && from[2] != '\0' && from[3] != '\0') {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
    return text;
}

int next_mount(struct mount_list *list, struct mount_entry *entry)
{
    enum { NUMBER, PARENT, DEVICE, ROOT, POINT, OPTIONS, FIELDS };
    char *line, *field[FIELDS];
    int result = next_line(list, &line);
    if (result <= 0) return result;
    for (int i = 0; i < FIELDS; i++) {
        field[i] = strsep(&line, " ");
        if (field[i] == NULL) return -EBADMSG;
    }
    bool shared = false;
    char *word;
    while ((word = strsep(&line, " ")) != NULL && strcmp(word, "-") != 0) {
        if (strncmp(word, "shared:", 7) == 0) shared = true;
    }
    const char *type = strsep(&line, " ");
    *entry = (struct mount_entry){
        .number = atoi(field[NUMBER]), .parent = atoi(field[PARENT]), .shared = shared,
        .root = unescape(field[ROOT]), .point = unescape(field[POINT]), .type = type != NULL ? type : "",
    };
    return 1;
}

bool is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    if (length == 1) return true;
    return strncmp(path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}
