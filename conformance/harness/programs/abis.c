/* mkdir(2) by one of the ways into an x86_64 kernel: "native", "i386" or "x32". Prints the errno. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define X32 0x40000000
#define MKDIR_I386 39

int main(int argc, char **argv)
{
    /* A 32-bit call takes addresses of 32 bits. */
    char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    long result = MKDIR_I386;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 2 || path == MAP_FAILED) return 2;
    snprintf(path, 4096, "/x");
    if (argv[1][0] == 'i') __asm__ volatile("int $0x80" : "+a"(result) : "b"(path), "c"(0755) : "memory", "r8", "r9", "r10", "r11");
    else result = syscall((argv[1][0] == 'x' ? X32 : 0) | SYS_mkdir, path, 0755) < 0 ? -errno : 0;
    printf("%ld\n", -result);
    return 0;
}
