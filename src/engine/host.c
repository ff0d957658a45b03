/*
 * What the planner may ask of the machine: reads, but for writing its plan and for running ps(1). A function that fails
 * returns a negative errno, of which src/engine/node-fs.ts makes what Node would throw.
 */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUNCTION(name) static JSValue name(JSContext *context, JSValueConst self, int argc, JSValueConst *argv)
#define UNUSED (void)self, (void)argc, (void)argv
#define ARGUMENTS_LIMIT 256

static int argument_count;
static char **arguments;

void host_open(int argc, char **argv)
{
    argument_count = argc;
    arguments = argv;
}

static void refuse_while_loading(void)
{
    if (arguments != NULL) return;
    fputs("the planner looks at the machine while it is loaded\n", stderr);
    exit(1);
}

static JSValue result_or_errno(JSContext *context, int64_t result)
{
    return JS_NewInt64(context, result < 0 ? -errno : result);
}

/* A path of the kernel: one that holds a NUL is none. */
static int path_argument(JSContext *context, JSValueConst value, char path[PATH_MAX])
{
    size_t length;
    refuse_while_loading();
    const char *text = JS_ToCStringLen(context, &length, value);
    if (text == NULL) return -ENOMEM;
    int result = length >= PATH_MAX ? -ENAMETOOLONG : memchr(text, '\0', length) != NULL ? -EINVAL : 0;
    if (result == 0) memcpy(path, text, length + 1);
    JS_FreeCString(context, text);
    return result;
}

/* Part of an ArrayBuffer: argv[0] buffer, argv[1] offset, argv[2] length. NULL with an exception when out of bounds. */
static uint8_t *buffer_argument(JSContext *context, JSValueConst *argv, size_t *length)
{
    size_t size;
    int64_t offset, wanted;
    uint8_t *buffer = JS_GetArrayBuffer(context, &size, argv[0]);
    if (buffer == NULL || JS_ToInt64(context, &offset, argv[1]) < 0 || JS_ToInt64(context, &wanted, argv[2]) < 0) return NULL;
    if (offset < 0 || wanted < 0 || (uint64_t)offset > size || (uint64_t)wanted > size - (uint64_t)offset) {
        JS_ThrowRangeError(context, "out of the buffer's bounds");
        return NULL;
    }
    *length = (size_t)wanted;
    return buffer + offset;
}

FUNCTION(host_access)
{
    UNUSED;
    char path[PATH_MAX];
    int32_t mode;
    int result = path_argument(context, argv[0], path);
    if (result < 0) return JS_NewInt32(context, result);
    if (JS_ToInt32(context, &mode, argv[1]) < 0) return JS_EXCEPTION;
    return result_or_errno(context, access(path, mode));
}

FUNCTION(host_open_file)
{
    UNUSED;
    char path[PATH_MAX];
    int result = path_argument(context, argv[0], path);
    return result < 0 ? JS_NewInt32(context, result) : result_or_errno(context, open(path, O_RDONLY | O_CLOEXEC));
}

FUNCTION(host_close)
{
    UNUSED;
    int32_t descriptor;
    if (JS_ToInt32(context, &descriptor, argv[0]) < 0) return JS_EXCEPTION;
    return result_or_errno(context, close(descriptor));
}

FUNCTION(host_read)
{
    UNUSED;
    size_t length;
    int32_t descriptor;
    uint8_t *buffer = buffer_argument(context, argv, &length);
    if (buffer == NULL || JS_ToInt32(context, &descriptor, argv[3]) < 0) return JS_EXCEPTION;
    return result_or_errno(context, read(descriptor, buffer, length));
}

FUNCTION(host_write)
{
    UNUSED;
    size_t length;
    int32_t descriptor;
    uint8_t *buffer = buffer_argument(context, argv, &length);
    if (buffer == NULL || JS_ToInt32(context, &descriptor, argv[3]) < 0) return JS_EXCEPTION;
    return result_or_errno(context, write(descriptor, buffer, length));
}

/* Everything that can be read from a descriptor, as text; closes it. */
static JSValue read_text(JSContext *context, int descriptor)
{
    size_t length = 0, size = 0;
    char *text = NULL;
    ssize_t count;
    do {
        if (length == size) {
            char *larger = realloc(text, size = size == 0 ? 1 << 14 : 2 * size);
            if (larger == NULL) abort();
            text = larger;
        }
        count = read(descriptor, text + length, size - length);
        if (count > 0) length += (size_t)count;
    } while (count > 0 || (count < 0 && errno == EINTR));
    int error = errno;
    close(descriptor);
    JSValue result = count < 0 ? JS_NewInt32(context, -error) : JS_NewStringLen(context, text, length);
    free(text);
    return result;
}

