/* The program of the measured containers: does nothing and ends, or with an argument waits to be killed. */
#include <unistd.h>

int main(int argc, char **argv)
{
    (void)argv;
    while (argc > 1) pause();
    return 0;
}
