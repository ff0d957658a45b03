/* Reading the command line: global flags everywhere, and the commands that need no planner. */
#include "command_line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generated/command_line.h"
#include "generated/operations.h"

struct scan {
    const char *command;
    const char *positional[3];
    int positionals;
    bool plain; /* nothing but what this file understands */
    const char *root;
    bool all;
};

static const struct flag_entry *find_flag(const char *command, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof FLAG_TABLE / sizeof FLAG_TABLE[0]; i++) {
        const struct flag_entry *entry = &FLAG_TABLE[i];
        if (entry->command[0] != '\0' && (command == NULL || strcmp(entry->command, command) != 0)) continue;
        bool is_long = strlen(entry->name) == length && strncmp(entry->name, name, length) == 0;
        bool is_short = length == 1 && entry->short_name == name[0];
        if (is_long || is_short) return entry;
    }
    return NULL;
}

static bool is_name(const struct flag_entry *entry, const char *name) { return strcmp(entry->name, name) == 0; }

static void take_flag(struct command_line *line, struct scan *scan, const struct flag_entry *entry, const char *value)
{
    bool global = entry->command[0] == '\0';
    if (global && is_name(entry, "root")) scan->root = value;
    else if (global && is_name(entry, "log")) line->log = value;
    else if (global && is_name(entry, "log-format")) line->log_format = value;
    else if (global && is_name(entry, "debug") && value == NULL) line->debug = true;
    else if (global && is_name(entry, "systemd-cgroup") && value == NULL) return; /* recorded at create */
    else if (!global && is_name(entry, "force") && value == NULL) line->force = true;
    else if (!global && is_name(entry, "all") && value == NULL) scan->all = true;
    else scan->plain = false;
}

/* Returns how many arguments were used: the flag, and its value where that is an argument of its own. */
static int read_flag(struct command_line *line, struct scan *scan, char **argument)
{
    const char *name = argument[0] + (argument[0][1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const struct flag_entry *entry = find_flag(scan->command, name, length);
    if (entry == NULL) {
        scan->plain = false;
        return 1;
    }
    if (name[length] == '=') {
        take_flag(line, scan, entry, name + length + 1);
        return 1;
    }
    if (!entry->takes_value) {
        take_flag(line, scan, entry, NULL);
        return 1;
    }
    if (argument[1] == NULL) {
        scan->plain = false;
        return 1;
    }
    take_flag(line, scan, entry, argument[1]);
    return 2;
}

static void scan_arguments(struct command_line *line, struct scan *scan, char **argv)
{
    bool flags = true;
    for (char **argument = argv + 1; *argument != NULL;) {
        const char *text = *argument;
        if (flags && text[0] == '-' && isalpha((unsigned char)text[text[1] == '-' ? 2 : 1])) {
            argument += read_flag(line, scan, argument);
            continue;
        }
        if (text[0] == '-') {
            /* "--", "-" and "-9" end flag parsing; rare enough to leave to the planner. */
            scan->plain = false;
            return;
        }
        argument++;
        if (scan->command == NULL) {
            scan->command = text;
            continue;
        }
        if (scan->positionals < 3) scan->positional[scan->positionals] = text;
        scan->positionals++;
        if (strcmp(scan->command, "kill") == 0) flags = false;
        if (strcmp(scan->command, "exec") == 0 || strcmp(scan->command, "ps") == 0) return;
    }
}

/* Numbers, and names in any case with or without SIG; -1 for what only the planner knows. */
static int read_signal(const char *text)
{
    static const struct {
        const char *name;
        int number;
    } names[] = SIGNAL_NAMES;
    char *end;
    long number = strtol(text, &end, 10);
    if (isdigit((unsigned char)text[0]) && *end == '\0' && number <= 64) return (int)number;
    if (strncasecmp(text, "SIG", 3) == 0) text += 3;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(text, names[i].name) == 0) return names[i].number;
    }
    return -1;
}

static void choose_stored(struct command_line *line, const struct scan *scan)
{
    static const struct {
        const char *name;
        int section;
        int most;
    } commands[] = {
        {"start", SECTION_START, 1}, {"state", SECTION_STATE, 1},   {"kill", SECTION_KILL, 2},
        {"pause", SECTION_PAUSE, 1}, {"resume", SECTION_RESUME, 1}, {"delete", SECTION_DELETE, 1},
    };
    if (scan->command == NULL || !scan->plain || scan->positionals == 0) return;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(scan->command, commands[i].name) != 0 || scan->positionals > commands[i].most) continue;
        line->id = scan->positional[0];
        line->signal = scan->positionals > 1 ? read_signal(scan->positional[1]) : 15;
        if (line->signal >= 0) line->stored = scan->all ? SECTION_KILL_ALL : commands[i].section;
    }
}

/* A user who is root only in a user namespace keeps its containers in its own directory, as runc does (CLI.md 3.1). */
static bool is_rootless(void)
{
    const char *user = getenv("USER");
    char map[64] = "";
    if (geteuid() != 0) return true;
    if (user != NULL && strcmp(user, "root") == 0) return false;
    FILE *file = fopen("/proc/self/uid_map", "re");
    if (file == NULL) return false;
    bool full = fgets(map, sizeof map, file) != NULL && strtoul(map, NULL, 10) == 0 && strstr(map, "4294967295") != NULL;
    fclose(file);
    return !full;
}

static void choose_root(struct command_line *line, const char *given)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char directory[PATH_MAX] = "/";
    if (given != NULL && given[0] == '/') {
        snprintf(line->root, sizeof line->root, "%s", given);
    } else if (given != NULL) {
        if (getcwd(directory, sizeof directory) == NULL) directory[0] = '\0';
        int length = snprintf(line->root, sizeof line->root, "%s/%s", directory, given);
        if (length >= (int)sizeof line->root) line->root[0] = '\0';
    } else if (runtime != NULL && runtime[0] != '\0' && is_rootless()) {
        snprintf(line->root, sizeof line->root, "%s/tsoci", runtime);
    } else {
        snprintf(line->root, sizeof line->root, "/run/tsoci");
    }
    for (size_t length = strlen(line->root); length > 1 && line->root[length - 1] == '/';) line->root[--length] = '\0';
}

void command_line_read(struct command_line *line, char **argv)
{
    struct scan scan = {.plain = true};
    memset(line, 0, sizeof *line);
    scan_arguments(line, &scan, argv);
    choose_root(line, scan.root);
    if (line->root[0] == '\0' || strcmp(line->root, "/") == 0) scan.plain = false;
    if (line->log_format != NULL && strcmp(line->log_format, "json") != 0 && strcmp(line->log_format, "text") != 0) {
        scan.plain = false;
    }
    choose_stored(line, &scan);
    line->enters_container = scan.command != NULL && (strcmp(scan.command, "create") == 0 || strcmp(scan.command, "run") == 0 ||
                                                      strcmp(scan.command, "exec") == 0);
}