FUNCTION(host_read_file)
{
    UNUSED;
    char path[PATH_MAX];
    int result = path_argument(context, argv[0], path);
    if (result < 0) return JS_NewInt32(context, result);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    return descriptor < 0 ? result_or_errno(context, descriptor) : read_text(context, descriptor);
}

FUNCTION(host_stat)
{
    UNUSED;
    char path[PATH_MAX];
    struct stat status;
    int result = path_argument(context, argv[0], path);
    if (result < 0) return JS_NewInt32(context, result);
    result = JS_ToBool(context, argv[1]) ? lstat(path, &status) : stat(path, &status);
    if (result < 0) return result_or_errno(context, result);
    JSValue pair = JS_NewArray(context);
    JS_SetPropertyUint32(context, pair, 0, JS_NewInt64(context, status.st_mode));
    JS_SetPropertyUint32(context, pair, 1, JS_NewInt64(context, status.st_uid));
    return pair;
}

FUNCTION(host_read_directory)
{
    UNUSED;
    char path[PATH_MAX];
    int result = path_argument(context, argv[0], path);
    if (result < 0) return JS_NewInt32(context, result);
    DIR *directory = opendir(path);
    if (directory == NULL) return result_or_errno(context, -1);
    JSValue names = JS_NewArray(context);
    uint32_t count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        JS_SetPropertyUint32(context, names, count++, JS_NewString(context, entry->d_name));
    }
    closedir(directory);
    return names;
}

/*
 * A method of arrays of bytes: writes a text at an offset as UTF-8, and tells how many bytes. Surrogates without their half
 * become U+FFFD, as everywhere else. Plans are made of it.
 */
FUNCTION(host_encode)
{
    (void)argc;
    size_t size, length;
    int64_t offset;
    uint8_t *buffer = JS_GetUint8Array(context, &size, self);
    if (buffer == NULL || JS_ToInt64(context, &offset, argv[1]) < 0) return JS_EXCEPTION;
    const char *text = JS_ToCStringLen(context, &length, argv[0]);
    if (text == NULL) return JS_EXCEPTION;
    bool fits = offset >= 0 && (uint64_t)offset <= size && length <= size - (uint64_t)offset;
    if (fits) memcpy(buffer + offset, text, length);
    JS_FreeCString(context, text);
    if (!fits) return JS_ThrowRangeError(context, "out of the buffer's bounds");
    for (uint8_t *at = buffer + offset; at + 2 < buffer + offset + length; at++) {
        if (at[0] == 0xed && at[1] >= 0xa0) memcpy(at, "\xef\xbf\xbd", 3);
    }
    return JS_NewInt64(context, (int64_t)length);
}

/* What the engine read is not UTF-8 when it would be written otherwise, or holds half a surrogate pair. */
static bool is_utf8(JSContext *context, JSValueConst text, const uint8_t *bytes, size_t length)
{
    size_t written;
    const char *again = JS_ToCStringLen(context, &written, text);
    if (again == NULL) return false;
    bool same = written == length && memcmp(again, bytes, length) == 0;
    JS_FreeCString(context, again);
    for (size_t i = 0; same && i + 1 < length; i++) same = bytes[i] != 0xed || bytes[i + 1] < 0xa0;
    return same;
}

/* The text that bytes are in UTF-8; with a fourth argument that is true, nothing when they are not UTF-8. */
FUNCTION(host_decode)
{
    UNUSED;
    size_t length;
    uint8_t *buffer = buffer_argument(context, argv, &length);
    if (buffer == NULL) return JS_EXCEPTION;
    JSValue text = JS_NewStringLen(context, (const char *)buffer, length);
    if (!JS_ToBool(context, argv[3]) || JS_IsException(text) || is_utf8(context, text, buffer, length)) return text;
    JS_FreeValue(context, text);
    return JS_UNDEFINED;
}

FUNCTION(host_arguments)
{
    UNUSED;
    refuse_while_loading();
    JSValue list = JS_NewArray(context);
    for (int i = 1; i < argument_count; i++) {
        JS_SetPropertyUint32(context, list, (uint32_t)i - 1, JS_NewString(context, arguments[i]));
    }
    return list;
}

