/*
 * The planner with its engine, QuickJS: one static program, which begins where the build left it, with the planner loaded.
 * Without a snapshot it makes one:   engine PLANNER.js SNAPSHOT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "heap.h"
#include "host.h"

#define STACK_LIMIT ((rlim_t)64 << 20)
/* Plans are made and gone before collecting garbage could pay; a configuration takes at most some times 16 MiB. */
#define COLLECT_FROM ((size_t)1 << 30)

static int report(JSContext *context, JSValueConst problem)
{
    const char *text = JS_ToCString(context, problem);
    JSValue stack = JS_GetPropertyStr(context, problem, "stack");
    const char *trace = JS_IsString(stack) ? JS_ToCString(context, stack) : "";
    fprintf(stderr, "tsoci-planner: %s\n%s", text == NULL ? "an exception" : text, trace);
    return 1;
}

/* Three quarters of the stack that the system grants; deeper recursion is an exception, not a crash. */
static size_t stack_size(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur > STACK_LIMIT) limit.rlim_cur = STACK_LIMIT;
    return (size_t)(limit.rlim_cur / 4 * 3);
}

static int run_plan(const struct snapshot_header *snapshot)
{
    JSContext *context = snapshot->context;
    JS_UpdateStackTop(snapshot->runtime);
    JS_SetMaxStackSize(snapshot->runtime, stack_size());
    JSValue promise = JS_Call(context, snapshot->plan, JS_UNDEFINED, 0, NULL);
    if (JS_IsException(promise)) return report(context, JS_GetException(context));
    int more;
    do more = JS_ExecutePendingJob(snapshot->runtime, &context);
    while (more > 0);
    if (more < 0) return report(context, JS_GetException(context));
    if (JS_PromiseState(context, promise) == JS_PROMISE_REJECTED) return report(context, JS_PromiseResult(context, promise));
    return 0;
}

static char *read_source(const char *path, size_t *length)
{
    FILE *file = fopen(path, "r");
    if (file == NULL || fseek(file, 0, SEEK_END) < 0) return NULL;
    long size = ftell(file);
    rewind(file);
    char *source = size < 0 ? NULL : calloc(1, (size_t)size + 1);
    if (source != NULL && fread(source, 1, (size_t)size, file) == (size_t)size) *length = (size_t)size;
    fclose(file);
    return source;
}

/* Compiles the planner with an engine of its own, so that what the compiler needs stays out of the snapshot. */
static uint8_t *compile(const char *path, size_t *length)
{
    size_t source_length = 0;
    char *source = read_source(path, &source_length);
    if (source == NULL) return perror(path), NULL;
    JSContext *context = JS_NewContext(JS_NewRuntime());
    JSValue script = JS_Eval(context, source, source_length, "planner.js", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(script)) return report(context, JS_GetException(context)), NULL;
    return JS_WriteObject(context, length, script, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
}

/* Loads the planner, which leaves its function in the global `plan`. */
static int make_snapshot(const char *planner, const char *output)
{
    size_t length;
    const uint8_t *bytecode = compile(planner, &length);
    if (bytecode == NULL) return 1;
    struct snapshot_header *snapshot = snapshot_begin();
    JSRuntime *runtime = snapshot->runtime = JS_NewRuntime2(&heap_functions, NULL);
    JS_SetGCThreshold(runtime, COLLECT_FROM);
    JSContext *context = snapshot->context = JS_NewContext(runtime);
    host_define(context);
    JSValue script = JS_ReadObject(context, bytecode, length, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(script) || JS_IsException(JS_EvalFunction(context, script))) {
        return report(context, JS_GetException(context));
    }
    snapshot->plan = JS_GetPropertyStr(context, JS_GetGlobalObject(context), "plan");
    if (!JS_IsFunction(context, snapshot->plan)) return fputs("the planner defines no function `plan`\n", stderr), 1;
    int written = snapshot_write(output);
    if (written < 0) fprintf(stderr, "%s: %s\n", output, strerror(-written));
    return written < 0;
}

int main(int argc, char **argv)
{
    const struct snapshot_header *snapshot = snapshot_header();
    if (snapshot == NULL) return argc == 3 ? make_snapshot(argv[1], argv[2]) : 2;
    host_open(argc, argv);
    return run_plan(snapshot);
}