FUNCTION(host_variable)
{
    UNUSED;
    refuse_while_loading();
    const char *name = JS_ToCString(context, argv[0]);
    if (name == NULL) return JS_EXCEPTION;
    const char *value = getenv(name);
    JS_FreeCString(context, name);
    return value == NULL ? JS_UNDEFINED : JS_NewString(context, value);
}

FUNCTION(host_facts)
{
    UNUSED;
    refuse_while_loading();
    struct utsname names;
    char directory[PATH_MAX];
    uname(&names);
    mode_t mask = umask(022);
    umask(mask);
    JSValue facts = JS_NewObject(context);
    JS_SetPropertyStr(context, facts, "release", JS_NewString(context, names.release));
    JS_SetPropertyStr(context, facts, "umask", JS_NewInt64(context, mask));
    JS_SetPropertyStr(context, facts, "ppid", JS_NewInt64(context, getppid()));
    JS_SetPropertyStr(context, facts, "euid", JS_NewInt64(context, geteuid()));
    JS_SetPropertyStr(context, facts, "egid", JS_NewInt64(context, getegid()));
    const char *current = getcwd(directory, sizeof directory);
    JS_SetPropertyStr(context, facts, "directory", JS_NewString(context, current == NULL ? "/" : current));
    return facts;
}

/* One list of texts as execve(2) takes them; the texts are never freed, for one program is run in a planner's life. */
static int text_list(JSContext *context, JSValueConst list, char *texts[ARGUMENTS_LIMIT])
{
    int64_t length;
    if (JS_GetLength(context, list, &length) < 0) return -EINVAL;
    if (length >= ARGUMENTS_LIMIT) return -E2BIG;
    for (int64_t i = 0; i < length; i++) {
        JSValue value = JS_GetPropertyInt64(context, list, i);
        texts[i] = (char *)JS_ToCString(context, value);
        if (texts[i] == NULL) return -ENOMEM;
    }
    texts[length] = NULL;
    return 0;
}

/* Runs a program with the arguments and environment given; returns [status, output, errors], each read to its end. */
FUNCTION(host_run)
{
    UNUSED;
    char *list[ARGUMENTS_LIMIT], *environment[ARGUMENTS_LIMIT];
    int output[2], errors[2], status;
    pid_t child;
    int result = text_list(context, argv[0], list);
    if (result == 0) result = text_list(context, argv[1], environment);
    if (result < 0) return JS_NewInt32(context, result);
    if (pipe2(output, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0) return result_or_errno(context, -1);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
    errno = posix_spawnp(&child, list[0], &actions, NULL, list, environment);
    if (errno != 0) return result_or_errno(context, -1);
    close(output[1]);
    close(errors[1]);
    JSValue out = read_text(context, output[0]), err = read_text(context, errors[0]);
    if (waitpid(child, &status, 0) < 0) return result_or_errno(context, -1);
    JSValue answer = JS_NewArray(context);
    JS_SetPropertyUint32(context, answer, 0, JS_NewInt32(context, WIFEXITED(status) ? WEXITSTATUS(status) : -1));
    JS_SetPropertyUint32(context, answer, 1, out);
    JS_SetPropertyUint32(context, answer, 2, err);
    return answer;
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("access", 2, host_access),
    JS_CFUNC_DEF("open", 1, host_open_file),
    JS_CFUNC_DEF("close", 1, host_close),
    JS_CFUNC_DEF("read", 4, host_read),
    JS_CFUNC_DEF("write", 4, host_write),
    JS_CFUNC_DEF("readFile", 1, host_read_file),
    JS_CFUNC_DEF("stat", 2, host_stat),
    JS_CFUNC_DEF("readDirectory", 1, host_read_directory),
    JS_CFUNC_DEF("encode", 2, host_encode),
    JS_CFUNC_DEF("decode", 4, host_decode),
    JS_CFUNC_DEF("arguments", 0, host_arguments),
    JS_CFUNC_DEF("variable", 1, host_variable),
    JS_CFUNC_DEF("facts", 0, host_facts),
    JS_CFUNC_DEF("run", 2, host_run),
};

void host_define(JSContext *context)
{
    JSValue global = JS_GetGlobalObject(context), host = JS_NewObject(context);
    JS_SetPropertyFunctionList(context, host, FUNCTIONS, sizeof FUNCTIONS / sizeof FUNCTIONS[0]);
    JS_SetPropertyStr(context, global, "host", host);
    JS_FreeValue(context, global);
}
